"""What a run found: a verdict for each case, and the grade of all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from stubs.partnerkit.case import Case, Role, Severity
from stubs.partnerkit.exchange import Exchange
from stubs.partnerkit.probe import Finding
from stubs.partnerkit.texts import Text


class Verdict(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"
    NOT_RUN = "not-run"
    """The partner had ceased to answer before: counts as failed."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case as it went; `note` says why it was not applicable or not run. Seconds."""

    id: str
    case: Case
    verdict: Verdict
    findings: tuple[Finding, ...]
    exchanges: tuple[Exchange, ...]
    seconds: float
    note: Text | None = None

    @property
    def kept(self) -> bool:
        """Whether the rule is kept, as far as could be seen."""
        return self.verdict in (Verdict.PASSED, Verdict.NOT_APPLICABLE)


class Grade(StrEnum):
    """What a run is worth: docs/kit.md."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


FEW = 3
"""Rules of severity major that may be broken for a C."""

MEANINGS = {
    Grade.A: Text("全部通过: 可以联调", "every case that applies passed: ready to be connected"),
    Grade.B: Text("只有轻微问题: 可以联调, 应尽快修正", "minor failures only: can be connected, to be mended soon"),
    Grade.C: Text(
        f"有重要问题, 不超过{FEW}项: 修正后再联调",
        f"up to {FEW} major rules are broken: to be mended before it is connected",
    ),
    Grade.D: Text(f"超过{FEW}项重要问题", f"more than {FEW} major rules are broken"),
    Grade.E: Text("有严重问题: 用户, 费用或订单会受损", "a critical rule is broken: users, money or orders would come to harm"),
    Grade.F: Text("半数以上用例失败: 接口尚未实现", "more than half of the cases failed: the interface is not there yet"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """All cases of a role against one address."""

    role: Role
    url: str
    service: str
    """Name of the contract's service."""
    began: str
    """ISO 8601."""
    seconds: float
    results: tuple[CaseResult, ...]
    partial: bool = False
    """Whether only some cases of the role were asked for: what they are worth is then no verdict on the whole."""

    @property
    def failed(self) -> list[CaseResult]:
        """The cases whose rule is not kept."""
        return [one for one in self.results if not one.kept]

    @property
    def counts(self) -> Counter[Verdict]:
        """How many cases ended how."""
        return Counter(one.verdict for one in self.results)

    @property
    def grade(self) -> Grade:
        """Judge the run."""
        failed = self.failed
        broken = Counter(one.case.severity for one in failed)
        applied = sum(one.verdict is not Verdict.NOT_APPLICABLE for one in self.results)
        if not failed:
            return Grade.A
        if 2 * len(failed) > applied and not self.partial:
            return Grade.F
        if broken[Severity.CRITICAL]:
            return Grade.E
        if broken[Severity.MAJOR] > FEW:
            return Grade.D
        return Grade.C if broken[Severity.MAJOR] else Grade.B
