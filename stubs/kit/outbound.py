"""The calling side of the stubs: a letter is sent until its answer will do, under one number; attempts are noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from twisted.internet.defer import CancelledError

from gateway.contract import EncodeError
from gateway.contract.codec import Message
from gateway.errors import RESULTS, PartnerError, Permanent, Temporary
from gateway.soap.http_outlet import Clock
from stubs.faults.rules import Met
from stubs.kit.fault_letters import Keeping, spoiling
from stubs.kit.faulty import FaultDesk
from stubs.kit.journal import Direction, Entry, RequestJournal
from stubs.kit.times import sleep

DELIVERY_ATTEMPTS = 20
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0


class Caller(Protocol):
    """One address with its contract: gateway.soap.peer.Peer, or a script in tests."""

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        """Send a request and give its answer; raises Temporary or Permanent."""


class Callers(Protocol):
    """Who can be called."""

    def to(self, contract: str) -> Caller | None:
        """Give the address that serves a contract, None if none is known at present."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of a role's own, with where it goes."""

    role: str
    contract: str
    operation: str
    message: Message
    routing: Message | None = None


class Outbound:
    """Sends letters."""

    def __init__(
        self, journal: RequestJournal, clock: Clock, callers: Callers, attempts: int = DELIVERY_ATTEMPTS,
        faults: FaultDesk | None = None,
    ) -> None:  # fmt: skip
        self._journal = journal
        self._clock = clock
        self._callers = callers
        self._attempts = attempts
        self._faults = FaultDesk(clock) if faults is None else faults
        self._keeping = Keeping(clock)
        self._epoch = 0

    def stop(self) -> None:
        """End all sending under way: the attempt that is out is the last; its sender gets CancelledError."""
        self._epoch += 1

    async def send(
        self, letter: Letter, enough: Callable[[Message], bool], *, attempts: int | None = None
    ) -> Message | None:
        """Send until an answer is enough, at most so many times, pausing longer each time.

        Gives the last answer, None if the last attempt had none. A message that the other side refuses as such (a
        Client fault) is not sent again.
        """
        if not self._faults:
            return await self._send(letter, enough, attempts)
        faults = self._faults.sequence(letter.role, letter.operation, letter.message)
        if any(met.name == "callback-never" for met in faults):
            self._note(letter, faults).answer = {"error": "callback-never: not sent"}
        answer = await self._keeping.send(letter, faults, lambda one: self._send(one, enough, attempts, faults))
        self._faults.went(letter.message)
        return answer

    async def _send(
        self, letter: Letter, enough: Callable[[Message], bool], attempts: int | None, faults: Sequence[Met] = ()
    ) -> Message | None:
        epoch, pause = self._epoch, FIRST_PAUSE
        attempts = self._attempts if attempts is None else attempts
        for attempt in range(1, attempts + 1):
            answer: Message | None = None
            failed: PartnerError | None = None
            try:
                answer = await self._attempt(letter, faults)
            except PartnerError as error:  # is in the journal
                failed = error
            if epoch != self._epoch:  # a pool turns cancelling into a failed call, so that alone would not end the loop
                raise CancelledError
            if isinstance(failed, Permanent) or (answer is not None and enough(answer)):
                break
            if attempt < attempts:
                await sleep(self._clock, pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        return answer

    def _note(self, letter: Letter, faults: Sequence[Met]) -> Entry:
        entry = self._journal.add(
            letter.role, letter.operation, Direction.OUT, letter.message, trace_of(letter.routing)
        )
        entry.faults = tuple(met.name for met in faults)
        return entry

    async def _attempt(self, letter: Letter, faults: Sequence[Met]) -> Message:
        spoiled = self._faults.attempt(letter.role, letter.operation, letter.message) if self._faults else ()
        entry = self._note(letter, (*faults, *spoiled))
        caller = self._callers.to(letter.contract)
        try:
            if caller is None:
                raise Temporary(letter.contract, f"{letter.operation}: no address is set")
            if spoiled:
                caller = spoiling(caller, spoiled)
            answer = await caller.call(letter.operation, letter.message, letter.routing)
        except EncodeError:
            entry.answer = {"error": "the message cannot be written"}
            raise Permanent(letter.contract, "the message cannot be written") from None
        except PartnerError as failed:
            entry.answer = {"error": failed.reason}
            raise
        entry.answer = answer
        return answer


def succeeded(answer: Message) -> bool:
    """Say whether an answer is ResultCode 0."""
    return str(answer.ResultCode) == "0"


def decided(answer: Message) -> bool:
    """Say whether an answer is the last word, not "later"."""
    code = str(answer.ResultCode)
    result = RESULTS.get(int(code)) if code.lstrip("-").isdigit() else None
    return result is None or not result.retryable


def trace_of(routing: Message | None) -> str | None:
    """Give the end-to-end order id of a Routing header block."""
    return None if routing is None else str(routing.TraceId)
