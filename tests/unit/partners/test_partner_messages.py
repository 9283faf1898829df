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
    NUMBER_OF_OURS,
    PORTAL,
    REPLACING,
    RESUMPTION,
    STEPS,
    SUBSCRIPTION,
    SUSPENSION,
    UNCONFIRMED,
    UNSUBSCRIPTION,
    WORK,
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
    "suspend at X": "serverAction",
    "resume at the group": "serverAction",
    "suspend at ISMP": "suspendSubscription",
    "resume at ISMP": "resumeSubscription",
    "undo a resumption at ISMP": "suspendSubscription",
    "ask the user": "sendRQMessage",
    "receipt of a bundle": "workListVSOPToFK",
    "receipt of a user's change": "workListVSOPToFK",
    "tell ISMP of a user": "userInfoSync",
    "tell the group of a user": "userInfoSync",
    "test product at VSOP": "productInfoSync",
    "product to OCS": "productInfoSync",
    "offer to billing": "PPOfferInfoSync",
    "notice to X of an offer": "notifyProductTest",
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
    [
        (SUBSCRIPTION, False, "0"), (UNSUBSCRIPTION, False, "3"), (SUSPENSION, False, "5"), (RESUMPTION, False, "6"),
        (SUBSCRIPTION, True, "3"), (UNSUBSCRIPTION, True, "0"), (SUSPENSION, True, "6"), (RESUMPTION, True, "5"),
    ],
)  # fmt: skip
def test_action_of_an_activation(order, undo, action):
    """0 begins, 3 ends, 5 suspends, 6 resumes; taking back is the opposite."""
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


@pytest.mark.parametrize(("undo", "action"), [(False, "3"), (True, "0")])
def test_action_of_a_part(undo, action):
    """A part has an action of its own: what a subscription replaces is ended by it."""
    (info,) = written(ask(X, Activate(REPLACING, ("P0",), undo, part=Action.UNSUBSCRIBE))).VProductInfo
    assert (info.VProductID, info.ProductOfferID, info.ActionType) == ("P0", "O0", action)


@pytest.mark.parametrize(("order", "kind"), [(SUSPENSION, "0"), (replace(FIXED_LINE, action=Action.SUSPEND), "2")])
def test_suspension_at_ismp(order, kind):
    """Who, of which kind, and which products under which offers; ISMP does not ask through which channel."""
    m = written(ask(ISMP, Activate(order, BOTH)))
    assert (m.OrderId, m.UserID, m.UserIDType, {(i.ProductID, i.PProductOfferID) for i in m.ProductInfo}) == (
        order.id, order.number.digits, kind, {(i.product_id, "O1") for i in order.items},
    )  # fmt: skip


def test_resumption_at_ismp():
    """The same fields, of the products that were asked for."""
    m = written(ask(ISMP, Activate(RESUMPTION, ("P2",))))
    assert (m.OrderId, m.UserID, m.UserIDType, [(i.ProductID, i.PProductOfferID) for i in m.ProductInfo]) == (
        RESUMPTION.id, "18907910001", "0", [("P2", "O1")],
    )  # fmt: skip


# ---- relations -------------------------------------------------------------------------------------------------------

