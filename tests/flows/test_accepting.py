"""Second confirmation by SMS: what an order does before it begins, and what each answer of the user leaves of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import ISMP, brief, order, play, reply

from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderConfirmed, OrderEnded
from gateway.domain.order import Confirmation, OrderState
from gateway.domain.party import SMSHALL
from gateway.domain.subscriber import PayType
from gateway.errors import DECLINED, NOT_CONFIRMED
from gateway.flows.accepting import Accepted, accepted
from gateway.flows.order_ismp import order_ismp
from gateway.flows.order_parts import order_parts
from gateway.flows.order_x import order_x
from gateway.flows.sections import SECTIONS
from gateway.steps import AskConfirmation, Expect, Keep, Tell

DAY = timedelta(hours=24)
ASKED = order(pay=PayType.POSTPAID, confirmation=Confirmation("482913", DAY))
NUMBERS = SECTIONS["4.1.1"]


def of_two_offers(whole=ASKED):
    """The same order, of two products under an offer each."""
    (item,) = whole.items
    return replace(whole, items=(item, replace(item, product_id="P2", offer_id="O2")))


def begun(whole, *replies):
    """Run the beginning of an order; gives the steps that it says and what it comes to."""
    flow, said = accepted(whole, NUMBERS), []
    answers = [reply(), *replies]
    try:
        said.append(next(flow))
        for answer in answers:
            said.append(flow.send(answer))
    except StopIteration as end:
        return said, end.value
    raise AssertionError(f"the flow goes on with: {brief(said[-1])}")


def confirmed(*offers):
    """A yes to these offers."""
    return reply(items=[(offer, 0) for offer in offers])


EXPIRY, NO = reply(timed_out=True), reply(DECLINED.code)
SENT, KEPT = reply(), reply()


def test_without_confirmation():
    """An order of a channel that asks its users itself is kept as under way, and goes on at once."""
    whole = order()
    assert begun(whole) == ([Keep("2a", "accept", (OrderAccepted(whole),))], Accepted(whole))


def test_steps_of_a_confirmation():
    """The order is kept as unconfirmed, the SMS hall asks, the answer is waited for no longer than allowed; none of it is the seed's."""
    said, _ = begun(ASKED, SENT, confirmed(), KEPT)
    assert said == [
        Keep("2a", "accept", (OrderAccepted(ASKED, OrderState.UNCONFIRMED),)),
        Tell("+2a", "ask-user", SMSHALL, AskConfirmation(ASKED)),
        Expect("+2a", "confirmation", SMSHALL, DAY),
        Keep("", "confirm", (OrderConfirmed(ASKED.id),)),
    ]


YES = {
    "to all by naming none": (confirmed(), of_two_offers(), ()),
    "to all by name": (confirmed("O1", "O2"), of_two_offers(), ()),
    "to the first": (confirmed("O1"), ASKED, (("O2", DECLINED.code),)),
    "to the second": (
        confirmed("O2"), replace(ASKED, items=of_two_offers().items[1:]), (("O1", DECLINED.code),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", YES)
def test_yes(case):
    """What the user named is left of the order, and the rest counts as declined."""
    answer, left, declined = YES[case]
    assert begun(of_two_offers(), SENT, answer, KEPT)[1] == Accepted(left, 0, declined)


@pytest.mark.parametrize(("answer", "code"), [(NO, DECLINED.code), (EXPIRY, NOT_CONFIRMED.code)])
def test_no_and_no_answer(answer, code):
    """The order ends as failed and frees its products, in one commit; whoever goes on gets the code."""
    said, came = begun(ASKED, SENT, answer, KEPT)
    assert (said[-1], came) == (
        Keep("", "decline", (OrderEnded(ASKED.id, OrderState.FAILED, code, answer.at), ItemsFreed(ASKED.id))),
        Accepted(ASKED, code),
    )


ENDED = {
    order_x: (ASKED, ["2g tell tell-channel channel:211 TellResult", "2h tell tell-user smshall TellResult"]),
    order_ismp: (
        order("4.1.2", ISMP, confirmation=ASKED.confirmation), ["+3e tell tell-channel channel:211 TellResult"],
    ),
    order_parts: (
        order("4.1", confirmation=ASKED.confirmation),
        ["3h tell tell-channel channel:211 TellResult", "3i tell tell-user smshall TellResult"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("flow", ENDED, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("answer", "code"), [(NO, DECLINED.code), (EXPIRY, NOT_CONFIRMED.code)])
def test_nobody_else_hears_of_an_order_that_is_not_confirmed(flow, answer, code):
    """No platform, no OCS, no billing: those who are told of every end are told, with the code."""
    whole, notices = ENDED[flow]
    outcome = play(
        flow(whole),
        ("2a keep accept: OrderAccepted", reply()),
        ("+2a tell ask-user smshall AskConfirmation", reply()),
        ("+2a expect confirmation from smshall", answer),
        (" keep decline: OrderEnded, ItemsFreed", reply()),
        *((notice, reply()) for notice in notices),
    )
    assert outcome == code


def test_partial_yes_goes_through():
    """Only the confirmed offer is carried out, and the channel hears that the other one was declined."""
    flow, said = order_x(of_two_offers()), []
    step = next(flow)
    for answer in [reply(), SENT, confirmed("O1"), KEPT, reply(items=[("P1", 0)]), *[reply()] * 3]:
        said.append(step)
        step = flow.send(answer)
    activation = next(s.request for s in said if s.name == "activate")
    assert (activation.product_ids, step.name, step.request.refused) == (
        ("P1",),
        "tell-channel",
        (("O2", DECLINED.code),),
    )
