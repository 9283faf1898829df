"""Which way an order of a product would go from this gateway, and why: routing's rules as the command line shows them."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.explaining import Tried, explain
from gateway.domain.numbers import Number
from gateway.domain.routing import Route
from gateway.services.desk import Desk


@dataclass(frozen=True, slots=True)
class RouteView:
    """The rules that were tried, and where they lead; `code` 0 is a way, else `text` says why there is none."""

    number: str
    product: str
    rules: tuple[Tried, ...]
    code: int
    text: str
    section: str = ""
    target: str = ""


def explained(desk: Desk, path: str) -> RouteView | None:
    """Explain NUMBER/PRODUCT, the number masked; None where it is not of this form."""
    digits, _, product = path.partition("/")
    try:
        number = Number.parse(digits)
    except ValueError:
        return None
    if not product:
        return None
    found = explain(desk.here, desk.plan, desk.catalogue, number, product, desk.knows)
    if isinstance(found.end, Route):
        return RouteView(str(number), product, found.tried, 0, "", found.end.section, str(found.end.target))
    return RouteView(
        str(number), product, found.tried, found.end.result.code, found.end.result.describe(found.end.detail)
    )
