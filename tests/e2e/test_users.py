"""What CRM tells of users (seed, second 3.1): relations follow at VSOP, at the group and at every platform."""

from __future__ import annotations

import itertools

import pytest
from acts import ISMP, NATIONAL_ISMP, NATIONAL_X, X_PICTURE, X, behaving, services, until

pytestmark = pytest.mark.e2e

HELD = (X, ISMP, NATIONAL_X, NATIONAL_ISMP)
INSTALL, STATE, RENUMBER, CAPABILITIES, TEAR_DOWN, PAYMENT = "10", "11", "12", "13", "15", "16"
STOPPED, ACTIVE = "00B", "00A"


@pytest.fixture(scope="module")
def new_number():
    """Numbers of Jiangxi that nobody has yet."""
    numbers = (f"18907926{n:03d}" for n in range(100))
    return lambda: next(numbers)


def changed(lab, number, kind, **more):
    """Let CRM change a user, and wait until everybody has heard of it."""
    return lab.play(lab.player.user(lab.player.doors["jiangxi"], number, kind, **more))


def order(lab, number, *offers, **more):
    """An order of the portal, answered."""
    return lab.client("jiangxi").service.subscribeToVSOP(**lab.request(number, *offers, **more))


def holding(lab, number, *offers):
    """Let a user hold pure offers."""
    lab.play(lab.player.order("4.1", lab.player.doors["jiangxi"], number, *offers))
    return number


def states(lab, number):
    """(place, product) to state: relations at both tiers, services at the platforms of both."""
    tiers = ("jiangxi", "group")
    found = {(name, product): state for name in tiers for product, state in lab.relations(name, number).items()}
    served = {name: services(lab, name, number) for name in tiers}
    return found | {
        (f"platforms of {name}", product): state for name in tiers for product, state in served[name].items()
    }


def whole(state, *, at_platforms=True):
    """What `states` gives for a user who holds HELD in one state. To a platform, what stops with its user is suspended."""
    relations = {("jiangxi", p): state for p in HELD} | {("group", p): state for p in (NATIONAL_X, NATIONAL_ISMP)}
    served = "suspended" if state == "stopped" else state
    services = {("platforms of jiangxi", p): served for p in (X, ISMP, NATIONAL_ISMP)} | {
        ("platforms of group", NATIONAL_X): served
    }
    return relations | services if at_platforms else relations


def told(lab, played):
    """Platforms that heard of a change, by their ledger: (place, role)."""
    return [
        (name, row["role"])
        for name in ("jiangxi", "group")
        for row in lab.stubs(name).ledger("user-change", order=played.legs[0]["trace_id"])
    ]


# ---- the user's life -------------------------------------------------------------------------------------------------


def test_new_user_can_order(lab, new_number):
    """After a new install VSOP knows the user."""
    number = new_number()
    before = order(lab, number, X).ResultCode
    changed(lab, number, INSTALL)
    assert (before, order(lab, number, X).ResultCode) == ("3001", "0")


def test_new_user_is_told_to_the_ismps(lab, new_number):
    """ISMP-B, -M and -W hear of every new user; platforms that hold nothing do not."""
    assert told(lab, changed(lab, new_number(), INSTALL)) == [("jiangxi", "ismp")] * 3


def test_everything_stops_with_its_user(lab, fresh_number):
    """Relations and services of all platforms and of both tiers rest with their user."""
    number = holding(lab, fresh_number(), *HELD)
    changed(lab, number, STATE, state=STOPPED)
    assert until(lambda: states(lab, number), whole("stopped")) == whole("stopped")


def test_stopped_user_cannot_order(lab, fresh_number):
    """Rule 3 of authorisation."""
    number = fresh_number()
    changed(lab, number, STATE, state=STOPPED)
    answer = order(lab, number, X)
    assert (answer.ResultCode, [info.OPResult for info in answer.ResultInfo]) == ("3002", ["3"])


def test_resume_brings_everything_back(lab, fresh_number):
    """All of it goes on when the user is active again."""
    number = holding(lab, fresh_number(), *HELD)
    changed(lab, number, STATE, state=STOPPED)
    changed(lab, number, STATE, state=ACTIVE)
    assert until(lambda: states(lab, number), whole("active")) == whole("active")


def test_what_the_user_suspended_stays_suspended(lab, fresh_number):
    """A product that he had suspended does not come back with him: neither at VSOP nor at its platform."""
    number = holding(lab, fresh_number(), *HELD)
    for section, product in (("4.1.1", X), ("4.1.2", ISMP), ("4.1.3", NATIONAL_X)):
        lab.play(lab.player.order(section, lab.player.doors["jiangxi"], number, product, action="3"))
    changed(lab, number, STATE, state=STOPPED)
    changed(lab, number, STATE, state=ACTIVE)
    expected = whole("suspended") | {
        (place, NATIONAL_ISMP): "active" for place in ("jiangxi", "group", "platforms of jiangxi")
    }
    assert until(lambda: states(lab, number), expected) == expected


