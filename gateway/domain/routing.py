"""Which way an order goes: number to province, then owner, scope and platform of its products.

The only place, besides configuration, that compares tier and province. Each rule that was tried is told, for `route explain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.domain.catalogue import Offer, Product, Scope
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import GROUP_VSOP, NATIONAL, PROVISIONING, Address, Party, province_name
from gateway.errors import MISROUTED, MIXED_ORDER, NO_ROUTE, TOO_MANY_HOPS, UNKNOWN_NUMBER, Result

MAX_HOPS = 3


class Tier(StrEnum):
    """Which of the two tiers a gateway is."""

    PROVINCE = "province"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Place:
    """Where we are."""

    tier: Tier
    province: str

    @property
    def system(self) -> str:
        """Our system code: 100 for the group, 200 for a province."""
        return "100" if self.tier is Tier.GROUP else "200"

    @property
    def ppm_system(self) -> str:
        """The system code of our product management: 102 for the group, 202 for a province."""
        return "102" if self.tier is Tier.GROUP else "202"


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an order: the seed's section and the next party; of each product where they differ."""

    section: str
    target: Address
    province: str
    targets: tuple[Address, ...] = ()
    """The next party of each product, in the order in which the products were given."""


@dataclass(frozen=True, slots=True)
class Misrouted:
    """No way from here; `detail` says what is wrong or where it should go."""

    result: Result
    detail: str


def home(here: Place, plan: NumberPlan, number: Number) -> str | Misrouted:
    """Give the province of a number if its orders are ours to take; an order belongs to the province of its number."""
    province = plan.province(number)
    if province is None:
        return Misrouted(UNKNOWN_NUMBER, str(number))
    if here.tier is Tier.GROUP or province != here.province:
        return Misrouted(MISROUTED, province_name(province))
    return province


def in_reach(here: Place, plan: NumberPlan, number: Number) -> str | Misrouted:
    """Give the province of a number whose relations are kept here: its own for a province, any for the group."""
    province = plan.province(number)
    if here.tier is Tier.GROUP and province is not None:
        return province
    return home(here, plan, number)


MIXED = "4.1"
"""Section of an order that goes several ways at once."""


def route_order(here: Place, province: str, products: Sequence[Product], *, several: bool = False) -> Route | Misrouted:
    """Find the way of a channel's order (seed 4.1) whose number is at home here; `several`: not all of it is done in one way."""
    stranger = _stranger(here, products)
    if stranger is not None:
        return stranger
    targets = tuple(next_party(product) for product in products)
    sections = {_section(product) for product in products}
    if several or len(sections) > 1 or len(set(targets)) > 1:
        return Route(MIXED, targets[0], province, targets)
    return Route(sections.pop(), targets[0], province, targets)


def route_work_order(here: Place, province: str, products: Sequence[Product], *, begins: bool) -> Route | Misrouted:
    """Find the way of a bundle that CRM sold or cancelled (seed 3.2): national where the group VSOP takes part."""
    stranger = _stranger(here, products)
    if stranger is not None:
        return stranger
    targets = tuple(next_party(product) for product in products)
    national = GROUP_VSOP in targets
    section = ("3.2.2" if national else "3.2.1") if begins else ("3.2.4" if national else "3.2.3")
    return Route(section, targets[0] if targets else PROVISIONING, province, targets)


def next_party(product: Product) -> Address:
    """Give whom a province asks for a product: its ISMP, the group VSOP for a national X product, else the X platform."""
    if product.by_ismp:
        return Address(Party.ISMP, product.platform)
    return GROUP_VSOP if product.scope is Scope.NATIONAL else Address(Party.XPLATFORM, product.platform)


def carrier(here: Place, product: Product) -> Address | None:
    """Give who carries a product out for this gateway; None for what it neither asks for nor keeps."""
    if here.tier is not Tier.GROUP:
        return next_party(product) if offered_here(here, product) else None
    if product.scope is not Scope.NATIONAL:
        return None
    return Address(Party.ISMP if product.by_ismp else Party.XPLATFORM, product.platform)


def archives_here(here: Place) -> bool:
    """Whether relations are archived to billing from here: that is the provinces' part, of national products as well."""
    return here.tier is not Tier.GROUP


def _section(product: Product) -> str:
    if product.by_ismp:
        return "4.1.4" if product.scope is Scope.NATIONAL else "4.1.2"
    return "4.1.3" if product.scope is Scope.NATIONAL else "4.1.1"


