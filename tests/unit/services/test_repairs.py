"""Repairs of a reconciliation: each line is begun once, and only where nothing has changed since it was planned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from office import GUANGXIS, ISMP, NATIONAL_X, STRANGER, USER, Office, X
from playbook import NOON
from rig import Killed, run

from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderState
from gateway.domain.subscriber import PayType, RelationState
from gateway.engine.ports import StoreFailed
from gateway.errors import (
    IN_PROGRESS,
    MISROUTED,
    NO_ROUTE,
    NUMBER_REUSED,
    UNKNOWN_NUMBER,
    UNKNOWN_PRODUCT,
    UNKNOWN_USER,
    WRONG_RELATION_STATE,
)
from gateway.recon.holdings import Right, Standing
from gateway.recon.planning import Repair
from gateway.services.repairs import Ordered, begin

ORDERED = Ordered("R1", Right.XPLATFORM, "auditor", "nightly run")
AGAIN = Repair(Number(USER), X, Action.SUBSCRIBE, asks=True, seen=Standing.ACTIVE, line=1)


def begun(office, repair=AGAIN, ordered=ORDERED):
    return run(begin(office.desk, ordered, repair))


def order_of(office, found):
    return run(office.store.order(found.order_id))


@pytest.fixture
def holder(office):
    """Jiangxi, where the user has held a product for long."""
    office.hold(X)
    office.rig.clock.advance(3600)
    return office


def test_line_becomes_an_order(holder):
    """It bears who ordered it and why, asks the platform under a number of ours, and completes."""
    found = begun(holder)
    row = order_of(holder, found)
    repair = row.order.repair
    assert (row.state, row.order.channel_order_id, repair.by, repair.why) == (OrderState.COMPLETED, "R1-1", "auditor", "nightly run")
    assert (found.code, holder.rig.partners.names(), "repair.begun" in holder.events) == (0, ["activate"], True)


def test_line_is_in_the_audit(holder):
    """Who, what, why, and which line of which plan: with the same commit as the order."""
    found = begun(holder)
    (row,) = run(holder.store.audit(found.order_id, 9))
    assert (row.who, row.act, row.why, row.outcome) == ("auditor", "recon xplatform", "nightly run", "R1-1")


def test_line_is_begun_once(holder):
    """The same plan again names the order that there is, and does nothing."""
    first, second = begun(holder), begun(holder)
    assert (second.order_id, second.repeated, holder.rig.partners.names()) == (first.order_id, True, ["activate"])


def test_other_content_under_the_same_line(holder):
    """The first stands."""
    begun(holder)
    assert begun(holder, replace(AGAIN, action=Action.UNSUBSCRIBE)).code == NUMBER_REUSED.code


@pytest.mark.parametrize(
    ("repair", "result"),
    [
        (replace(AGAIN, number=Number(GUANGXIS)), MISROUTED), (replace(AGAIN, number=Number("13900000000")), UNKNOWN_NUMBER),
        (replace(AGAIN, product_id="nothing"), UNKNOWN_PRODUCT), (replace(AGAIN, product_id="121000000000000000101"), MISROUTED),
        (replace(AGAIN, product_id="X304"), NO_ROUTE), (replace(AGAIN, seen=None), WRONG_RELATION_STATE),
        (replace(AGAIN, seen=Standing.SUSPENDED), WRONG_RELATION_STATE),
        (replace(AGAIN, number=Number(STRANGER), seen=None), UNKNOWN_USER),
    ],
)  # fmt: skip
def test_line_that_cannot_be_begun(holder, repair, result):
    """Nothing is stored, and the reason is a code of the table."""
    found = begun(holder, repair)
    assert (found.code, found.order_id, run(holder.store.inbox("recon", "R1-1"))) == (result.code, "", None)


def test_young_order_keeps_its_product(office):
    """What an order touched within fifteen minutes is not repaired; afterwards it is."""
    office.place(X)
    codes = []
    for seconds in (0, 899, 2):
        office.rig.clock.advance(seconds)
        codes.append(begun(office).code)
    assert codes == [IN_PROGRESS.code, IN_PROGRESS.code, 0]


def test_order_under_way_keeps_its_product(holder):
    """However old it is."""
    holder.rig.partners.answer("activate", None)
    holder.place(X, action="1")
    holder.rig.clock.advance(280)
    holder.desk.settle *= 0
    assert begun(holder).code == IN_PROGRESS.code


def test_lines_of_one_plan_follow_each_other(holder):
    """A product is ended and begun again by two lines of the same plan, though the first is a minute old."""
    found = [begun(holder, replace(AGAIN, line=line, action=a)) for line, a in ((1, Action.UNSUBSCRIBE), (2, Action.SUBSCRIBE))]
    assert [one.code for one in found] == [0, 0]


def test_next_plan_waits_until_a_repair_has_settled(holder):
    """A repair is an order: another plan leaves its product alone for as long."""
    begun(holder)
    assert begun(holder, ordered=replace(ORDERED, plan="R2")).code == IN_PROGRESS.code


def test_relation_is_kept_as_ismp_has_it(office):
    """With ISMP's dates, under the product's smallest offer where ISMP names none, and archived."""
    repair = Repair(Number(USER), ISMP, Action.SUBSCRIBE, keeps=True, archives=True, effective_at=NOON, line=1)
    begun(office, repair, replace(ORDERED, right=Right.ISMP))
    kept = office.relation(ISMP)
    assert (kept.state, kept.offer_id, kept.effective_at, office.rig.partners.names()) == (
        RelationState.ACTIVE, ISMP, NOON, ["archive"],
    )  # fmt: skip


def test_user_who_is_gone_can_be_archived(office):
    """What billing charges a user for who is unknown by now is ended there: access product as billing has it, or as the number looks."""
    repair = Repair(Number(STRANGER), X, Action.UNSUBSCRIBE, archives=True, offer_id="O9", line=1)
    first = begun(office, repair, replace(ORDERED, right=Right.BILLING))
    second = begun(office, replace(repair, number=Number("07916660009"), line=2), replace(ORDERED, right=Right.BILLING))
    assert [order_of(office, found).order.spec for found in (first, second)] == ["003", "001"]


def test_stopped_user_is_charged_as_before(holder):
    """What stops with its user counts as active where billing is compared."""
    holder.hold(X, state=RelationState.STOPPED)
    repair = replace(AGAIN, asks=False, archives=True)
    assert [begun(holder, replace(repair, line=n), replace(ORDERED, right=r)).code for n, r in ((1, Right.GROUP), (2, Right.BILLING))] == [
        WRONG_RELATION_STATE.code, 0,
    ]  # fmt: skip


def test_group_repairs_national_products(group):
    """It asks the national platform itself, for users of any province; how they pay it knows by their newest order."""
    repair = Repair(Number(STRANGER), NATIONAL_X, Action.SUBSCRIBE, asks=True, seen=Standing.ACTIVE, line=1)
    group.hold(NATIONAL_X, number=STRANGER)
    assert begun(group, repair).code == UNKNOWN_USER.code
    group.take_over(NATIONAL_X, number=STRANGER)
    group.rig.clock.advance(3600)
    found = begun(group, repair)
    assert (found.code, order_of(group, found).order.pay, group.rig.partners.names()[-1]) == (0, PayType.PREPAID, "activate")


def test_group_leaves_provincial_products_alone(group):
    """They are their province's to repair."""
    assert begun(group, replace(AGAIN, seen=None)).code == MISROUTED.code


