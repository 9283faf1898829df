"""report.html: one page that needs nothing else, in both languages, with what was sent and answered in each case that failed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from jinja2 import Environment, PackageLoader, StrictUndefined

from stubs.partnerkit.outcome import MEANINGS, CaseResult, Run, Verdict
from stubs.partnerkit.probe import Finding
from stubs.partnerkit.report.messages import Shown, shown
from stubs.partnerkit.texts import Text

_PAGE = Environment(
    loader=PackageLoader("stubs.partnerkit.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
).get_template("report.html.j2")

VERDICTS = {
    Verdict.PASSED: Text("通过", "passed"),
    Verdict.FAILED: Text("失败", "failed"),
    Verdict.NOT_APPLICABLE: Text("不适用", "not applicable"),
    Verdict.NOT_RUN: Text("未执行", "not run"),
}
SEVERITIES = {
    "critical": Text("严重", "critical"),
    "major": Text("重要", "major"),
    "minor": Text("轻微", "minor"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with its exchanges, ready to be shown."""

    text: Text
    exchanges: list[Shown]


def page(run: Run) -> str:
    """Write the page."""
    failed = [(one, [_told(found) for found in one.findings]) for one in run.results if one.verdict is Verdict.FAILED]
    return _PAGE.render(
        run=run, meaning=MEANINGS[run.grade], failed=failed, verdicts=VERDICTS, severities=SEVERITIES,
        counts=[(verdict, run.counts[verdict]) for verdict in Verdict if run.counts[verdict]], grades=MEANINGS,
        sent=_sent,
    )  # fmt: skip


def _told(found: Finding) -> Told:
    """Show each exchange once; of two to the same operation the second is compared with the first."""
    exchanges = list(dict.fromkeys(map(id, found.exchanges)))
    by_id = {id(one): one for one in found.exchanges}
    seen = [by_id[each] for each in exchanges]
    before = [None, *(one if one.title == other.title and one.incoming == other.incoming else None for one, other in pairwise(seen))]
    return Told(found.text, [shown(one, found.marks, beside) for one, beside in zip(seen, before, strict=True)])


def _sent(one: CaseResult) -> int:
    """Count what a case has sent."""
    return sum(not seen.incoming for seen in one.exchanges)
