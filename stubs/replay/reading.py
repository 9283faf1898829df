"""A capture's files as one stream of what came in, in the order in which it came; memory stays flat however long they are.

Must not know what becomes of a step.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.capture.record import BrokenCapture, Direction, Record, read_heading, read_records

_WINDOW: Final = 5_000
"""Records that are held to put them in order: a file has them as their answers came, a slow one some calls after a quick one."""
_CALLED_KEPT: Final = 50_000
"""Calls of the gateway that are remembered, the newest ones: a callback follows within minutes."""

ANSWERS: Final = frozenset({"serverActionResult"})
"""What is sent for no other reason than a call of the gateway: it names that call's StreamingNo (seed 4.1.3 step 3)."""
CALLBACKS: Final = {
    "subsInstSynFromISMP": "ismp", "feeCheck": "ismp", "recvRQMessage": "smshall",
    # The same in old forms.
    "SubsInstSynFromISMPReq": "ismp", "orderRelationUpdateNotifyReq": "ismp", "FeeCheckReq": "ismp", "ReplyRQMsgToVSOPReq": "smshall",
}  # fmt: skip
"""What a partner of a kind may also send because the gateway has called him (seed 4.1.2 steps 2 and 3): after a call to one of that kind
about the same subscriber. Without such a call the same message began by itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """One message to send again: where it stands, and when it came after the first of all, in seconds."""

    file: str
    line: int
    record: Record
    after: float
    callback: bool
    """A partner sent it because the gateway had called him."""


def files_of(given: Sequence[Path]) -> list[Path]:
    """Find the files: a directory stands for all captures in it, in the order of their names. Raises BrokenCapture for none."""
    found: list[Path] = []
    for path in given:
        inside = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not inside:
            raise BrokenCapture(path, 0, "holds no capture: files that end in .jsonl")
        found += inside
    for path in found:
        read_heading(path)
    return found


def steps(files: Sequence[Path]) -> Iterator[Step]:
    """Give all messages that came in, in order; raises BrokenCapture where a file is broken, when it is reached."""
    called = _Called()
    first: datetime | None = None
    for file, line, record, at in _in_order(_all(files)):
        if first is None:
            first = at
        if record.dir is Direction.OUT:
            called.note(record)
            continue
        yield Step(str(file), line, record, max(0.0, (at - first).total_seconds()), called.caused(record))


def _all(files: Sequence[Path]) -> Iterator[tuple[Path, int, Record, datetime]]:
    for path in files:
        for line, record in read_records(path):
            try:
                at = datetime.fromisoformat(record.at)
            except ValueError:
                raise BrokenCapture(path, line, f"is no exchange: at: {record.at[:40]!r} is no time in ISO 8601") from None
            if at.tzinfo is None:
                raise BrokenCapture(path, line, f"is no exchange: at: {record.at[:40]!r} has no time zone")
            yield path, line, record, at


def _in_order(records: Iterable[tuple[Path, int, Record, datetime]]) -> Iterator[tuple[Path, int, Record, datetime]]:
    held: list[tuple[datetime, int, tuple[Path, int, Record, datetime]]] = []
    for count, each in enumerate(records):
        heapq.heappush(held, (each[3], count, each))
        if len(held) > _WINDOW:
            yield heapq.heappop(held)[2]
    while held:
        yield heapq.heappop(held)[2]


class _Called:
    """What kind of partner the gateway called about whom, of late."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def note(self, record: Record) -> None:
        kind = record.partner.partition(".")[0]
        for subject in {record.number, record.trace, record.order} - {""}:
            self._known[kind, subject] = None
            self._known.move_to_end((kind, subject))
        while len(self._known) > _CALLED_KEPT:
            self._known.popitem(last=False)

    def caused(self, record: Record) -> bool:
        kind = CALLBACKS.get(record.operation)
        if kind is None:
            return record.operation in ANSWERS
        return any((kind, subject) in self._known for subject in (record.number, record.trace, record.order) if subject)
