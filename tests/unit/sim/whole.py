"""Evidence in which nothing is wrong: one order of an X product, completed, archived and told. Tests break it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from playbook import NOON, order

from gateway.domain.catalogue import OfferType
from gateway.domain.order import OrderState
from gateway.domain.subscriber import Relation, RelationState
from gateway.engine.ports import OrderRow, RunRow, RunState, StepRow
from gateway.sim.evidence import Answered, Evidence, PartnerRows, TierRows

ORDER = order()
LATER = NOON + timedelta(seconds=5)


def row(streaming_no="S1", at=NOON, **details):
    """A row of a ledger about the order."""
    common = {"at": at.isoformat(), "number": ORDER.number.digits, "order": ORDER.id, "streaming_no": streaming_no}
    return {**common, **details}


def deed(at=NOON, order_id=ORDER.id, **details):
    """A row of a platform's ledger."""
    return {**row(at=at, role="xplatform", product="P1", changed=True), "order": order_id, **details}


def run_row(state=RunState.ENDED, matter=ORDER):
    step = StepRow("tell-user", "2h", "", "smshall", "subResultToUser", "T1", NOON, 1, None)
    return RunRow(matter.id, "order-x/1", 1, matter, state, 0, 0, None, "", (step,))


def relation(state=RelationState.ACTIVE, expires_at=None):
    return Relation(ORDER.number, "P1", "O1", OfferType.PURE, "211", state, NOON, NOON, expires_at)


def tier(name="jiangxi", province="15", **changes):
    rows = TierRows(
        name, province, {ORDER.id: OrderRow(ORDER, OrderState.COMPLETED, 0, NOON)}, {ORDER.id: run_row()}, [relation()], {},
        {"running": 0, "waiting": 0, "ended": 1, "stuck": 0},
    )  # fmt: skip
    return replace(rows, **changes)


LEDGERS = {
    "activation": [deed()],
    "archive": [row(kind="relations")],
    "channel-result": [{**row(results=[{"ProductOfferID": "O1", "OPResult": "0"}]), "order": "W1"}],
    "sms": [row("T1")],
}
ACTIVE = [{"number": ORDER.number.digits, "product": "P1", "role": "xplatform", "suspended": False}]
TOLD = Answered("jiangxi", "subscribeToVSOP", "211", ORDER.streaming_no, "W1", "content", (0,))


def whole(*, at_home=None, ledgers=None, active=ACTIVE, answered=(TOLD,), errors=()):
    """The evidence, with some of it otherwise; ledgers that are not named stay."""
    national = TierRows("group", "35", {}, {}, [], {}, {"running": 0, "waiting": 0, "ended": 0, "stuck": 0})
    partners = {
        "jiangxi": PartnerRows("jiangxi", {**LEDGERS, **(ledgers or {})}, list(active)),
        "group": PartnerRows("group", {}, []),
    }
    tiers = {"jiangxi": at_home or tier(), "group": national}
    return Evidence(tiers, partners, list(answered), "group", {ORDER.number.digits: "jiangxi"}, list(errors))
