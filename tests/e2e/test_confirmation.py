"""VSOP's own second confirmation by SMS, for orders of the SMS hall's channel: yes, no, in part, too late, wrong code."""

from __future__ import annotations

import pytest
from acts import ISMP, NATIONAL_X, X, active, served, until
from testlab import TestLab

pytestmark = pytest.mark.e2e

NUMBERS = [f"18907917{n:03d}" for n in range(60)]
ASKING = {"confirmation__channels": "214"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi, which asks users of channel 214."""
    lab = TestLab(tmp_path_factory.mktemp("confirmation"), ("group", "jiangxi"), NUMBERS)
    try:
        lab.start()
        lab.serve("jiangxi", **ASKING)
        yield lab
    finally:
        lab.stop()


@pytest.fixture(scope="module")
def fresh_number():
    """Numbers that hold nothing yet."""
    numbers = iter(NUMBERS)
    return lambda: next(numbers)


@pytest.fixture(scope="module")
def hurried(lab):
    """The same, but users have a tenth of a second."""
    lab.serve("jiangxi", **ASKING, confirmation__within_s="0.1")
    yield lab
    lab.serve("jiangxi", **ASKING)


def ordered(lab, number, *offers, channel="214", **more):
    """Place an order that is taken; gives its OrderId."""
    request = lab.request(number, *offers, SystemId=channel, **more)
    answer = lab.client("jiangxi").service.subscribeToVSOP(**request)
    assert answer.ResultCode == "0", answer
    return request["OrderId"]


def question(lab, number):
    """What the user was asked by SMS: the newest question."""
    stubs = lab.stubs("jiangxi")
    until(lambda: len(stubs.ledger("reconfirm", number=number)) > 0, True)
    return stubs.ledger("reconfirm", number=number)[-1]


def reply(lab, number, yes, *offers, system="214", **more):
    """Let the user answer the newest question; gives the answer's code."""
    question(lab, number)
    said = lab.stubs("jiangxi").act("smshall", "reply", {"number": number, "yes": yes, "send": False})
    fields = {
        "StreamingNo": said["streaming_no"], "ProdSpecCode": "003", "ProductNo": number, "RQCode": said["code"],
        "RQResult": "1" if yes else "0", "ProductOfferID": list(offers), **more,
    }  # fmt: skip
    return lab.player.send(lab.player.doors["jiangxi"].gateway, "vsop", "recvRQMessage", system, **fields).ResultCode


def state(lab, order_id, system="214"):
    """How the channel sees its order: (state, results by offer)."""
    answer = lab.player.send(lab.player.doors["jiangxi"].gateway, "vsop", "orderStateQry", system, OrderId=order_id)
    return answer.OrderState, {info.ProductOfferID: info.OPResult for info in answer.ResultInfo}


def told(lab, order_id):
    """What the channel was told of its order, by offer."""
    rows = lab.stubs("jiangxi").ledger("channel-result", order=order_id)
    return [{result["ProductOfferID"]: result["OPResult"] for result in row["results"]} for row in rows]


# ---- waiting ---------------------------------------------------------------------------------------------------------


def test_order_waits_for_the_user(lab, fresh_number):
    """State 00B, and no platform has heard of it."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    question(lab, number)
    assert (state(lab, order_id), served(lab, "jiangxi", number)) == (("00B", {}), set())


def test_user_is_asked_by_sms(lab, fresh_number):
    """One SMS that names the offer and the code."""
    number = fresh_number()
    ordered(lab, number, X)
    asked = question(lab, number)
    assert (X in asked["content"], asked["code"] in asked["content"]) == (True, True)


def test_codes_are_random(lab, fresh_number):
    """No two orders have the same code, but for chance."""
    numbers = [fresh_number() for _ in range(5)]
    for number in numbers:
        ordered(lab, number, X)
    assert len({question(lab, number)["code"] for number in numbers}) > 1


@pytest.mark.parametrize("channel", ["211", "212", "213", "215"])
def test_other_channels_are_not_asked(lab, fresh_number, channel):
    """The portal asks by itself; who is asked is configuration."""
    number = fresh_number()
    order_id = ordered(lab, number, X, channel=channel)
    lab.settled("jiangxi", order_id)
    assert (state(lab, order_id, channel)[0], lab.stubs("jiangxi").ledger("reconfirm", number=number)) == ("10F", [])


def test_unsubscription_is_not_asked_for(lab, fresh_number):
    """What ends asks nobody."""
    number = fresh_number()
    lab.settled("jiangxi", ordered(lab, number, X, channel="211"))
    order_id = ordered(lab, number, X, action="1")
    lab.settled("jiangxi", order_id)
    assert state(lab, order_id)[0] == "10F"


def test_second_order_of_the_same_waits(lab, fresh_number):
    """While the user is being asked, the same product cannot be ordered again."""
    number = fresh_number()
    ordered(lab, number, X)
    answer = lab.client("jiangxi").service.subscribeToVSOP(**lab.request(number, X, SystemId="211"))
    assert answer.ResultCode == "5005"


# ---- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offers", [(X,), (ISMP,), (NATIONAL_X,), (X, ISMP, NATIONAL_X)])
def test_yes_carries_the_order_out(lab, fresh_number, offers):
    """Products of one platform or of several."""
    number = fresh_number()
    order_id = ordered(lab, number, *offers)
    code = reply(lab, number, True)
    lab.settled("jiangxi", order_id)
    assert (code, state(lab, order_id)[0], active(lab, "jiangxi", number)) == ("0", "10F", set(offers))


def test_no_fails_the_order(lab, fresh_number):
    """Nothing is done, and the channel learns that the user declined."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    code = reply(lab, number, False)
    lab.settled("jiangxi", order_id)
    found = (code, state(lab, order_id), told(lab, order_id), served(lab, "jiangxi", number))
    assert found == ("0", ("10E", {X: "5011"}), [{X: "5011"}], set())


def test_declined_product_can_be_ordered_again(lab, fresh_number):
    """A no frees what the order had locked."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    reply(lab, number, False)
    lab.settled("jiangxi", order_id)
    again = ordered(lab, number, X, channel="211")
    assert lab.settled("jiangxi", again)[0]["state"] == "10F"


@pytest.mark.parametrize("kept", [X, ISMP])
def test_partial_yes_does_that_part(lab, fresh_number, kept):
    """Of two offers one is confirmed: only that one stands."""
    number = fresh_number()
    order_id = ordered(lab, number, X, ISMP)
    reply(lab, number, True, kept)
    lab.settled("jiangxi", order_id)
    assert (active(lab, "jiangxi", number), served(lab, "jiangxi", number)) == ({kept}, {kept})


@pytest.mark.parametrize("kept", [X, ISMP])
def test_partial_yes_tells_the_channel_of_both(lab, fresh_number, kept):
    """The other one was declined; the state query says the same."""
    number = fresh_number()
    order_id = ordered(lab, number, X, ISMP)
    reply(lab, number, True, kept)
    lab.settled("jiangxi", order_id)
    results = {X: "5011", ISMP: "5011"} | {kept: "0"}
    assert (told(lab, order_id), state(lab, order_id)) == ([results], ("10F", results))


def test_partial_yes_archives_that_part(lab, fresh_number):
    """Billing hears of what was done alone."""
    number = fresh_number()
    order_id = ordered(lab, number, X, ISMP)
    reply(lab, number, True, X)
    legs = lab.settled("jiangxi", order_id)
    rows = lab.stubs("jiangxi").ledger("archive", order=legs[0]["trace_id"])
    assert [[relation["VProductID"] for relation in row["relations"]] for row in rows] == [[X]]


def test_balance_is_checked_after_the_yes(lab):
    """The user is asked first; without money the order fails then."""
    order_id = ordered(lab, "18907919006", X)
    waiting = state(lab, order_id)[0]
    reply(lab, "18907919006", True)
    lab.settled("jiangxi", order_id)
    assert (waiting, state(lab, order_id)) == ("00B", ("10E", {X: "6001"}))


# ---- what is no answer -----------------------------------------------------------------------------------------------


def test_wrong_code_is_refused(lab, fresh_number):
    """The order goes on waiting."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    wrong = "0000" if question(lab, number)["code"] != "0000" else "1111"
    assert (reply(lab, number, True, RQCode=wrong), state(lab, order_id)[0]) == ("5012", "00B")


def test_code_of_another_user_is_refused(lab, fresh_number):
    """A code holds for its own number."""
    number, other = fresh_number(), fresh_number()
    order_id = ordered(lab, number, X)
    ordered(lab, other, X)
    code = reply(lab, number, True, RQCode=question(lab, other)["code"])
    same = question(lab, other)["code"] == question(lab, number)["code"]
    assert (code, state(lab, order_id)[0]) == ("5012", "00B") or same


def test_offer_that_was_not_asked_for_is_refused(lab, fresh_number):
    """A yes to something else is none."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    assert (reply(lab, number, True, ISMP), state(lab, order_id)[0]) == ("4503", "00B")


def test_second_answer_is_refused(lab, fresh_number):
    """The first one stands."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    codes = [reply(lab, number, True), reply(lab, number, False)]
    lab.settled("jiangxi", order_id)
    assert (codes, state(lab, order_id)[0]) == (["0", "5012"], "10F")


def test_repeated_answer_gets_the_same_answer(lab, fresh_number):
    """The SMS hall may send an answer again under the same StreamingNo."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    codes = [reply(lab, number, True, StreamingNo="214REPEATED1") for _ in range(2)]
    lab.settled("jiangxi", order_id)
    assert (codes, state(lab, order_id)[0]) == (["0", "0"], "10F")


@pytest.mark.parametrize(("system", "code"), [("211", "2002"), ("999", "2001")])
def test_only_the_sms_hall_answers(lab, fresh_number, system, code):
    """Nobody else speaks for the user."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    assert (reply(lab, number, True, system=system), state(lab, order_id)[0]) == (code, "00B")


# ---- time, and a restart ---------------------------------------------------------------------------------------------


def test_waiting_order_survives_a_kill(lab, fresh_number):
    """After kill -9 and a restart the answer still counts."""
    number = fresh_number()
    order_id = ordered(lab, number, X)
    question(lab, number)
    lab.kill("jiangxi")
    lab.serve("jiangxi", **ASKING)
    code = reply(lab, number, True)
    lab.settled("jiangxi", order_id)
    assert (code, state(lab, order_id)[0]) == ("0", "10F")


def test_time_runs_out(hurried, fresh_number):
    """Who does not answer has not ordered; the channel is told."""
    number = fresh_number()
    order_id = ordered(hurried, number, X)
    hurried.settled("jiangxi", order_id)
    assert (state(hurried, order_id), told(hurried, order_id)) == (("10E", {X: "5010"}), [{X: "5010"}])


def test_late_answer_is_refused(hurried, fresh_number):
    """A yes after that changes nothing."""
    number = fresh_number()
    order_id = ordered(hurried, number, X)
    hurried.settled("jiangxi", order_id)
    assert (reply(hurried, number, True), served(hurried, "jiangxi", number)) == ("5012", set())
