"""RequestJournal: what a stub set was asked, what it asked, and what its users did; kept in memory until reset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from gateway.contract.codec import Message
from gateway.soap.http_outlet import Clock
from stubs.kit.times import iso


class Direction(StrEnum):
    """Who began: a caller of the stub, the stub itself, or the person in front of it."""

    IN = "in"
    OUT = "out"
    USER = "user"


@dataclass(slots=True)
class Entry:
    """One message; `seq` counts from 1, `at` is when it came or was sent, `answer` is None until there is one.

    An answer that never came is {"error": our reason}; one that was lost on purpose carries "lost": true.
    """

    seq: int
    at: str
    role: str
    operation: str
    direction: Direction
    fields: dict[str, Any]
    trace: str | None
    answer: dict[str, Any] | None = None
    mapping: str | None = None
    """Id of the mapping that answered (stubs/mapping)."""
    faults: tuple[str, ...] = ()
    """Names of the faults that met it (stubs/faults)."""

    def as_json(self) -> dict[str, Any]:
        """Give the entry as the admin API shows it."""
        told = asdict(self)
        faults, mapping = told.pop("faults"), told.pop("mapping")
        more = {**({"faults": list(faults)} if faults else {}), **({} if mapping is None else {"mapping": mapping})}
        return {**told, **more}


class RequestJournal:
    """Append-only list of entries; only an entry's answer is filled in later."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[Entry] = []

    def add(
        self, role: str, operation: str, direction: Direction, fields: Mapping[str, Any], trace: str | None = None
    ) -> Entry:
        """Write down a message as it comes or goes."""
        at = iso(self._clock.seconds())
        entry = Entry(len(self._entries) + 1, at, role, operation, direction, dict(fields), trace)
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

    def reset(self) -> None:
        """Forget everything; counting begins at 1 again."""
        self._entries.clear()


def as_dict(message: Message) -> dict[str, Any]:
    """Give a message as plain values, nested messages as dicts; absent fields are left out."""
    values = ((name, getattr(message, name)) for name in message.field_names)
    return {name: _plain(value) for name, value in values if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return as_dict(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value
