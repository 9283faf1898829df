"""Times as the store keeps them: microseconds since 1970 in UTC, given back in Asia/Shanghai."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
"""Asia/Shanghai; no summer time since 1991."""

LEASES_KEPT = 86_400
"""Seconds after which a lease that is over, and whose owner left no run, is removed. Not at once: a process that slept beyond its lease,
or had no database, may still begin runs before it gives its next sign of life; others find them by its lease."""

_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI) + timedelta(hours=8)
_MICROSECOND = timedelta(microseconds=1)


def standing() -> float:
    """Give the time of a clock that stands still, for leases: where no other process can have the store they never end."""
    return 0.0


def micros(at: datetime) -> int:
    """Count microseconds since 1970; raises TypeError for a time without zone, which has no place on that line."""
    return (at - _EPOCH) // _MICROSECOND


def moment(count: int) -> datetime:
    """Give the time in Asia/Shanghai, exact to the microsecond."""
    return _EPOCH + timedelta(microseconds=count)


def shanghai(at: datetime) -> datetime:
    """Give the same moment in Asia/Shanghai; raises TypeError for a time without zone."""
    return moment(micros(at))
