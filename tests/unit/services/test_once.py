"""A request under one StreamingNo is taken once: repeated, changed, sent to another operation, and twice at the same time."""

from __future__ import annotations

import pytest
from office import ISMP, STAMP_LATER, USER, X_PREMIUM, Office, SlowStore, X
from rig import Pending, run, spawn

from gateway.domain.numbers import Number
from gateway.engine.ports import StoreFailed
from gateway.services.backlog import Backlog


def orders(office):
    return run(office.store.orders_by_number(Number(USER), 9))


def test_same_request_gets_the_same_answer(office):
    """Same number, same content: the stored answer, and no second order."""
    request = office.order(X)
    answers = [office.call("subscribeToVSOP", request) for _ in range(3)]
    assert (answers[0] == answers[1] == answers[2], len(orders(office))) == (True, 1)


def test_repetition_is_told(office):
    """An operator sees that a request came again."""
    request = office.order(X)
    for _ in range(2):
        office.call("subscribeToVSOP", request)
    assert office.events == ["request.repeated"]


def test_time_of_sending_is_not_content(office):
    """A caller that repeats itself may stamp the repetition anew."""
    request = office.order(X)
    office.call("subscribeToVSOP", request)
    request.TimeStamp = STAMP_LATER
    assert office.call("subscribeToVSOP", request).ResultCode == "0"


@pytest.mark.parametrize(
    ("field", "value"),
    [("OrderId", "other"), ("ProductNo", "18907910007"), ("ActionType", "1"), ("ProdSpecCode", "001")],
)
def test_other_content_is_refused(office, field, value):
    """Same number, other content: refused, and the first order stands alone."""
    request = office.order(X)
    office.call("subscribeToVSOP", request)
    setattr(request, field, value)
    answer = office.call("subscribeToVSOP", request)
    assert (answer.ResultCode, len(orders(office))) == ("2003", 1)


def test_other_product_is_other_content(office):
    """A difference deep in the message counts like one at its head."""
    request = office.order(X)
    office.call("subscribeToVSOP", request)
    request.ProductOfferInfo[0].ProductOfferID = X_PREMIUM
    assert office.call("subscribeToVSOP", request).ResultCode == "2003"


def test_other_operation_is_refused(office):
    """A number that was used for an order is not taken for a report."""
    report = office.report(ISMP)
    office.call("subsInstSynFromISMP", report)
    order = office.order(X, StreamingNo=report.StreamingNo, SystemId=report.SystemId)
    assert office.call("subscribeToVSOP", order).ResultCode == "2003"


def test_same_number_of_another_system_is_another_request(office):
    """Numbers are unique for one sender only."""
    first = office.order(X)
    office.call("subscribeToVSOP", first)
    second = office.order(ISMP, system="212", StreamingNo=first.StreamingNo)
    assert office.call("subscribeToVSOP", second).ResultCode == "0"


def test_refused_request_may_come_again(office):
    """Nothing is stored for a refusal: the same number succeeds once its reason is gone."""
    request = office.order(X, number="18907910007")
    refused = office.call("subscribeToVSOP", request).ResultCode
    request.ProductNo = USER
    assert (refused, office.call("subscribeToVSOP", request).ResultCode) == ("3002", "0")


def test_busy_gateway_refuses_for_now():
    """Above the limit of orders in work, the answer is a code that says "later", and nothing is stored."""
    office = Office(max_active=1)
    office.rig.partners.answer("fee-check", Pending())
    office.place(X)
    request = office.order(ISMP)
    assert (office.call("subscribeToVSOP", request).ResultCode, office.kept(request)) == ("9001", False)


def test_full_backlog_refuses_for_now(office):
    """Beyond the most open orders nothing new is taken; a report that lets one end is."""
    office.desk.backlog = Backlog(office.store.open_runs, 1, office.rig.clock.now)
    office.rig.partners.answer("activate", None)
    office.call("subscribeToVSOP", office.order(ISMP))
    answer = office.call("subscribeToVSOP", office.order(X))
    assert (answer.ResultCode, office.call("subsInstSynFromISMP", office.report(ISMP)).ResultCode) == ("9001", "0")