def _stranger(here: Place, products: Sequence[Product]) -> Misrouted | None:
    found = next((p for p in products if p.scope is Scope.PROVINCIAL and p.province != here.province), None)
    return None if found is None else Misrouted(NO_ROUTE, f"{found.id} ({province_name(found.province)})")


def keeps_national_view(here: Place) -> bool:
    """Whether relations of national products are kept here for all provinces."""
    return here.tier is Tier.GROUP


def route_activation(
    here: Place, plan: NumberPlan, number: Number, products: Sequence[Product], hops: int
) -> Route | Misrouted:
    """Find the way of an activation that another tier passed on (seed 4.1.3 step 2): national products go to their platform."""
    if hops > MAX_HOPS:
        return Misrouted(TOO_MANY_HOPS, str(hops))
    province = plan.province(number)
    if province is None:
        return Misrouted(UNKNOWN_NUMBER, str(number))
    stranger = next((p for p in products if p.scope is not Scope.NATIONAL), None)
    if here.tier is not Tier.GROUP:
        return Misrouted(MISROUTED, province_name(NATIONAL))
    if stranger is not None:
        return Misrouted(MISROUTED, f"{stranger.id} ({province_name(stranger.province)})")
    ways = {(p.by_ismp, p.platform) for p in products}
    if len(ways) != 1:
        return Misrouted(MIXED_ORDER, " ".join(p.id for p in products))
    by_ismp, platform = ways.pop()
    if by_ismp:
        return Misrouted(NO_ROUTE, " ".join(p.id for p in products))
    return Route("4.1.3", Address(Party.XPLATFORM, platform), province)


def foreign_object(here: Place, scope: Scope, province: str) -> Misrouted | None:
    """Tell where an object of the catalogue belongs, if not to this tier and province: national ones are the group's."""
    national = scope is Scope.NATIONAL
    if province == here.province and national == (here.province == NATIONAL):
        return None
    return Misrouted(MISROUTED, province_name(NATIONAL if national else province))


def foreign_among(here: Place, objects: Sequence[Product | Offer]) -> Misrouted | None:
    """Find an object that is nothing to this tier and province: national ones are everybody's, others their own province's."""
    found = next((o for o in objects if o.scope is not Scope.NATIONAL and foreign_object(here, o.scope, o.province)), None)
    return None if found is None else Misrouted(MISROUTED, f"{found.id} ({province_name(found.province)})")


def placed(offer: Offer, products: Sequence[Product]) -> Offer:
    """Give an offer whose file does not say where it is sold the place of its products: national only if all of them are."""
    if offer.province:
        return offer
    local = next((p for p in products if p.scope is not Scope.NATIONAL), None)
    if local is None:
        return replace(offer, scope=Scope.NATIONAL, province=NATIONAL)
    return replace(offer, scope=Scope.PROVINCIAL, province=local.province)


def catalogue_vsops(here: Place, scope: Scope, configured: Sequence[Address]) -> tuple[Address, ...]:
    """List the VSOPs that hear of an object: the one of this tier and province first; of a national one all that are configured."""
    own = Address(Party.VSOP, here.province)
    known = sorted((a for a in configured if a.party is Party.VSOP), key=lambda a: (a != own, a.code))
    return tuple(a for a in known if a == own or scope is Scope.NATIONAL)


def knows_ppm(scope: Scope, system: str) -> bool:
    """Whether this system is the PPM that looks after objects of a scope: a province never overwrites what is national."""
    return system == ("102" if scope is Scope.NATIONAL else "202")


def towards(here: Place, plan: NumberPlan, number: Number, hops: int) -> Address | Misrouted | None:
    """Give the VSOP that a question about a number is passed on to; None: the number is at home here.

    Provinces reach each other through the group. `hops` counts the gateways that the message has passed.
    """
    if hops > MAX_HOPS:
        return Misrouted(TOO_MANY_HOPS, str(hops))
    province = plan.province(number)
    if province is None:
        return Misrouted(UNKNOWN_NUMBER, str(number))
    if province == here.province:
        return None
    return Address(Party.VSOP, province) if here.tier is Tier.GROUP else GROUP_VSOP


def offered_here(here: Place, product: Product) -> bool:
    """Whether a product can be had through this gateway: a national one, or one of its own province."""
    return product.scope is Scope.NATIONAL or product.province == here.province
