"""One place for all that a number holds: queries at either tier, unsubscription and suspension from every channel."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from acts import ISMP, NATIONAL_ISMP, NATIONAL_X, X_BOX, X, active, behaving, everywhere, served, services, until
from zeep.helpers import serialize_object

from gateway.vocabulary import CHINA

pytestmark = pytest.mark.e2e

VAS_BUNDLE, VAS_MIXED, VAS_IN_PART = (f"31500000000000000050{n}" for n in (1, 2, 3))
HELD = (X, ISMP, NATIONAL_X, NATIONAL_ISMP)
CHANNELS = ("211", "212", "213", "214", "215")
NOTHING = {"province": set(), "platforms": set(), "group": set(), "national": set()}


def placed(lab, number, *offers, place="jiangxi", **more):
    """Send an order; gives (OrderId, answer)."""
    request = lab.request(number, *offers, **more)
    return request["OrderId"], lab.client(place).service.subscribeToVSOP(**request)


def done(lab, number, *offers, place="jiangxi", **more):
    """Send an order that is taken, and wait for its end; gives its legs."""
    order_id, answer = placed(lab, number, *offers, place=place, **more)
    assert answer.ResultCode == "0", answer
    return lab.settled(place, order_id)


def holding(lab, number, *offers, **more):
    """Let a user hold pure offers."""
    done(lab, number, *offers, **more)
    return number


def asked(lab, place, operation, number, system="211", **more):
    """Ask about a number at a gateway."""
    fields = {"ProdSpecCode": "003", "ProductNo": number, **more}
    return lab.player.send(lab.player.doors[place].gateway, "vsop", operation, system, **fields)


def query(lab, number, place="jiangxi", **more):
    """What a number holds, asked at a gateway."""
    return asked(lab, place, "subInstQryFromVSOP", number, **more)


def history(lab, number, place="jiangxi", **days):
    """What a number ordered in these days, asked at a gateway."""
    now, day = datetime.now(CHINA), timedelta(days=1)
    around = {"BeginTime": f"{now - day:%Y%m%d}", "EndTime": f"{now + day:%Y%m%d}"}
    return asked(lab, place, "subInstHisQryFromVSOP", number, **{**around, **days})


def rows(answer):
    """The answer's rows without what differs from question to question."""
    return answer.ResultCode, serialize_object(answer.ResultInfo, dict)


# ---- one-point query -------------------------------------------------------------------------------------------------


def test_query_shows_products_of_every_platform(lab, fresh_number):
    """X, ISMP and national products in one answer, each with its platform."""
    number = holding(lab, fresh_number(), *HELD)
    found = {(info.VProductID, info.PlatForm, info.Status) for info in query(lab, number).ResultInfo}
    assert found == {(X, "303", "0"), (ISMP, "204", "0"), (NATIONAL_X, "303", "0"), (NATIONAL_ISMP, "204", "0")}


@pytest.mark.parametrize("place", ["group", "guangxi"])
def test_query_gets_the_same_answer_everywhere(lab, fresh_number, place):
    """Asked at the group, or at another province, the question is passed on to the number's own."""
    number = holding(lab, fresh_number(), *HELD)
    assert rows(query(lab, number, place)) == rows(query(lab, number))


def test_query_names_things(lab, fresh_number):
    """Names of product, partner and offer stand beside their codes, and the channel through which it was ordered."""
    number = holding(lab, fresh_number(), X, SystemId="212")
    (info,) = query(lab, number).ResultInfo
    named = (
        info.VProductName,
        info.SPID,
        info.SPName,
        info.ProductOfferID,
        info.ProductOfferName,
        info.ChannelPlayerID,
    )
    assert named == ("七彩铃音", "15000001", "江西铃音", X, "七彩铃音", "212")


def test_query_shows_only_what_stands(lab, fresh_number):
    """What was ended is history."""
    number = holding(lab, fresh_number(), X, NATIONAL_X)
    done(lab, number, X, action="1")
    assert [info.VProductID for info in query(lab, number).ResultInfo] == [NATIONAL_X]


