"""What a run leaves in its directory: JUnit XML as SoapUI writes it, results.json, report.html, the raw messages of steps that failed.

Must not know how anything was run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from stubs.soapui.page import page
from stubs.soapui.results import CaseResult, CaseStatus, RunResult, StepResult, StepStatus, Verdict

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_reports(run: RunResult, directory: Path, *, endpoint: str | None, allow_skipped: bool) -> list[Path]:
    """Write all of them; gives the files. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for suite in dict.fromkeys(case.suite for case in run.cases):
        cases = [case for case in run.cases if case.suite == suite and case.status is not CaseStatus.DISABLED]
        path = _free(directory / f"TEST-{file_name(suite)}.xml", files)
        path.write_bytes(junit(run.project, suite, cases, allow_skipped=allow_skipped))
        files.append(path)
    for case in run.cases:
        for number, step in enumerate(case.failed_steps):
            names = "-".join(file_name(name) for name in (case.suite, case.name, step.name))
            path = _free(directory / f"{names}-{number}-FAILED.txt", files)
            path.write_text(raw(step), encoding="utf-8")
            files.append(path)
    html = directory / "report.html"
    html.write_text(page(run, endpoint), encoding="utf-8")
    path = directory / "results.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(as_data(run, endpoint, allow_skipped=allow_skipped)), indent=1))
    return [*files, html, path]


def file_name(name: str) -> str:
    """Make a file's name of a suite's as SoapUI does: blanks become _, what is no letter or digit is left out."""
    return "".join("_" if c.isspace() else c for c in name if c.isalnum() or c.isspace() or c == "_")[:100] or "_"


def _free(path: Path, taken: Iterable[Path]) -> Path:
    """Two names that differ in other characters only would be one file."""
    number, found = 2, path
    while found in taken:
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return found


def junit(project: str, suite: str, cases: list[CaseResult], *, allow_skipped: bool) -> bytes:
    """One test suite in JUnit's form, with SoapUI's names: PROJECT.SUITE, one testcase for each case.

    What was not run is a failure, or skipped where that is allowed.
    """
    failed = [case for case in cases if _fails(case, allow_skipped)]
    seconds = f"{sum(case.seconds for case in cases):.3f}"
    counts: dict[str, str] = {"tests": str(len(cases)), "failures": str(len(failed)), "errors": "0", "time": seconds}
    skipped = [case for case in cases if case.status is CaseStatus.NOT_RUN and case not in failed]
    if skipped:
        counts["skipped"] = str(len(skipped))
    counts["name"] = _clean(f"{project}.{suite}")
    root = etree.Element("testsuite", counts)
    etree.SubElement(root, "properties")
    for case in cases:
        node = etree.SubElement(root, "testcase", name=_clean(case.name), time=f"{case.seconds:.3f}")
        if case in failed:
            failure = etree.SubElement(node, "failure", type=_clean(case.reason), message=_clean(case.reason))
            failure.text = _clean(_told(case))
        elif case in skipped:
            etree.SubElement(node, "skipped", message=_clean(case.reason))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _fails(case: CaseResult, allow_skipped: bool) -> bool:
    return case.status is CaseStatus.FAILED or (case.status is CaseStatus.NOT_RUN and not allow_skipped)


def _told(case: CaseResult) -> str:
    """What SoapUI says of a case that failed: each step, and why."""
    parts: list[str] = []
    for step in case.failed_steps:
        parts += (f"<h3><b>{step.name} Failed</b></h3><pre>", *map(str, step.messages), "</pre><hr/>")
    parts += [f"not run: {said}" for said in case.not_run]
    return "\n".join(parts)


def raw(step: StepResult) -> str:
    """A failed step for a person: why, then request and answer as they were."""
    head = [f"Status: {step.status}", f"Time: {round(step.seconds * 1000)} ms", f"URL: {step.url}", ""]
    told = [str(said) for said in (*step.messages, *step.notes)]
    return "\n".join([*head, *told, "", "---------------- Request ----------------", step.request, "",
                      "---------------- Response ---------------", step.answer or "(none)", ""])  # fmt: skip


def as_data(run: RunResult, endpoint: str | None, *, allow_skipped: bool) -> dict[str, Any]:
    """The whole run as plain data."""
    return {
        "project": run.project,
        "endpoint": endpoint,
        "exit": run.exit_code(allow_skipped=allow_skipped),
        "totals": {
            "suites": len({case.suite for case in run.cases}),
            "cases": len(run.cases),
            "failed": run.count(CaseStatus.FAILED),
            "not_run": run.count(CaseStatus.NOT_RUN),
            "disabled": run.count(CaseStatus.DISABLED),
            "steps": sum(step.status is not StepStatus.DISABLED for case in run.cases for step in case.steps),
            "assertions": run.assertions(*Verdict),
            "failed_assertions": run.assertions(Verdict.FAILED),
        },
        "cases": [_case(case) for case in run.cases],
    }


def _case(case: CaseResult) -> dict[str, Any]:
    return {
        "suite": case.suite, "case": case.name, "status": case.status, "reason": case.reason, "ms": round(case.seconds * 1000),
        "not_run": [{"zh": said.zh, "en": said.en} for said in case.not_run],
        "steps": [_step(step) for step in case.steps],
    }  # fmt: skip


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "step": step.name, "type": step.kind, "status": step.status, "ms": round(step.seconds * 1000), "url": step.url,
        "assertions": [
            {"name": a.name, "type": a.kind, "status": a.verdict, **({} if a.why is None else {"zh": a.why.zh, "en": a.why.en})}
            for a in step.assertions
        ],
        "messages": [{"zh": said.zh, "en": said.en} for said in step.messages],
        "notes": [{"zh": said.zh, "en": said.en} for said in step.notes],
    }  # fmt: skip


def _clean(text: str) -> str:
    """Leave out what XML cannot carry."""
    return _FORBIDDEN.sub("?", text)
