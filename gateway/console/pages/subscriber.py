"""The page of a subscriber: what each tier says that he holds, and his orders; his number is shown masked."""

from __future__ import annotations

from gateway.console.gateways import ask_all
from gateway.console.visit import Answer, Pages, Visit


async def show(visit: Visit) -> Answer:
    """Show relations and orders of a number at every tier."""
    digits = visit.rest[0] if len(visit.rest) == 1 else ""
    answers = await ask_all(visit.gateways, f"numbers/{digits}")
    if not digits or not (answers.found or answers.away):
        return visit.gone("没有这个号码。", "There is no such number.")
    tiers = [(gateway.name, held) for gateway, held in answers.found]
    masked = f"{digits[:3]}****{digits[-4:]}"
    return visit.page("subscriber.html", masked=masked, tiers=tiers, away=answers.away)


PAGES: Pages = {("GET", "subscriber"): show}
