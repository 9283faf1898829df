"""Which steps the end-to-end tests have seen done between real endpoints: a file that tests write and `vsopgw flows coverage` reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.flows.sections import OURS, SECTIONS, Section

Seen = Mapping[str, Mapping[str, list[str]]]
"""Section, then number, to the tests that saw the step."""


class Coverage:
    """The file: {"4.1.1": {"2a": ["the test's id"]}}. Test processes write it one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, section: str, numbers: Iterable[str], test: str) -> None:
        """Add steps that a test saw done; what others wrote stays."""
        seen = {key: dict(value) for key, value in self.read().items()}
        steps = seen.setdefault(section, {})
        for number in numbers:
            steps[number] = sorted({*steps.get(number, ()), test})
        self._write(seen)

    def clear(self) -> None:
        """Forget everything: a run begins."""
        self._path.unlink(missing_ok=True)

    def read(self) -> Seen:
        """Give what is written; empty where there is no file."""
        if not self._path.is_file():
            return {}
        found: Seen = json.loads(self._path.read_text(encoding="utf-8"))
        return found

    def _write(self, seen: Seen) -> None:
        """Replace the file as a whole: whoever ends in between leaves the old one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(seen, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        draft.replace(self._path)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a section was seen."""

    section: Section
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        """Steps that a successful case has."""
        return len(self.section.numbers)

    @property
    def covered(self) -> int:
        """Of these, the ones that were seen."""
        return self.total - len(self.missing)

    @property
    def percent(self) -> float:
        """The same as a share."""
        return 100.0 * self.covered / self.total


def shares(seen: Seen) -> list[Share]:
    """Compare what was seen with each section of the seed; steps of ours (+) count nowhere."""
    found = []
    for section in (s for s in SECTIONS.values() if s.in_seed):
        steps = {number for number, tests in seen.get(section.id, {}).items() if tests and not number.startswith(OURS)}
        found.append(Share(section, tuple(n for n in section.numbers if n not in steps)))
    return found


def strangers(seen: Seen) -> list[str]:
    """Name what was recorded for sections or numbers that there are not: the file is older than the code."""
    known = {s.id: {*s.numbers, *s.own.values()} for s in SECTIONS.values()}
    return [f"{s} {n}" for s, steps in seen.items() for n in steps if n not in known.get(s, ())]
