"""Requests as messages: each obeys its partner's contract, and says what the order says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mail import (
    BOTH,
    DATED,
    FIXED_LINE,
    HEAD,
    JIANGXI_VSOP,
    LATER,
    MANY_OFFERS,
    UNCONFIRMED,
    NUMBER_OF_OURS,
    PORTAL,
    STEPS,
    SUBSCRIPTION,
    UNSUBSCRIPTION,
    ask,
    problems,
    returned,
    tell,
    written,
)  # fmt: skip
from playbook import ISMP, NOON, X

from gateway.domain.order import Action
from gateway.domain.party import BILLING, GROUP_VSOP, SMSHALL
from gateway.errors import RESULTS
from gateway.partners.messages import operation_of
from gateway.steps import Activate, Archive, AskConfirmation, ItemReply, ReportRelations, TellResult
from gateway.vocabulary import NEVER

OPERATIONS = {
    "fee check": "feeCheck",
    "subscribe at X": "serverAction",
    "unsubscribe at X": "serverAction",
    "undo a subscription at X": "serverAction",
    "subscribe at the group": "serverAction",
    "subscribe at ISMP": "subActionFromVSOP",
    "unsubscribe at ISMP": "unSubActionFromVSOP",
    "undo a subscription at ISMP": "unSubActionFromVSOP",
    "undo an unsubscription at ISMP": "subActionFromVSOP",
    "archive a subscription": "subsInstSynToHB",
    "report a subscription": "subsInstSynToVSOP",
    "tell the channel of success": "subResultFromVSOP",
    "tell the user of success": "subResultToUser",
    "return success": "serverActionResult",
}


@pytest.mark.parametrize("case", OPERATIONS)
def test_operation(case):
    """Party and request decide the operation."""
    assert operation_of(STEPS[case]) == OPERATIONS[case]


@pytest.mark.parametrize("case", STEPS)
def test_message_obeys_its_contract(case):
    """What leaves passes the schema of the partner that gets it."""
    assert problems(STEPS[case]) == []


@pytest.mark.parametrize("case", STEPS)
def test_message_begins_with_number_time_and_system(case):
    """Every request of ours bears its StreamingNo, the time of sending and our system code."""
    message = written(STEPS[case])
    assert (message.StreamingNo, message.TimeStamp, message.SystemId) == (HEAD.streaming_no, HEAD.time, HEAD.system)


# ---- activation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "undo", "action"),
    [(SUBSCRIPTION, False, "0"), (UNSUBSCRIPTION, False, "3"), (SUBSCRIPTION, True, "3"), (UNSUBSCRIPTION, True, "0")],
)
def test_action_of_an_activation(order, undo, action):
    """0 begins and 3 ends; taking back is the opposite."""
    message = written(ask(X, Activate(order, BOTH, undo)))
    assert [info.ActionType for info in message.VProductInfo] == [action, action]


def test_activation_names_the_asked_products_only():
    """An undo names what was done, not the whole order."""
    message = written(ask(X, Activate(SUBSCRIPTION, ("P2",), undo=True)))
    assert [info.VProductID for info in message.VProductInfo] == ["P2"]


@pytest.mark.parametrize(
    ("order", "dates"), [(SUBSCRIPTION, (None, None)), (DATED, ("20261124130000", "20261224130000"))]
)
def test_dates_of_an_activation(order, dates):
    """Dates that nobody asked for are not sent."""
    info = written(ask(X, Activate(order, ("P1",)))).VProductInfo[0]
    assert (info.EffDate, info.ExpDate) == dates


@pytest.mark.parametrize(("order", "kind"), [(SUBSCRIPTION, "0"), (FIXED_LINE, "2")])
def test_ismp_gets_one_number_for_all_roles(order, kind):
    """Who orders, who uses and who pays is the same user; mobile and fixed are told apart."""
    m = written(ask(ISMP, Activate(order, ("P1",))))
    assert {(m.OA, m.OAType), (m.DA, m.DAType), (m.FA, m.FAType)} == {(order.number.digits, kind)}


def test_ismp_gets_product_and_offer():
    """ISMP is told products with their offers, and the channel that the user used."""
    m = written(ask(ISMP, Activate(UNSUBSCRIPTION, BOTH)))
    assert ([(i.ProductID, i.PProductOfferID) for i in m.ProductInfo], m.SrcDeviceType) == (
        [("P1", "O1"), ("P2", "O1")],
        "211",
    )


# ---- relations -------------------------------------------------------------------------------------------------------

PERIODS = {
    "from now on, for ever": (SUBSCRIPTION, ("0", "20261123130000", NEVER)),
    "with dates": (DATED, ("0", "20261124130000", "20261224130000")),
    "ended now": (UNSUBSCRIPTION, ("6", "20261123130000", "20261123130000")),
}


@pytest.mark.parametrize("request_type", [Archive, ReportRelations])
@pytest.mark.parametrize("case", PERIODS)
def test_period_of_a_relation(case, request_type):
    """A new relation has its own end or "never", an ended one ends when the order was completed; all know who ordered when."""
    order, expected = PERIODS[case]
    info = written(tell(BILLING if request_type is Archive else GROUP_VSOP, request_type(order, LATER))).SubsInstInfo[0]
    assert (info.Status, info.EffDate, info.ExpDate, info.SubscribeTime) == (*expected, "20261123120000")


def test_archive_is_one_record_of_the_order():
    """One message holds every product, under our order id and the channel that ordered."""
    m = written(tell(BILLING, Archive(SUBSCRIPTION, LATER)))
    assert (m.OrderId, m.ChannelPlayerID, [i.VProductID for i in m.SubsInstInfo]) == (
        SUBSCRIPTION.id,
        "211",
        ["P1", "P2"],
    )


# ---- results ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 8001])
def test_channel_is_told_under_its_own_number(code):
    """The channel finds its own OrderId, and one result for each offer."""
    m = written(tell(PORTAL, TellResult(SUBSCRIPTION, code)))
    assert (m.OrderId, [(i.ProductOfferID, i.OPResult, i.OPDesc) for i in m.ResultInfo]) == (
        "W1",
        [("O1", str(code), RESULTS[code].describe())],
    )


SMS = {
    "subscribed": (SUBSCRIPTION, 0, "您订购的业务O1已成功。"),
    "unsubscribed": (UNSUBSCRIPTION, 0, "您退订的业务O1已成功。"),
    "not subscribed": (SUBSCRIPTION, 6001, "您订购的业务O1未成功: 余额不足。"),
    "not unsubscribed": (UNSUBSCRIPTION, 8001, "您退订的业务O1未成功: 业务平台拒绝。"),
}


@pytest.mark.parametrize("case", SMS)
def test_text_for_the_user(case):
    """The user reads what he did, with what, and how it ended, in Chinese."""
    order, code, text = SMS[case]
    assert written(tell(SMSHALL, TellResult(order, code))).SubResult == text


def test_long_text_for_the_user_is_cut():
    """Twenty offers of full length do not fit a message: the text is cut at the contract's 500 characters."""
    assert len(written(tell(SMSHALL, TellResult(MANY_OFFERS, 0))).SubResult) == 500


