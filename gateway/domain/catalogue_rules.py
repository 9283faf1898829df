"""What PPM asks of an object of the catalogue: who manages it, what it names, and what the automatic audit objects to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.catalogue import Catalogue, OfferType, Product, Status
from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.party import GROUP_SYSTEM, PROVINCE_SYSTEM
from gateway.errors import PARTNER_NOT_OPEN, PRODUCT_NOT_OPEN, Result


@dataclass(frozen=True, slots=True)
class Objection:
    """What a rule of the automatic audit found."""

    result: Result
    detail: str


def manager(changed: CatalogueObject, products: Sequence[Product]) -> str:
    """Give the system that manages an object: an ISMP for its own, or "" for PPM.

    A product is its owner's. An offer says nothing of it: it is ISMP's where one ISMP owns all that it is made of. Traditional
    bundles are CRM's, so PPM's, whatever is in them.
    """
    if changed.offer is not None and changed.offer.type is OfferType.TRADITIONAL_BUNDLE:
        return ""
    owners = {p.owner for p in products} if changed.product is None else {changed.product.owner}
    strangers = owners - {GROUP_SYSTEM, PROVINCE_SYSTEM}
    return strangers.pop() if len(owners) == 1 and strangers else ""


def named_products(changed: CatalogueObject) -> tuple[str, ...]:
    """Give the products that an object names, each once: what an offer is made of, what a product is related to."""
    if changed.offer is not None:
        return tuple(dict.fromkeys(changed.offer.products))
    assert changed.product is not None
    product = changed.product
    return tuple(dict.fromkeys((*product.excludes, *product.requires, *product.replaces)))


def objection(changed: CatalogueObject, catalogue: Catalogue, products: Mapping[str, Product]) -> Objection | None:
    """Judge an object that is to be ordered: its partners sell, and what an offer is made of is not cancelled.

    `products` are those that it names, as PPM knows them. What ends or rests an object is never objected to.
    """
    if changed.status is not Status.NORMAL:
        return None
    parts = [products[id] for id in named_products(changed)] if changed.product is None else [changed.product]
    for part in parts:
        partner = catalogue.partners.get(part.sp)
        if partner is None or partner.status is not Status.NORMAL:
            return Objection(PARTNER_NOT_OPEN, f"{part.sp} ({part.id})")
        if changed.product is None and part.status is Status.CANCELLED:
            return Objection(PRODUCT_NOT_OPEN, part.id)
    return None
