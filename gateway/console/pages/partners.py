"""Partners: whom the gateways call, with breakers and calls under way; who calls them, with state and quotas, changed with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gateway.console.frame import Entry
from gateway.console.gateways import ask_all
from gateway.console.pages.applications import LONGEST_REASON
from gateway.console.pages.asking import named
from gateway.console.visit import Answer, Pages, Visit, moved

ENTRIES = (Entry("/partners", "p", "合作方", "Partners"),)
STATES = ("suspend", "resume", "isolate", "reset")
MODES = ("report", "enforce")


class Unfit(Exception):
    """A limit is none; the two texts say what is expected."""


@dataclass(frozen=True, slots=True)
class Called:
    """A partner that a gateway calls; `worst` is open, probing or closed: what its worst breaker is."""

    party: str
    url: str
    open_calls: int
    worst: str
    operations: list[dict[str, Any]]


def called(row: dict[str, Any]) -> Called:
    """Judge a partner by its breakers."""
    positions = {operation["breaker"] for operation in row["operations"]}
    worst = next((one for one in ("open", "probing") if one in positions), "closed" if positions else "")
    return Called(row["party"], row["url"], row["open_calls"], worst, [o for o in row["operations"] if o["breaker"] != "closed"])


async def shown(visit: Visit) -> Answer:
    """Show all, or with a gateway and a name one that calls."""
    if visit.rest:
        return await _one(visit)
    outward, inward = await ask_all(visit.gateways, "partners"), await ask_all(visit.gateways, "callers")
    callers = {gateway.name: rows for gateway, rows in inward.found}
    tables = [(gateway.name, [called(row) for row in rows], callers.get(gateway.name, [])) for gateway, rows in outward.found]
    return visit.page("partners.html", tables=tables, away=outward.away)


async def _one(visit: Visit, *, said: tuple[str, str] | None = None) -> Answer:
    gateway = named(visit, visit.rest[0]) if len(visit.rest) == 2 else None
    found = None if gateway is None else await gateway.get(f"callers/{visit.rest[1]}")
    if gateway is None or not found:
        return visit.gone("没有这个合作方。", "There is no such partner.")
    audit = await gateway.get("audit", subject=found["name"], limit=20)
    given = {name: visit.field(name) for name in ("why", "per_second", "burst", "mode", "requests", "day_mode")}
    return visit.page(
        "partner.html", status=400 if said else 200, gateway=gateway.name, row=found, audit=audit or [], said=said, given=given, modes=MODES
    )


async def change(visit: Visit) -> Answer:
    """Suspend, let go on, cut off, limit, or take back what was changed by hand."""
    gateway, act, why = named(visit, visit.rest[0]) if len(visit.rest) == 2 else None, visit.field("act"), visit.field("why").strip()
    if gateway is None:
        return visit.gone("没有这个合作方。", "There is no such partner.")
    if not 1 <= len(why) <= LONGEST_REASON:
        said = (f"请填写理由 (1 至 {LONGEST_REASON} 字)。", f"Give a reason, of 1 to {LONGEST_REASON} characters.")
        return await _one(visit, said=said)
    if act not in (*STATES, "limit"):
        return visit.problem("没有这个操作。", "There is no such act.")
    try:
        values = limits(visit) if act == "limit" else {}
    except Unfit:
        return await _one(visit, said=("限额应为数字, 且至少填写一项。", "Limits are numbers, and at least one is needed."))
    await gateway.post(f"callers/{visit.rest[1]}", {"act": act, "who": visit.who, "why": why, **values})
    return moved(f"/partners/{quote(gateway.name, safe='')}/{quote(visit.rest[1], safe='')}")


def limits(visit: Visit) -> dict[str, Any]:
    """Read the limits of the form; raises Unfit."""
    made: dict[str, Any] = {}
    try:
        if visit.field("per_second").strip():
            rate = float(visit.field("per_second"))
            burst = int(visit.field("burst").strip() or max(1, round(rate)))
            made["rate"] = {"per_second": rate, "burst": burst, "mode": visit.field("mode")}
        if visit.field("requests").strip():
            made["day"] = {"requests": int(visit.field("requests")), "mode": visit.field("day_mode")}
    except (ValueError, OverflowError):
        raise Unfit from None
    if not made:
        raise Unfit
    return made


PAGES: Pages = {("GET", "partners"): shown, ("POST", "partners"): change}
