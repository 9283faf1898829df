"""One user: what is known of him, what he holds and held, his last orders at every gateway. Numbers stay masked, but in the address."""

from __future__ import annotations

from gateway.console.gateways import ask_all
from gateway.console.pages.search import joined
from gateway.console.visit import Answer, Pages, Visit
from gateway.domain.numbers import Number

_UNTOLD = {"subscribed_at": None}
"""What a gateway of an older version does not tell; neither does it tell of the user."""


async def shown(visit: Visit) -> Answer:
    """Show the user of the number in the path."""
    try:
        number = Number.parse(visit.rest[0] if len(visit.rest) == 1 else "")
    except ValueError:
        return visit.gone("不是用户号码。", "That is no subscriber number.")
    answers = await ask_all(visit.gateways, f"numbers/{number.digits}")
    users = [(gateway.name, found["subscriber"]) for gateway, found in answers.found if found.get("subscriber")]
    relations = [_UNTOLD | relation | {"gateway": gateway.name} for gateway, found in answers.found for relation in found["relations"]]
    relations.sort(key=lambda one: (one["state"] == "ended", str(one["subscribed_at"])))
    orders = [_row(leg) | {"gateway": gateway.name} for gateway, found in answers.found for leg in found["orders"]]
    return visit.page(
        "subscriber.html", number=str(number), users=users, relations=relations, cases=joined(orders), away=answers.away
    )


def _row(leg: dict[str, object]) -> dict[str, object]:
    """Give an order's leg as the search page's rows are."""
    arrows = leg["arrows"]
    at = arrows[0]["at"] if isinstance(arrows, list) and arrows else ""
    return {
        "order": leg["order_id"], "trace": leg["trace_id"], "channel_order": leg["channel_order_id"], "section": leg["section"],
        "action": leg["action"], "place": leg["place"], "state": leg["state"], "code": leg["code"], "at": at,
    }  # fmt: skip


PAGES: Pages = {("GET", "subscriber"): shown}
