"""What became of each step, counted by operation; of those that differ a few are kept whole.

Must not know where a report is written.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.capture.masking import to_text
from stubs.replay.comparing import Answer
from stubs.replay.reading import Step
from stubs.replay.rules import Difference, Rule, explanation

EXAMPLES: Final = 10
"""Steps that are kept whole, of each operation that differs."""


class Verdict(StrEnum):
    """What a comparison found."""

    EQUAL = "equal"
    EXPLAINED = "explained"
    DIFFERENT = "different"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One step: `why` by path says what explains a difference, or with an empty path why it was left out."""

    step: Step
    verdict: Verdict
    request: str = ""
    expected: str = ""
    actual: str = ""
    differences: tuple[Difference, ...] = ()
    why: tuple[str, ...] = ()
    """For each difference what explains it, empty where nothing does; for what was left out the reason alone."""


@dataclass(slots=True)
class OperationTally:
    """One operation of one contract."""

    contract: str
    operation: str
    counts: Counter[Verdict] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """Why steps were left out, and what explained differences."""
    paths: Counter[str] = field(default_factory=Counter)
    """Where unexplained differences stand."""
    examples: list[Outcome] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """All operations, in the order in which they came first."""

    operations: dict[tuple[str, str], OperationTally] = field(default_factory=dict)

    def note(self, outcome: Outcome) -> None:
        """Count one."""
        record = outcome.step.record
        key = record.contract, record.operation or "(no operation)"
        one = self.operations.setdefault(key, OperationTally(*key))
        one.counts[outcome.verdict] += 1
        one.reasons.update(why for why in dict.fromkeys(outcome.why) if why)
        if outcome.verdict is Verdict.DIFFERENT:
            one.paths.update(found.path for found, why in zip(outcome.differences, outcome.why, strict=True) if not why)
            if len(one.examples) < EXAMPLES:
                one.examples.append(outcome)

    def total(self, verdict: Verdict) -> int:
        """Count a verdict over all operations."""
        return sum(one.counts[verdict] for one in self.operations.values())

    @property
    def sent(self) -> int:
        """How many were sent."""
        return sum(self.total(verdict) for verdict in Verdict if verdict is not Verdict.LEFT_OUT)


def judged(step: Step, body: bytes, actual: Answer, found: list[Difference], rules: tuple[Rule, ...]) -> Outcome:
    """Say what a comparison means."""
    why = tuple(explanation(step.record.operation, each, rules) for each in found)
    verdict = Verdict.EQUAL if not found else Verdict.EXPLAINED if all(why) else Verdict.DIFFERENT
    if verdict is not Verdict.DIFFERENT:  # nobody looks at the bodies
        return Outcome(step, verdict, differences=tuple(found), why=why)
    said = step.record.answer
    expected = said.text or said.base64 if said is not None else ""
    given = actual.error or _shown(actual.body, actual.type)
    return Outcome(step, verdict, _shown(body, step.record.request.type), expected, given, tuple(found), why)


def left_out(step: Step, why: str) -> Outcome:
    """Say why a step was not sent."""
    return Outcome(step, Verdict.LEFT_OUT, why=(why,))


def _shown(body: bytes, content_type: str) -> str:
    read = to_text(body, content_type)
    return read[0] if read else body.decode("latin-1")
