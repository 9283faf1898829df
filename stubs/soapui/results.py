"""What came of a run: verdicts of assertions, steps, cases and suites. Must not know how they are reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Said:
    """One thing told in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.en} / {self.zh}"


class CannotRun(Exception):
    """Something in the project that this runner does not do: Groovy, XQuery, what needs a step that was not run."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.en)
        self.said = said


class Broken(Exception):
    """A step or assertion that cannot hold as it is written: a wrong number, an XPath that is none, a missing property."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.en)
        self.said = said


class Verdict(StrEnum):
    """SoapUI's words for an assertion, and one more."""

    VALID = "VALID"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    NOT_RUN = "NOT_RUN"


class StepStatus(StrEnum):
    """SoapUI's words for a step (UNKNOWN: a request without assertions, which fails nothing), and two more."""

    OK = "OK"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    NOT_RUN = "NOT_RUN"
    DISABLED = "DISABLED"


class CaseStatus(StrEnum):
    """SoapUI's words for a case, and two more: something of it was not run; it is disabled."""

    FINISHED = "FINISHED"
    FAILED = "FAILED"
    NOT_RUN = "NOT_RUN"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class AssertionResult:
    """One assertion: its name as SoapUI shows it, its kind's id, the verdict, and why if it is not VALID."""

    name: str
    kind: str
    verdict: Verdict
    why: Said | None = None


@dataclass(slots=True)
class StepResult:
    """One step that had its turn. Times are seconds; `request` and `answer` are raw, for a person, empty where nothing was sent."""

    name: str
    kind: str
    status: StepStatus = StepStatus.OK
    seconds: float = 0.0
    url: str = ""
    request: str = ""
    answer: str = ""
    assertions: list[AssertionResult] = field(default_factory=list)
    messages: list[Said] = field(default_factory=list)
    """Why it failed or was not run."""
    notes: list[Said] = field(default_factory=list)
    """What a person should know though it decides nothing, such as a property that is unknown."""


@dataclass(slots=True)
class CaseResult:
    """One case: status, SoapUI's reason where it failed, its steps, and what of it was not run."""

    suite: str
    name: str
    status: CaseStatus = CaseStatus.FINISHED
    reason: str = ""
    seconds: float = 0.0
    steps: list[StepResult] = field(default_factory=list)
    not_run: list[Said] = field(default_factory=list)

    @property
    def failed_steps(self) -> list[StepResult]:
        """Steps that failed, in their order."""
        return [step for step in self.steps if step.status is StepStatus.FAILED]


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run."""

    project: str
    cases: Sequence[CaseResult]
    silent: Sequence[Said] = ()
    """Endpoints that gave no connection at all."""
    answered: bool = False
    """Whether any request had an answer."""

    def count(self, *statuses: CaseStatus) -> int:
        """Count cases by status."""
        return sum(case.status in statuses for case in self.cases)

    def assertions(self, *verdicts: Verdict) -> int:
        """Count assertions by verdict."""
        return sum(a.verdict in verdicts for case in self.cases for step in case.steps for a in step.assertions)

    def exit_code(self, *, allow_skipped: bool) -> int:
        """0 pass, 1 something failed or was not run, 3 nobody answered."""
        if self.silent and not self.answered:
            return 3
        wrong = self.count(CaseStatus.FAILED) + (0 if allow_skipped else self.count(CaseStatus.NOT_RUN))
        return 1 if wrong else 0
