"""Seed, second 3.1: what VSOP does when CRM changes a user."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import ISMP, NOON, X, play, reply

from gateway.domain.facts import FlowBegun, RelationChanged, RelationEnded
from gateway.domain.numbers import Number
from gateway.domain.subscriber import PayType, RelationState, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange, UserTarget
from gateway.flows.user_change import user_change, user_notice
from gateway.steps import Keep

ANN, NEW = Number("18907910001"), Number("18907910009")


def change(act=UserAct.TORN_DOWN, *, state=UserState.INVALID, targets=None, **more):
    """Make a work order about a user."""
    return UserChange(
        id="2001520261123120000000000001", trace_id="2001520261123120000000000001", section="3.1b", act=act, channel="206",
        channel_order_id="C1", streaming_no="206000001", user=Subscriber(more.pop("number", ANN), "003", PayType.PREPAID, state),
        province="15", targets=(UserTarget(X, ("P1",)), UserTarget(ISMP)) if targets is None else targets, accepted_at=NOON, **more,
    )  # fmt: skip


def notice(of, target):
    """Make the part of a change that concerns one target."""
    return replace(of, id=f"{of.id}.1", channel="200", channel_order_id=of.id, streaming_no="", targets=(target,))


def facts(flow, *replies):
    """Run a flow and give the facts that it keeps."""
    found, step = [], next(flow)
    for answer in replies:
        if isinstance(step, Keep):
            found += step.facts
        try:
            step = flow.send(answer)
        except StopIteration:
            return found
    raise AssertionError("the flow goes on")


def test_receipt_does_not_wait_for_platforms():
    """3a, then 3b; the platforms are told by flows of their own, which are joined at the end."""
    outcome = play(
        user_change(change()),
        ("2b keep accept: OrderAccepted", reply()),
        ("3a keep apply: SubscriberKept, FlowBegun, FlowBegun", reply()),
        ("3b tell receipt provisioning ReturnWork", reply()),
        (" expect told-xplatform:303 from xplatform:303", reply()),
        (" expect told-ismp:204 from ismp:204", reply()),
        (" keep note: ItemsFreed", reply()),
        (" keep complete: OrderEnded", reply()),
    )
    assert outcome == 0


def test_new_number_moves_the_relations():
    """A number change rewrites what is held at once."""
    outcome = play(
        user_change(change(UserAct.RENUMBERED, state=UserState.ACTIVE, number=NEW, old_number=ANN, targets=())),
        ("2b keep accept: OrderAccepted", reply()),
        ("3a keep apply: SubscriberKept, RelationsMoved", reply()),
        ("3b tell receipt provisioning ReturnWork", reply()),
        (" keep note: ItemsFreed", reply()),
        (" keep complete: OrderEnded", reply()),
    )
    assert outcome == 0


def test_group_sends_no_receipt():
    """What a province passed on has no provisioning behind it, and the group keeps no users."""
    outcome = play(
        user_change(replace(change(), channel="200")),
        ("+3c keep accept: OrderAccepted", reply()),
        (" keep apply: FlowBegun, FlowBegun", reply()),
        (" expect told-xplatform:303 from xplatform:303", reply()),
        (" expect told-ismp:204 from ismp:204", reply()),
        (" keep note: ItemsFreed", reply()),
        (" keep complete: OrderEnded", reply()),
    )
    assert outcome == 0


def test_group_keeps_relations_that_the_province_tells_of():
    """ISMP hears of a tear-down from its province: the group ends its own relation at once."""
    kept = facts(user_change(replace(change(targets=()), channel="200", told_by_province=("P2",))), *[reply()] * 4)
    assert [fact for fact in kept if isinstance(fact, RelationEnded)] == [RelationEnded(ANN, "P2", NOON)]


def test_platform_is_told_and_its_relations_end():
    """Tear-down: what a platform holds is ended when that platform has heard of it."""
    kept = facts(user_notice(notice(change(), UserTarget(X, ("P1",)))), reply(), reply(), reply())
    assert [fact for fact in kept if isinstance(fact, RelationEnded)] == [RelationEnded(ANN, "P1", NOON)]


@pytest.mark.parametrize(
    ("state", "was", "held"),
    [
        (UserState.STOPPED, RelationState.ACTIVE, RelationState.STOPPED),
        (UserState.ARREARS, RelationState.ACTIVE, RelationState.STOPPED),
        (UserState.ACTIVE, RelationState.STOPPED, RelationState.ACTIVE),
    ],
)
def test_relations_stop_and_resume_with_their_user(state, was, held):
    """What is suspended for itself neither stops nor resumes with its user."""
    told = notice(change(UserAct.STATE_CHANGED, state=state), UserTarget(X, ("P1",)))
    kept = facts(user_notice(told), reply(), reply(), reply())
    assert [fact for fact in kept if isinstance(fact, RelationChanged)] == [RelationChanged(ANN, "P1", held, was)]


def test_notices_are_found_by_the_change_alone():
    """A notice carries VSOP's own order number, so that provisioning's OrderId finds the change itself."""
    kept = facts(user_change(change()), *[reply()] * 7)
    begun = [fact.matter for fact in kept if isinstance(fact, FlowBegun)]
    assert [(n.id, n.channel, n.channel_order_id, n.locks) for n in begun] == [
        (f"{change().id}.{count}", "200", change().id, ()) for count in (1, 2)
    ]
