"""The faults of one stub set: which are set, which meet the message at hand, and what of them must be remembered.

Roles note a request here, the front takes what meets it, letters ask before they go. Must not know how an answer is written, or a
letter sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from twisted.internet.defer import CancelledError, Deferred

from gateway.contract.codec import Message
from gateway.soap.http_outlet import Clock
from stubs.faults.catalogue import ON_CALLBACKS_TOO, Layer, On
from stubs.faults.edits import other_number
from stubs.faults.rules import Asked, FaultBook, Met, Rule
from stubs.kit.errors import NotActedError
from stubs.kit.journal import Entry
from stubs.kit.magic import number_of
from stubs.kit.times import sleep


@dataclass(frozen=True, slots=True)
class Meeting:
    """A request with the faults that meet it, maybe none."""

    asked: Asked
    faults: tuple[Met, ...]

    @property
    def acts(self) -> bool:
        """Whether the party does what it was asked."""
        return all(met.rule.acts for met in self.faults)

    def fault(self, name: str) -> Met | None:
        """Give a fault of the meeting by its name."""
        return next((met for met in self.faults if met.name == name), None)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An answer that waits for its callback."""

    asked: Asked
    told: Deferred[None]

    def is_about(self, message: Message) -> bool:
        asked = self.asked
        if "RefStreamingNo" in message.field_names:
            return str(message.RefStreamingNo) == asked.streaming_no
        if "OrderId" in message.field_names:
            return str(message.OrderId) == asked.order
        return number_of(message) == asked.number


class FaultDesk:
    """True if any rule is set."""

    def __init__(self, clock: Clock) -> None:
        self.book = FaultBook()
        self.meeting: Meeting | None = None
        """Of the request that has just been handed to its role; the front takes it away."""
        self.paused = False
        """No request meets anything."""
        self._clock = clock
        self._standing_rules: tuple[Rule, ...] = ()
        self._answers: dict[tuple[str, str], list[tuple[str, bytes]]] = {}
        self._waiting: list[_Waiting] = []

    def __bool__(self) -> bool:
        return bool(self.book) and not self.paused

    def stand(self, rules: Sequence[Rule], operations: Collection[str]) -> None:
        """Set rules from the start, and again by every reset; raises ValueError for one of an operation that there is not."""
        for rule in rules:
            if rule.operation is not None and rule.operation not in operations:
                raise ValueError(f"faults: {rule.fault.name}: no operation {rule.operation!r}; there are {', '.join(sorted(operations))}")
        self._standing_rules = tuple(rules)
        self.reset()

    def reset(self) -> None:
        """Go back to the rules of the settings; counts begin anew."""
        self.book.clear()
        self._answers.clear()
        for rule in self._standing_rules:
            self.book.add(rule)

    def request(self, role: str, operation: str, request: Message, entry: Entry) -> None:
        """Note what meets a request, in the journal too; raises NotActedError where the party must not act."""
        asked = _asked(role, operation, request, On.ANSWER)
        self.meeting = Meeting(asked, self.book.meet(asked))
        entry.faults = tuple(met.name for met in self.meeting.faults)
        if not self.meeting.acts:
            entry.answer = {"error": f"{', '.join(entry.faults)}: nothing was done"}
            raise NotActedError

    def sequence(self, role: str, operation: str, message: Message) -> tuple[Met, ...]:
        """Give what meets a message that a role is about to send, with all its attempts: whether, when and how often it goes."""
        return self.book.meet(_asked(role, operation, message, On.CALLBACK), (Layer.SEQUENCE,))

    def attempt(self, role: str, operation: str, message: Message) -> tuple[Met, ...]:
        """Give what meets one attempt of such a message."""
        return self.book.meet(_asked(role, operation, message, On.CALLBACK), ON_CALLBACKS_TOO)

    # ---- answers ------------------------------------------------------------------------------------------------------

    def answer_of_another(self, asked: Asked, own: bytes) -> bytes | None:
        """Remember an answer, and give the one to the last other request of its operation; None if there was none."""
        known = self._answers.setdefault((asked.role, asked.operation), [])
        others = [body for number, body in known if number != asked.streaming_no]
        known[:] = [(number, body) for number, body in known if number != asked.streaming_no][-1:]
        known.append((asked.streaming_no, own))
        return others[-1] if others else None

    # ---- callbacks ----------------------------------------------------------------------------------------------------

    def went(self, message: Message) -> None:
        """Tell answers that wait for it that a callback has gone."""
        for waiting in [one for one in self._waiting if one.is_about(message)]:
            self._waiting.remove(waiting)
            waiting.told.cancel()

    async def wait_for_callback(self, asked: Asked, seconds: float) -> None:
        """Wait until a callback about a request has gone, at most so long."""
        waiting = _Waiting(asked, sleep(self._clock, seconds))
        self._waiting.append(waiting)
        try:
            await waiting.told
        except CancelledError:
            if waiting in self._waiting:  # the set stops
                raise
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)


def _asked(role: str, operation: str, message: Message, on: On) -> Asked:
    fields = message.field_names
    system, streaming_no = str(message.SystemId), str(message.StreamingNo)
    order = str(message.OrderId) if "OrderId" in fields else ""
    return Asked(role, operation, number_of(message), streaming_no, system, order, on)


def renumbered(message: Message) -> Message:
    """Give a message under another StreamingNo."""
    values = {name: getattr(message, name) for name in message.field_names}
    return type(message)(**{**values, "StreamingNo": other_number(str(message.StreamingNo))})
