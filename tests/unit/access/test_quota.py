"""Quotas: rate, burst, day, and what is told to who is above."""

from __future__ import annotations

import pytest

from gateway.access.partner import Day, Kind, Mode, Partner, Rate
from gateway.access.quota import Quotas
from gateway.errors import OVER_DAY, OVER_RATE

NOON = 1_772_337_600.0
"""2026-03-01 12:00 in China."""


def partner(rate: Rate | None = None, day: Day | None = None) -> Partner:
    return Partner("portal", frozenset(), frozenset({Kind.NONE}), frozenset(), None, rate=rate, day=day)


def codes(quotas, who, *times):
    found = [quotas.count(who, time) for time in times]
    return [None if above is None else above.result.code for above in found]


def test_nothing_is_counted_without_quotas():
    """Who has none costs nothing."""
    quotas = Quotas()
    assert (quotas.count(partner(), NOON), quotas.used("portal", NOON)) == (None, (0, 0))


def test_burst_then_rate():
    """So many at once, then as many as the rate gives back."""
    who = partner(Rate(2, 3, Mode.ENFORCE))
    over = OVER_RATE.code
    assert codes(Quotas(), who, NOON, NOON, NOON, NOON, NOON + 0.5, NOON + 0.5) == [None, None, None, over, None, over]


def test_wait_is_told():
    """Seconds after which one message is let in again, never less than one."""
    quotas, who = Quotas(), partner(Rate(0.25, 1, Mode.ENFORCE))
    quotas.count(who, NOON)
    assert quotas.count(who, NOON + 1).retry_after == 3


def test_refused_uses_nothing_up():
    """Who hammers is let in as soon as who waits."""
    quotas, who = Quotas(), partner(Rate(1, 1, Mode.ENFORCE))
    assert codes(quotas, who, NOON, NOON + 0.5, NOON + 0.9, NOON + 1) == [None, OVER_RATE.code, OVER_RATE.code, None]


def test_report():
    """It is told and let in."""
    quotas, who = Quotas(), partner(Rate(1, 1, Mode.REPORT))
    found = [quotas.count(who, NOON) for _ in range(2)]
    assert (found[0], found[1].refused, quotas.used("portal", NOON)) == (None, False, (2, 1))


def test_day_ends_at_midnight_of_china():
    """The count begins anew there, and the wait that is told is until then, an hour at most."""
    quotas, who = Quotas(), partner(day=Day(1, Mode.ENFORCE))
    before_midnight = NOON + 12 * 3600 - 60
    found = [quotas.count(who, time) for time in (NOON, NOON + 1, before_midnight, before_midnight + 60)]
    assert [(each.result, each.retry_after) if each else None for each in found] == [None, (OVER_DAY, 3600), (OVER_DAY, 60), None]


def test_both_are_judged():
    """A reported rate does not let more in than the day allows."""
    quotas, who = Quotas(), partner(Rate(1, 1, Mode.REPORT), Day(1, Mode.ENFORCE))
    assert codes(quotas, who, NOON, NOON) == [None, OVER_DAY.code]


@pytest.mark.parametrize(("share", "let_in"), [(1.0, 4), (0.5, 2), (0.1, 1)])
def test_share_of_a_worker(share, let_in):
    """Of several processes each lets in its part, and one message at the least."""
    quotas, who = Quotas(share), partner(Rate(0.001, 4, Mode.ENFORCE))
    assert codes(quotas, who, *[NOON] * 6).count(None) == let_in
