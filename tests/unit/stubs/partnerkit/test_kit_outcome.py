"""Grades: what a run is worth by the severity of what failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stubs.partnerkit.case import Severity
from stubs.partnerkit.catalogue import ROLES, cases_of
from stubs.partnerkit.outcome import CaseResult, Run, Verdict
from stubs.partnerkit.report.junit import junit
from stubs.partnerkit.texts import Text

ROLE = ROLES["xplatform"]


def run(*failed: Severity, verdict: Verdict = Verdict.FAILED, passed: int = 20) -> Run:
    """Make a run in which so many cases failed, by severity, and others passed."""
    by_severity = {case.severity: case for case in cases_of(ROLE)}
    results = [CaseResult(f"X-{place}", by_severity[severity], verdict, (), (), 0.0) for place, severity in enumerate(failed)]
    results += [CaseResult(f"P-{place}", cases_of(ROLE)[0], Verdict.PASSED, (), (), 0.0) for place in range(passed)]
    return Run(ROLE, "http://127.0.0.1/x", "XplatformService", "2026-11-25T03:07:15.023+08:00", 1.0, tuple(results))


@pytest.mark.parametrize(
    ("failed", "grade"),
    [
        ((), "A"),
        ((Severity.MINOR,) * 5, "B"),
        ((Severity.MAJOR,) * 3, "C"),
        ((Severity.MAJOR,) * 4, "D"),
        ((Severity.CRITICAL,), "E"),
        ((Severity.MINOR,) * 21, "F"),
    ],
    ids=["A", "B", "C", "D", "E", "F"],
)
def test_grade(failed, grade):
    """The worst that failed decides; more than half is F, however small."""
    assert run(*failed).grade == grade


def test_not_applicable_costs_nothing():
    """A case that is not about this partner is not held against it."""
    assert run(Severity.CRITICAL, verdict=Verdict.NOT_APPLICABLE).grade == "A"


def test_part_of_the_cases_is_never_f():
    """One case that was asked for and failed is no verdict on the whole interface."""
    assert replace(run(Severity.MINOR, passed=0), partial=True).grade == "B"


def test_not_run_counts_as_failed():
    """A partner that ceased to answer has not kept the rules that could not be tried."""
    assert run(Severity.CRITICAL, verdict=Verdict.NOT_RUN).grade == "E"


def test_junit_takes_any_text():
    """A control character that a partner's text has does not break the file."""
    one = run(Severity.MAJOR)
    result = one.results[0]
    finding = type("Found", (), {"text": Text("\x00坏", "bad\x08")})()
    broken = CaseResult(result.id, result.case, Verdict.FAILED, (finding,), (), 0.0)
    text = junit(Run(one.role, one.url, one.service, one.began, 1.0, (broken,)))
    assert "?坏 / bad?".encode() in text
