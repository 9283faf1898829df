"""A message as it is sent again: with numbers of its own, so that the target does not answer from what it knows, the same ones
wherever the same numbers stood, and with what the target itself has named before. In XML, and in documents within strings.

Must not know the order of messages.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from gateway.capture.pseudonyms import Pseudonyms
from gateway.capture.record import Said

NUMBER_FIELDS: Final = ("StreamingNo", "RefStreamingNo", "OrderId", "OrigOrderId", "TraceId", "ApplicationId", "RefApplicationId")
"""Fields that name one request or order: what is new about a message that is sent again."""
_NUMBERS: Final = frozenset(name.lower() for name in NUMBER_FIELDS)
_TIME_FIELDS: Final = ("TimeStamp",)
_KEPT: Final = 3
"""A StreamingNo begins with its sender's system code."""
_FEW: Final = 6
"""Digits below which other ones might be taken already: such a number gets a mark of the run as well."""
_LONGEST: Final = 60
_CARRIED_KEPT: Final = 200_000
_TIME: Final = "%Y%m%d%H%M%S"


def names_one(path: str) -> bool:
    """Whether a field, by its path, names one request or order; old forms begin its name with a small letter."""
    return path.rpartition("/")[2].partition("[")[0].lower() in _NUMBERS


@dataclass(slots=True)
class Renewal:
    """How messages of one run are made new. `shift` is how much later than then it is now."""

    run: bytes
    """16 bytes or more that no other run has."""
    fresh: bool = True
    shift: timedelta = timedelta()
    replaced: Mapping[str, str] = field(default_factory=dict)
    """What stands for what: numbers of subscribers, systems; as whole words anywhere."""
    _carried: OrderedDict[str, str] = field(default_factory=OrderedDict, init=False)
    _digits: Pseudonyms = field(init=False)
    _words: re.Pattern[str] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._digits = Pseudonyms(self.run)
        if self.replaced:
            self._words = re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, self.replaced))})(?![0-9A-Za-z])")

    def carry(self, recorded: str, given: str) -> None:
        """Note what the target says where the recorded gateway said something else."""
        self._carried[recorded] = given
        self._carried.move_to_end(recorded)
        while len(self._carried) > _CARRIED_KEPT:
            self._carried.popitem(last=False)

    def knows(self, recorded: str) -> bool:
        """Whether the target has said what it calls this."""
        return recorded in self._carried

    def number(self, recorded: str) -> str:
        """Give what a request or order is called now."""
        known = self._carried.get(recorded)
        if known is not None:
            return known
        return self._renewed(recorded) if self.fresh else recorded

    def body(self, said: Said) -> bytes:
        """Give the bytes to send; what is no text is sent as it was."""
        return said.body if said.base64 else self.text(said.text).encode(said.charset, "xmlcharrefreplace")

    def text(self, text: str) -> str:
        """Give a message as it is sent, or an answer as it is to be expected."""
        text = _fields(NUMBER_FIELDS).sub(lambda found: found[1] + self.number(found[2]), text)
        if self.fresh and self.shift:
            text = _fields(_TIME_FIELDS).sub(lambda found: found[1] + self._later(found[2]), text)
        return self.words(text)

    def words(self, text: str) -> str:
        """Put what was asked for in place of single words."""
        return text if self._words is None else self._words.sub(lambda found: self.replaced[found[0]], text)

    def _renewed(self, number: str) -> str:
        head, tail = number[:_KEPT], number[_KEPT:]
        digits = re.sub(r"[^0-9]", "", tail)
        if len(digits) < _FEW:
            return f"{number}R{self._digits.mark}"[:_LONGEST] if number else number
        others = iter(self._digits.digits(digits))
        return head + re.sub(r"[0-9]", lambda _: next(others), tail)

    def _later(self, time: str) -> str:
        try:
            return (datetime.strptime(time, _TIME) + self.shift).strftime(_TIME)  # noqa: DTZ007  both are China's
        except ValueError:  # in another form, or none: it is the case that was recorded
            return time


@cache
def _fields(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"((?:<|&(?:amp;)*lt;)(?:[\w.-]+:)?(?:{'|'.join(names)})(?:\s[^<>&]*)?(?:>|&(?:amp;)*gt;))([^<&]+)", re.IGNORECASE)