def test_relations_follow_a_new_number(lab, fresh_number, new_number):
    """At VSOP, at the group and at every platform."""
    old, new = holding(lab, fresh_number(), *HELD), new_number()
    changed(lab, new, RENUMBER, old_number=old)
    assert until(lambda: states(lab, new), whole("active")) == whole("active")


def test_nothing_stays_under_the_old_number(lab, fresh_number, new_number):
    """The old number is nobody's."""
    old, new = holding(lab, fresh_number(), *HELD), new_number()
    changed(lab, new, RENUMBER, old_number=old)
    assert (until(lambda: states(lab, old), {}), order(lab, old, X).ResultCode) == ({}, "3001")


def test_tear_down_ends_everything(lab, fresh_number):
    """At every tier and platform."""
    number = holding(lab, fresh_number(), *HELD)
    changed(lab, number, TEAR_DOWN)
    ended = whole("ended", at_platforms=False)
    assert until(lambda: states(lab, number), ended) == ended


def test_number_of_a_former_user_can_be_installed_again(lab, fresh_number):
    """The next user of a number begins with nothing."""
    number = holding(lab, fresh_number(), X)
    changed(lab, number, TEAR_DOWN)
    changed(lab, number, INSTALL)
    assert order(lab, number, X).ResultCode == "0"


@pytest.mark.parametrize("kind", [STATE, TEAR_DOWN, PAYMENT, CAPABILITIES])
def test_former_user_cannot_be_changed(lab, new_number, kind):
    """Who was torn down is no user any more."""
    number = new_number()
    changed(lab, number, INSTALL)
    changed(lab, number, TEAR_DOWN)
    assert work(lab, number, kind)[1].ResultCode == "3001"


def test_number_of_a_former_user_cannot_move(lab, fresh_number, new_number):
    """Nor has he a number to give up."""
    old = fresh_number()
    changed(lab, old, TEAR_DOWN)
    assert work(lab, new_number(), RENUMBER, OldProductNo=old)[1].ResultCode == "3001"


def test_number_of_a_former_user_is_free(lab, fresh_number):
    """Another user may get it."""
    freed, old = fresh_number(), holding(lab, fresh_number(), X)
    changed(lab, freed, TEAR_DOWN)
    changed(lab, freed, RENUMBER, old_number=old)
    assert lab.relations("jiangxi", freed) == {X: "active"}


def test_state_torn_down_is_a_tear_down(lab, fresh_number):
    """CRM may write it as a change of state to 00X: everything ends as well."""
    number = holding(lab, fresh_number(), *HELD)
    changed(lab, number, STATE, state="00X")
    ended = whole("ended", at_platforms=False)
    assert until(lambda: states(lab, number), ended) == ended


@pytest.mark.parametrize(("kind", "more"), [(TEAR_DOWN, {}), (RENUMBER, {"old": True})])
def test_user_with_an_order_under_way_stays(lab, fresh_number, new_number, kind, more):
    """Else its relation would stand under a number that is nobody's: provisioning is told to come later, and the change follows."""
    number = fresh_number()
    about, old = (new_number(), {"old_number": number}) if more else (number, {})
    with behaving(lab.stubs("jiangxi"), {"xplatform.serverAction": "away"}):
        order(lab, number, X)
        played = lab.player.user(lab.player.doors["jiangxi"], about, kind, **old)
        _, refused = work(lab, about, kind, OldProductNo=number if old else None)
    lab.play(played)
    wanted = {X: "active"} if old else {X: "ended"}
    assert (refused.ResultCode, lab.relations("jiangxi", about), services(lab, "jiangxi", number)) == (
        "5005",
        wanted,
        {},
    )


# ---- payment and capabilities ----------------------------------------------------------------------------------------


def fee_checks(lab, number):
    """How often OCS was asked for a number's balance."""
    asked = lab.stubs("jiangxi").journal(role="ocs", operation="feeCheck")
    return sum(entry["fields"]["ProductNo"] == number for entry in asked)


@pytest.mark.parametrize(("pay", "checks"), [("0", 0), ("1", 1)])
def test_payment_change_decides_on_the_fee_check(lab, fresh_number, pay, checks):
    """Postpaid: OCS is not asked any more; prepaid (again): it is."""
    number = fresh_number()
    changed(lab, number, PAYMENT, pay="1" if pay == "0" else "0")
    changed(lab, number, PAYMENT, pay=pay)
    holding(lab, number, X)
    assert fee_checks(lab, number) == checks


