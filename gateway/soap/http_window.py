"""How much new work may be under way in a process at once: found by how late it is with everything it does.

While it is late, less is let in; while it keeps up and all places are taken, more. More work at once than keeps the processor busy
only makes each wait longer. A window holds what a rate would let run away: whatever an order costs today, no more than this is ever
begun. Pure: times are arguments. Must not know what the work is.
"""

from typing import Final

JUDGED_EVERY: Final = 0.05
"""Seconds between two judgements, of at least LOOKS samples each: one pause, such as a garbage collection, is no overload."""
LOOKS: Final = 3
LEAST: Final = 48.0
"""Places however late the process is: what makes it late may be another process, and an order waits for the disk more than it works."""
USUAL: Final = 96.0
"""Places at first and after quiet times: clients come in bursts, and a burst is better served late than refused."""


class Window:
    """Places for new work. Times, and `target`, the lateness to stay below, are in seconds."""

    def __init__(self, target: float) -> None:
        self._target = target
        self._judged_at = 0.0
        self._late = 0.0
        self._samples = 0
        self._full = False
        self.places = USUAL
        """New work is let in while less than this is under way."""

    def admits(self, under_way: int) -> bool:
        """Whether one more may begin."""
        if under_way < self.places:
            return True
        self._full = True
        return False

    def sample(self, late: float, now: float, under_way: int) -> None:
        """Note how late something was that should have been done at a certain time."""
        self._late += min(late, 4 * self._target)
        self._samples += 1
        if self._samples >= LOOKS and now - self._judged_at >= JUDGED_EVERY:
            self._judge(self._late / self._samples, under_way)
            self._judged_at = now
            self._late, self._samples, self._full = 0.0, 0, False

    def _judge(self, late: float, under_way: int) -> None:
        if late > self._target:
            self.places = max(LEAST, min(self.places, under_way) * 0.85)
        elif self._full:
            self.places = self.places * 1.25 if late < self._target / 2 else self.places + 1
        elif self.places < USUAL:
            self.places += 1
