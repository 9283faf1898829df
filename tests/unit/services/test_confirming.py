"""recvRQMessage: which order an answer wakes, what it says of it, and when nothing waits any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from office import CODEC, ISMP, STRANGER, USER, X_PREMIUM, X
from playbook import order
from playbook import reply as told
from rig import Pending, run

from gateway.domain.catalogue import Catalogue
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Confirmation, OrderState
from gateway.domain.subscriber import PayType
from gateway.flows.registry import SECTION_FLOW

CODE, DAY = "482913", timedelta(hours=24)


def reply(*offers, code=CODE, yes="1", number=USER, system="214", serial=1):
    """What the SMS hall passes on."""
    return CODEC["recvRQMessage"](
        StreamingNo=f"{system}20261123120000{serial:09d}", TimeStamp="20261123120000", SystemId=system, ProdSpecCode="003",
        ProductNo=number, RQCode=code, RQResult=yes, ProductOfferID=list(offers),
    )  # fmt: skip


def waiting(office, *, id="20015A", code=CODE, items=None, **more):
    """Place an order that waits for its user; by default of two offers, of one product each."""
    (first,) = order(products=(X,)).items
    items = items or (replace(first, offer_id=X), replace(first, product_id=X_PREMIUM, offer_id=X_PREMIUM))
    made = replace(
        order(pay=PayType.POSTPAID, confirmation=Confirmation(code, DAY)), id=id, channel_order_id=id, streaming_no=f"211{id}",
        items=items, **more,
    )  # fmt: skip
    run(office.rig.engine.start(SECTION_FLOW[made.section], run(office.rig.engine.next_serial()), made))
    return made


def answered(office, *offers, **more):
    """The result code of an answer."""
    return office.call("recvRQMessage", reply(*offers, **more)).ResultCode


def state(office, made):
    """State and code of an order."""
    row = run(office.store.order(made.id))
    return row.state, row.code


def activated(office):
    """The products that were asked of platforms."""
    return [r.product_id for r in run(office.store.relations(Number(USER)))]


# ---- what an answer does ---------------------------------------------------------------------------------------------


def test_order_that_waits(office):
    """Until the user has answered, no platform hears of the order."""
    made = waiting(office)
    assert (state(office, made), office.rig.partners.names()) == ((OrderState.UNCONFIRMED, 0), ["ask-user"])


ANSWERS = {
    "yes": ((), "1", (OrderState.COMPLETED, 0), [X, X_PREMIUM]),
    "yes to all by name": ((X, X_PREMIUM), "1", (OrderState.COMPLETED, 0), [X, X_PREMIUM]),
    "yes to one": ((X_PREMIUM,), "1", (OrderState.COMPLETED, 0), [X_PREMIUM]),
    "yes to one, named twice": ((X, X), "1", (OrderState.COMPLETED, 0), [X]),
    "no": ((), "0", (OrderState.FAILED, 5011), []),
    "no, with offers": ((X,), "0", (OrderState.FAILED, 5011), []),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_answer_of_the_user(office, case):
    """Yes carries out what was named, or all; no ends the order."""
    offers, yes, end, held = ANSWERS[case]
    made = waiting(office)
    assert (answered(office, *offers, yes=yes), state(office, made), activated(office)) == ("0", end, held)


def test_replaced_product_goes_with_its_successor(office):
    """A yes to the successor's offer also ends what it replaces; a yes to another offer leaves that as it is."""
    products = office.desk.catalogue.products
    office.show(Catalogue({**products, X: replace(products[X], replaces=("OLD",))}, office.desk.catalogue.offers, {}))
    (first,) = order(products=(X,)).items
    made = waiting(
        office,
        items=(
            replace(first, offer_id=X), replace(first, product_id=X_PREMIUM, offer_id=X_PREMIUM),
            replace(first, product_id="OLD", offer_id="OLD", action=Action.UNSUBSCRIBE),
        ),
    )  # fmt: skip
    answered(office, X)
    signal = run(office.store.signal(made.id, "confirmation"))
    assert [item.product_id for item in signal.items] == [X, "OLD"]


def test_replaced_product_stays_with_another_offer(office):
    """What the user did not confirm replaces nothing."""
    products = office.desk.catalogue.products
    office.show(Catalogue({**products, X: replace(products[X], replaces=("OLD",))}, office.desk.catalogue.offers, {}))
    (first,) = order(products=(X,)).items
    ends = replace(first, product_id="OLD", offer_id="OLD", action=Action.UNSUBSCRIBE)
    made = waiting(
        office, items=(replace(first, offer_id=X), replace(first, product_id=X_PREMIUM, offer_id=X_PREMIUM), ends)
    )
    answered(office, X_PREMIUM)
    signal = run(office.store.signal(made.id, "confirmation"))
    assert [item.product_id for item in signal.items] == [X_PREMIUM]


