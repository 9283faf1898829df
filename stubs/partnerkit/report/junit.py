"""TEST-<role>.<service>.xml: the run in the form that build servers read. Must not know how a run is made."""

from __future__ import annotations

import re

from lxml import etree

from stubs.partnerkit.outcome import CaseResult, Run, Verdict

_UNPRINTABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_name(run: Run) -> str:
    """Give the file's name, which Jenkins and others look for by TEST-*.xml."""
    return f"TEST-{run.role.name}.{run.service}.xml"


def junit(run: Run) -> bytes:
    """Write the run as one test suite; a case that is not applicable is a skipped one."""
    counts = run.counts
    suite = etree.Element(
        "testsuite",
        name=f"{run.role.name}.{run.service}",
        tests=str(len(run.results)),
        failures=str(counts[Verdict.FAILED]),
        errors=str(counts[Verdict.NOT_RUN]),
        skipped=str(counts[Verdict.NOT_APPLICABLE]),
        time=f"{run.seconds:.3f}",
        timestamp=run.began[:19],
    )
    properties = etree.SubElement(suite, "properties")
    for name, value in (("url", run.url), ("grade", run.grade.value)):
        etree.SubElement(properties, "property", name=name, value=value)
    for one in run.results:
        _add(suite, one, f"{run.role.name}.{run.service}")
    return etree.tostring(suite, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _add(suite: etree._Element, one: CaseResult, name: str) -> None:
    title = f"{one.id} {one.case.title.zh} / {one.case.title.en}"
    made = etree.SubElement(suite, "testcase", classname=name, name=title, time=f"{one.seconds:.3f}")
    note = "" if one.note is None else f"{one.note.zh} / {one.note.en}"
    if one.verdict is Verdict.NOT_APPLICABLE:
        etree.SubElement(made, "skipped", message=note)
    elif one.verdict is Verdict.NOT_RUN:
        etree.SubElement(made, "error", message=note)
    elif one.findings:
        lines = [f"{found.text.zh}\n{found.text.en}" for found in one.findings]
        lines += [f"\n{one.case.rule.zh}\n{one.case.rule.en}\n({one.case.source})", f"\n{one.case.hint.zh}\n{one.case.hint.en}"]
        first = one.findings[0].text
        failure = etree.SubElement(made, "failure", message=_clean(f"{first.zh} / {first.en}"), type=one.case.severity.value)
        failure.text = _clean("\n".join(lines))


def _clean(text: str) -> str:
    """Take out what XML cannot carry: a partner's text may be quoted."""
    return _UNPRINTABLE.sub("?", text)
