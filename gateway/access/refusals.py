"""Puts refusals into the audit log without letting a flood of them fill the disk.

The first of a kind is written at once; those that follow within a minute are counted and written as one line when it is over. A kind is
a partner and a code: neither is a caller's to choose, for who is not a partner has no name here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.engine.ports import AuditKept, Clock
from gateway.errors import Result

MINUTE: Final = 60.0
GATEWAY: Final = "gateway"
"""Who did it, in the audit log."""
STRANGER: Final = "stranger"
"""Stands for everybody who is no partner."""

Keep = Callable[[AuditKept], None]
"""Has a line written, in its own time."""


@dataclass(slots=True)
class _Count:
    further: int = 0
    address: str = ""
    """Of the last one."""


class Refusals:
    """The refusals of one process."""

    def __init__(self, clock: Clock, keep: Keep) -> None:
        self._clock = clock
        self._keep = keep
        self._counts: dict[tuple[str, str, int], _Count] = {}
        self._due = False

    def note(self, act: str, partner: str, what: str, address: str, result: Result) -> None:
        """Note that a message of a partner was refused (or only reported); `what` is the operation, of our contract."""
        key = act, partner or STRANGER, result.code
        count = self._counts.get(key)
        if count is not None:
            count.further += 1
            count.address = address
            return
        self._counts[key] = _Count()
        self._keep(_line(self._clock.now(), key, result.en, f"{what} from {address}"))
        if not self._due:
            self._due = True
            self._clock.call_later(MINUTE, self._tell)

    def _tell(self) -> None:
        """Write what was counted; a kind that came again is counted on, so that it has a line a minute and not two."""
        now, counts = self._clock.now(), self._counts
        self._counts = {key: _Count() for key, count in counts.items() if count.further}
        for key, count in counts.items():
            if count.further:
                outcome = f"{count.further} more within a minute, the last from {count.address}"
                self._keep(_line(now, key, "counted", outcome))
        self._due = bool(self._counts)
        if self._due:
            self._clock.call_later(MINUTE, self._tell)

    def flush(self) -> None:
        """Write what is counted so far, as the process ends."""
        for key, count in self._counts.items():
            if count.further:
                outcome = f"{count.further} more, the last from {count.address}"
                self._keep(_line(self._clock.now(), key, "counted", outcome))
        self._counts = {}


def _line(at: datetime, key: tuple[str, str, int], why: str, outcome: str) -> AuditKept:
    act, partner, code = key
    return AuditKept(at, GATEWAY, act, partner, f"{code} {why}", outcome)
