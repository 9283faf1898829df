"""serverActionResult: a result wakes the order that asked for it, and nothing else can."""

from __future__ import annotations

from datetime import timedelta

import pytest
from office import BUNDLE, NATIONAL_X, X_BOX, X
from playbook import NOON
from rig import run

from gateway.domain.order import OrderState
from gateway.engine.fallout import Hand
from gateway.engine.ports import RunEnded, RunState
from gateway.errors import CANCELLED_BY_HAND, PARTNER_AWAY, Temporary


@pytest.fixture
def waiting(office):
    """An order whose platform accepted and owes the result; gives its row and the StreamingNo of the activation."""
    office.rig.partners.answer("activate", None)
    row = office.place(X)
    return row.order, office.sent_as(row, "activate")


def state(office, order):
    """How an order stands: state and code."""
    row = run(office.store.order(order.id))
    return row.state, row.code


def test_result_completes_the_order(office, waiting):
    """The platform's success wakes the order, which goes on to its end."""
    order, number = waiting
    answer = office.call("serverActionResult", office.result(number, order.id, (X, "0")))
    assert (answer.ResultCode, state(office, order)) == ("0", (OrderState.COMPLETED, 0))


RESULTS = {
    "refused as a whole, by a code of ours": ({"code": "6001"}, [], 6001),
    "refused as a whole, by a code of theirs": ({"code": "136"}, [], 8001),
    "refused below zero": ({"code": "-2"}, [], 8001),
    "refused for the product": ({}, [(X, "6001")], 6001),
    "refused for the product, by a code of theirs": ({}, [(X, "136")], 8001),
    "success that names another product": ({}, [("other", "0")], 8001),
}


@pytest.mark.parametrize("case", RESULTS)
def test_result_that_is_no_success(office, waiting, case):
    """Refusals and half lists fail the order under a code of our table."""
    order, number = waiting
    more, results, code = RESULTS[case]
    office.call("serverActionResult", office.result(number, order.id, *results, **more))
    assert state(office, order) == (OrderState.FAILED, code)


def test_half_a_list_fails_the_whole_order(office):
    """One of two products is named: the order fails, and the one that was done is taken back."""
    office.rig.partners.answer("activate", None)
    row = office.place(BUNDLE, kind="1")
    office.call("serverActionResult", office.result(office.sent_as(row, "activate"), row.order.id, (X_BOX, "0")))
    assert (state(office, row.order), office.rig.partners.names()[2:3]) == ((OrderState.FAILED, 8001), ["undo"])


