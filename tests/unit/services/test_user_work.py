"""workListFKToVSOP about users: how a user stands afterwards, who hears of it, and each reason to refuse it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from office import (
    GUANGXIS,
    ISMP,
    NATIONAL_ISMP,
    NATIONAL_X,
    NOBODYS,
    STOPPED,
    STRANGER,
    USER,
    X_BOX,
    Office,
    X,
)
from playbook import NOON
from rig import Pending, run

from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.subscriber import PayType, RelationState, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserTarget
from gateway.engine.ports import SubscribersLoaded
from gateway.steps import Reply

X303, ISMP204 = Address(Party.XPLATFORM, "303"), Address(Party.ISMP, "204")
INSTALL, STATE, RENUMBER, CAPABILITIES, TEAR_DOWN, PAYMENT = "10", "11", "12", "13", "15", "16"
ACTS = {
    INSTALL: UserAct.INSTALLED, STATE: UserAct.STATE_CHANGED, RENUMBER: UserAct.RENUMBERED, CAPABILITIES: UserAct.CAPABILITIES_CHANGED,
    TEAR_DOWN: UserAct.TORN_DOWN, PAYMENT: UserAct.PAYS_OTHERWISE,
}  # fmt: skip
NEW = "18907910055"
GOOD = Subscriber(Number(USER), "003", PayType.PREPAID, UserState.ACTIVE, ("1", "2"))


@pytest.fixture
def office(office) -> Office:
    """Jiangxi's services, with a user who has capabilities."""
    run(office.store.commit([SubscribersLoaded((GOOD,))]))
    return office


def send(office, request):
    """The result code of a work order."""
    return office.call("workListFKToVSOP", request).ResultCode


# ---- the user afterwards ---------------------------------------------------------------------------------------------

AFTERWARDS = {
    "new install": (
        {"action": INSTALL, "number": NEW, "UserPayType": "0", "UserState": "00A", "capabilities": ["1"], "ProdSpecCode": "001"},
        Subscriber(Number(NEW), "001", PayType.POSTPAID, UserState.ACTIVE, ("1",)),
    ),
    "stopped": ({"action": STATE, "UserState": "00B"}, replace(GOOD, state=UserState.STOPPED)),
    "stopped for arrears": ({"action": STATE, "UserState": "00C"}, replace(GOOD, state=UserState.ARREARS)),
    "resumed": ({"action": STATE, "UserState": "00A"}, GOOD),
    "another number": ({"action": RENUMBER, "number": NEW, "OldProductNo": USER}, replace(GOOD, number=Number(NEW))),
    "capabilities": ({"action": CAPABILITIES, "capabilities": ["3", "-1", "2", "-9"]}, replace(GOOD, capabilities=("2", "3"))),
    "torn down": ({"action": TEAR_DOWN}, replace(GOOD, state=UserState.INVALID)),
    "pays afterwards": ({"action": PAYMENT, "UserPayType": "0"}, replace(GOOD, pay=PayType.POSTPAID)),
    "pays beforehand": ({"action": PAYMENT, "UserPayType": "1"}, GOOD),
}  # fmt: skip


@pytest.mark.parametrize("case", AFTERWARDS)
def test_user_afterwards(office, case):
    """What the act is about changes; it is stored, and stands in the change."""
    work, expected = AFTERWARDS[case]
    change = office.do_work(**work).order
    assert (change.act, change.user, office.user(expected.number.digits)) == (ACTS[work["action"]], expected, expected)


OTHER_FIELDS = {"UserState": "00C", "UserPayType": "0", "ProdSpecCode": "002", "capabilities": ["7"]}
CHANGED = {
    STATE: {"state": UserState.ARREARS}, CAPABILITIES: {"capabilities": ("1", "2", "7")}, TEAR_DOWN: {"state": UserState.INVALID},
    PAYMENT: {"pay": PayType.POSTPAID},
}  # fmt: skip


@pytest.mark.parametrize("action", CHANGED)
def test_nothing_else_changes(office, action):
    """What a work order says beside its act is how the user stands at CRM, and changes nothing here."""
    office.do_work(action, **OTHER_FIELDS)
    assert office.user() == replace(GOOD, **CHANGED[action])


def test_old_number_is_nobodys(office):
    """The user is known by his new number alone, and holds there what he held."""
    office.hold(X)
    office.do_work(RENUMBER, number=NEW, OldProductNo=USER)
    assert (office.user(), office.relation(X), office.relation(X, NEW).number) == (None, None, Number(NEW))


