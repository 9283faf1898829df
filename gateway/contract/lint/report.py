"""Findings as text, as JSON, and as JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lxml import etree

from gateway.contract.lint.findings import Finding


def text(findings: Sequence[Finding], judged: int, what: str = "file") -> str:
    """One line for each finding, as compilers write them, and one for the whole."""
    lines = [f"{f.path}:{f.line}: {f.rule} {f.en}: {f.what} | {f.zh} ({f.source})" for f in findings]
    files = f"{judged} {what}{'' if judged == 1 else 's'}"
    return "\n".join([*lines, f"{files}, {len(findings)} finding{'' if len(findings) == 1 else 's'}"])


def as_json(findings: Sequence[Finding], judged: int) -> str:
    """An object with `judged` and `findings`."""
    rows = [{**asdict(finding), "path": str(finding.path)} for finding in findings]
    return json.dumps({"judged": judged, "findings": rows}, ensure_ascii=False, indent=2)


def junit(findings: Sequence[Finding], judged: Sequence[Path]) -> str:
    """A test suite with a case for each file; a file with findings has failed, and says each in a line."""
    failed = {finding.path for finding in findings}
    suite = etree.Element("testsuite", name="vsopgw wsdl lint", tests=str(len(set(judged) | failed)), failures=str(len(failed)), errors="0")
    for path in sorted(set(judged) | failed):
        here = [finding for finding in findings if finding.path == path]
        case = etree.SubElement(suite, "testcase", classname="wsdl.lint", name=str(path), file=str(path))
        if here:
            failure = etree.SubElement(case, "failure", type=here[0].rule, message=f"{len(here)} finding{'' if len(here) == 1 else 's'}")
            failure.text = "\n".join(f"{f.path}:{f.line}: {f.rule} {f.en}: {f.what}" for f in here)
    return etree.tostring(suite, encoding="unicode", pretty_print=True)
