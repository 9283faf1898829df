"""Fresh numbers and times for samples: what the examples share stays shared, nothing is used twice.

An example of orderStateQry asks for the OrderId of the example of subscribeToVSOP. With one `Numbering` for both, their samples
do so too. Must not know the clock: the time is an argument.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_SECONDS = "%Y%m%d%H%M%S"
_DAY = "%Y%m%d"
_ORDER = re.compile(r"(?P<before>.*?)20[2-9][0-9](0[1-9]|1[0-2])[0-3][0-9][0-2][0-9][0-5][0-9][0-5][0-9][0-9]+")
"""An order's number by custom: who, a time of fourteen digits, a serial."""


class Numbering:
    """Numbers of one set of samples. `now` is China time; `serial` is where the nine digits at the end of a number begin."""

    def __init__(self, now: datetime, serial: int | None = None) -> None:
        """Without a serial it follows from the microseconds of `now`, so that two sets of one second differ."""
        self.now = now
        self._serial = now.microsecond * 100 if serial is None else serial
        self._given: dict[str, str] = {}

    def streaming_no(self, example: str) -> str:
        """Give a StreamingNo of 26 characters, of the same sender, for that of an example; the same for the same."""
        return self._once(example, example[:3])

    def order_id(self, example: str) -> str:
        """Give the number of an order or an application; the same for the same."""
        found = _ORDER.fullmatch(example)
        return self._once(example, example if found is None else found["before"])

    def object_id(self, example: str) -> str:
        """Give the id of a product or offer that nobody knows yet: kind and province as in the example, 21 digits."""
        key = f"object {example}"
        if key not in self._given:
            self._given[key] = self._made(example[:3])[:17] + f"{self._serial % 10**4:04d}"
        return self._given[key]

    def next_streaming_no(self, system: str) -> str:
        """Give a StreamingNo that no example has, for a sender of three digits."""
        return self._made(system)

    def _once(self, example: str, before: str) -> str:
        if example not in self._given:
            self._given[example] = self._made(before)
        return self._given[example]

    def _made(self, before: str) -> str:
        self._serial += 1
        return f"{before}{self.now.strftime(_SECONDS)}{self._serial % 10**9:09d}"


class Moved:
    """Times of one example, moved to now: as far apart as they were. A time far ahead, such as the end of a relation, stays."""

    def __init__(self, written: str, now: datetime) -> None:
        """`written` is the TimeStamp of the example's request."""
        self._written = datetime.strptime(written, _SECONDS)  # noqa: DTZ007  both are China time, and their difference is all that counts
        self._by = now.replace(tzinfo=None) - self._written

    def time(self, example: str) -> str:
        """Move yyyyMMddHHmmss."""
        return self._moved(example, _SECONDS)

    def day(self, example: str) -> str:
        """Move yyyyMMdd."""
        return self._moved(example, _DAY)

    def _moved(self, example: str, form: str) -> str:
        there = datetime.strptime(example, form)  # noqa: DTZ007  the same
        near = abs(there - self._written) < timedelta(days=60)
        return (there + self._by).strftime(form) if near else example
