"""One-point query and history: what is listed, who may ask, and how a number of another province is asked for there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from office import CODEC, GUANGXIS, ISMP, JIANGXI, NATIONAL_ISMP, NOBODYS, STRANGER, USER, X_PREMIUM, Office, X, routing
from playbook import NOON, order, reply
from rig import run
from wires import GUANGXI_VSOP, Country, dead

from gateway.domain.catalogue import Catalogue, ContentPartner, OfferType
from gateway.domain.facts import OrderAccepted, RelationStarted
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.order import Action, OrderState
from gateway.domain.party import GROUP_VSOP
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber
from gateway.domain.user_change import UserAct, UserChange
from gateway.engine.ports import StoreFailed
from gateway.errors import Permanent, Temporary
from gateway.store.memory import MemoryStore
from gateway.vocabulary import CHINA

HELD, HISTORY = "subInstQryFromVSOP", "subInstHisQryFromVSOP"
TODAY = "20261123"


def query(number=USER, *, system="211", serial=1):
    """Ask what a number holds."""
    no = f"{system}20261123120000{serial:09d}"
    return CODEC[HELD](
        StreamingNo=no, TimeStamp="20261123120000", SystemId=system, ProdSpecCode="003", ProductNo=number
    )


def past(number=USER, begin=TODAY, end=TODAY, *, system="211"):
    """Ask for a number's orders."""
    no = f"{system}20261123120000000000009"
    return CODEC[HISTORY](
        StreamingNo=no, TimeStamp="20261123120000", SystemId=system, ProdSpecCode="003", ProductNo=number, BeginTime=begin, EndTime=end
    )  # fmt: skip


def hold(office, product, *, state=RelationState.ACTIVE, expires=None, effective=NOON, offer=None, number=USER):
    """Let a number hold a product."""
    made = Relation(Number(number), product, offer or product, OfferType.PURE, "211", state, NOON, effective, expires)
    run(office.store.commit([RelationStarted(made)]))


def held(office, **more):
    """The products that the query lists, with their status."""
    return [(info.VProductID, info.Status) for info in office.call(HELD, query(**more)).ResultInfo]


# ---- what is held ----------------------------------------------------------------------------------------------------


def test_row_of_a_relation(office):
    """Everything that is known of a relation, with the names of the catalogue."""
    hold(office, X)
    (row,) = office.call(HELD, query()).ResultInfo
    assert row == CODEC["SubsInstance"](
        VProductID=X, VProductName="七彩铃音", SPID="15000001", SPName="江西铃音", ProductOfferType="0", ProductOfferID=X,
        ProductOfferName="七彩铃音", PlatForm="303", Status="0", SubscribeTime="20261123120000", EffDate="20261123120000",
        ExpDate="20300101000000", ChannelPlayerID="211",
    )  # fmt: skip


def test_order_that_was_completed_is_listed(office):
    """What a channel ordered can be seen as soon as the order has ended."""
    office.place(X)
    assert held(office) == [(X, "0")]


def test_all_platforms_in_one_answer(office):
    """X, ISMP and national products of a number stand side by side."""
    for product in (X, ISMP, NATIONAL_ISMP):
        hold(office, product)
    assert [info.PlatForm for info in office.call(HELD, query()).ResultInfo] == ["303", "204", "204"]


SOON = NOON + timedelta(seconds=1)
STANDING = {
    "active": ({}, "0"),
    "suspended": ({"state": RelationState.SUSPENDED}, "2"),
    "ended": ({"state": RelationState.ENDED}, None),
    "expires later": ({"expires": SOON}, "0"),
    "expired": ({"expires": NOON}, None),
    "suspended and expired": ({"state": RelationState.SUSPENDED, "expires": NOON}, None),
    "begins later": ({"effective": SOON}, "0"),
}


@pytest.mark.parametrize("case", STANDING)
def test_what_stands(office, case):
    """Relations that have not ended nor expired, suspended ones with a status of their own."""
    how, status = STANDING[case]
    hold(office, X, **how)
    assert held(office) == ([] if status is None else [(X, status)])


