"""results.json: everything that a run found, for programs. Must not know how a run is made."""

from __future__ import annotations

import json
from typing import Any

from stubs.partnerkit.exchange import Exchange
from stubs.partnerkit.outcome import MEANINGS, CaseResult, Run, Verdict
from stubs.partnerkit.texts import Text


def results_json(run: Run) -> str:
    """Write the run; docs/kit.md describes the fields."""
    counts = run.counts
    return json.dumps(
        {
            "role": run.role.name,
            "service": run.service,
            "url": run.url,
            "began": run.began,
            "seconds": round(run.seconds, 3),
            "grade": run.grade.value,
            "partial": run.partial,
            "meaning": _both(MEANINGS[run.grade]),
            "counts": {verdict.value: counts[verdict] for verdict in Verdict},
            "cases": [_case(one) for one in run.results],
        },
        ensure_ascii=False,
        indent=1,
    )


def _case(one: CaseResult) -> dict[str, Any]:
    case = one.case
    return {
        "id": one.id,
        "title": _both(case.title),
        "severity": case.severity.value,
        "verdict": one.verdict.value,
        "seconds": round(one.seconds, 3),
        "rule": _both(case.rule),
        "source": case.source,
        "hint": _both(case.hint),
        "note": None if one.note is None else _both(one.note),
        "findings": [_both(found.text) for found in one.findings],
        "exchanges": [_exchange(seen) for seen in one.exchanges] if not one.kept else [],
    }


def _exchange(seen: Exchange) -> dict[str, Any]:
    return {
        "title": seen.title,
        "direction": "in" if seen.incoming else "out",
        "at": seen.at,
        "target": seen.target,
        "request": seen.request.decode("utf-8", "backslashreplace"),
        "status": seen.status,
        "answer": seen.answer.decode("utf-8", "backslashreplace"),
        "trouble": seen.trouble,
        "seconds": round(seen.seconds, 3),
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
