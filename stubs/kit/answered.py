"""The answered table of one role: a StreamingNo is worked on once, and answered the same as often as it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from twisted.internet.defer import Deferred

from gateway.contract.codec import Message

MOST_NUMBERS = 200_000
"""More than a minute of all that a set can answer in a second: nobody repeats himself after so long."""


class AbandonedError(Exception):
    """The work that would have given the answer broke off; the same request may be sent again."""


@dataclass(slots=True)
class Claim:
    """One StreamingNo of one sender: the content it stands for, and the answer once there is one."""

    fingerprint: str
    answer: Message | None = None
    abandoned: bool = False
    _waiting: list[Deferred[Message]] = field(default_factory=list)

    def wait(self) -> Deferred[Message]:
        """Fire with the answer; fails with AbandonedError if there will be none."""
        waiter: Deferred[Message] = Deferred()
        self._waiting.append(waiter)
        if self.answer is not None or self.abandoned:
            self._tell()
        return waiter

    def settle(self, answer: Message) -> None:
        """Give the answer to all who wait, now and later."""
        self.answer = answer
        self._tell()

    def abandon(self) -> None:
        """Tell all who wait that no answer will come."""
        self.abandoned = True
        self._tell()

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if self.answer is None:
                waiter.errback(AbandonedError())
            else:
                waiter.callback(self.answer)


class AnsweredTable:
    """Claims by (SystemId, StreamingNo); the newest of them, at most `most`."""

    def __init__(self, most: int = MOST_NUMBERS) -> None:
        self._most = most
        self._claims: dict[tuple[str, str], Claim] = {}
        self._seen: set[tuple[str, str]] = set()

    def known(self, key: tuple[str, str]) -> Claim | None:
        """Give the claim that an earlier request made, if it stands."""
        return self._claims.get(key)

    def claim(self, key: tuple[str, str], fingerprint: str) -> Claim:
        """Take a StreamingNo for this content."""
        made = self._claims[key] = Claim(fingerprint)
        if len(self._claims) > self._most:
            del self._claims[next(iter(self._claims))]
        return made

    def answers(self) -> list[tuple[str, str, str, Message]]:
        """Give SystemId, StreamingNo, fingerprint and answer of all that is answered, oldest first."""
        return [(*key, one.fingerprint, one.answer) for key, one in self._claims.items() if one.answer is not None]

    def seen(self) -> list[tuple[str, str]]:
        """Give the numbers of which was asked whether they come for the first time."""
        return sorted(self._seen)

    def restore(self, answers: Iterable[tuple[str, str, str, Message]], seen: Iterable[tuple[str, str]]) -> None:
        """Put these in place of all there is."""
        self._claims = {(system, number): Claim(fingerprint, answer) for system, number, fingerprint, answer in answers}
        self._seen = set(seen)

    def release(self, key: tuple[str, str]) -> None:
        """Let the StreamingNo be worked on again: it was answered "later", or not at all."""
        self._claims.pop(key, None)

    def first_time(self, key: tuple[str, str]) -> bool:
        """Say whether this StreamingNo is asked about for the first time, and remember it."""
        if key in self._seen:
            return False
        self._seen.add(key)
        return True