def test_refused_repair_is_logged(office):
    """With who ordered it; the number is masked by its type."""
    begun(office, replace(AGAIN, product_id="nothing"))
    assert office.events == ["repair.refused"]


def test_store_that_fails_begins_nothing(holder):
    """The caller hears that it failed, and applies the plan again."""

    async def fails(writes):
        raise StoreFailed("full")

    holder.store.commit = fails
    with pytest.raises(StoreFailed):
        begun(holder)


EDGES = [("before-accept", "accept"), ("after-accept", "accept")] + [
    (edge, step)
    for step in ("activate", "report-group", "archive")
    for edge in ("before-effect", "after-effect", "before-result", "after-result")
    if (edge, step) != ("after-result", "activate")  # that moment bears the name of the step that follows a result
]


@pytest.mark.parametrize(("edge", "step"), EDGES)
def test_killed_repair_is_done_once(edge, step):
    """kill -9 at each edge of each step: the plan applied again ends it once, and nobody hears one thing under two numbers."""
    killed = []

    def boundary(at, name):
        if (at, name) == (edge, step) and not killed:
            killed.append(name)
            raise Killed

    office = Office(boundary=boundary)
    office.hold(X)
    everybody = replace(AGAIN, keeps=True, reports=True, archives=True)
    try:
        begun(office, everybody)
    except Killed:
        office.rig.restart(boundary=lambda at, name: None)
        office.desk.engine = office.rig.engine
    found = begun(office, everybody)
    sent = dict.fromkeys(office.rig.partners.sent)
    assert (killed, order_of(office, found).state, office.relation(X).state) == ([step], OrderState.COMPLETED, RelationState.ACTIVE)
    assert [name for name, _ in sent] == ["activate", "report-group", "archive"]