PERIODS = {
    "from now on, for ever": (SUBSCRIPTION, ("0", "20261123130000", NEVER)),
    "with dates": (DATED, ("0", "20261124130000", "20261224130000")),
    "ended now": (UNSUBSCRIPTION, ("6", "20261123130000", "20261123130000")),
    "suspended": (SUSPENSION, ("2", "20261123130000", NEVER)),
    "resumed": (RESUMPTION, ("0", "20261123130000", NEVER)),
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


def test_archive_of_what_replaces():
    """Each relation has its own state: what began is normal, what it took the place of is cancelled and ends now."""
    infos = written(tell(BILLING, Archive(REPLACING, LATER))).SubsInstInfo
    assert [(i.VProductID, i.ProductOfferID, i.Status, i.ExpDate) for i in infos] == [
        ("P1", "O1", "0", NEVER), ("P0", "O0", "6", "20261123130000"), ("P2", "O2", "0", NEVER),
    ]  # fmt: skip


def test_what_provisioning_asked_for_was_sold_by_crm():
    """Billing and ISMP are told the channel of the user, which is CRM's counter."""
    archived, activated = written(tell(BILLING, Archive(WORK, LATER))), written(ask(ISMP, Activate(WORK, ("P1",))))
    assert (archived.ChannelPlayerID, activated.SrcDeviceType) == ("201", "201")


# ---- results ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 8001])
def test_channel_is_told_under_its_own_number(code):
    """The channel finds its own OrderId, and one result for each offer."""
    m = written(tell(PORTAL, TellResult(SUBSCRIPTION, code)))
    assert (m.OrderId, [(i.ProductOfferID, i.OPResult, i.OPDesc) for i in m.ResultInfo]) == (
        "W1",
        [("O1", str(code), RESULTS[code].describe())],
    )


def test_channel_is_told_each_offer_that_ended_otherwise():
    """One result for each offer: those that were refused have their own codes."""
    m = written(tell(PORTAL, TellResult(REPLACING, 0, (("O2", 8001), ("O0", 5011)))))
    assert [(i.ProductOfferID, i.OPResult, i.OPDesc) for i in m.ResultInfo] == [
        ("O1", "0", RESULTS[0].describe()), ("O0", "5011", RESULTS[5011].describe()), ("O2", "8001", RESULTS[8001].describe()),
    ]  # fmt: skip


def test_channel_is_told_what_was_done_of_an_order_that_failed():
    """Where one code stands for the order, an offer may still have another one."""
    m = written(tell(PORTAL, TellResult(REPLACING, 8001, (("O2", 6001),))))
    assert [(i.ProductOfferID, i.OPResult) for i in m.ResultInfo] == [("O1", "8001"), ("O0", "8001"), ("O2", "6001")]


SMS = {
    "subscribed": (SUBSCRIPTION, 0, "您订购的业务O1已成功。"),
    "unsubscribed": (UNSUBSCRIPTION, 0, "您退订的业务O1已成功。"),
    "not subscribed": (SUBSCRIPTION, 6001, "您订购的业务O1未成功: 余额不足。"),
    "not unsubscribed": (UNSUBSCRIPTION, 8001, "您退订的业务O1未成功: 业务平台拒绝。"),
    "suspended": (SUSPENSION, 0, "您暂停的业务O1已成功。"),
    "not resumed": (RESUMPTION, 8001, "您恢复的业务O1未成功: 业务平台拒绝。"),
}


@pytest.mark.parametrize("case", SMS)
def test_text_for_the_user(case):
    """The user reads what he did, with what, and how it ended, in Chinese."""
    order, code, text = SMS[case]
    assert written(tell(SMSHALL, TellResult(order, code))).SubResult == text


HALF = {
    "all done": ((), 0, "您订购的业务O1、O2已成功。您退订的业务O0已成功。"),
    "one refused": ((("O2", 8001),), 0, "您订购的业务O1已成功。您订购的业务O2未成功: 业务平台拒绝。您退订的业务O0已成功。"),
    "two refused, each for its reason": (
        (("O0", 5011), ("O2", 6001)), 0, "您订购的业务O1已成功。您订购的业务O2未成功: 余额不足。您退订的业务O0未成功: 用户拒绝确认。",
    ),
    "all refused": (
        (("O2", 6001),), 8001, "您订购的业务O1未成功: 业务平台拒绝。您订购的业务O2未成功: 余额不足。您退订的业务O0未成功: 业务平台拒绝。",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HALF)
def test_text_for_half_a_success(case):
    """First what succeeded, then each offer that did not, with its reason; what is replaced is not called ordered."""
    refused, code, text = HALF[case]
    assert written(tell(SMSHALL, TellResult(REPLACING, code, refused))).SubResult == text


def test_user_is_asked_for_a_yes():
    """The SMS hall gets the number, the code, and a text that says what is ordered, what that ends, and what to send back."""
    m = written(tell(SMSHALL, AskConfirmation(replace(REPLACING, confirmation=UNCONFIRMED.confirmation))))
    assert (m.ProdSpecCode, m.ProductNo, m.RQCode, m.RQContent) == (
        "003", "18907910001", "482913", "您申请订购业务O1、O2, 退订业务O0, 回复482913确认。",
    )  # fmt: skip


def test_long_text_for_the_user_is_cut():
    """Twenty offers of full length do not fit a message: the text is cut at the contract's 500 characters."""
    assert len(written(tell(SMSHALL, TellResult(MANY_OFFERS, 0))).SubResult) == 500


ONE_FOR_THE_OTHER = replace(
    MANY_OFFERS,
    items=(MANY_OFFERS.items[0], replace(MANY_OFFERS.items[1], action=Action.UNSUBSCRIBE)),
    confirmation=UNCONFIRMED.confirmation,
)
NEW, OLD = ONE_FOR_THE_OTHER.offer_ids


def test_text_for_the_user_of_a_replacement():
    """What was ended for its successor is not told as ordered."""
    text = written(tell(SMSHALL, TellResult(ONE_FOR_THE_OTHER, 0, ((OLD, 8001),)))).SubResult
    assert text == f"您订购的业务{NEW}已成功。您退订的业务{OLD}未成功: 业务平台拒绝。"


def test_user_is_asked_for_both_acts_of_a_replacement():
    """The user agrees to the order and to the end of what it replaces."""
    m = written(tell(SMSHALL, AskConfirmation(ONE_FOR_THE_OTHER)))
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
