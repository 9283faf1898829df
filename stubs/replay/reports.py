"""A replay's reports: a table for the terminal, results.json, JUnit XML and one self-contained page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
from lxml import etree

from stubs.replay.tally import OperationTally, Outcome, Tally, Verdict

_TEMPLATE = Path(__file__).with_name("report.html.j2")
_HEADS = ("operation 操作", "equal 一致", "explained 可解释", "different 不一致", "left out 未发送")


def table(tally: Tally) -> str:
    """Draw the counts by operation, then what differs where, and why what was left out."""
    rows = [(f"{one.contract}/{one.operation}", *(str(one.counts[verdict]) for verdict in Verdict)) for one in tally.operations.values()]
    rows.append(("all 合计", *(str(tally.total(verdict)) for verdict in Verdict)))
    widths = [max(_width(row[column]) for row in (_HEADS, *rows)) for column in range(len(_HEADS))]
    lines = ["  ".join(_padded(cell, width, place > 0) for place, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
             for row in (_HEADS, *rows)]  # fmt: skip
    for one in tally.operations.values():
        lines += [f"{one.contract}/{one.operation}: {count} x {path}" for path, count in one.paths.most_common(10)]
        if one.examples:
            lines += _example(one.examples[0])
        if one.counts[Verdict.LEFT_OUT]:
            lines += [f"{one.contract}/{one.operation}: left out: {why} ({count})" for why, count in one.reasons.most_common(5)]
    return "\n".join(lines)


def _example(outcome: Outcome) -> list[str]:
    place = f"  first at {outcome.step.file}:{outcome.step.line}"
    found = [(each, why) for each, why in zip(outcome.differences, outcome.why, strict=True) if not why]
    return [place, *(f"    {each.path}: expected {_value(each.expected)}, got {_value(each.actual)}" for each, _ in found[:5])]


def _value(value: str | None) -> str:
    return "nothing" if value is None else json.dumps(value[:120], ensure_ascii=False)


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def results(tally: Tally, about: dict[str, Any]) -> dict[str, Any]:
    """Give all as plain values."""
    return {
        **about,
        "counts": {verdict.replace(" ", "_"): tally.total(verdict) for verdict in Verdict},
        "operations": [
            {
                "contract": one.contract, "operation": one.operation,
                "counts": {verdict.replace(" ", "_"): one.counts[verdict] for verdict in Verdict},
                "reasons": dict(one.reasons.most_common()), "paths": dict(one.paths.most_common(100)),
                "examples": [_plain(outcome) for outcome in one.examples],
            }
            for one in tally.operations.values()
        ],
    }  # fmt: skip


def _plain(outcome: Outcome) -> dict[str, Any]:
    record = outcome.step.record
    return {
        "file": outcome.step.file, "line": outcome.step.line, "at": record.at, "partner": record.partner, "order": record.order,
        "streaming_no": record.streaming_no, "request": outcome.request, "expected": outcome.expected, "actual": outcome.actual,
        "differences": [
            {"path": each.path, "expected": each.expected, "actual": each.actual, "explained": why}
            for each, why in zip(outcome.differences, outcome.why, strict=True)
        ],
    }  # fmt: skip


def junit(tally: Tally, about: dict[str, Any]) -> bytes:
    """Write a test case for each operation; one that differs has failed, with its first differences."""
    failed = sum(1 for one in tally.operations.values() if one.counts[Verdict.DIFFERENT])
    suite = etree.Element("testsuite", name="replay", tests=str(len(tally.operations)), failures=str(failed), errors="0", skipped="0")
    etree.SubElement(etree.SubElement(suite, "properties"), "property", name="target", value=_visible(str(about["target"])))
    for one in tally.operations.values():
        case = etree.SubElement(suite, "testcase", classname=f"replay.{_visible(one.contract)}", name=_visible(one.operation))
        different = one.counts[Verdict.DIFFERENT]
        if different:
            failure = etree.SubElement(case, "failure", message=f"{different} answers differ", type="different")
            failure.text = _visible("\n".join(line for outcome in one.examples for line in _example(outcome)))
        told = ", ".join(f"{one.counts[verdict]} {verdict}" for verdict in Verdict)
        etree.SubElement(case, "system-out").text = told
    return etree.tostring(suite, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _visible(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(c if c in "\t\n" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and c not in "\ufffe\uffff") else "?" for c in text)


def page(tally: Tally, about: dict[str, Any]) -> str:
    """Write the page."""
    made = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = made.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(about=about, operations=list(tally.operations.values()), total=tally.total, verdicts=list(Verdict), place=_place)


def _place(one: OperationTally) -> str:
    return f"{one.contract}/{one.operation}"


def write_reports(tally: Tally, about: dict[str, Any], out: Path) -> list[Path]:
    """Write results.json, TEST-replay.xml and report.html; raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    files = {
        "results.json": json.dumps(results(tally, about), ensure_ascii=False, indent=1).encode("utf-8", "replace"),
        "TEST-replay.xml": junit(tally, about),
        "report.html": page(tally, about).encode("utf-8", "replace"),
    }
    for name, content in files.items():
        (out / name).write_bytes(content)
    return [out / name for name in files]
