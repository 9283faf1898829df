"""Puts a breaker before each operation of each partner, and tells where they stand.

What counts against a partner is what went wrong on its side: no answer, one that cannot be used, or one that says it is busy or
broken. A refusal, of an order or of our message, is an answer like any other. Must not know what a message is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.engine.wiring import Events
from gateway.errors import RESULTS, Kind, NotTried, Permanent, Temporary
from gateway.partners.breaker import Breaker, BreakerRules, Position
from gateway.tally import Tally, kind_of

ISOLATED_WAIT = timedelta(seconds=60)
"""After which a step looks again whether its partner may be called."""
_ITS_TROUBLE = (Kind.BUSY, Kind.INTERNAL)


class Outcome:
    """What became of a call that has no business answer, as it is counted."""

    NO_ANSWER: Final = "no_answer"
    """None came, or none that can be used."""
    REFUSED: Final = "refused"
    """A fault about our message."""
    HELD_BACK: Final = "held_back"
    """Not sent: by the breaker, by a person, or because the line before the partner is full."""
    BROKEN: Final = "broken"
    """An error of ours, or the process ends."""


class Line(Protocol):
    """An endpoint of a partner."""

    @property
    def codec(self) -> Codec:
        """The codec of its contract."""
        ...

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        """Send a request and give the answer; raises Temporary or Permanent where there is none."""
        ...


class Breakers:
    """All breakers of a gateway, by partner and operation; one is made at the first call."""

    def __init__(self, rules: BreakerRules, seconds: Callable[[], float], events: Events, calls: Tally | None = None) -> None:
        """`calls` counts all calls; without it none is counted."""
        self.calls = calls
        self._rules = rules
        self._seconds = seconds
        self._events = events
        self._made: dict[str, dict[str, Breaker]] = {}

    def of(self, party: str, operation: str) -> Breaker:
        """Give the breaker of an operation."""
        made = self._made.setdefault(party, {})
        breaker = made.get(operation)
        if breaker is None:
            breaker = made[operation] = Breaker(self._rules, self._seconds, partial(self._tell, party, operation))
        return breaker

    def of_party(self, party: str) -> Mapping[str, Breaker]:
        """Give the breakers of a partner by operation: of those that were called since the start."""
        return self._made.get(party, {})

    def _tell(self, party: str, operation: str, position: Position, pause: timedelta) -> None:
        if position is Position.OPEN:
            self._events("breaker.opened", party=party, operation=operation, pause=pause)
        else:
            self._events(f"breaker.{position}", party=party, operation=operation)


def never() -> bool:
    """Hold nobody back."""
    return False


@dataclass(frozen=True, slots=True)
class Guarded:
    """An endpoint of a partner behind its breakers."""

    line: Line
    party: str
    breakers: Breakers
    isolated: Callable[[], bool] = never
    """Whether people have decided that it is not to be called at all."""

    @property
    def codec(self) -> Codec:
        """The codec of its contract."""
        return self.line.codec

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        """Send a request and give the answer; raises Permanent, Temporary, or NotTried where the breaker or a person holds it back."""
        calls = self.breakers.calls
        if calls is None:
            return await self._call(operation, request, routing)
        began, outcome = calls.seconds(), Outcome.BROKEN
        try:
            answer = await self._call(operation, request, routing)
            outcome = kind_of(answer.ResultCode)
        except NotTried:
            outcome = Outcome.HELD_BACK
            raise
        except Temporary:
            outcome = Outcome.NO_ANSWER
            raise
        except Permanent:
            outcome = Outcome.REFUSED
            raise
        finally:
            calls.note((self.party, self.line.codec.contract.name, operation, outcome), began)
        return answer

    async def _call(self, operation: str, request: Message, routing: Message | None) -> Message:
        if self.isolated():
            raise NotTried(self.party, f"{operation}: not called, the partner is isolated", ISOLATED_WAIT)
        breaker = self.breakers.of(self.party, operation)
        wait = breaker.held_back()
        if wait:
            raise NotTried(self.party, f"{operation}: not called, most of the last calls failed", wait)
        era, good = breaker.begin(), None
        try:
            answer = await self.line.call(operation, request, routing)
            good = not _in_trouble(answer)
        except NotTried:  # the line before the partner is full: nobody knows how it is
            raise
        except Temporary:
            good = False
            raise
        except Permanent:
            good = True
            raise
        finally:
            breaker.end(era, good)
        return answer


def _in_trouble(answer: Message) -> bool:
    known = RESULTS.get(int(answer.ResultCode))
    return known is not None and known.kind in _ITS_TROUBLE
