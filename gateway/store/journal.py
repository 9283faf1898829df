"""What the writer thread counts of its groups, for whoever measures: how many commits a group had, how long it took until it was on disk.

Written by that thread alone; a reader may see one group more in one number than in another. Must not know who reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.tally import Spread

SIZES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
"""Commits of a group, up to the most that one takes."""


class Journal:
    """The groups of one store; `seconds` counts from anywhere."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        self.sizes = Spread(SIZES)
        self.durations = Spread()

    def wrote(self, commits: int, began: float) -> None:
        """Count a group."""
        self.sizes.add(commits)
        self.durations.add(self.seconds() - began)
