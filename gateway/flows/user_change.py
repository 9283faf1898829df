"""What CRM tells of a user (seed, second 3.1): new install, stop, resume, number change, tear-down, payment change.

(1) CRM sends the customer order to provisioning. (2) Provisioning completes it, sends CRM its receipt [2a] and VSOP the user's state
[2b]. (3) VSOP looks after user and relations [3a], answers provisioning [3b], and tells the ISMP and X platforms [3c]. (4) They look
after the user and their own relations.

Platforms are told side by side: one that is away holds up no other. What a platform holds is ended, stopped or resumed here when that
platform has heard of it. Relations of national products stand at the group VSOP as well, which tells the national X platforms; ISMP
hears of its own from the province.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.domain.facts import (
    Fact,
    FlowBegun,
    ItemsFreed,
    Joined,
    OrderAccepted,
    OrderEnded,
    RelationChanged,
    RelationEnded,
    RelationsMoved,
    SubscriberKept,
)
from gateway.domain.order import OrderState
from gateway.domain.party import GROUP_VSOP, PROVINCE_SYSTEM, PROVISIONING
from gateway.domain.subscriber import RelationState
from gateway.domain.user_change import UserChange, UserTarget
from gateway.flows.sections import SECTIONS
from gateway.steps import Flow, Reply, ReturnWork, TellUser, expect, keep, tell

ALWAYS = timedelta(days=36500)
"""A notice is sent until it is received: there is no last attempt."""

NOTICE = "user-notice/1"


def user_change(change: UserChange) -> Flow:
    """Run VSOP's steps; without `entry` it is the group's part of what a province passed on."""
    n = SECTIONS[change.section]
    taken = yield from keep(n["accept"] if change.entry else n["group_accept"], "accept", OrderAccepted(change))

    moved = () if change.old_number is None else (RelationsMoved(change.old_number, change.number),)
    user = (SubscriberKept(change.user),) if change.entry else ()
    notices = [FlowBegun(NOTICE, _notice(change, count, target)) for count, target in enumerate(change.targets, 1)]
    kept_here = _relations(change, UserTarget(GROUP_VSOP, change.told_by_province), taken)
    yield from keep(n["apply"] if change.entry else "", "apply", *user, *moved, *kept_here, *notices)
    if change.entry:
        yield from tell(n["receipt"], "receipt", PROVISIONING, ReturnWork(change, 0))

    for target in change.targets:  # the next change of this user waits until all have heard of this one
        yield from expect("", told(target), target.address, within=ALWAYS)
    kept = yield from keep("", "note", ItemsFreed(change.id))
    yield from keep("", "complete", OrderEnded(change.id, OrderState.COMPLETED, 0, kept.at))
    return 0


def told(target: UserTarget) -> str:
    """Name the step that waits until a target has been told."""
    return f"told-{target.address}"


def _notice(change: UserChange, count: int, target: UserTarget) -> UserChange:
    """Give the part of a change that concerns one target; it is VSOP's own order, of which nobody else knows the number."""
    return replace(
        change, id=f"{change.id}.{count}", channel=PROVINCE_SYSTEM, channel_order_id=change.id, streaming_no="",
        targets=(target,), passed_on=not change.entry,
    )  # fmt: skip


def user_notice(notice: UserChange) -> Flow:
    """Tell one platform, then do to its relations what the change does."""
    n = SECTIONS[notice.section]
    (target,) = notice.targets
    heard = yield from tell(n["group_tell"] if notice.passed_on else n["tell"], "tell", target.address, TellUser(notice))
    ended = OrderEnded(notice.id, OrderState.COMPLETED if heard.code == 0 else OrderState.FAILED, heard.code, heard.at)
    relations = _relations(notice, target, heard)
    yield from keep("", "relations", *relations, ended, Joined(notice.channel_order_id, told(target)))
    return heard.code


def _relations(notice: UserChange, target: UserTarget, heard: Reply) -> list[Fact]:
    """What a platform refuses to hear of, it does not do: its relations stay as they are."""
    if heard.code:
        return []
    if notice.ends_relations:
        return [RelationEnded(notice.number, product, heard.at) for product in target.product_ids]
    if notice.stops or notice.resumes:  # what is suspended for itself stays suspended, now and when the user is back
        states = (RelationState.ACTIVE, RelationState.STOPPED)
        was, state = states if notice.stops else reversed(states)
        return [RelationChanged(notice.number, product, state, was) for product in target.product_ids]
    return []