_SERIALS = itertools.count(1)


def work(lab, number, kind, **more):
    """A work order of provisioning about a user, under numbers of its own; gives (OrderId, answer)."""
    fields = {
        "OrderId": f"FK-USER-{next(_SERIALS)}", "ActionType": kind, "ProdSpecCode": "003", "ProductNo": number, "UserState": "00A",
        "UserPayType": "1", **more,
    }  # fmt: skip
    answer = lab.player.send(lab.player.doors["jiangxi"].gateway, "vsop", "workListFKToVSOP", "206", **fields)
    return fields["OrderId"], answer


def capability(lab, number, action):
    """Let a user gain (0) or lose (1) MMS."""
    order_id, answer = work(lab, number, CAPABILITIES, AProductInfo=[{"ActionType": action, "AProductID": "2"}])
    assert answer.ResultCode == "0", answer
    lab.settled("jiangxi", order_id)


def test_capability_makes_a_product_orderable(lab, fresh_number):
    """A product that needs MMS: refused before the user has it, taken after."""
    number = fresh_number()
    before = order(lab, number, X_PICTURE).ResultCode
    capability(lab, number, "0")
    assert (before, order(lab, number, X_PICTURE).ResultCode) == ("3005", "0")


def test_lost_capability_counts(lab, fresh_number):
    """What a user has lost is not there any more."""
    number = fresh_number()
    capability(lab, number, "0")
    capability(lab, number, "1")
    assert order(lab, number, X_PICTURE).ResultCode == "3005"


# ---- repeated and refused work orders --------------------------------------------------------------------------------


def test_repeated_work_order_is_told_once(lab, fresh_number):
    """The same work order under another StreamingNo: the same answer, each platform hears of it once."""
    number = fresh_number()
    order_id, first = work(lab, number, STATE, UserState=STOPPED)
    legs = lab.settled("jiangxi", order_id)
    _, second = work(lab, number, STATE, UserState=STOPPED, OrderId=order_id)
    lab.settled("jiangxi", order_id)
    rows = lab.stubs("jiangxi").ledger("user-change", order=legs[0]["trace_id"])
    assert ([first.ResultCode, second.ResultCode], len(rows)) == (["0", "0"], 3)


REFUSALS = {
    "unknown user": ("18907927777", STATE, {"UserState": STOPPED}, "3001"),
    "unknown user torn down": ("18907927777", TEAR_DOWN, {"UserState": "00X"}, "3001"),
    "user exists already": ("18907910001", INSTALL, {}, "3003"),
    "number taken": ("18907910001", RENUMBER, {"OldProductNo": "18907910002"}, "3004"),
    "old number unknown": ("18907927777", RENUMBER, {"OldProductNo": "18907928888"}, "3001"),
    "old number missing": ("18907927777", RENUMBER, {}, "1006"),
    "number of another province": ("18907710001", STATE, {}, "7002"),
    "number of no known segment": ("13900000000", STATE, {}, "7001"),
    "products in a change of a user": (
        "18907910001",
        PAYMENT,
        {"VProductInfo": [{"ActionType": "0", "VProductID": X}]},
        "4509",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused_user_change_names_its_reason(lab, case):
    """Each has its code, and nothing is stored for it."""
    number, kind, more, code = REFUSALS[case]
    order_id, answer = work(lab, number, kind, **more)
    assert (answer.ResultCode, lab.admin("jiangxi").get(f"orders/{order_id}")) == (code, None)


def test_refusal_by_province_names_it(lab):
    """A number of another province: the text says which, in both languages."""
    _, answer = work(lab, "18907710001", STATE)
    assert "Guangxi" in answer.ResultDesc
    assert "广西" in answer.ResultDesc


def test_only_provisioning_sends_work_orders(lab):
    """Any other system is told so."""
    _, answer = work(lab, "18907910001", STATE, SystemId="211")
    assert answer.ResultCode == "2002"


def test_platform_that_is_away_holds_up_no_other(lab, fresh_number):
    """The X platform hears of a tear-down while ISMP does not answer; ISMP's relation ends when it is back."""
    number = holding(lab, fresh_number(), X, ISMP)
    with behaving(lab.stubs("jiangxi"), {"ismp": "away"}):
        played = lab.player.user(lab.player.doors["jiangxi"], number, TEAR_DOWN)
        meanwhile = until(lambda: lab.relations("jiangxi", number), {X: "ended", ISMP: "active"})
    lab.play(played)
    assert (meanwhile, lab.relations("jiangxi", number)) == ({X: "ended", ISMP: "active"}, {X: "ended", ISMP: "ended"})
