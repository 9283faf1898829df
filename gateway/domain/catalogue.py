"""Products and offers: what can be ordered, who owns the relation, which platform activates, in which state each is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.party import ISMP_SYSTEMS


class Scope(StrEnum):
    """How far a product reaches."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"


class Status(StrEnum):
    """Life cycle of products and offers; the wire's digits are 0, 1, 2, 3, 4, 5 in this order."""

    NORMAL = "normal"
    APPLIED = "applied"
    SUSPENDED = "suspended"
    PRE_CANCELLED = "pre-cancelled"
    CANCELLED = "cancelled"
    TEST = "test"

    def can_become(self, other: Status) -> bool:
        """Whether the life cycle allows this change (seed 2.1): applied, test, normal and suspended, pre-cancelled, cancelled."""
        return other in _NEXT[self]

    @property
    def can_subscribe(self) -> bool:
        """Only a published object takes new orders."""
        return self is Status.NORMAL

    @property
    def can_unsubscribe(self) -> bool:
        """Relations survive suspension and can end until the object is cancelled."""
        return self in (Status.NORMAL, Status.SUSPENDED, Status.PRE_CANCELLED)


_NEXT: Mapping[Status, frozenset[Status]] = {
    # A bundle, and what ISMP manages, has no test phase: it is published straight away.
    Status.APPLIED: frozenset({Status.TEST, Status.NORMAL, Status.CANCELLED}),
    Status.TEST: frozenset({Status.NORMAL, Status.CANCELLED}),
    Status.NORMAL: frozenset({Status.SUSPENDED, Status.PRE_CANCELLED}),
    Status.SUSPENDED: frozenset({Status.NORMAL, Status.PRE_CANCELLED}),
    Status.PRE_CANCELLED: frozenset({Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
}


class OfferType(StrEnum):
    """Kind of offer; the wire's digits are 0, 1, 2 in this order."""

    PURE = "pure"
    VAS_BUNDLE = "vas-bundle"
    TRADITIONAL_BUNDLE = "traditional-bundle"


@dataclass(frozen=True, slots=True)
class Product:
    """A value-added product (增值产品)."""

    id: str
    name_zh: str
    name_en: str
    sp: str
    owner: str
    """System code that owns the relation (属主): 200 VSOP, or an ISMP."""
    platform: str
    """System code of the platform that activates."""
    scope: Scope
    province: str
    status: Status = Status.NORMAL
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    """Products that this one takes the place of: who orders it gives them up."""
    capabilities: tuple[str, ...] = ()
    """Capabilities (业务能力) that a user needs for it."""
    specs: tuple[str, ...] = ()
    """Access products that it works on; empty means all."""
    version: int = 0
    """Counts its published states; an older one never overwrites a newer one. 0 was loaded from a file."""

    @property
    def by_ismp(self) -> bool:
        """Whether ISMP owns the relation: VSOP then passes orders through and hears of the relation afterwards."""
        return self.owner in ISMP_SYSTEMS


    @property
    def national(self) -> bool:
        """Whether it is offered in the whole country."""
        return self.scope is Scope.NATIONAL


@dataclass(frozen=True, slots=True)
class ContentPartner:
    """A content or service provider (SP/CP, 合作伙伴); only a normal one sells. Its states are the first five of Status."""

    id: str
    name_zh: str
    name_en: str
    status: Status = Status.NORMAL


@dataclass(frozen=True, slots=True)
class Offer:
    """A sellable thing (销售品) made of products."""

    id: str
    name_zh: str
    name_en: str
    products: tuple[str, ...]
    type: OfferType = OfferType.PURE
    status: Status = Status.NORMAL
    partial: bool = False
    """An order of it may be done in part; otherwise all of it or nothing."""
    scope: Scope = Scope.PROVINCIAL
    province: str = ""
    """Empty where it was loaded from a file that does not say: it is offered wherever its products are."""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All products, offers and content partners by id."""

    products: Mapping[str, Product] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    partners: Mapping[str, ContentPartner] = field(default_factory=dict)

    def mistakes(self) -> list[str]:
        """Name every reference that leads nowhere; an empty list means the catalogue is whole."""
        found = [
            f"offer {offer.id} names the unknown product {product}"
            for offer in self.offers.values()
            for product in offer.products
            if product not in self.products
        ]
        found += [
            f"product {product.id} {word} the unknown product {other}"
            for product in self.products.values()
            for word, others in (
                ("excludes", product.excludes),
                ("requires", product.requires),
                ("replaces", product.replaces),
            )
            for other in others
            if other not in self.products
        ]
        found += [
            f"product {product.id} names the unknown partner {product.sp}"
            for product in self.products.values()
            if product.sp not in self.partners
        ]
        return found
