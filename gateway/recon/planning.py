"""Plans repairs: for each difference who is told what, so that both sides hold the same; what a person must decide is left to him.

Who is right: VSOP about products of X platforms, and about what billing, OCS and the group hold; ISMP about its own products, unless it
holds what VSOP ended or took back. `trust` turns that round, for the night on which VSOP's data were restored from a backup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import msgspec

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import Action
from gateway.recon.causes import Cause
from gateway.recon.comparing import Difference
from gateway.recon.holdings import Holding, Right, Standing
from gateway.recon.judging import Judged


class Trust(StrEnum):
    """Whose word goes; `owner` is the rule above."""

    OWNER = "owner"
    VSOP = "vsop"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Repair:
    """One order that repairs: an action on one product, and who is told of it."""

    number: Number
    product_id: str
    action: Action
    asks: bool = False
    keeps: bool = False
    reports: bool = False
    archives: bool = False
    offer_id: str = ""
    offer_type: OfferType | None = None
    spec: str = ""
    effective_at: datetime | None = None
    expires_at: datetime | None = None
    seen: Standing | None = None
    """How VSOP held the product when this was planned; if it holds it otherwise by now, nothing is done."""
    line: int = 0
    """From 1, within its plan: with the plan's id the name under which it is done once."""
    of: int = 0
    """Which difference of the report it repairs, from 1."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All repairs of one run."""

    id: str
    right: Right
    made_at: datetime
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What can be told from the gateway that compares."""

    archives: bool
    """Whether it archives to billing."""
    national: frozenset[str]
    """The products whose relations the group keeps as well."""


BY_HAND = {
    Cause.UNKNOWN_PRODUCT: "load the product first, or have the other side drop it",
    Cause.NOT_ITS_PRODUCT: "the other side must say why it holds another system's product",
    Cause.WRONG_OFFER: "a platform does not take another offer for what is active: decide which offer is right",
}


def plan(judged: Iterable[Judged], right: Right, trust: Trust, reach: Reach, at: datetime) -> tuple[Plan, dict[int, str]]:
    """Give the plan, and for each difference without a repair, by its place from 1, why it has none; what is in flight has neither."""
    repairs: list[Repair] = []
    by_hand: dict[int, str] = {}
    for place, one in enumerate(judged, 1):
        if one.in_flight or one.cause is None:
            continue
        steps = _repairs(one.difference, one.cause, right, trust, reach)
        if isinstance(steps, str):
            by_hand[place] = steps
            continue
        repairs += [replace(step, line=len(repairs) + count, of=place) for count, step in enumerate(steps, 1)]
    digest = hashlib.sha256(msgspec.json.encode([right, repairs])).hexdigest()[:8]
    return Plan(f"R{at:%Y%m%d%H%M%S}-{digest}", right, at, tuple(repairs)), by_hand


def _repairs(difference: Difference, cause: Cause, right: Right, trust: Trust, reach: Reach) -> list[Repair] | str:
    asks = right in (Right.XPLATFORM, Right.ISMP)
    if cause in BY_HAND and (asks or cause is not Cause.WRONG_OFFER):
        return BY_HAND[cause]
    if _ours_goes(cause, right, trust):
        told = Repair(
            difference.number, difference.product_id, Action.SUBSCRIBE,
            asks=asks, reports=right is Right.GROUP, archives=right in (Right.OCS, Right.BILLING),
        )  # fmt: skip
        return _towards(told, difference.ours, difference.theirs, difference)
    if right.charges:
        return "billing does not decide what a user holds: have it repaired at the platform first"
    kept = Repair(difference.number, difference.product_id, Action.SUBSCRIBE, keeps=True, archives=reach.archives)
    steps = _towards(kept, difference.theirs, difference.ours, difference)
    return [replace(step, reports=right is not Right.GROUP and step.product_id in reach.national) for step in steps]


def _ours_goes(cause: Cause, right: Right, trust: Trust) -> bool:
    if trust is not Trust.OWNER:
        return trust is Trust.VSOP
    return right is not Right.ISMP or cause in (Cause.END_LOST, Cause.UNDONE, Cause.FAILED_HERE)


def _towards(told: Repair, truth: Holding | None, other: Holding | None, difference: Difference) -> list[Repair]:
    """Give what turns the other side's state into the true one."""
    ours = difference.ours
    seen = None if ours is None else ours.standing
    steps: list[Repair] = []
    if other is not None and other.held and (truth is None or not truth.held or truth.product_id != other.product_id):
        own = ours if ours is not None and ours.product_id == other.product_id else None
        steps.append(_step(told, other, Action.UNSUBSCRIBE, None if own is None else own.standing))
    elif other is None and truth is not None and not truth.held:  # a day's file does not tell of its end: it is told again
        steps.append(_step(told, truth, Action.UNSUBSCRIBE, seen))
    if truth is None or not truth.held:
        return steps
    held_there = other is not None and other.held and other.product_id == truth.product_id
    if ours is not None and ours.product_id != truth.product_id:
        seen = None
    return steps + _begun(told, truth, seen, held_there=held_there, status=difference.field == "status")


def _begun(told: Repair, truth: Holding, seen: Standing | None, *, held_there: bool, status: bool) -> list[Repair]:
    """Give what begins a product, or sets the state of one that stands; suspended is begun and then suspended."""
    suspended = truth.standing is Standing.SUSPENDED
    if held_there and status:
        return [_step(told, truth, Action.SUSPEND if suspended else Action.RESUME, seen)]
    if suspended and told.archives and not told.keeps:  # billing takes a record as it is
        return [_step(told, truth, Action.SUSPEND, seen)]
    steps = [_step(told, truth, Action.SUBSCRIBE, seen)]
    if suspended:
        steps.append(_step(told, truth, Action.SUSPEND, Standing.ACTIVE if told.keeps else seen))
    return steps


def _step(told: Repair, of: Holding, action: Action, seen: Standing | None) -> Repair:
    begins = action is not Action.UNSUBSCRIBE
    return replace(
        told, product_id=of.product_id, action=action, offer_id=of.offer_id, offer_type=of.offer_type, spec=of.spec,
        effective_at=of.effective_at if begins else None, expires_at=of.expires_at if begins else None, seen=seen,
    )  # fmt: skip
