"""Writes the reports of a run into a directory."""

from __future__ import annotations

from pathlib import Path

from stubs.partnerkit.outcome import Run
from stubs.partnerkit.report.junit import junit, junit_name
from stubs.partnerkit.report.page import page
from stubs.partnerkit.report.results_json import results_json


def write_reports(run: Run, out: Path) -> list[Path]:
    """Write report.html, results.json and the JUnit file; gives their paths. Raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    written = {"report.html": page(run).encode(), "results.json": results_json(run).encode(), junit_name(run): junit(run)}
    for name, content in written.items():
        (out / name).write_bytes(content)
    return [out / name for name in written]
