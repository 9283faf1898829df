"""userInfoSync at the group: what a province tells of a user reaches the national platforms, and what the group holds follows."""

from __future__ import annotations

import pytest
from office import GROUP, ISMP, NATIONAL_ISMP, NATIONAL_X, NOBODYS, STAMP_LATER, USER, Office, routing
from playbook import NOON
from rig import Pending, run

from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.subscriber import PayType, RelationState, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserTarget
from gateway.steps import Reply

X303, X305 = Address(Party.XPLATFORM, "303"), Address(Party.XPLATFORM, "305")
NEW = "18907910055"


def send(office, request, header=None):
    """The result code of a notice about a user."""
    return office.call("userInfoSync", request, header).ResultCode


def taken(group, *told, header=None, **more):
    """What a notice that is taken became."""
    request = group.user_info(*told, **more)
    assert send(group, request, header) == "0"
    return group.row(request).order


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_change_is_kept_under_the_end_to_end_change(group):
    """The Routing block joins it to the province's work order, and counts the hop."""
    change = taken(group, header=routing("20015TRACE", 2))
    assert (change.trace_id, change.hops, change.section, change.province, change.entry) == (
        "20015TRACE",
        2,
        "3.1b",
        "15",
        "",
    )


def test_change_without_routing_block(group):
    """The province's own number of it is the end-to-end id then, and one hop lies behind."""
    change = taken(group)
    assert (change.trace_id, change.hops) == (change.channel_order_id, 1)


def test_change_is_kept_as_told(group):
    """Who told it, under which numbers, and when; the id is the group's own."""
    request = group.user_info("12", number=NEW, OldProductNo=USER)
    send(group, request)
    change = group.row(request).order
    assert (change.id, change.channel, change.channel_order_id, change.streaming_no, change.old_number, change.accepted_at) == (
        "10035" + "20261123120000" + "000000001", "200", request.OrderId, request.StreamingNo, Number(USER), NOON,
    )  # fmt: skip


USERS = {
    "0": UserState.ACTIVE, "1": UserState.STOPPED, "2": UserState.ARREARS, "3": UserState.INVALID,
}  # fmt: skip


@pytest.mark.parametrize("state", USERS)
def test_user_is_as_the_province_says(group, state):
    """The group knows no subscribers: state, payment and access product are those of the notice."""
    change = taken(group, "11", state=state, UserPayType="0", ProdSpecCode="001")
    assert change.user == Subscriber(Number(USER), "001", PayType.POSTPAID, USERS[state])


def test_group_keeps_no_subscriber(group):
    """Subscribers are the provinces'."""
    taken(group, "10", number=NEW, state="0")
    assert group.user(NEW) is None


ACTS = {
    "10": UserAct.INSTALLED, "11": UserAct.STATE_CHANGED, "13": UserAct.CAPABILITIES_CHANGED, "15": UserAct.TORN_DOWN,
    "16": UserAct.PAYS_OTHERWISE,
}  # fmt: skip


@pytest.mark.parametrize("action", ACTS)
def test_act(group, action):
    """The province says what happened; an old number counts with a renumbering alone."""
    change = taken(group, action, OldProductNo=NEW)
    assert (change.act, change.old_number) == (ACTS[action], None)


# ---- who hears of it -------------------------------------------------------------------------------------------------


def test_national_platforms_alone(group):
    """X platforms where the group holds something; ISMP is told by its province."""
    group.hold(NATIONAL_X, "NX303", NATIONAL_ISMP, ISMP)
    (target,) = taken(group).targets
    assert (target.address, set(target.product_ids)) == (X303, {NATIONAL_X, "NX303"})


def test_platforms_that_hear_of_everybody():
    """They hear as well, once."""
    group = Office(GROUP, partners=[X303, X305])
    group.desk.hear_of_users = frozenset({X303, X305})
    group.hold(NATIONAL_X)
    assert taken(group).targets == (UserTarget(X303, (NATIONAL_X,)), UserTarget(X305))


