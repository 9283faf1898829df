"""The breaker: what opens it, for how long, and what closes it; on a clock that is moved by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.partners.breaker import Breaker, BreakerRules, Position


class Watched:
    """A breaker, its clock and what it told."""

    def __init__(self, **rules) -> None:
        self.now = 1000.0
        self.told = []
        self.breaker = Breaker(BreakerRules(**rules), lambda: self.now, lambda *move: self.told.append(move))

    def calls(self, good: int = 0, bad: int = 0) -> None:
        """Make calls one after the other, the good ones first."""
        for outcome in [True] * good + [False] * bad:
            assert not self.breaker.held_back()
            self.breaker.end(self.breaker.begin(), outcome)

    def opened(self) -> Watched:
        self.calls(bad=20)
        return self

    def wait(self, seconds: float) -> None:
        self.now += seconds

    @property
    def held(self) -> float:
        return self.breaker.held_back().total_seconds()


@pytest.fixture
def watched():
    return Watched()


def test_closed_at_first(watched):
    """Before anything failed all calls go."""
    assert (watched.held, watched.breaker.position, watched.told) == (0, Position.CLOSED, [])


@pytest.mark.parametrize(
    ("good", "bad", "position"),
    [
        (0, 19, Position.CLOSED),  # too few to judge
        (0, 20, Position.OPEN),
        (10, 10, Position.OPEN),
        (25, 24, Position.CLOSED),
        (25, 25, Position.OPEN),
        (100, 24, Position.CLOSED),  # 50 are remembered, 26 of them good
        (100, 25, Position.OPEN),
    ],
)
def test_half_of_the_last_fifty_open_it(watched, good, bad, position):
    """At least 20 calls, half of the last 50 failed."""
    watched.calls(good, bad)
    assert watched.breaker.position is position


def test_only_a_failure_opens_it(watched):
    """The twentieth call is judged like those after it: a good one does not open, whatever came before."""
    watched.calls(bad=19)
    watched.calls(good=1)
    assert watched.breaker.position is Position.CLOSED


def test_what_says_nothing_is_not_counted(watched):
    """A call that was given up by ourselves is neither good nor bad."""
    for _ in range(50):
        watched.breaker.end(watched.breaker.begin(), None)
    watched.calls(bad=19)
    assert watched.breaker.position is Position.CLOSED


def test_open_holds_back_until_its_pause_is_over(watched):
    """Ten seconds at first; whoever asks is told what is left of them."""
    watched.opened().wait(4)
    assert (watched.held, watched.breaker.remaining, watched.told) == (
        6,
        timedelta(seconds=6),
        [(Position.OPEN, timedelta(seconds=10))],
    )


def test_probes_go_after_the_pause(watched):
    """Three calls at a time, and no others until they have ended."""
    watched.opened().wait(10)
    went = []
    for _ in range(4):
        went.append(watched.held == 0)
        if went[-1]:
            watched.breaker.begin()
    assert (went, watched.breaker.position) == ([True, True, True, False], Position.PROBING)


def test_who_is_no_probe_does_not_come_back_at_once(watched):
    """Ten thousand orders that wait must not ask every moment while the probes are out."""
    watched.opened().wait(10)
    for _ in range(3):
        watched.held  # noqa: B018  asking moves it on
        watched.breaker.begin()
    assert watched.held == 2.5


def test_good_probes_close_it(watched):
    """When all three have succeeded, calls go as before, and the failures before are forgotten."""
    watched.opened().wait(10)
    watched.calls(good=3)
    watched.calls(bad=19)
    assert [position for position, _ in watched.told] == [Position.OPEN, Position.PROBING, Position.CLOSED]


def test_one_bad_probe_of_three_does_not_open_it(watched):
    """A partner may be too busy for the first call of each message: that alone must not keep the rest from him for ever."""
    watched.opened().wait(10)
    watched.calls(bad=1)
    watched.calls(good=2)
    assert watched.breaker.position is Position.CLOSED


def test_two_bad_probes_open_it_again(watched):
    """For twice as long, and so on up to the cap."""
    watched.opened()
    for pause in (10, 20, 40, 60):
        watched.wait(pause)
        watched.calls(bad=2)
    pauses = [pause.total_seconds() for position, pause in watched.told if position is Position.OPEN]
    assert pauses == [10, 20, 40, 60, 60]


def test_probe_that_says_nothing_gives_its_place_back(watched):
    """Else three of them would keep the breaker where it is for ever."""
    watched.opened().wait(10)
    for _ in range(5):
        assert watched.held == 0
        watched.breaker.end(watched.breaker.begin(), None)
    assert watched.breaker.position is Position.PROBING


def test_late_failure_of_a_call_from_before(watched):
    """A call that began before the breaker opened is no probe: its end changes nothing."""
    era = watched.breaker.begin()
    watched.opened().wait(10)
    watched.calls(good=2)
    watched.breaker.end(era, False)
    watched.calls(good=1)
    assert watched.breaker.position is Position.CLOSED


@pytest.mark.parametrize(("later", "pause"), [(9, 20), (11, 10)])
def test_partner_that_comes_and_goes(watched, later, pause):
    """If it fails again soon after it closed, the pause goes on doubling; later, it begins anew."""
    watched.opened().wait(10)
    watched.calls(good=3)
    watched.wait(later)
    watched.calls(bad=20)
    assert watched.held == pause


def test_calls_under_way_are_counted(watched):
    """Also those from before it opened."""
    eras = [watched.breaker.begin() for _ in range(3)]
    watched.opened()
    watched.breaker.end(eras[0], True)
    assert watched.breaker.under_way == 2
