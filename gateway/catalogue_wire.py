"""Products and offers as contracts carry them (t:Product, t:Offer), and back; the one place where the two meet."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.catalogue import Offer, Product
from gateway.domain.catalogue_change import CatalogueObject
from gateway.vocabulary import (
    OBJECT_STATUS,
    OBJECT_STATUS_CODE,
    OFFER_TYPE_CODE,
    OFFER_TYPES,
    SCOPE_CODE,
    SCOPES,
)

EXCLUDES, REQUIRES, REPLACES = "0", "1", "2"

LONGEST_NAME = 64
"""maxLength of names in the contract; a catalogue that was loaded from a file may have longer ones, or none."""


def short_name(name: str) -> str | None:
    """Give a name as the contract admits it; None for one that is empty."""
    return name[:LONGEST_NAME] or None


def read_product(info: Message, version: int) -> Product:
    """Read a whole product in one version."""
    related: dict[str, list[str]] = {EXCLUDES: [], REQUIRES: [], REPLACES: []}
    for relation in info.ProdRelation:
        related[relation.RelationType].append(relation.RProductID)
    return Product(
        id=info.ProductID, name_zh=info.PNameCN, name_en=info.PNameEN, sp=info.SPID, owner=info.ProductHost, platform=info.PlatForm,
        scope=SCOPES[info.Scope], province=info.ProvinceID, status=OBJECT_STATUS[info.Status],
        excludes=tuple(related[EXCLUDES]), requires=tuple(related[REQUIRES]), replaces=tuple(related[REPLACES]),
        capabilities=tuple(info.ServiceCapabilityID), specs=tuple(info.ProdSpecCode), version=version,
    )  # fmt: skip


def read_offer(info: Message, version: int) -> Offer:
    """Read a whole offer in one version."""
    return Offer(
        id=info.ProductOfferID, name_zh=info.PNameCN, name_en=info.PNameEN, products=tuple(info.ProductID),
        type=OFFER_TYPES[info.ProductOfferType], status=OBJECT_STATUS[info.Status], partial=info.PartialAllowed,
        scope=SCOPES[info.Scope], province=info.ProvinceID, version=version,
    )  # fmt: skip


def read_object(request: Message, version: int) -> CatalogueObject:
    """Read the object of a request that carries ProductInfo or ProductOfferInfo."""
    if "ProductInfo" in request.field_names:
        return CatalogueObject(product=read_product(request.ProductInfo, version))
    return CatalogueObject(offer=read_offer(request.ProductOfferInfo, version))


def write_product(product: Product, codec: Codec) -> Message:
    """Write a whole product."""
    relations = [
        codec["ProductRelation"](RelationType=kind, RProductID=other)
        for kind, others in ((EXCLUDES, product.excludes), (REQUIRES, product.requires), (REPLACES, product.replaces))
        for other in others
    ]
    return codec["Product"](
        ProductID=product.id, SPID=product.sp, **_names(product), ProductHost=product.owner,
        PlatForm=product.platform, Scope=SCOPE_CODE[product.scope], ProvinceID=product.province,
        Status=OBJECT_STATUS_CODE[product.status], ServiceCapabilityID=product.capabilities, ProdSpecCode=product.specs,
        ProdRelation=relations,
    )  # fmt: skip


def write_offer(offer: Offer, codec: Codec) -> Message:
    """Write a whole offer."""
    return codec["Offer"](
        ProductOfferType=OFFER_TYPE_CODE[offer.type], ProductOfferID=offer.id, **_names(offer),
        Scope=SCOPE_CODE[offer.scope], ProvinceID=offer.province, Status=OBJECT_STATUS_CODE[offer.status],
        PartialAllowed=offer.partial, ProductID=offer.products,
    )  # fmt: skip


def _names(named: Product | Offer) -> dict[str, str]:
    return {"PNameCN": short_name(named.name_zh) or named.id, "PNameEN": short_name(named.name_en) or named.id}
