"""An order, or another matter, as one tier saw it: its journal turned into arrows between parties, under the seed's step numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.catalogue_change import CatalogueChange, Delivery
from gateway.domain.facts import Matter
from gateway.domain.party import (
    CHANNEL_SYSTEMS,
    CRM,
    CRM_SYSTEMS,
    ISMP_SYSTEMS,
    PPM,
    PPM_SYSTEMS,
    PROVISIONING,
    PROVISIONING_SYSTEM,
    Address,
    Party,
)
from gateway.domain.routing import Place
from gateway.engine.ports import OrderRow, RunRow, RunState, StepRow


@dataclass(frozen=True, slots=True)
class Arrow:
    """One line of a ladder: who told whom what, when, and how it went."""

    number: str
    sender: str
    receiver: str
    text: str
    at: datetime
    state: str
    """done, refused, waiting, under way, or stuck: a person must look."""
    code: int = 0
    attempts: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One order, or another matter, at one tier; `number` is empty where it is about no user."""

    order_id: str
    trace_id: str
    section: str
    action: str
    channel: str
    channel_order_id: str
    streaming_no: str
    number: str
    prepaid: bool
    place: str
    state: str
    code: int
    run: str
    arrows: tuple[Arrow, ...]


def leg(here: Place, order: OrderRow, run: RunRow) -> Leg:
    """Describe an order at this tier; the number is masked."""
    taken = order.order
    place = str(Address(Party.VSOP, here.province))
    me = str(PPM) if isinstance(taken, CatalogueChange | Delivery) else place
    arrows = [arrow for step in run.steps for arrow in _arrows(me, run, step)]
    return Leg(
        order_id=taken.id, trace_id=taken.trace_id, section=taken.section, action=taken.action, channel=taken.channel,
        channel_order_id=taken.channel_order_id, streaming_no=taken.streaming_no, number=_about(taken), prepaid=taken.prepaid,
        place=place, state=order.state, code=order.code, run=run.state, arrows=tuple(arrows),
    )  # fmt: skip


def _about(matter: Matter) -> str:
    """Say whom or what a matter is about: a masked number, or an object of the catalogue."""
    if isinstance(matter, CatalogueChange | Delivery):
        return f"{matter.object.kind} {matter.object.id}"
    return str(matter.number)


def _arrows(me: str, run: RunRow, step: StepRow) -> list[Arrow]:
    if not step.number:
        return []
    reply = step.reply
    if reply is not None:
        state, code, note = (
            ("done" if reply.done or step.name.startswith("tell") else "refused"),
            reply.code,
            reply.text,
        )
        code = code or next((item.code for item in reply.items if item.code), 0)
    else:
        state, code = {RunState.WAITING: "waiting", RunState.STUCK: "stuck"}.get(run.state, "under way"), 0
        note = _waiting(run)
    attempts = step.attempts if reply is not None else run.attempts + 1
    if not step.party:  # an act of our own; the first one takes the order
        sender, text = _keeper(me, run, step)
        return [Arrow(step.number, sender, me, text, step.started_at, state)]
    if not step.operation:  # the other side spoke by itself
        return [
            Arrow(
                step.number,
                step.party,
                me,
                _spoken(step),
                reply.at if reply else step.started_at,
                state,
                code,
                1,
                note,
            )
        ]
    sent = Arrow(
        step.number, me, step.party, step.operation, step.started_at, "done" if reply else state, 0, attempts, note
    )
    if not step.returns:
        return [Arrow(step.number, me, step.party, step.operation, step.started_at, state, code, attempts, note)]
    if reply is None:
        return [sent]
    return [sent, Arrow(step.returns, step.party, me, f"{step.operation} result", reply.at, state, code, 1, note)]


def _keeper(me: str, run: RunRow, step: StepRow) -> tuple[str, str]:
    """Say who did what in a step of our own; the first one takes what came."""
    if step.name == "accept" and run.order.entry:
        return str(_caller(run.order.channel)), run.order.entry
    return me, _OWN_ACTS.get(step.name, step.name)


def _caller(system: str) -> Address:
    """Give who speaks under a system code."""
    if system in CHANNEL_SYSTEMS:
        return Address(Party.CHANNEL, system)
    if system in ISMP_SYSTEMS:
        return Address(Party.ISMP, system)
    if system in CRM_SYSTEMS:
        return CRM
    if system in PPM_SYSTEMS:
        return PPM
    return PROVISIONING if system == PROVISIONING_SYSTEM else Address(Party.XPLATFORM, system)


_OWN_ACTS = {
    "accept": "takes the order over",
    "complete": "completion (竣工)",
    "fail": "order failed",
    "refuse": "order refused",
    "apply": "user and relations (用户信息、订购关系处理)",
    "audit": "audit (审核)",
}


def _spoken(step: StepRow) -> str:
    """Name what the other side says by itself."""
    return {"confirmation": "recvRQMessage", "audit": "audit (审核)"}.get(step.name, "subsInstSynFromISMP")


def _waiting(run: RunRow) -> str:
    if run.state is not RunState.WAITING or run.wake_at is None:
        return run.note
    return f"{run.note}; attempt {run.attempts}, next {run.wake_at:%H:%M:%S}" if run.attempts else run.note
