"""Files applications with the PPMs that they are for: batch after batch, waiting where a gateway is busy, and telling how it goes.

Nothing is held but the batch under way. After a lost answer `--resume` files all again: what is there already is counted, not repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from gateway.admin.ppm import Answered
from gateway.cli.admin_client import AdminClient
from gateway.cli.applications import Entry
from gateway.cli.errors import CommandFailed, Unreachable
from gateway.errors import BUSY, ILLEGAL_TRANSITION, MISROUTED, OBJECT_EXISTS, UNKNOWN_OBJECT, UNKNOWN_PRODUCT

BATCH = 50
"""Applications in one call: far below the API's limit, and answered within a second."""
PROGRESS = 500
"""A line is printed whenever so many more are done."""
ELSEWHERE = frozenset({MISROUTED.code, UNKNOWN_OBJECT.code, UNKNOWN_PRODUCT.code})
"""Answers after which another PPM is asked, where the file does not say which."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between two attempts; doubled each time."""


@dataclass(slots=True)
class Applying:
    """One run over a file."""

    ppms: dict[str, AdminClient]
    """The PPMs by province."""
    prefix: str
    """Application ids are made of it and the line."""
    wait: float
    """Seconds without progress after which waiting ends."""
    echo: Callable[[str], object]
    resume: bool = False
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic
    filed: int = 0
    refused: int = 0
    passed_over: int = 0
    _told: int = field(default=0)

    @property
    def done(self) -> int:
        """How many have their answer."""
        return self.filed + self.refused + self.passed_over

    def run(self, entries: Iterable[Entry], count: int) -> None:
        """File all entries in their order; raises Unreachable or CommandFailed where a gateway gives no answer."""
        for ways, batch in _batches(entries, self._ways):
            try:
                self._file(batch, ways)
            except (Unreachable, CommandFailed) as failure:
                text = f"{failure.message}\n{self.done} of {count} had their answer; go on with --resume"
                raise CommandFailed(text, failure.exit_code) from None
            if self.done - self._told >= PROGRESS:
                self._told = self.done
                self.echo(f"{self.done} of {count}: {self.filed} filed, {self.refused} refused")

    def _ways(self, entry: Entry) -> tuple[str, ...]:
        """Give the provinces whose PPM may be the right one, the first to ask first."""
        return (entry.province,) if entry.province in self.ppms else tuple(self.ppms)

    def _file(self, batch: list[Entry], ways: tuple[str, ...]) -> None:
        for place, way in enumerate(ways):
            last = place == len(ways) - 1
            elsewhere = []
            for entry, answered in self._answers(self.ppms[way], batch):
                if answered.code in ELSEWHERE and not last:
                    elsewhere.append(entry)
                else:
                    self._note(self.ppms[way], entry, answered)
            batch = elsewhere
            if not batch:
                return

    def _note(self, ppm: AdminClient, entry: Entry, answered: Answered) -> None:
        if answered.code == 0:
            self.filed += 1
        elif self.resume and _there_already(ppm, entry, answered):
            self.passed_over += 1
        else:
            self.refused += 1
            self.echo(f"line {entry.line}: {entry.what}: [{answered.code}] {answered.text}")

    def _answers(self, ppm: AdminClient, batch: list[Entry]) -> Iterator[tuple[Entry, Answered]]:
        """Send until each has its answer; what must wait is sent again, and what follows it with it."""
        left = list(batch)
        pause, since = SHORTEST_PAUSE, self.clock()
        while left:
            body = msgspec.json.encode([entry.application(f"{self.prefix}.{entry.line}") for entry in left])
            answers = msgspec.convert(ppm.post("applications", body), list[Answered])
            final = [answered for answered in answers if not answered.retryable]
            yield from zip(left, final, strict=False)
            left = left[len(final) :]
            if final:
                pause, since = SHORTEST_PAUSE, self.clock()
            if len(final) == len(answers):
                continue
            if self.clock() - since >= self.wait:
                if answers[-1].code == BUSY.code:
                    raise CommandFailed(f"{ppm.name}: busy for {self.wait:g} seconds", 3)
                yield left.pop(0), answers[-1]
                since = self.clock()
                continue
            self.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)


def _there_already(ppm: AdminClient, entry: Entry, answered: Answered) -> bool:
    """Whether a refusal means that it was filed before: the object exists, or is in the state that it shall have."""
    if entry.state is None:
        return answered.code == OBJECT_EXISTS.code
    if answered.code != ILLEGAL_TRANSITION.code:
        return False
    found = ppm.get(f"deliveries/{entry.state.kind}:{entry.state.id}")
    return found is not None and found["master"] is not None and found["master"]["status"] == entry.state.status


def _batches(
    entries: Iterable[Entry], ways: Callable[[Entry], tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], list[Entry]]]:
    """Group neighbours that go the same way."""
    batch: list[Entry] = []
    for entry in entries:
        if batch and (len(batch) == BATCH or ways(entry) != ways(batch[0])):
            yield ways(batch[0]), batch
            batch = []
        batch.append(entry)
    if batch:
        yield ways(batch[0]), batch