def test_number_of_a_user_who_was_torn_down(office):
    """It is free: for a new install, which begins anew."""
    office.do_work(TEAR_DOWN)
    office.do_work(INSTALL, UserPayType="0")
    assert office.user() == Subscriber(Number(USER), "003", PayType.POSTPAID)


def test_renumbering_to_the_number_of_a_user_who_was_torn_down(office):
    """And for another user."""
    office.do_work(TEAR_DOWN, number=STOPPED)
    office.do_work(RENUMBER, number=STOPPED, OldProductNo=USER)
    assert (office.user(STOPPED), office.user()) == (replace(GOOD, number=Number(STOPPED)), None)


def test_change_is_kept_as_asked(office):
    """Who asked, under which numbers, and when it was taken; its section is the seed's second 3.1."""
    request = office.work(RENUMBER, number=NEW, OldProductNo=USER)
    send(office, request)
    row = office.row(request)
    change = row.order
    assert (change.section, change.channel, change.channel_order_id, change.streaming_no, change.province, change.accepted_at) == (
        "3.1b", "206", request.OrderId, request.StreamingNo, "15", NOON,
    )  # fmt: skip
    assert (change.old_number, change.id, change.trace_id, run(office.store.order(change.id)).state) == (
        Number(USER), "20015" + "20261123120000" + "000000001", change.id, OrderState.COMPLETED,
    )  # fmt: skip


# ---- who hears of it -------------------------------------------------------------------------------------------------


def targets(office, *work, **more):
    """Who hears of a change, with the products that are held there."""
    return office.do_work(*work, **more).order.targets


def test_platforms_where_something_is_held(office):
    """Each platform hears once, of what is held there; the group of national X products."""
    office.hold(X, X_BOX, ISMP, NATIONAL_ISMP, NATIONAL_X)
    assert {t.address: set(t.product_ids) for t in targets(office, STATE, UserState="00B")} == {
        X303: {X, X_BOX}, ISMP204: {ISMP, NATIONAL_ISMP}, GROUP_VSOP: {NATIONAL_X},
    }  # fmt: skip


def test_suspended_is_held_and_ended_is_not(office):
    """What has ended is nothing to its platform."""
    office.hold(X, state=RelationState.ENDED)
    office.hold(ISMP, state=RelationState.SUSPENDED)
    assert targets(office, STATE) == (UserTarget(ISMP204, (ISMP,)),)


def test_platforms_that_hear_of_everybody(office):
    """They hear of a user who holds nothing there as well, after those where he does, and once."""
    office.desk.hear_of_users = frozenset({ISMP204, X303})
    office.hold(X)
    assert targets(office, STATE) == (UserTarget(X303, (X,)), UserTarget(ISMP204))


def test_new_user(office):
    """A new user holds nothing: only who wants to hear of everybody does."""
    office.desk.hear_of_users = frozenset({ISMP204})
    assert targets(office, INSTALL, number=NEW) == (UserTarget(ISMP204),)


def test_nobody_hears_of_capabilities(office):
    """They are VSOP's and CRM's matter."""
    office.desk.hear_of_users = frozenset({ISMP204})
    office.hold(X)
    assert targets(office, CAPABILITIES, capabilities=["1"]) == ()


def test_platforms_of_the_old_number(office):
    """What was held under the old number decides who hears of the new one."""
    office.hold(X)
    assert targets(office, RENUMBER, number=NEW, OldProductNo=USER) == (UserTarget(X303, (X,)),)


def test_provisioning_and_platforms_are_told(office):
    """The receipt, and a notice to each target."""
    office.hold(X, ISMP)
    office.do_work(STATE, UserState="00B")
    assert sorted(office.rig.partners.names()) == ["receipt", "tell", "tell"]


@pytest.mark.parametrize("before", [RelationState.ACTIVE, RelationState.SUSPENDED])
def test_stop_and_resume(office, before):
    """What was suspended before the user stopped is suspended afterwards; all else is active again."""
    office.hold(X, state=before)
    for state in ("00B", "00C", "00A"):
        office.do_work(STATE, UserState=state)
    assert office.relation(X).state is before


RELATIONS = {
    "stopped": (STATE, "00B", RelationState.STOPPED),
    "stopped for arrears": (STATE, "00C", RelationState.STOPPED),
    "torn down": (TEAR_DOWN, "00X", RelationState.ENDED),
    "pays otherwise": (PAYMENT, "00A", RelationState.ACTIVE),
}


@pytest.mark.parametrize("case", RELATIONS)
def test_relations_afterwards(office, case):
    """When a platform has heard of it, its relations follow the user."""
    action, state, expected = RELATIONS[case]
    office.hold(X)
    office.do_work(action, UserState=state)
    assert office.relation(X).state is expected