FORGED = {
    "another system": {"system": "304"},
    "a channel": {"system": "211"},
    "another order": {"order_id": "20015202611231200009999"},
    "the channel's own number of the order": {"order_id": None},
    "an unknown request": {"ref": "200999999999"},
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_result_wakes_nothing(office, waiting, case):
    """A result must name our request and our order, and come from the system that was asked."""
    order, number = waiting
    forged = FORGED[case]
    order_id = forged.get("order_id", order.id) or order.channel_order_id
    request = office.result(forged.get("ref", number), order_id, (X, "0"), system=forged.get("system", "303"))
    answer = office.call("serverActionResult", request)
    assert (answer.ResultCode, office.kept(request), state(office, order)) == ("8003", False, (OrderState.EXECUTING, 0))


def test_result_by_the_group(office):
    """The result of a national order comes from the group, system 100; from the platform itself it is refused."""
    office.rig.partners.answer("activate", None)
    row = office.place(NATIONAL_X)
    number = office.sent_as(row, "activate")
    answers = [
        office.call(
            "serverActionResult", office.result(number, row.order.id, (NATIONAL_X, "0"), system=system)
        ).ResultCode
        for system in ("303", "100")
    ]
    assert (answers, state(office, row.order)) == (["8003", "0"], (OrderState.COMPLETED, 0))


def test_result_twice_is_one_effect(office, waiting):
    """The same result again gets the same answer and archives nothing again."""
    order, number = waiting
    request = office.result(number, order.id, (X, "0"))
    answers = [office.call("serverActionResult", request) for _ in range(2)]
    assert (answers[0] == answers[1], office.rig.partners.names().count("archive")) == (True, 1)


def test_other_result_after_the_first_changes_nothing(office, waiting):
    """The first result stands: a later one, under its own number, is received and moves nothing."""
    order, number = waiting
    office.call("serverActionResult", office.result(number, order.id, (X, "0")))
    late = office.call("serverActionResult", office.result(number, order.id, (X, "8001")))
    assert (late.ResultCode, state(office, order)) == ("0", (OrderState.COMPLETED, 0))


def test_platforms_text_is_not_kept_on_success(office, waiting):
    """ResultDesc of a success says nothing and is dropped; that of a refusal is kept for the operator."""
    order, number = waiting
    office.call("serverActionResult", office.result(number, order.id, (X, "0")))
    texts = {s.name: s.reply.text for s in run(office.store.run(order.id)).steps}
    assert texts["activate"] == ""


def test_platforms_text_is_kept_on_refusal(office, waiting):
    """An operator sees what the platform said."""
    order, number = waiting
    office.call("serverActionResult", office.result(number, order.id, code="136"))
    texts = {s.name: s.reply.text for s in run(office.store.run(order.id)).steps}
    assert texts["activate"] == "their text"


def test_result_is_told_to_the_operator(office, waiting):
    """A result that came is an event of its run and step."""
    order, number = waiting
    office.call("serverActionResult", office.result(number, order.id, (X, "0")))
    assert office.events == ["signal.arrived"]


def test_result_settles_a_call_that_is_being_repeated(office):
    """The call failed, the result comes all the same: the order goes on without another attempt."""
    office.rig.partners.answer("activate", Temporary("xplatform:303", "connection lost"))
    row = office.place(X)
    office.call("serverActionResult", office.result(office.sent_as(row, "activate"), row.order.id, (X, "0")))
    office.rig.clock.advance(timedelta(minutes=1).total_seconds())
    assert (state(office, row.order), office.rig.partners.names().count("activate")) == ((OrderState.COMPLETED, 0), 1)


@pytest.mark.parametrize("code", ["9001", "5005"])
def test_result_that_says_later_is_none(office, waiting, code):
    """A retryable code is not kept as the result: the request is sent again when nothing follows."""
    order, number = waiting
    office.call("serverActionResult", office.result(number, order.id, code=code))
    assert (run(office.store.signal(order.id, "activate")), state(office, order)[0]) == (None, OrderState.EXECUTING)


def test_success_that_names_no_product_is_a_success_of_all(office, waiting):
    """ResultCode 0 alone, which the contract allows, means that all of it was done."""
    order, number = waiting
    office.call("serverActionResult", office.result(number, order.id))
    assert state(office, order) == (OrderState.COMPLETED, 0)


@pytest.mark.parametrize("code", ["5005", "9001", "9901"])
def test_later_is_no_result(office, waiting, code):
    """A platform that says "later" is received; the order waits on, and the result that follows counts."""
    order, number = waiting
    answer = office.call("serverActionResult", office.result(number, order.id, code=code))
    before = state(office, order)
    office.call("serverActionResult", office.result(number, order.id, (X, "0")))
    assert (answer.ResultCode, before, state(office, order)) == (
        "0",
        (OrderState.EXECUTING, 0),
        (OrderState.COMPLETED, 0),
    )


def test_result_after_the_order_was_taken_back(office):
    """A person cancelled, the platform took it back, and then its success comes: it is received and told to the operator; the
    order stays failed and nobody gets a relation."""
    office.rig.partners.answer("activate", Temporary("xplatform:303", "connection lost"))
    row = office.place(X)
    number = office.sent_as(row, "activate")
    parked = RunEnded(row.order.id, RunState.STUCK, PARTNER_AWAY.code, "connection lost", NOON)
    run(office.store.commit([parked]))
    run(office.rig.engine.fallout.cancel(row.order.id, Hand("li", "the user called")))
    office.events.clear()
    answer = office.call("serverActionResult", office.result(number, row.order.id, (X, "0")))
    assert (answer.ResultCode, state(office, row.order), run(office.store.relations(row.order.number))) == (
        "0", (OrderState.FAILED, CANCELLED_BY_HAND.code), [],
    )  # fmt: skip
    assert office.events == ["result.late", "signal.arrived"]


def test_late_result_is_told_to_the_operator(office, waiting):
    """A second result for one step is an event: what it says may differ from what was done."""
    order, number = waiting
    office.call("serverActionResult", office.result(number, order.id, (X, "0")))
    office.events.clear()
    office.call("serverActionResult", office.result(number, order.id, (X, "8001")))
    assert office.events == ["result.late", "signal.arrived"]