def test_code_tells_the_order(office):
    """Of two orders that wait, the one whose code it is goes on."""
    (first,) = order(products=(X,)).items
    other = waiting(office, id="20015B", code="1111", items=(replace(first, product_id=ISMP, offer_id=ISMP),))
    made = waiting(office)
    answered(office)
    assert (state(office, made)[0], state(office, other)[0]) == (OrderState.COMPLETED, OrderState.UNCONFIRMED)


def test_answer_comes_while_the_message_is_on_its_way(office):
    """The user may be quicker than the SMS hall: the answer is kept, and the order goes on with it."""
    sending = Pending()
    office.rig.partners.answer("ask-user", sending)
    made = waiting(office)
    code = answered(office)
    sending.settle(told())
    assert (code, state(office, made)[0]) == ("0", OrderState.COMPLETED)


def test_same_answer_again(office):
    """The SMS hall may repeat its request, and gets the same answer."""
    waiting(office)
    assert [answered(office), answered(office)] == ["0", "0"]


# ---- what is refused -------------------------------------------------------------------------------------------------

NOTHING = "5012"
REFUSED = {
    "another code": ({"code": "482914"}, NOTHING),
    "another number": ({"number": STRANGER}, NOTHING),
    "another channel": ({"system": "211"}, "2002"),
    "a platform": ({"system": "303"}, "2002"),
    "nobody known": ({"system": "999"}, "2001"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_answer_that_belongs_to_nothing(office, case):
    """It changes no order, nothing of it is stored, and the number is not repeated."""
    how, code = REFUSED[case]
    made, request = waiting(office), reply(**how)
    answer = office.call("recvRQMessage", request)
    assert (answer.ResultCode, state(office, made)[0], office.kept(request), request.ProductNo in answer.ResultDesc) == (
        code, OrderState.UNCONFIRMED, False, False,
    )  # fmt: skip


@pytest.mark.parametrize("yes", ["1", "0"])
def test_offer_that_was_not_ordered(office, yes):
    """An answer about another offer is refused as a whole; the right one may still come."""
    made = waiting(office)
    assert (answered(office, X, ISMP, yes=yes), state(office, made)[0], answered(office, X, serial=2)) == (
        "4503", OrderState.UNCONFIRMED, "0",
    )  # fmt: skip


@pytest.mark.parametrize(("seconds", "code"), [(DAY.total_seconds() - 1, "0"), (DAY.total_seconds(), NOTHING)])
def test_time_of_an_answer(office, seconds, code):
    """Within the time that the user has it counts, afterwards it is refused."""
    waiting(office)
    office.rig.clock.advance(seconds)
    assert answered(office) == code


def test_late_answer_stores_nothing(office):
    """The order has failed and stays so."""
    made, request = waiting(office), reply()
    office.rig.clock.advance(DAY.total_seconds() + 1)
    office.call("recvRQMessage", request)
    assert (state(office, made), office.kept(request)) == ((OrderState.FAILED, 5010), False)


def test_late_by_the_clock_of_the_gateway_that_was_down(office):
    """A gateway that comes up after the time was over refuses the answer, though the order has not failed yet."""
    waiting(office)
    office.rig.engine.stop()
    office.rig.clock.advance(DAY.total_seconds())
    assert answered(office) == NOTHING


def test_time_begins_with_the_message(office):
    """While the SMS hall cannot be reached the user cannot answer: the time begins when it has the message."""
    sending = Pending()
    office.rig.partners.answer("ask-user", sending)
    waiting(office)
    office.rig.clock.advance(3600)
    sending.settle(told())
    office.rig.clock.advance(DAY.total_seconds() - 1)
    assert answered(office) == "0"


def test_second_answer(office):
    """The first one stands: another one, even before the order has gone on, is told that nothing waits."""
    sending = Pending()
    office.rig.partners.answer("ask-user", sending)
    waiting(office)
    assert [answered(office), answered(office, yes="0", serial=2)] == ["0", NOTHING]


def test_answer_after_the_order_went_on(office):
    """An order that is confirmed waits for nothing."""
    waiting(office)
    answered(office)
    assert answered(office, serial=2) == NOTHING


def test_order_without_confirmation(office):
    """Orders of channels that ask their users themselves wait for no code."""
    office.place(X)
    assert answered(office) == NOTHING
