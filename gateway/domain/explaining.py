"""Why an order of a product for a number goes which way: every rule of routing in its turn, with what it found.

At the group it is the order that a province passes on. The way itself is the one that routing.py gives.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.catalogue import Catalogue, Product
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import GROUP_VSOP, Address, province_name
from gateway.domain.routing import Misrouted, Place, Route, home, offered_here, route_activation, route_order, towards
from gateway.errors import NO_ROUTE, OK, PRODUCT_NOT_OPEN, UNKNOWN_NUMBER, UNKNOWN_PRODUCT, Result


class Rule(StrEnum):
    """The rules, in the order in which they are tried."""

    PORTED = "ported"
    SEGMENT = "segment"
    AREA = "area"
    UNKNOWN = "unknown"
    HOME = "home"
    PRODUCT = "product"
    STATUS = "status"
    OWNER = "owner"
    SCOPE = "scope"
    PLATFORM = "platform"
    CONFIGURED = "configured"
    SECTION = "section"
    RESULT = "result"


class Outcome(StrEnum):
    """What came of a rule."""

    NOT_THIS = "not this"
    OK = "ok"
    DECIDES = "decides"
    REFUSES = "refuses"


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule that was tried; `finding` holds no digit of the number."""

    rule: Rule
    outcome: Outcome
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """All rules that were tried, and the way or the refusal that they lead to."""

    tried: tuple[Tried, ...]
    end: Route | Misrouted

    @property
    def result(self) -> Result:
        """Success where there is a way."""
        return OK if isinstance(self.end, Route) else self.end.result


Trying = Generator[Tried, None, Route | Misrouted]


def explain(
    here: Place,
    plan: NumberPlan,
    catalogue: Catalogue,
    number: Number,
    product_id: str,
    configured: Callable[[Address], bool],
) -> Explained:
    """Try each rule for a new order, up to the first one that refuses."""
    trying = _rules(here, plan, catalogue, number, product_id, configured)
    tried: list[Tried] = []
    while True:
        try:
            tried.append(next(trying))
        except StopIteration as end:
            return Explained(tuple(tried), end.value)


def _rules(
    here: Place,
    plan: NumberPlan,
    catalogue: Catalogue,
    number: Number,
    product_id: str,
    configured: Callable[[Address], bool],
) -> Trying:
    province = yield from _province(plan, number)
    if isinstance(province, Misrouted):
        return province
    onward = towards(here, plan, number, 0)
    assert not isinstance(onward, Misrouted)  # its province is known, and no hop is behind it
    if onward == GROUP_VSOP:
        refusal = home(here, plan, number)
        assert isinstance(refusal, Misrouted)
        yield Tried(
            Rule.HOME, Outcome.REFUSES, f"{refusal.detail}; 查询与端口请求转 queries and routed ports go on to {onward}"
        )
        return refusal
    yield Tried(Rule.HOME, Outcome.OK, "本省 here" if onward is None else f"来自 passed on by {onward}")
    product = yield from _product(catalogue, product_id)
    if isinstance(product, Misrouted):
        return product
    if onward is None:
        return (yield from _way(here, product, route_order(here, province, [product]), (), configured))
    return (yield from _way(here, product, route_activation(here, plan, number, [product], 1), (onward,), configured))


def _province(plan: NumberPlan, number: Number) -> Generator[Tried, None, str | Misrouted]:
    province = plan.province(number)
    finding = "" if province is None else f"{province} {province_name(province)}"
    if number.digits in plan.ported:
        yield Tried(Rule.PORTED, Outcome.DECIDES, finding)
    else:
        yield Tried(Rule.PORTED, Outcome.NOT_THIS)
        table = Rule.SEGMENT if number.mobile else Rule.AREA
        yield Tried(table, Outcome.NOT_THIS if province is None else Outcome.DECIDES, finding)
    if province is not None:
        return province
    yield Tried(Rule.UNKNOWN, Outcome.REFUSES)
    return Misrouted(UNKNOWN_NUMBER, str(number))


def _product(catalogue: Catalogue, product_id: str) -> Generator[Tried, None, Product | Misrouted]:
    product = catalogue.products.get(product_id)
    if product is None:
        yield Tried(Rule.PRODUCT, Outcome.REFUSES)
        return Misrouted(UNKNOWN_PRODUCT, product_id)
    yield Tried(Rule.PRODUCT, Outcome.OK, f"{product.name_zh} {product.name_en}")
    if not product.status.can_subscribe:
        yield Tried(Rule.STATUS, Outcome.REFUSES, product.status)
        return Misrouted(PRODUCT_NOT_OPEN, product_id)
    yield Tried(Rule.STATUS, Outcome.OK, product.status)
    return product


def _way(
    here: Place,
    product: Product,
    route: Route | Misrouted,
    others: tuple[Address, ...],
    configured: Callable[[Address], bool],
) -> Trying:
    """Tell how owner, scope and platform lead to the way; `others` take part beside the next party."""
    yield Tried(Rule.OWNER, Outcome.OK, f"{product.owner} {'ISMP' if product.by_ismp else 'VSOP'}")
    scope = f"{product.scope}, {product.province} {province_name(product.province)}"
    yield Tried(Rule.SCOPE, Outcome.OK if offered_here(here, product) else Outcome.REFUSES, scope)
    if isinstance(route, Misrouted):
        if offered_here(here, product):  # the group carries out nothing that ISMP owns: each province asks its own
            yield Tried(Rule.PLATFORM, Outcome.REFUSES, product.platform)
        return route
    yield Tried(Rule.PLATFORM, Outcome.OK, product.platform)
    missing = next((party for party in (route.target, *others) if not configured(party)), None)
    if missing is not None:
        yield Tried(Rule.CONFIGURED, Outcome.REFUSES, str(missing))
        return Misrouted(NO_ROUTE, str(missing))
    yield Tried(Rule.CONFIGURED, Outcome.OK, str(route.target))
    yield Tried(Rule.SECTION, Outcome.OK, route.section)
    yield Tried(Rule.RESULT, Outcome.DECIDES, str(route.target))
    return route
