"""The page of an order: its ladder across the tiers, every step with what is kept of it, exports, and what can be done now."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from gateway.console.gateways import Away, ask_all
from gateway.console.visit import Answer, Pages, Visit, moved
from gateway.flows.sections import SECTIONS
from gateway.ladders import mermaid, svg
from gateway.ladders.cases import draw, first_leg, rows
from gateway.ladders.shape import shape

ENDED = ("10F", "10E")


async def show(visit: Visit) -> Answer:
    """Show a case by its end-to-end id; by another id the browser is sent on. `/live` is the part that refreshes itself."""
    name, part = (*visit.rest, "", "")[:2]
    legs, away = await find(visit, name)
    if not legs:
        return await _elsewhere(visit, name, away)
    if part in _EXPORTS:
        return _exported(visit, legs, part)
    told = shape(legs, visit.language)
    first = first_leg(legs)
    section = SECTIONS[first["section"]]
    title = f"{section.id} {section.title_zh if visit.language == 'zh' else section.title_en}"
    steps = list(zip(told.steps, rows(legs), strict=True))
    doable = [leg for leg in legs if leg["run"] == "stuck" or _hastened(leg)]
    return visit.page(
        "ladder.html" if part == "live" else "order.html", legs=legs, first=first, steps=steps, away=away, title=title, doable=doable,
        drawn=_markup(svg.draw(told, f"{title} {first['order_id']}", links=True)), audit=await _audit(visit, legs),
        over=all(leg["state"] in ENDED and leg["run"] == "ended" for leg in legs),
    )  # fmt: skip


async def find(visit: Visit, trace: str) -> tuple[list[dict[str, Any]], tuple[Away, ...]]:
    """Give the legs of a case at all tiers, each with the name of its gateway; processes that share a store tell the same leg."""
    answers = await ask_all(visit.gateways, f"traces/{trace}")
    legs = {leg["order_id"]: leg | {"gateway": gateway.name} for gateway, found in answers.found for leg in found}
    return list(legs.values()), answers.away


async def _elsewhere(visit: Visit, name: str, away: tuple[Away, ...]) -> Answer:
    answers = await ask_all(visit.gateways, f"orders/{name}")
    if answers.found:
        return moved(f"/order/{quote(answers.found[0][1]['trace_id'], safe='')}")
    missing = "; ".join(f"{one.gateway}: {one.reason}" for one in away)
    zh, en = f"没有订单 {name[:60]}。", f"There is no order {name[:60]}."
    return visit.gone(f"{zh} {missing}", f"{en} {missing}")


async def _audit(visit: Visit, legs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for leg in legs:
        answers = await ask_all([each for each in visit.gateways if each.name == leg["gateway"]], "audit", subject=leg["order_id"])
        found += [row | {"gateway": gateway.name} for gateway, told in answers.found for row in told]
    return sorted(found, key=lambda row: str(row["at"]))


def _hastened(leg: dict[str, Any]) -> bool:
    """Whether a leg waits to try again: a person may have it tried at once."""
    return leg["run"] == "waiting" and any(arrow["state"] == "waiting" and arrow["attempts"] > 1 for arrow in leg["arrows"])


def _markup(drawn: str) -> Any:
    from markupsafe import Markup  # noqa: PLC0415  the one place where text is taken as markup: the drawing has escaped its texts

    return Markup(drawn)  # noqa: S704  the same


_EXPORTS = {"ladder.svg": "image/svg+xml", "ladder.mmd": "text/plain; charset=utf-8", "ladder.txt": "text/plain; charset=utf-8"}


def _exported(visit: Visit, legs: list[dict[str, Any]], kind: str) -> Answer:
    told, first = shape(legs, visit.language), first_leg(legs)
    title = f"{first['section']} {first['order_id']}"
    made = {"ladder.svg": svg.draw, "ladder.mmd": mermaid.write}
    text = made[kind](told, title) if kind in made else draw(legs)
    return Answer(text.encode(), kind=_EXPORTS[kind], headers={"Content-Disposition": f'attachment; filename="{kind}"'})


PAGES: Pages = {("GET", "order"): show}
