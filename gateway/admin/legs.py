"""A case as one tier saw it: its journal turned into arrows between parties, under the seed's step numbers.

A case is whatever a run is about: an order, a change of a user, a change of the catalogue, the delivery of an object.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.catalogue_change import CatalogueChange, Delivery
from gateway.domain.facts import Matter
from gateway.domain.order import Order
from gateway.domain.party import CRM, CRM_SYSTEMS, ISMP_SYSTEMS, PPM, PROVISIONING, PROVISIONING_SYSTEM, Address, Party
from gateway.domain.routing import Place
from gateway.engine.ports import OrderRow, RunRow, RunState, StepRow
from gateway.flows.accepting import CONFIRMATION
from gateway.flows.publication import AUDIT
from gateway.steps import Reply


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
    streaming_no: str = ""
    """Of the message, where it is one of ours."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One case at one tier; `number` names the object where it is about one of the catalogue."""

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
    """Describe a case at this tier; the number is masked."""
    taken = order.order
    place = str(Address(Party.VSOP, here.province))
    me = str(PPM) if isinstance(taken, CatalogueChange | Delivery) else place
    arrows = [arrow for step in run.steps for arrow in _arrows(me, run, step)]
    return Leg(
        order_id=taken.id, trace_id=taken.trace_id, section=taken.section, action=taken.action, channel=taken.channel,
        channel_order_id=taken.channel_order_id, streaming_no=taken.streaming_no, number=subject_of(taken), prepaid=taken.prepaid,
        place=place, state=order.state, code=order.code, run=run.state, arrows=tuple(arrows),
    )  # fmt: skip


def subject_of(matter: Matter) -> str:
    """Say whom or what a case is about: a masked number, or an object of the catalogue."""
    if isinstance(matter, CatalogueChange | Delivery):
        return f"{matter.object.kind} {matter.object.id}"
    return str(matter.number)


def caller_of(matter: Matter) -> Address:
    """Say who brought a case, by the system code that it came from."""
    if matter.channel == PROVISIONING_SYSTEM:
        return PROVISIONING
    if matter.channel in CRM_SYSTEMS:
        return CRM
    return Address(Party.ISMP if matter.channel in ISMP_SYSTEMS else Party.CHANNEL, matter.channel)


def awaited_operation(step: str) -> str:
    """Name the operation by which an awaited message comes: by the name of the step that waits for it."""
    if step.startswith("report-"):
        return "subsInstSynFromISMP"
    return "recvRQMessage" if step == CONFIRMATION else step


def act_of(matter: Matter, step: str) -> str:
    """Say an act of our own in words."""
    if step == "accept":
        return f"takes the {'order' if isinstance(matter, Order) else 'change'} over"
    return _ACTS.get(step, step)


_ACTS = {
    "complete": "completion (竣工)", "fail": "order failed", "refuse": "order refused",
    "apply": "user and relations (用户信息、订购关系处理)", "audit": "audit (审核)",
}  # fmt: skip


def _arrows(me: str, run: RunRow, step: StepRow) -> list[Arrow]:
    if not step.number:
        return []
    state, code, note = _outcome(run, step)
    came = step.reply.at if step.reply else step.started_at
    if step.party == str(PPM):  # our own clerk decides
        return [Arrow(step.number, me, me, act_of(run.order, step.name), came, state, code, 1, note)]
    if not step.party:  # an act of our own; the first one takes the case
        begins = step.name == "accept" and bool(run.order.entry)
        sender, text = (str(caller_of(run.order)), run.order.entry) if begins else (me, act_of(run.order, step.name))
        objection = _objection(run.order, step)
        return [Arrow(step.number, sender, me, text, step.started_at, "refused" if objection else state, objection)]
    if not step.operation:  # the other side spoke by itself
        return [Arrow(step.number, step.party, me, awaited_operation(step.name), came, state, code, 1, note)]
    attempts = step.attempts if step.reply is not None else run.attempts + 1
    if not step.returns:
        return [Arrow(step.number, me, step.party, step.operation, step.started_at, state, code, attempts, note, step.streaming_no)]
    asked = "done" if step.reply else state
    sent = Arrow(step.number, me, step.party, step.operation, step.started_at, asked, 0, attempts, note, step.streaming_no)
    if step.reply is None:
        return [sent]
    return [sent, Arrow(step.returns, step.party, me, f"{step.operation} result", came, state, code, 1, note)]


def _objection(matter: Matter, step: StepRow) -> int:
    """Give the code of the rule that rejects a change of the catalogue where no person audits it; else 0."""
    if isinstance(matter, CatalogueChange) and step.name == AUDIT:
        return matter.objection
    return 0


def _outcome(run: RunRow, step: StepRow) -> tuple[str, int, str]:
    """Give state, code and note of a step; a notice that was heard is done, whatever its receiver thinks of it."""
    if step.reply is None:
        return _OPEN.get(run.state, "under way"), 0, _waiting(run)
    done = step.reply.done or step.name.startswith("tell-")
    return "done" if done else "refused", _code(step.reply), step.reply.text


_OPEN = {RunState.WAITING: "waiting", RunState.STUCK: "stuck", RunState.ENDED: "stuck"}
"""What a step without a reply is; a run that ended with one was ended by force."""


def _code(reply: Reply) -> int:
    return reply.code or next((item.code for item in reply.items if item.code), 0)


def _waiting(run: RunRow) -> str:
    if run.state is not RunState.WAITING or run.wake_at is None:
        return run.note
    return f"{run.note}; attempt {run.attempts}, next {run.wake_at:%H:%M:%S}" if run.attempts else run.note
