"""Blocks of serials: enough of them before they are needed, never one too many."""

from __future__ import annotations

import pytest
from rig import VirtualClock, run

from gateway.engine.ports import StoreFailed
from gateway.engine.serials import BLOCK, Serials
from gateway.store.memory import MemoryStore


@pytest.fixture
def serials() -> Serials:
    return Serials(MemoryStore(), VirtualClock())


def test_taken_in_a_row(serials):
    """They count up."""
    run(serials.ensure(3))
    assert [serials.take(), serials.take(), serials.take()] == [1, 2, 3]


def test_more_than_a_block(serials):
    """As many as one step needs are at hand at once."""
    run(serials.ensure(BLOCK * 3))
    assert len({serials.take() for _ in range(BLOCK * 3)}) == BLOCK * 3


def test_none_is_left(serials):
    """What was not ensured is not invented."""
    with pytest.raises(StoreFailed):
        serials.take()
