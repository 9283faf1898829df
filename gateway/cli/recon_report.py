"""How a reconciliation is told: a table with masked numbers for the terminal, JSON with whole ones for the operator's file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gateway.cli.recon_run import Found
from gateway.domain.numbers import Number
from gateway.recon.causes import WORDS
from gateway.recon.comparing import Kind
from gateway.recon.holdings import Holding
from gateway.recon.judging import Judged
from gateway.recon.planning import Repair

KINDS = {
    Kind.EXTRA: "0 extra in VSOP", Kind.MISSING: "1 missing in VSOP", Kind.DIFFERENT: "2 different",
}  # fmt: skip
_ACTS = {"subscribe": "begin", "unsubscribe": "end", "suspend": "suspend", "resume": "resume"}


def table(found: Found) -> str:
    """Draw everything that was found, then the repairs, then the sum; numbers are masked."""
    lines = [f"VSOP and {found.asked.right}: {', '.join(found.sources)}"]
    head = ("no", "class", "number", "product", "VSOP", "other side", "likely cause, or why it is none yet")
    rows = [_row(place, one) for place, one in enumerate(found.judged, 1)]
    lines += _columns([head, *rows]) if rows else ["  no differences"]
    if found.plan.repairs or found.by_hand:
        lines += [f"plan {found.plan.id}", *(f"  {_repair(one, found)}" for one in found.plan.repairs)]
        lines += [f"  no {place}: by hand: {why}" for place, why in sorted(found.by_hand.items())]
    if found.untold:
        masked = ", ".join(str(Number(digits)) for digits in found.untold)
        lines.append(f"not compared, for {found.asked.right} gave no answer: {masked}; the report (--report) has the whole numbers")
    return "\n".join([*lines, _sum(found)])


def _row(place: int, one: Judged) -> tuple[str, ...]:
    difference = one.difference
    said = f"in flight: {one.in_flight}" if one.cause is None else WORDS[one.cause][1]
    kind = f"{KINDS[difference.kind]} ({difference.field})" if difference.kind is Kind.DIFFERENT else KINDS[difference.kind]
    return (
        str(place), kind, str(difference.number), difference.product_id,
        _side(difference.ours, difference.product_id), _side(difference.theirs, difference.product_id), said,
    )  # fmt: skip


def _side(holding: Holding | None, product_id: str) -> str:
    if holding is None:
        return "-"
    words = holding.standing.name.lower()
    return words if holding.product_id == product_id else f"{holding.product_id} {words}"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _repair(one: Repair, found: Found) -> str:
    return f"line {one.line}, for no {one.of}: {_ACTS[one.action]} {one.product_id} of {one.number}: {told(one, found)}"


def told(one: Repair, found: Found) -> str:
    """Say who is told of a repair."""
    parts = [
        f"ask {found.asked.right}" * one.asks, "keep VSOP's relation" * one.keeps, "report to the group" * one.reports,
        "archive to billing" * one.archives,
    ]  # fmt: skip
    return ", ".join(part for part in parts if part)


def _sum(found: Found) -> str:
    counts = Counter(one.difference.kind for one in found.judged if not one.in_flight)
    parts = ", ".join(f"{counts[kind]} {words[2:]}" for kind, words in KINDS.items())
    in_flight = len(found.judged) - found.differences
    return f"{found.compared} compared: {found.differences} differences ({parts}), {in_flight} in flight"


def as_json(found: Found) -> dict[str, Any]:
    """Give the report whole: numbers are not masked, so the file is the operator's alone."""
    counts = Counter(one.difference.kind for one in found.judged if not one.in_flight)
    return {
        "right": found.asked.right, "date": f"{found.asked.day:%Y-%m-%d}", "full": found.asked.full, "sources": list(found.sources),
        "made_at": found.plan.made_at.isoformat(), "compared": found.compared,
        "differences": found.differences,
        "classes": {str(int(kind)): counts[kind] for kind in Kind}, "in_flight": len(found.judged) - found.differences,
        "untold": list(found.untold), "plan": found.plan.id,
        "rows": [_json_row(place, one, found) for place, one in enumerate(found.judged, 1)],
    }  # fmt: skip


def _json_row(place: int, one: Judged, found: Found) -> dict[str, Any]:
    difference = one.difference
    zh, en = ("", "") if one.cause is None else WORDS[one.cause]
    return {
        "no": place, "class": int(difference.kind), "field": difference.field, "number": difference.number.digits,
        "product": difference.product_id, "vsop": _json_side(difference.ours), "other": _json_side(difference.theirs),
        "in_flight": one.in_flight, "cause": one.cause, "cause_zh": zh, "cause_en": en,
        "repairs": [
            {"line": r.line, "action": r.action, "product": r.product_id, "told": told(r, found)}
            for r in found.plan.repairs if r.of == place
        ],
        "by_hand": found.by_hand.get(place, ""),
    }  # fmt: skip


def _json_side(holding: Holding | None) -> dict[str, Any] | None:
    if holding is None:
        return None
    times = {"subscribed_at": holding.subscribed_at, "effective_at": holding.effective_at, "expires_at": holding.expires_at}
    return {
        "product": holding.product_id, "status": holding.standing, "offer": holding.offer_id, "order": holding.order_id,
        **{name: None if at is None else at.isoformat() for name, at in times.items()},
    }  # fmt: skip