def test_other_users_are_not_shown(office):
    """Only what the number itself holds."""
    hold(office, X, number=STRANGER)
    assert held(office) == []


def test_names_that_are_not_known(office):
    """An offer or a partner that the catalogue does not have has no name; the row is there all the same."""
    hold(office, X, offer="GONE")
    office.show(Catalogue(office.desk.catalogue.products, office.desk.catalogue.offers, {}))
    (row,) = office.call(HELD, query()).ResultInfo
    assert (row.ProductOfferID, row.ProductOfferName, row.SPName) == ("GONE", None, None)


def test_names_of_a_loaded_file(office):
    """A name longer than the contract admits is cut, an empty one left out, so that the answer can travel."""
    hold(office, X)
    product = replace(office.desk.catalogue.products[X], name_zh="铃" * 65)
    partner = ContentPartner(product.sp, "", "")
    office.show(Catalogue({X: product}, {}, {partner.id: partner}))
    (row,) = office.call(HELD, query()).ResultInfo
    assert (row.VProductName, row.SPName) == ("铃" * 64, None)


def test_as_many_rows_as_the_contract_admits(office):
    """A number that holds more than an answer can carry gets the first 500."""
    product = office.desk.catalogue.products[X]
    ids = [f"P{n:03d}" for n in range(501)]
    office.show(Catalogue({i: replace(product, id=i) for i in ids}, {}, {}))
    for product_id in ids:
        hold(office, product_id)
    assert [row.VProductID for row in office.call(HELD, query()).ResultInfo] == ids[:500]


def test_nothing_is_kept(office):
    """A query stores nothing, so the same one again tells what is so by then."""
    before = held(office)
    hold(office, X)
    assert (before, held(office), office.kept(query())) == ([], [(X, "0")], False)


# ---- who may ask -----------------------------------------------------------------------------------------------------

CALLERS = {
    "211": "0", "101": "0", "201": "0", "100": "0", "200": "0",
    "213": "2002", "204": "2002", "206": "2002", "303": "2002", "999": "2001",
}  # fmt: skip


@pytest.mark.parametrize("ask", [query, past], ids=["held", "history"])
@pytest.mark.parametrize("system", CALLERS)
def test_who_may_ask(office, system, ask):
    """Channels of this gateway, CRM and the VSOPs; others that are known are told so."""
    operation = HELD if ask is query else HISTORY
    assert office.call(operation, ask(system=system)).ResultCode == CALLERS[system]


@pytest.mark.parametrize("operation", [HELD, HISTORY])
@pytest.mark.parametrize(("number", "code"), [(STRANGER, "3001"), (NOBODYS, "7001")])
def test_number_that_is_not_known(office, operation, number, code):
    """No user of ours, or of no province at all: each has its code, and the number is not repeated."""
    answer = office.call(operation, query(number) if operation == HELD else past(number))
    assert (answer.ResultCode, number in answer.ResultDesc) == (code, False)


class BrokenStore(MemoryStore):
    """A store that cannot be read."""

    async def relations(self, number):
        raise StoreFailed("a read failed")

    async def orders_between(self, number, since, until, limit):
        raise StoreFailed("a read failed")


@pytest.mark.parametrize(("operation", "request_of"), [(HELD, query), (HISTORY, past)])
def test_store_that_cannot_be_read(operation, request_of):
    """The caller is told to ask again later."""
    assert Office(JIANGXI, store=BrokenStore()).call(operation, request_of()).ResultCode == "9001"


# ---- history ---------------------------------------------------------------------------------------------------------


def keep(office, *, at=NOON, id="O1", state=OrderState.COMPLETED, **more):
    """Let an order have been accepted."""
    made = replace(order(products=(X,)), id=id, accepted_at=at, **more)
    run(office.store.commit([OrderAccepted(made, state)]))


def listed(office, *days):
    """The orders that the history lists."""
    return [row.OrderId for row in office.call(HISTORY, past(USER, *days)).ResultInfo]