def test_query_of_nothing(lab, fresh_number):
    """A user without products: an empty answer, no refusal."""
    answer = query(lab, fresh_number())
    assert (answer.ResultCode, answer.ResultInfo) == ("0", [])


QUERY_REFUSALS = {
    "unknown user": ("18907918888", "211", "3001"),
    "number of no known segment": ("13900000000", "211", "7001"),
    "system that may not ask": ("18907910001", "208", "2002"),
    "unknown system": ("18907910001", "999", "2001"),
}


@pytest.mark.parametrize("ask", [query, history], ids=["query", "history"])
@pytest.mark.parametrize("place", ["jiangxi", "group", "guangxi"])
@pytest.mark.parametrize("case", QUERY_REFUSALS)
def test_refused_query_names_its_reason(lab, case, place, ask):
    """The same code wherever it is asked, in both languages."""
    number, system, code = QUERY_REFUSALS[case]
    answer = ask(lab, number, place, system=system)
    assert (answer.ResultCode, " / " in answer.ResultDesc, answer.ResultInfo) == (code, True, [])


def test_history_shows_every_order(lab, fresh_number):
    """Each product of each order: what was asked, when, by which channel, and how it ended."""
    number = holding(lab, fresh_number(), X, ISMP)
    done(lab, number, X, action="1", SystemId="213")
    found = {
        (i.VProductID, i.ActionType, i.OrderState, i.OPResult, i.ChannelPlayerID)
        for i in history(lab, number).ResultInfo
    }
    assert found == {(X, "0", "10F", "0", "211"), (ISMP, "0", "10F", "0", "211"), (X, "1", "10F", "0", "213")}


def test_history_shows_failures(lab):
    """An order that failed is there with its code."""
    done(lab, "18907919006", X)
    (info, *_) = history(lab, "18907919006").ResultInfo
    assert (info.OrderState, info.OPResult) == ("10E", "6001")


@pytest.mark.parametrize("place", ["group", "guangxi"])
def test_history_gets_the_same_answer_everywhere(lab, fresh_number, place):
    """As the query."""
    number = holding(lab, fresh_number(), X, NATIONAL_X)
    assert rows(history(lab, number, place)) == rows(history(lab, number))


@pytest.mark.parametrize(
    "days",
    [
        {"BeginTime": "20270230"},
        {"EndTime": "20261131"},
        {"BeginTime": "20270102", "EndTime": "20270101"},
    ],
)
def test_history_wants_days_in_order(lab, fresh_number, days):
    """Days that do not exist, or an end before the beginning."""
    assert history(lab, fresh_number(), **days).ResultCode == "1011"


def test_history_of_other_days_is_empty(lab, fresh_number):
    """Only the days that were asked for."""
    number = holding(lab, fresh_number(), X)
    answer = history(lab, number, BeginTime="20200101", EndTime="20200131")
    assert (answer.ResultCode, answer.ResultInfo) == ("0", [])


# ---- unified unsubscription ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("product", HELD)
def test_one_is_ended_and_the_others_stay(lab, fresh_number, product):
    """ActionType 1 for one product."""
    number = holding(lab, fresh_number(), *HELD)
    done(lab, number, product, action="1")
    assert until(lambda: active(lab, "jiangxi", number), {*HELD} - {product}) == {*HELD} - {product}


@pytest.mark.parametrize(("bundle", "products"), [(VAS_BUNDLE, {X, X_BOX}), (VAS_MIXED, {X, ISMP})])
def test_vas_bundle_is_ordered_and_ended_as_a_whole(lab, fresh_number, bundle, products):
    """A bundle of one platform or of several, ended at every platform."""
    number = holding(lab, fresh_number(), bundle, offer_type="1")
    before = active(lab, "jiangxi", number)
    done(lab, number, bundle, offer_type="1", action="1")
    assert (before, until(lambda: everywhere(lab, number), NOTHING)) == (products, NOTHING)


def test_everything_is_ended_everywhere(lab, fresh_number):
    """ActionType 2 without an offer ends X, ISMP and national products, at every platform and tier."""
    number = holding(lab, fresh_number(), *HELD)
    done(lab, number, action="2")
    assert until(lambda: everywhere(lab, number), NOTHING) == NOTHING


