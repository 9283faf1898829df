"""Judges differences: what an order under way explains is no difference yet, all others get a likely cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.recon.causes import Cause, History, likely_cause
from gateway.recon.comparing import Difference
from gateway.recon.holdings import Key, Right

SETTLED = timedelta(minutes=15)
"""What an order touched later than this is left alone (the field's practice: messages of an order may still be on their way)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which changes are too young to judge by: those at or after `since`, and, of a day's file, those at the day's edges."""

    since: datetime
    day: tuple[datetime, datetime] | None = None
    """Begin and end of the day that a daily file tells of."""
    margin: timedelta = SETTLED


@dataclass(frozen=True, slots=True)
class Judged:
    """A difference with its likely cause, or with why it is none yet."""

    difference: Difference
    cause: Cause | None
    in_flight: str = ""


def judge(difference: Difference, histories: Mapping[Key, History], right: Right, cut: Cut) -> Judged:
    """Judge one difference by the histories of the one or two products that it is about."""
    flight = _in_flight(difference, histories, cut)
    if flight:
        return Judged(difference, None, flight)
    return Judged(difference, likely_cause(difference, histories[difference.keys[0]], right))


def _in_flight(difference: Difference, histories: Mapping[Key, History], cut: Cut) -> str:
    for key in difference.keys:
        young = next((past for past in histories[key].orders if past.touches(cut.since)), None)
        if young is not None:
            return f"order {young.order_id}"
    times = [side.changed_at for side in (difference.ours, difference.theirs) if side is not None]
    changes = [time for time in times if time is not None]
    if any(time >= cut.since for time in changes):
        return "changed since"
    if cut.day is not None and any(abs(time - edge) < cut.margin for time in changes for edge in cut.day):
        return "at the edge of the day"
    return ""