def test_row_of_an_order(office):
    """One row of an order that was completed."""
    row = office.place(X)
    (entry,) = office.call(HISTORY, past()).ResultInfo
    assert entry == CODEC["SubsHistory"](
        ActionType="0", VProductID=X, ProductOfferType="0", ProductOfferID=X, OrderId=row.order.id, OrderState="10F",
        OPResult="0", SubscribeTime="20261123120000", ChannelPlayerID="211",
    )  # fmt: skip


def test_row_of_an_order_that_failed(office):
    """It says how it ended."""
    office.rig.partners.answer("fee-check", reply(balance=0))
    office.place(X)
    (entry,) = office.call(HISTORY, past()).ResultInfo
    assert (entry.OrderState, entry.OPResult) == ("10E", "6001")


@pytest.mark.parametrize(
    ("action", "code"),
    [(Action.SUBSCRIBE, "0"), (Action.UNSUBSCRIBE, "1"), (Action.SUSPEND, "3"), (Action.RESUME, "4")],
)
def test_action_of_a_row(office, action, code):
    """What was asked for, in the words of subscribeToVSOP."""
    keep(office, action=action)
    assert [row.ActionType for row in office.call(HISTORY, past()).ResultInfo] == [code]


def test_a_row_for_each_product(office):
    """An order of two products is two rows; what it ended beside is told as ended."""
    (first,) = order(products=(X,)).items
    keep(office, items=(first, replace(first, product_id=X_PREMIUM, action=Action.UNSUBSCRIBE)))
    rows = office.call(HISTORY, past()).ResultInfo
    assert [(row.VProductID, row.ActionType) for row in rows] == [(X, "0"), (X_PREMIUM, "1")]


def test_newest_first(office):
    """The last order stands at the top."""
    for n in range(3):
        keep(office, id=f"O{n}", at=NOON + timedelta(minutes=n), items=(replace(order().items[0], product_id=f"P{n}"),))
    assert listed(office) == ["O2", "O1", "O0"]


MIDNIGHT = datetime(2026, 11, 23, tzinfo=CHINA)
BORDERS = {
    "first moment of the first day": (MIDNIGHT, True),
    "the moment before": (MIDNIGHT - timedelta(microseconds=1), False),
    "last moment of the last day": (MIDNIGHT + timedelta(days=2, microseconds=-1), True),
    "the moment after": (MIDNIGHT + timedelta(days=2), False),
}


@pytest.mark.parametrize("case", BORDERS)
def test_days_are_whole(office, case):
    """From 00:00 of the first day to 24:00 of the last, in China time."""
    at, found = BORDERS[case]
    keep(office, at=at)
    assert listed(office, "20261123", "20261124") == (["O1"] if found else [])


@pytest.mark.parametrize(("begin", "end"), [("20260230", TODAY), (TODAY, "20261131"), ("20261124", "20261123")])
def test_days_that_are_none(office, begin, end):
    """A day that does not exist, or an end before the beginning, is refused."""
    assert office.call(HISTORY, past(USER, begin, end)).ResultCode == "1011"


def test_changes_of_the_user_are_no_orders(office):
    """A work order about the user himself is not listed."""
    user = Subscriber(Number(USER), "003", PayType.PREPAID)
    change = UserChange("C1", "C1", "3.1b", UserAct.STATE_CHANGED, "206", "W1", "206000001", user, "15", (), NOON)
    run(office.store.commit([OrderAccepted(change)]))
    assert listed(office) == []


# ---- at home elsewhere -----------------------------------------------------------------------------------------------


@pytest.fixture
def country():
    """Two provinces and the group; Guangxi has the user that is asked for, who holds one product."""
    made = Country()
    made.settle(made.guangxi, GUANGXIS)
    hold(made.guangxi, X, number=GUANGXIS)
    keep(made.guangxi, number=Number(GUANGXIS))
    return made