def test_stopped_gateway_refuses_for_now(office):
    """A gateway that drains takes nothing new."""
    office.rig.engine.stop()
    assert office.call("subscribeToVSOP", office.order(X)).ResultCode == "9001"


def test_busy_gateway_takes_what_ends_work():
    """Only new work is refused: a report that lets an order end is taken however busy we are."""
    office = Office(max_active=1)
    office.place(ISMP)
    office.rig.partners.answer("fee-check", Pending())
    office.place(X)
    assert (office.desk.engine.busy, office.call("subsInstSynFromISMP", office.report(ISMP)).ResultCode) == (True, "0")


@pytest.mark.parametrize("broken", ["commit", "inbox", "subscriber"])
def test_store_that_fails(office, broken):
    """Where nothing could be stored nothing is told as taken: the caller may come again, and the operator is told."""

    async def fail(*_):
        raise StoreFailed("the disk is full")

    setattr(office.store, broken, fail)
    answer = office.call("subscribeToVSOP", office.order(X))
    assert (answer.ResultCode, office.events) == ("9001", ["store.failed"])


def test_store_that_fails_under_a_query(office):
    """Here as well the caller may come again, and the operator is told."""

    async def fail(*_):
        raise StoreFailed("the disk is full")

    office.store.orders_by_channel = fail
    assert (office.call("orderStateQry", office.query("W1")).ResultCode, office.events) == ("9001", ["store.failed"])


def test_failure_is_not_told_to_the_caller(office):
    """What is wrong with our store is no matter of the caller's."""

    async def fail(*_):
        raise StoreFailed("the disk is full")

    office.store.commit = fail
    assert "disk" not in office.call("subscribeToVSOP", office.order(X)).ResultDesc


def test_busy_gateway_repeats_its_answers(office):
    """What was accepted stays accepted, also towards a caller that asks while we are busy."""
    request = office.order(X)
    office.call("subscribeToVSOP", request)
    office.rig.engine.stop()
    assert office.call("subscribeToVSOP", request).ResultCode == "0"


# ---- twice at the same time ------------------------------------------------------------------------------------------


@pytest.fixture
def slow():
    """An office whose commits wait, and the answers that it gives."""
    office, answers = Office(store=SlowStore()), []

    async def ask(request) -> None:
        answers.append(await office.answer("subscribeToVSOP", request))

    return office, answers, lambda request: spawn(ask(request))


def test_same_request_twice_at_once_is_one_order(slow):
    """Both are under way before either is stored: both get the same answer, one order is begun."""
    office, answers, ask = slow
    request = office.order(X)
    ask(request)
    ask(request)
    for gate in office.store.gates[:2]:
        gate.settle(None)
    assert ([a.ResultCode for a in answers], answers[0] == answers[1], len(orders(office))) == (["0", "0"], True, 1)


def test_other_content_at_the_same_time_is_refused(slow):
    """The one that is stored second learns that its number is taken."""
    office, answers, ask = slow
    first, second = office.order(X), office.order(X)
    second.StreamingNo = first.StreamingNo
    ask(first)
    ask(second)
    for gate in office.store.gates[:2]:
        gate.settle(None)
    assert ([a.ResultCode for a in answers], [row.order.channel_order_id for row in orders(office)]) == (
        ["0", "2003"],
        [first.OrderId],
    )


def test_nothing_is_answered_before_it_is_stored(slow):
    """Accepted means on disk: while the commit is under way there is no answer."""
    office, answers, ask = slow
    ask(office.order(X))
    assert answers == []


def test_two_orders_for_one_product_at_once(slow):
    """Two orders that were both granted: the second finds the product locked, and nothing is stored for it."""
    office, answers, ask = slow
    first, second = office.order(X), office.order(X)
    ask(first)
    ask(second)
    for gate in office.store.gates[:2]:
        gate.settle(None)
    assert ([a.ResultCode for a in answers], office.kept(second)) == (["0", "5005"], False)