def test_ending_everything_is_one_order(lab, fresh_number):
    """It is split by platform and joined again: one archive record with all of it."""
    number = holding(lab, fresh_number(), *HELD)
    legs = done(lab, number, action="2")
    archived = lab.stubs("jiangxi").ledger("archive", order=legs[0]["trace_id"])
    relations = [{(r["VProductID"], r["Status"]) for r in row["relations"]} for row in archived]
    assert relations == [{(product, "6") for product in HELD}]


def test_ending_everything_tells_the_channel_once(lab, fresh_number):
    """One result to the channel, naming each offer."""
    number = holding(lab, fresh_number(), *HELD)
    legs = done(lab, number, action="2")
    told = lab.stubs("jiangxi").ledger("channel-result", order=legs[0]["channel_order_id"])
    assert [{(r["ProductOfferID"], r["OPResult"]) for r in row["results"]} for row in told] == [
        {(p, "0") for p in HELD}
    ]


def test_refusing_platform_keeps_its_own(lab, fresh_number):
    """What one platform refuses to end stays there; the others' products are ended all the same, and archived."""
    number = holding(lab, fresh_number(), *HELD)
    with behaving(lab.stubs("jiangxi"), {"xplatform.serverAction": "refuse"}):
        legs = done(lab, number, action="2")
    left = until(lambda: active(lab, "jiangxi", number), {X})
    archived = lab.stubs("jiangxi").ledger("archive", order=legs[0]["trace_id"])
    ended = [{r["VProductID"] for r in row["relations"]} for row in archived]
    assert (legs[0]["state"], left, ended) == ("10E", {X}, [{*HELD} - {X}])


def test_channel_learns_what_was_refused(lab, fresh_number):
    """Each offer has its own result."""
    number = holding(lab, fresh_number(), *HELD)
    with behaving(lab.stubs("jiangxi"), {"xplatform.serverAction": "refuse"}):
        legs = done(lab, number, action="2")
    (told,) = lab.stubs("jiangxi").ledger("channel-result", order=legs[0]["channel_order_id"])
    assert {r["ProductOfferID"]: r["OPResult"] for r in told["results"]} == dict.fromkeys(HELD, "0") | {X: "8001"}


def test_nothing_to_end(lab, fresh_number):
    """A user who holds nothing is told so."""
    assert placed(lab, fresh_number(), action="2")[1].ResultCode == "5002"


def test_what_others_need_is_not_ended_alone(lab, fresh_number):
    """Rule 9: the box needs the tone; the answer names the rule."""
    number = holding(lab, fresh_number(), VAS_BUNDLE, offer_type="1")
    _, answer = placed(lab, number, X, action="1")
    assert (answer.ResultCode, [info.OPResult for info in answer.ResultInfo]) == ("5004", ["9"])


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_orders_and_ends(lab, fresh_number, channel):
    """Portal, seat, IVR, SMS hall and WAP hall alike; each is told of its own orders."""
    number = fresh_number()
    begun = done(lab, number, NATIONAL_X, SystemId=channel)
    ended = done(lab, number, action="2", SystemId=channel)
    portal = lab.stubs("jiangxi")
    told = [len(portal.ledger("channel-result", order=legs[0]["channel_order_id"])) for legs in (begun, ended)]
    assert ([begun[0]["channel"], ended[0]["channel"]], told, active(lab, "group", number)) == (
        [channel] * 2,
        [1, 1],
        set(),
    )


def test_one_channel_ends_what_another_ordered(lab, fresh_number):
    """Relations belong to the user, not to the channel."""
    number = holding(lab, fresh_number(), X, SystemId="211")
    done(lab, number, X, action="1", SystemId="214")
    assert active(lab, "jiangxi", number) == set()


# ---- suspension ------------------------------------------------------------------------------------------------------


def tiers(lab, number, product):
    """State of a product's relation at the province, at the group if it stands there, and at the platforms."""
    found = [
        holder(lab, name, number).get(product) for holder in (relations, services) for name in ("jiangxi", "group")
    ]
    return {state for state in found if state is not None}