def test_relations_of_a_user_who_is_back(office):
    """They are resumed with the user."""
    office.hold(X)
    for state in ("00B", "00A"):
        office.do_work(STATE, UserState=state)
    assert office.relation(X).state is RelationState.ACTIVE


def test_platform_that_has_not_heard_yet(office):
    """Its relations stay as they are until it has."""
    office.rig.partners.answer("tell", Pending())
    office.hold(X)
    office.do_work(TEAR_DOWN)
    assert office.relation(X).state is RelationState.ACTIVE


# ---- what is refused -------------------------------------------------------------------------------------------------

REFUSALS = {
    "install of a user who is there": ({"action": INSTALL}, "3003"),
    "install of a user who is stopped": ({"action": INSTALL, "number": STOPPED}, "3003"),
    "state of nobody": ({"action": STATE, "number": STRANGER}, "3001"),
    "capabilities of nobody": ({"action": CAPABILITIES, "number": STRANGER}, "3001"),
    "tear-down of nobody": ({"action": TEAR_DOWN, "number": STRANGER}, "3001"),
    "payment of nobody": ({"action": PAYMENT, "number": STRANGER}, "3001"),
    "renumbering of nobody": ({"action": RENUMBER, "number": NEW, "OldProductNo": STRANGER}, "3001"),
    "renumbering without the old number": ({"action": RENUMBER, "number": NEW}, "1006"),
    "number of another user": ({"action": RENUMBER, "number": STOPPED, "OldProductNo": USER}, "3004"),
    "number of the user himself": ({"action": RENUMBER, "number": USER, "OldProductNo": USER}, "3004"),
    "channel": ({"action": STATE, "system": "211"}, "2002"),
    "unknown segment": ({"action": INSTALL, "number": NOBODYS}, "7001"),
    "number of another province": ({"action": INSTALL, "number": GUANGXIS}, "7002"),
    "new number of another province": ({"action": RENUMBER, "number": GUANGXIS, "OldProductNo": USER}, "7002"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal(office, case):
    """Each reason has its code; nothing is stored, and the user stays as he is."""
    work, code = REFUSALS[case]
    request = office.work(**work)
    assert (send(office, request), office.kept(request), office.row(request), office.user()) == (
        code,
        False,
        None,
        GOOD,
    )


@pytest.mark.parametrize("action", ACTS)
def test_work_order_about_a_user_carries_no_products(office, action):
    """VAS products have work orders of their own kinds."""
    old = {"OldProductNo": USER} if action == RENUMBER else {}
    number = NEW if action in (INSTALL, RENUMBER) else USER
    assert send(office, office.work(action, X, number=number, **old)) == "4509"


def test_platform_that_is_not_configured(office):
    """Somebody who would have to hear of it cannot be told: the change is refused, and who is missing is named."""
    office.hold("X304")
    answer = office.call("workListFKToVSOP", office.work(TEAR_DOWN))
    assert (answer.ResultCode, answer.ResultDesc.endswith("xplatform:304"), office.user()) == ("7003", True, GOOD)


# ---- one change at a time --------------------------------------------------------------------------------------------


@pytest.fixture
def under_way(office):
    """A renumbering of which a platform has not heard yet; gives its pending notice."""
    notice = Pending()
    office.rig.partners.answer("tell", notice)
    office.hold(X)
    office.do_work(RENUMBER, number=NEW, OldProductNo=USER)
    return notice


@pytest.mark.parametrize("work", [{"action": STATE, "number": NEW}, {"action": INSTALL, "number": USER}])
def test_change_while_another_one_is_under_way(office, under_way, work):
    """A change of the same user, by his new or his old number, has to wait until all have heard of the first."""
    request = office.work(**work)
    assert (send(office, request), office.kept(request)) == ("5005", False)


def test_change_of_another_user_meanwhile(office, under_way):
    """Others are not concerned."""
    assert send(office, office.work(STATE, number=STOPPED)) == "0"


def test_change_after_all_have_heard(office, under_way):
    """Then the next one is taken."""
    under_way.settle(Reply(NOON))
    assert send(office, office.work(STATE, number=NEW)) == "0"


def test_same_work_order_while_it_is_under_way(office):
    """The same work order under another number is no second change: it is received."""
    office.rig.partners.answer("tell", Pending())
    office.hold(X)
    request = office.work(TEAR_DOWN)
    send(office, request)
    request.StreamingNo = "206999"
    assert send(office, request) == "0"