REPLACING = replace(
    MANY_OFFERS,
    items=(MANY_OFFERS.items[0], replace(MANY_OFFERS.items[1], action=Action.UNSUBSCRIBE)),
    confirmation=UNCONFIRMED.confirmation,
)
NEW, OLD = REPLACING.offer_ids


def test_text_for_the_user_of_a_replacement():
    """What was ended for its successor is not told as ordered."""
    text = written(tell(SMSHALL, TellResult(REPLACING, 0, ((OLD, 8001),)))).SubResult
    assert text == f"您订购的业务{NEW}已成功。您退订的业务{OLD}未成功: 业务平台拒绝。"


def test_user_is_asked_for_both_acts_of_a_replacement():
    """The user agrees to the order and to the end of what it replaces."""
    m = written(tell(SMSHALL, AskConfirmation(REPLACING)))
    assert m.RQContent == f"您申请订购业务{NEW}, 退订业务{OLD}, 回复{m.RQCode}确认。"


def test_long_question_keeps_its_code():
    """Without the code nobody could answer: of a long text the list of offers is cut."""
    m = written(tell(SMSHALL, AskConfirmation(replace(MANY_OFFERS, confirmation=UNCONFIRMED.confirmation))))
    assert (len(m.RQContent), m.RQContent.endswith(f", 回复{m.RQCode}确认。")) == (500, True)


def test_returned_result_refers_to_the_request():
    """The province finds the StreamingNo and the OrderId under which it asked."""
    m = written(tell(JIANGXI_VSOP, returned()))
    assert (m.RefStreamingNo, m.OrderId, m.StreamingNo) == (SUBSCRIPTION.streaming_no, "W1", NUMBER_OF_OURS)


def test_returned_result_says_ours_not_theirs():
    """Codes and dates of the platform are passed on; texts are our own, never the platform's."""
    m = written(
        tell(JIANGXI_VSOP, returned(ItemReply("P1", 0, "their text", NOON, LATER), ItemReply("P2", 8001, "their text")))
    )
    assert [(i.ProductID, i.OPResult, i.OPDesc, i.EffDate, i.ExpDate) for i in m.ResultInfo] == [
        ("P1", "0", RESULTS[0].describe(), "20261123120000", "20261123130000"),
        ("P2", "8001", RESULTS[8001].describe(), None, None),
    ]
