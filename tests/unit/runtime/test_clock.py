"""Time and numbers of a process: China time, timers that can be cancelled, StreamingNos that do not meet."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playbook import order
from twisted.internet.task import Clock

from gateway.domain.routing import Place, Tier
from gateway.runtime.clock import ReactorClock, SteadyTime, reference, streaming_numbers
from gateway.vocabulary import CHINA

JIANGXI, GUANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.PROVINCE, "21"), Place(Tier.GROUP, "35")


def test_now_is_china_time():
    """The wall clock has a zone, and it is China's."""
    assert ReactorClock(Clock()).now().utcoffset() == timedelta(hours=8)


HOUR = timedelta(hours=1)


class Hands:
    """A wall clock that can be set, and the time that passes."""

    def __init__(self):
        self.passed, self.set_by = 0.0, timedelta()

    def clock(self):
        """The time of a process that starts now."""
        return SteadyTime(lambda: START + timedelta(seconds=self.passed) + self.set_by, lambda: self.passed)


START = datetime(2026, 11, 23, 12, tzinfo=CHINA)


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_wall_clock_that_is_set_moves_nothing_at_once(by):
    """The wall clock is set by an hour: a second later our time is a second later, give or take a tenth."""
    hands = Hands()
    clock = hands.clock()
    hands.set_by, hands.passed = by, 1.0
    assert timedelta(seconds=0.9) <= clock.now() - START <= timedelta(seconds=1.1)


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_wall_clock_that_is_set_is_followed(by):
    """Ten hours after the wall clock was set by one our time is the wall clock's again."""
    hands = Hands()
    clock = hands.clock()
    hands.set_by = by
    for _ in range(1000):
        hands.passed += 36.0
        clock.now()
    assert abs(clock.now() - START - timedelta(hours=10) - by) < timedelta(seconds=1)


def test_wall_clock_that_is_corrected_is_followed_at_once():
    """What a time service corrects, some milliseconds in a minute, is followed without delay."""
    hands = Hands()
    clock = hands.clock()
    hands.set_by, hands.passed = timedelta(milliseconds=30), 60.0
    assert clock.now() == START + timedelta(minutes=1, milliseconds=30)


def test_no_time_comes_twice():
    """A clock that was set back is waited for, not followed back."""
    hands = Hands()
    clock = hands.clock()
    hands.set_by = -HOUR
    told = []
    for _ in range(100):
        hands.passed += 0.5
        told.append(clock.now())
    assert told == sorted(set(told))


def test_no_time_goes_back():
    """However often it is asked for, also while a clock that was set back is waited for."""
    hands = Hands()
    clock = hands.clock()
    hands.set_by = -HOUR
    told = []
    for _ in range(1000):
        hands.passed += 0.003
        told.append(clock.now())
    assert (told == sorted(told), told[-1] - told[0] > timedelta(seconds=2.6)) == (True, True)


def test_restart_takes_the_wall_clock_as_it_is():
    """A process that starts after the clock was set begins with what it shows."""
    hands = Hands()
    hands.set_by = HOUR
    assert hands.clock().now() == START + HOUR


@pytest.mark.parametrize(("seconds", "done"), [(1.9, []), (2.0, ["done"])])
def test_call_later(seconds, done):
    """What is to be done later is done then, not before."""
    clock, acts = Clock(), []
    ReactorClock(clock).call_later(2.0, lambda: acts.append("done"))
    clock.advance(seconds)
    assert acts == done


def test_cancelled_call():
    """What was cancelled is not done."""
    clock, acts = Clock(), []
    ReactorClock(clock).call_later(2.0, lambda: acts.append("done"))()
    clock.advance(3)
    assert acts == []


def test_cancel_after_the_call():
    """Cancelling what was done already is no error."""
    clock = Clock()
    cancel = ReactorClock(clock).call_later(2.0, lambda: None)
    clock.advance(3)
    assert cancel() is None


def test_reference():
    """A reference is short, and no two are the same."""
    made = {reference() for _ in range(100)}
    assert (len(made), all(re.fullmatch("[0-9a-f]{12}", r) for r in made)) == (100, True)


def test_streaming_number():
    """System 3, second of acceptance 14, province 2, run 5, step 2: 26 digits, as the field has it."""
    assert streaming_numbers(JIANGXI)(order(), 42, 3) == "200" + "20261123120000" + "15" + "00042" + "03"


def test_every_attempt_has_the_same_number():
    """A step's number follows from order, run and step alone."""
    assert streaming_numbers(JIANGXI)(order(), 42, 3) == streaming_numbers(JIANGXI)(order(), 42, 3)


DIFFERENT = {
    "province": (streaming_numbers(GUANGXI), order(), 42, 3),
    "tier": (streaming_numbers(GROUP), order(), 42, 3),
    "second": (
        streaming_numbers(JIANGXI),
        replace(order(), accepted_at=order().accepted_at + timedelta(seconds=1)),
        42,
        3,
    ),
    "run": (streaming_numbers(JIANGXI), order(), 43, 3),
    "step": (streaming_numbers(JIANGXI), order(), 42, 4),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_numbers_that_must_differ(case):
    """Another province, tier, second, run or step is another number."""
    make, placed, serial, index = DIFFERENT[case]
    assert make(placed, serial, index) != streaming_numbers(JIANGXI)(order(), 42, 3)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.integers(1, 10**12), st.integers(0, 10**4))
def test_number_always_fits_the_contract(serial, index):
    """However many runs there were, a number keeps its length."""
    assert re.fullmatch("[0-9]{26}", streaming_numbers(JIANGXI)(order(), serial, index))