def test_ended_relation_is_nothing(group):
    """Where nothing is held any more nobody hears."""
    group.hold(NATIONAL_X, state=RelationState.ENDED)
    assert taken(group).targets == ()


def test_no_receipt_is_sent(group):
    """Provisioning is the province's: the group tells its platforms and nobody else."""
    group.hold(NATIONAL_X)
    taken(group)
    assert group.rig.partners.names() == ["tell"]


RELATIONS = {
    "stopped": ("11", "1", RelationState.STOPPED),
    "stopped for arrears": ("11", "2", RelationState.STOPPED),
    "torn down": ("15", "3", RelationState.ENDED),
    "pays otherwise": ("16", "0", RelationState.ACTIVE),
}


@pytest.mark.parametrize("case", RELATIONS)
def test_relations_afterwards(group, case):
    """What the group holds follows the user when its platform has heard."""
    action, state, expected = RELATIONS[case]
    group.hold(NATIONAL_X)
    taken(group, action, state=state)
    assert group.relation(NATIONAL_X).state is expected


def test_relations_move_with_the_number(group):
    """What was held under the old number is held under the new one; the platforms of the old number hear of it."""
    group.hold(NATIONAL_X)
    change = taken(group, "12", number=NEW, OldProductNo=USER)
    assert (change.targets, group.relation(NATIONAL_X), group.relation(NATIONAL_X, NEW).state) == (
        (UserTarget(X303, (NATIONAL_X,)),), None, RelationState.ACTIVE,
    )  # fmt: skip


def test_change_ends_when_all_have_heard(group):
    """Until then it is under way."""
    notice = Pending()
    group.rig.partners.answer("tell", notice)
    group.hold(NATIONAL_X)
    change = taken(group)
    before = run(group.store.order(change.id)).state
    notice.settle(Reply(NOON))
    assert (before, run(group.store.order(change.id)).state) == (OrderState.EXECUTING, OrderState.COMPLETED)


# ---- what is refused -------------------------------------------------------------------------------------------------

REFUSALS = {
    "channel": ({"system": "211"}, "2002"),
    "the group itself": ({"system": "100"}, "2002"),
    "unknown segment": ({"number": NOBODYS}, "7001"),
    "work order about products": ({"action": "14"}, "1006"),
    "work order about products and capabilities": ({"action": "20"}, "1006"),
    "renumbering without the old number": ({"action": "12"}, "1006"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal(group, case):
    """Each reason has its code, and leaves neither request nor change behind."""
    told, code = REFUSALS[case]
    request = group.user_info(**told)
    assert (send(group, request), group.kept(request), group.row(request)) == (code, False, None)


def test_province_is_told_nothing_of_users(office):
    """The national view is the group's: a province refuses, whatever it holds."""
    assert send(office, office.user_info()) == "7002"


def test_change_while_another_one_is_under_way(group):
    """The province sends the next one again until the first has reached all."""
    group.rig.partners.answer("tell", Pending())
    group.hold(NATIONAL_X)
    taken(group)
    request = group.user_info("15", state="3")
    assert (send(group, request), group.kept(request)) == ("5005", False)


def test_same_notice_again(group):
    """A province that did not get our answer tells again under its number: one change."""
    group.hold(NATIONAL_X)
    request = group.user_info()
    codes = [send(group, request)]
    request.TimeStamp = STAMP_LATER
    codes.append(send(group, request))
    assert (codes, group.rig.partners.names()) == (["0", "0"], ["tell"])


def test_busy_group_takes_it():
    """What a province has begun is no new work of ours."""
    group = Office(GROUP, max_active=1)
    group.rig.partners.answer("activate", Pending())
    group.take_over(NATIONAL_X)
    assert (group.desk.engine.busy, send(group, group.user_info(number=NEW))) == (True, "0")


def test_province_tells_the_group(office):
    """The other end of it: a province tells the group of a user who holds a national X product, and nobody else for it."""
    office.hold(NATIONAL_X)
    assert office.do_work("15", UserState="00X").order.targets == (UserTarget(GROUP_VSOP, (NATIONAL_X,)),)
