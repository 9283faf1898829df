"""RequestJournal: what a stub set was asked, what it asked, and what its users did; the newest of it, kept in memory until reset."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from gateway.contract.codec import Message
from gateway.soap.http_outlet import Clock
from stubs.kit.times import iso

MOST_ENTRIES = 10_000
"""About 20 MB; ledgers keep what was done, however long ago."""


class Direction(StrEnum):
    """Who began: a caller of the stub, the stub itself, or the person in front of it."""

    IN = "in"
    OUT = "out"
    USER = "user"


class Entry:
    """One message; `seq` counts from 1, `at` is when it came or was sent, `answer` is None until there is one.

    An answer that never came is {"error": our reason}; one that was lost on purpose carries "lost": true. Messages are kept as they
    are and made into plain values when somebody asks: most entries nobody ever reads.
    """

    __slots__ = ("_answer", "_at", "_fields", "direction", "faults", "mapping", "operation", "role", "seq", "trace")

    def __init__(
        self, seq: int, at: float, role: str, operation: str, direction: Direction, fields: Message | dict[str, Any], trace: str | None
    ) -> None:
        """Make an entry; `at` is in seconds of the epoch."""
        self.seq, self.role, self.operation, self.direction, self.trace = seq, role, operation, direction, trace
        self._at, self._fields = at, fields
        self._answer: Message | dict[str, Any] | None = None
        self.mapping: str | None = None
        """Id of the mapping that answered (stubs/mapping)."""
        self.faults: tuple[str, ...] = ()
        """Names of the faults that met it (stubs/faults)."""

    @property
    def at(self) -> str:
        """When, in ISO 8601."""
        return iso(self._at)

    @property
    def seconds(self) -> float:
        """When, in seconds of the epoch."""
        return self._at

    @property
    def fields(self) -> dict[str, Any]:
        """The message as plain values."""
        if isinstance(self._fields, Message):
            self._fields = as_dict(self._fields)
        return self._fields

    @property
    def answer(self) -> dict[str, Any] | None:
        """The answer as plain values."""
        if isinstance(self._answer, Message):
            self._answer = as_dict(self._answer)
        return self._answer

    @answer.setter
    def answer(self, answer: Message | dict[str, Any] | None) -> None:
        self._answer = answer

    def as_json(self) -> dict[str, Any]:
        """Give the entry as the admin API shows it."""
        return {
            "seq": self.seq, "at": self.at, "role": self.role, "operation": self.operation, "direction": self.direction,
            "fields": self.fields, "trace": self.trace, "answer": self.answer,
            **({"faults": list(self.faults)} if self.faults else {}), **({} if self.mapping is None else {"mapping": self.mapping}),
        }  # fmt: skip


class RequestJournal:
    """The newest entries, at most `most`; only an entry's answer is filled in later."""

    def __init__(self, clock: Clock, most: int = MOST_ENTRIES) -> None:
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=most)
        self.count = 0
        """How many entries were ever added."""

    def add(
        self, role: str, operation: str, direction: Direction, fields: Message | dict[str, Any], trace: str | None = None
    ) -> Entry:
        """Write down a message as it comes or goes; the oldest one may be forgotten for it."""
        self.count += 1
        entry = Entry(self.count, self._clock.seconds(), role, operation, direction, fields, trace)
        self._entries.append(entry)
        return entry

    def find(
        self,
        *,
        role: str | None = None,
        operation: str | None = None,
        trace: str | None = None,
        streaming_no: str | None = None,
        order: str | None = None,
    ) -> list[Entry]:
        """Give the entries that match everything named, oldest first; a receipt names its order as OrigOrderId."""
        return [
            entry
            for entry in self._entries
            if role in (None, entry.role)
            and operation in (None, entry.operation)
            and trace in (None, entry.trace)
            and streaming_no in (None, entry.fields.get("StreamingNo"), entry.fields.get("AuthStreamingNo"))
            and order in (None, entry.fields.get("OrderId"), entry.fields.get("OrigOrderId"))
        ]

    def restore(self, entries: Iterable[Entry], count: int) -> None:
        """Put these in place of all there is."""
        self._entries = deque(entries, self._entries.maxlen)
        self.count = count

    def reset(self) -> None:
        """Forget everything; counting begins at 1 again."""
        self._entries.clear()
        self.count = 0


def as_dict(message: Message) -> dict[str, Any]:
    """Give a message as plain values, nested messages as dicts; absent fields are left out."""
    values = ((name, getattr(message, name)) for name in message.field_names)
    return {name: _plain(value) for name, value in values if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return as_dict(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value
