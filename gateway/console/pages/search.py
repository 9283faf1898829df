"""The first page: one box for number, StreamingNo, order, product, partner; every gateway is asked at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from gateway.console.frame import Entry
from gateway.console.gateways import ask_all
from gateway.console.visit import Answer, Pages, Visit, moved

ENTRIES = (Entry("/", "s", "查询", "Search"),)
LONGEST = 64
"""Characters, as the admin API takes them."""


async def show(visit: Visit) -> Answer:
    """Show the box, and what was found; a single order is opened at once where the box was filled by hand."""
    text = visit.query.get("q", "").strip()
    if not text:
        return visit.page("search.html", text="", cases=[], objects=[], partners=[], away=(), number=False, long=False)
    if len(text) > LONGEST:
        return visit.page("search.html", text=text, cases=[], objects=[], partners=[], away=(), number=False, long=True)
    answers = await ask_all(visit.gateways, "find", q=text)
    cases = joined([order | {"gateway": gateway.name} for gateway, found in answers.found for order in found["orders"]])
    objects = [held | {"gateway": gateway.name} for gateway, found in answers.found for held in found["objects"]]
    partners = [(gateway.name, name) for gateway, found in answers.found for name in found["partners"]]
    number = any(found["number"] for _, found in answers.found)
    if len(cases) == 1 and not objects and not partners and not number and not answers.away:
        return moved(f"/order/{quote(cases[0]['trace'], safe='')}")
    return visit.page(
        "search.html", text=text, cases=cases, objects=objects, partners=partners, away=answers.away, number=number, long=False
    )


def joined(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make one row of the legs of a case, the newest case first: the leg where it began speaks, the others name their tiers."""
    by_trace: dict[str, list[dict[str, Any]]] = {}
    for order in orders:
        by_trace.setdefault(order["trace"], []).append(order)
    cases = []
    for legs in by_trace.values():
        first = next((leg for leg in legs if leg["order"] == leg["trace"]), legs[0])
        cases.append(first | {"places": [leg["place"] for leg in legs]})
    return sorted(cases, key=lambda case: str(case["at"]), reverse=True)


PAGES: Pages = {("GET", ""): show}