ASKED = {HELD: query(GUANGXIS), HISTORY: past(GUANGXIS)}


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize("place", ["jiangxi", "group", "guangxi"])
def test_same_answer_at_every_gateway(country, place, operation):
    """Wherever it is asked, the answer is the one of the number's own province."""
    answer = getattr(country, place).call(operation, ASKED[operation])
    assert (answer.ResultCode, [row.VProductID for row in answer.ResultInfo]) == ("0", [X])


@pytest.mark.parametrize("operation", ASKED)
def test_request_travels_unchanged(country, operation):
    """Under the caller's own number and system, from the province to the group to the other province."""
    request = ASKED[operation]
    country.jiangxi.call(operation, request)
    assert [(o, r) for o, r, _ in (*country.to_group.carried, *country.to_guangxi.carried)] == [
        (operation, request)
    ] * 2


def test_hops_are_counted_and_the_origin_is_kept(country):
    """The first gateway names itself and traces by the caller's StreamingNo, each one adds a hop."""
    request = query(GUANGXIS)
    country.jiangxi.call(HELD, request)
    first = CODEC["RoutingType"](TraceId=request.StreamingNo, OriginSystem="200", OriginProvince="15", HopCount=1)
    second = CODEC["RoutingType"](TraceId=request.StreamingNo, OriginSystem="200", OriginProvince="15", HopCount=2)
    assert (country.to_group.carried[0][2], country.to_guangxi.carried[0][2]) == (first, second)


def test_query_that_came_with_a_header_block(country):
    """What another gateway began keeps its trace."""
    country.jiangxi.call(HELD, query(GUANGXIS), routing(trace="T1", hops=1, province="21"))
    block = country.to_group.carried[0][2]
    assert (block.TraceId, block.OriginProvince, block.HopCount) == ("T1", "21", 2)


def test_tables_that_disagree_on_the_wire(country):
    """A query that two gateways send to each other comes back with a code, after four calls and no more."""
    country.group.desk.plan = NumberPlan(mobile={GUANGXIS[:7]: "15"})
    answer = country.jiangxi.call(HELD, query(GUANGXIS))
    assert (answer.ResultCode, country.to_group.hops, country.to_jiangxi.hops) == ("7004", [1, 3], [2, 4])


def test_own_number_after_too_many_hops(office):
    """A message that circles is refused even where it would be at home."""
    assert office.call(HELD, query(), routing(hops=4)).ResultCode == "7004"


FAILURES = {"8005": Temporary("vsop:35", "deadline passed"), "8002": Permanent("vsop:35", "fault Client")}


@pytest.mark.parametrize("code", FAILURES)
def test_gateway_that_does_not_answer(country, code):
    """No answer is a code that says: ask again; a refusal of the message itself is another."""
    country.jiangxi.lines[GROUP_VSOP, "vsop"] = dead(CODEC, FAILURES[code])
    assert country.jiangxi.call(HELD, query(GUANGXIS)).ResultCode == code


def test_province_without_address(country):
    """The group does not know the province's VSOP: there is no way."""
    del country.group.lines[GUANGXI_VSOP, "vsop"]
    answer = country.jiangxi.call(HELD, query(GUANGXIS))
    assert (answer.ResultCode, answer.ResultDesc.endswith(str(GUANGXI_VSOP))) == ("7003", True)


def test_refusal_of_the_other_gateway_comes_back(country):
    """A user that the other province does not have is told as it says it."""
    assert country.jiangxi.call(HELD, query("18907710009")).ResultCode == "3001"


def test_stranger_is_not_passed_on(country):
    """Who may not ask here is refused here."""
    answer = country.jiangxi.call(HELD, query(GUANGXIS, system="303"))
    assert (answer.ResultCode, country.to_group.carried) == ("2002", [])


def test_forwarding_is_logged(country):
    """Each gateway on the way tells that it passed the query on."""
    country.jiangxi.call(HELD, query(GUANGXIS))
    assert (country.jiangxi.events, country.group.events, country.guangxi.events) == (
        ["port.forwarded"], ["port.forwarded"], [],
    )  # fmt: skip
