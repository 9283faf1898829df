"""Remembers credentials that were used, for as long as they would be taken again. Knows no message, no store and no clock.

What is remembered is a mark of twelve bytes, in hex; it is kept until the credentials end (Created + life + skew), never from their arrival
on: a token dated ahead would outlive its mark (safety.md 0.7).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

MOST: Final = 1_000_000
"""Marks at a time, some 150 MB: 2 400 messages a second for seven minutes. Beyond them nobody is let in who would need one."""
Mark = tuple[str, float]
"""What stands for used credentials, and when they end, in seconds since 1970."""
_SPAN: Final = 30
"""Seconds for which marks share a set, so that they are forgotten all at once."""


class ReplayWindow:
    """The marks of one process. One thread uses it, so that to look and to mark is one act."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._spans: dict[int, set[str]] = {}
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether there is room for no further mark."""
        return self._count >= self._most

    def __len__(self) -> int:
        return self._count

    def take(self, mark: str, until: float) -> bool:
        """Mark credentials that end at `until`, in seconds since 1970; False where they are marked already."""
        for marks in self._spans.values():  # some fourteen; the same nonce under another time is found as well
            if mark in marks:
                return False
        self._spans.setdefault(int(until) // _SPAN, set()).add(mark)
        self._count += 1
        return True

    def load(self, marks: Iterable[Mark]) -> None:
        """Remember what a former process took."""
        for mark, until in marks:
            self.take(mark, until)

    def forget(self, now: float) -> None:
        """Drop what has ended."""
        present = int(now) // _SPAN
        for span in [span for span in self._spans if span < present]:
            self._count -= len(self._spans.pop(span))


def mark_of(name: str, nonce: bytes) -> str:
    """Give what stands for a partner's nonce."""
    return blake2b(nonce, digest_size=12, key=name.encode()[:64]).hexdigest()