def relations(lab, name, number):
    """Product to state, as a tier has it."""
    return lab.relations(name, number)


@pytest.mark.parametrize("product", HELD)
def test_suspension_rests_at_every_tier_and_platform(lab, fresh_number, product):
    """ActionType 3."""
    number = holding(lab, fresh_number(), product)
    done(lab, number, product, action="3")
    assert until(lambda: tiers(lab, number, product), {"suspended"}) == {"suspended"}


@pytest.mark.parametrize("product", HELD)
def test_resumption_brings_it_back(lab, fresh_number, product):
    """ActionType 4."""
    number = holding(lab, fresh_number(), product)
    done(lab, number, product, action="3")
    done(lab, number, product, action="4")
    assert until(lambda: tiers(lab, number, product), {"active"}) == {"active"}


def test_query_shows_suspension(lab, fresh_number):
    """Status 2; the group says the same."""
    number = holding(lab, fresh_number(), X)
    done(lab, number, X, action="3")
    assert [[i.Status for i in query(lab, number, place).ResultInfo] for place in ("jiangxi", "group")] == [
        ["2"],
        ["2"],
    ]


@pytest.mark.parametrize("product", [X, ISMP])
def test_suspended_product_can_be_ended(lab, fresh_number, product):
    """Resting is no hindrance to an end."""
    number = holding(lab, fresh_number(), product)
    done(lab, number, product, action="3")
    done(lab, number, product, action="1")
    assert (until(lambda: served(lab, "jiangxi", number), set()), lab.relations("jiangxi", number)) == (
        set(),
        {product: "ended"},
    )


@pytest.mark.parametrize(("before", "action"), [(["3"], "3"), ([], "4")])
def test_suspension_of_what_rests_is_refused(lab, fresh_number, before, action):
    """Suspending twice, or resuming what is active: the answer names rule 11."""
    number = holding(lab, fresh_number(), X)
    for each in before:
        done(lab, number, X, action=each)
    _, answer = placed(lab, number, X, action=action)
    assert (answer.ResultCode, [info.OPResult for info in answer.ResultInfo]) == ("5014", ["11"])


def test_suspension_of_what_is_not_held(lab, fresh_number):
    """There is nothing to suspend."""
    assert placed(lab, fresh_number(), X, action="3")[1].ResultCode == "5002"


# ---- state of an order -----------------------------------------------------------------------------------------------


def state(lab, order_id, system="211"):
    """Ask for the state of an order; gives (ResultCode, OrderState, OPResult by offer)."""
    answer = lab.player.send(lab.player.doors["jiangxi"].gateway, "vsop", "orderStateQry", system, OrderId=order_id)
    return answer.ResultCode, answer.OrderState, {info.ProductOfferID: info.OPResult for info in answer.ResultInfo}


def test_state_of_a_mixed_order(lab, fresh_number):
    """One state for the whole order, a result for each offer."""
    order_id, _ = placed(lab, fresh_number(), X, ISMP, NATIONAL_X)
    lab.settled("jiangxi", order_id)
    assert state(lab, order_id) == ("0", "10F", {X: "0", ISMP: "0", NATIONAL_X: "0"})


def test_state_of_a_failed_order(lab):
    """The reason stands beside it."""
    order_id, _ = placed(lab, "18907919001", X)
    lab.settled("jiangxi", order_id)
    assert state(lab, order_id) == ("0", "10E", {X: "8001"})


def test_state_of_an_order_that_was_done_in_part(lab, fresh_number):
    """The state query says of each offer what the channel was told."""
    number = holding(lab, fresh_number(), *HELD)
    with behaving(lab.stubs("jiangxi"), {"xplatform.serverAction": "refuse"}):
        legs = done(lab, number, action="2")
    assert state(lab, legs[0]["channel_order_id"]) == ("0", "10E", dict.fromkeys(HELD, "0") | {X: "8001"})


def test_order_of_another_channel_is_not_shown(lab, fresh_number):
    """A channel sees its own orders."""
    order_id, _ = placed(lab, fresh_number(), X)
    lab.settled("jiangxi", order_id)
    assert state(lab, order_id, "212") == ("5006", None, {})
