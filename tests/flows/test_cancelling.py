"""An order that a person cancels: where he may, and what each flow then takes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import ISMP, NOON, X, order, play, reply

from gateway.domain.catalogue import OfferType
from gateway.domain.order import Action, Confirmation, OrderItem, Repair
from gateway.domain.party import GROUP_VSOP, SMSHALL
from gateway.domain.subscriber import PayType, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange
from gateway.errors import CANCELLED_BY_HAND, PLATFORM_REFUSED
from gateway.flows import cancelling
from gateway.flows.cancelling import why_not
from gateway.flows.national_leg import national_leg
from gateway.flows.order_ismp import order_ismp
from gateway.flows.order_parts import order_parts
from gateway.flows.order_x import order_x
from gateway.steps import Activate, Archive, Ask, AskConfirmation, Expect, FeeCheck, Reply, Tell

CANCELLED = Reply(NOON, CANCELLED_BY_HAND.code, cancelled=True)
POSTPAID = PayType.POSTPAID
TAKEN = reply(items=[("P1", 0)])


# ---- what is taken back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [TAKEN, reply(PLATFORM_REFUSED.code)], ids=["taken back", "could not be taken back"])
def test_product_of_an_x_platform(back):
    """All products are taken back, whatever the platform did; the order fails as cancelled, also where that is refused."""
    outcome = play(
        order_x(order(pay=POSTPAID)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate xplatform:303 Activate", CANCELLED),
        ("+2c ask undo xplatform:303 Activate", back),
        ("2e keep fail: OrderEnded, ItemsFreed", reply()),
        ("2g tell tell-channel channel:211 TellResult", reply()),
        ("2h tell tell-user smshall TellResult", reply()),
    )
    assert outcome == CANCELLED_BY_HAND.code


def test_suspension_is_taken_back():
    """What may have been suspended is resumed."""
    flow = order_x(order(pay=POSTPAID, action=Action.SUSPEND))
    next(flow)
    flow.send(reply())
    assert flow.send(CANCELLED).request.action is Action.RESUME


def test_what_the_user_held_before_stays():
    """A product that joined a bundle was there before the order: it is not taken back."""
    placed = order(pay=POSTPAID, products=("P1", "P2"))
    placed = replace(placed, items=(replace(placed.items[0], held=True), placed.items[1]))
    flow = order_x(placed)
    next(flow)
    flow.send(reply())
    assert flow.send(CANCELLED).request.product_ids == ("P2",)


@pytest.mark.parametrize("action", [Action.SUBSCRIBE, Action.SUSPEND])
def test_product_of_ismp(action):
    """ISMP is asked to take back what it may have done."""
    outcome = play(
        order_ismp(order("4.1.2", ISMP, pay=POSTPAID, action=action)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate ismp:204 Activate", CANCELLED),
        ("+2b ask undo ismp:204 Activate", TAKEN),
        ("3c keep fail: OrderEnded, ItemsFreed", reply()),
        ("+3e tell tell-channel channel:211 TellResult", reply()),
    )
    assert outcome == CANCELLED_BY_HAND.code


def test_report_of_ismp_that_is_waited_for_no_more():
    """ISMP did it and did not report: all of it is taken back."""
    outcome = play(
        order_ismp(order("4.1.2", ISMP, pay=POSTPAID)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate ismp:204 Activate", TAKEN),
        ("3b expect report-P1 from ismp:204", CANCELLED),
        ("+2b ask undo ismp:204 Activate", TAKEN),
        ("3c keep fail: OrderEnded, ItemsFreed", reply()),
        ("+3e tell tell-channel channel:211 TellResult", reply()),
    )
    assert outcome == CANCELLED_BY_HAND.code


def test_leg_at_the_group():
    """The national platform is asked to take it back before the province hears that it was cancelled."""
    outcome = play(
        national_leg(replace(order("4.1.3"), channel="200")),
        ("2d keep accept: OrderAccepted", reply()),
        ("2e ask activate xplatform:303 Activate", CANCELLED),
        ("+2e ask undo xplatform:303 Activate", TAKEN),
        (" keep fail: OrderEnded, ItemsFreed", reply()),
        ("3b tell return vsop:15 ReturnActivation", reply()),
    )
    assert outcome == CANCELLED_BY_HAND.code


def test_cancelled_by_the_group_is_a_refusal():
    """The group has taken it back itself: to the province its result is known, and nothing is undone twice."""
    flow = order_x(order("4.1.3", GROUP_VSOP, pay=POSTPAID))
    next(flow)
    flow.send(reply())
    assert flow.send(reply(CANCELLED_BY_HAND.code)).name == "fail"


def mixed(*, partial=False):
    """An order of a product of an X platform and one of ISMP."""
    items = (
        OrderItem("P1", "SP1", "O1", OfferType.PURE, target=X), OrderItem("P2", "SP1", "O2", OfferType.PURE, target=ISMP),
    )  # fmt: skip
    return replace(order("4.1", pay=POSTPAID), items=items, partial=partial)


@pytest.mark.parametrize("partial", [False, True])
def test_part_of_a_mixed_order(partial):
    """The part under way and those that were done are taken back, also where the order may be done in part."""
    outcome = play(
        order_parts(mixed(partial=partial)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate-subscribe-xplatform:303 xplatform:303 Activate", TAKEN),
        ("2c ask activate-subscribe-ismp:204 ismp:204 Activate", CANCELLED),
        ("+2c ask undo-subscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("+2c ask undo-subscribe-xplatform:303 xplatform:303 Activate", TAKEN),
        ("3e keep complete: OrderEnded", reply()),
        (" keep free: ItemsFreed", reply()),
        ("3h tell tell-channel channel:211 TellResult", reply()),
        ("3i tell tell-user smshall TellResult", reply()),
    )
    assert outcome == CANCELLED_BY_HAND.code


def test_first_part_of_a_mixed_order():
    """Platforms that were not asked yet are asked for nothing."""
    outcome = play(
        order_parts(mixed()),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate-subscribe-xplatform:303 xplatform:303 Activate", CANCELLED),
        ("+2c ask undo-subscribe-xplatform:303 xplatform:303 Activate", TAKEN),
        ("3e keep complete: OrderEnded", reply()),
        (" keep free: ItemsFreed", reply()),
        ("3h tell tell-channel channel:211 TellResult", reply()),
        ("3i tell tell-user smshall TellResult", reply()),
    )
    assert outcome == CANCELLED_BY_HAND.code


def test_report_of_a_mixed_order():
    """The report that did not come is waited for no more; that part is taken back as well."""
    outcome = play(
        order_parts(mixed()),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate-subscribe-xplatform:303 xplatform:303 Activate", TAKEN),
        ("2c ask activate-subscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("3d expect report-P2 from ismp:204", CANCELLED),
        ("+2c ask undo-subscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("+2c ask undo-subscribe-xplatform:303 xplatform:303 Activate", TAKEN),
        ("3e keep complete: OrderEnded", reply()),
        (" keep free: ItemsFreed", reply()),
        ("3h tell tell-channel channel:211 TellResult", reply()),
        ("3i tell tell-user smshall TellResult", reply()),
    )
    assert outcome == CANCELLED_BY_HAND.code


def test_question_that_did_not_reach_the_user():
    """Nothing has begun: the order fails at once."""
    outcome = play(
        order_x(order(pay=POSTPAID, confirmation=Confirmation("4711", timedelta(days=1)))),
        ("2a keep accept: OrderAccepted", reply()),
        ("+2a tell ask-user smshall AskConfirmation", CANCELLED),
        (" keep decline: OrderEnded, ItemsFreed", reply()),
        ("2g tell tell-channel channel:211 TellResult", reply()),
        ("2h tell tell-user smshall TellResult", reply()),
    )
    assert outcome == CANCELLED_BY_HAND.code


# ---- where a person may --------------------------------------------------------------------------------------------------

SUBSCRIPTION, END = order(), order(action=Action.UNSUBSCRIBE)
REPAIRED = replace(order(), repair=Repair("R1", 1, "li", "compared", asks=True))
USER = UserChange(
    id="20015", trace_id="20015", section="3.1b", act=UserAct.TORN_DOWN, channel="206", channel_order_id="W1", streaming_no="1",
    user=Subscriber(order().number, "003", POSTPAID, UserState.INVALID), province="15", targets=(), accepted_at=NOON,
)  # fmt: skip
REPORT = Expect("3b", "report-P1", ISMP, timedelta(hours=1))


def asked(request):
    """A question to a platform."""
    return Ask("2c", "any", X, request)


@pytest.mark.parametrize(
    ("matter", "step", "reason"),
    [
        (SUBSCRIPTION, asked(FeeCheck(SUBSCRIPTION)), ""),
        (SUBSCRIPTION, asked(Activate(SUBSCRIPTION, ("P1",))), ""),
        (SUBSCRIPTION, asked(Activate(SUBSCRIPTION, ("P1",), undo=True)), cancelling.UNDER_WAY_BACK),
        (SUBSCRIPTION, asked(Activate(SUBSCRIPTION, ("P1",), part=Action.UNSUBSCRIBE)), cancelling.PERHAPS_ENDED),
        (SUBSCRIPTION, Tell("2f", "archive", X, Archive(SUBSCRIPTION, NOON)), cancelling.ONLY_A_MESSAGE),
        (SUBSCRIPTION, Tell("+2a", "ask-user", SMSHALL, AskConfirmation(SUBSCRIPTION)), ""),
        (SUBSCRIPTION, REPORT, ""),
        (END, asked(Activate(END, ("P1",))), cancelling.PERHAPS_ENDED),
        (REPAIRED, asked(Activate(REPAIRED, ("P1",))), cancelling.REPAIR),
        (END, REPORT, cancelling.PERHAPS_ENDED),
        (END, Expect("", "confirmation", SMSHALL, timedelta(hours=1)), ""),
        (USER, Expect("", "told-xplatform:303", X, timedelta(hours=1)), cancelling.USER),
    ],
)  # fmt: skip
def test_where_a_person_may_cancel(matter, step, reason):
    """Where the flow can take it back, or nothing has begun; elsewhere he is told why not."""
    assert why_not(matter, step) == reason
