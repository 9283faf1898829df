"""The report of a run as one HTML file that needs nothing from outside; Chinese and English, with request and answer of what failed."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stubs.soapui.results import CaseStatus, RunResult, Verdict

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_LABELS = {
    CaseStatus.FINISHED: ("通过", "passed"), CaseStatus.FAILED: ("失败", "failed"),
    CaseStatus.NOT_RUN: ("未全部运行", "not run in full"), CaseStatus.DISABLED: ("已停用", "disabled"),
}  # fmt: skip


def page(run: RunResult, endpoint: str | None) -> str:
    """Write the page."""
    numbered = list(enumerate(run.cases))
    suites = [(name, [(n, case) for n, case in numbered if case.suite == name]) for name in dict.fromkeys(c.suite for c in run.cases)]
    return _PAGES.get_template("report.html.j2").render(
        run=run, endpoint=endpoint, suites=suites, labels=_LABELS, assertions=run.assertions(*Verdict),
        failed=run.count(CaseStatus.FAILED), not_run=run.count(CaseStatus.NOT_RUN),
    )  # fmt: skip
