"""The backlog: right about the limit, and counted seldom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playbook import NOON
from rig import run

from gateway.services.backlog import Backlog


class Counted:
    """A backlog over a store that holds what the test says."""

    def __init__(self, held: int, most: int = 100) -> None:
        self.held, self.counts, self.now = held, 0, NOON
        self.backlog = Backlog(self._count, most, lambda: self.now)

    async def _count(self) -> int:
        self.counts += 1
        return self.held

    def take(self) -> bool:
        """Begin one if there is room."""
        if run(self.backlog.full()):
            return False
        self.held += 1
        self.backlog.began()
        return True


@pytest.mark.parametrize("held", [0, 50, 99])
def test_takes_exactly_what_there_is_room_for(held):
    """One process alone never goes beyond the limit, nor stops before it."""
    counted = Counted(held)
    taken = 0
    while counted.take():
        taken += 1
    assert taken == 100 - held


def test_counts_seldom():
    """From empty to full it counts as often as an eighth of the rest fits into it, not at each order."""
    counted = Counted(0, most=10_000)
    for _ in range(10_000):
        counted.take()
    assert counted.counts < 70


def test_full_is_counted_once_a_second():
    """A flood of refused orders costs the store next to nothing."""
    counted = Counted(100)
    for _ in range(50):
        counted.take()
        counted.now += timedelta(milliseconds=50)
    assert counted.counts == 3


def test_takes_again_when_some_have_ended():
    """At the latest a second after there is room."""
    counted = Counted(100)
    counted.take()
    counted.held -= 10
    counted.now += timedelta(seconds=1)
    assert counted.take()


def test_clock_that_is_put_back():
    """It does not wait until the old hour comes round again."""
    counted = Counted(100)
    counted.take()
    counted.held, counted.now = 0, NOON - timedelta(hours=1)
    assert counted.take()


def test_above_a_limit_that_was_lowered():
    """What is held already stays, and nothing is added."""
    assert not Counted(150).take()
