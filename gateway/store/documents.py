"""Versioned JSON of the objects that are stored whole: `[tag, object]`. Knows no table and no database.

Adding a field with a default keeps the tag. Any other change is a new class here, with the next free tag, beside the old one, which
stays readable. What runs are about shares one row of tags, so that one decoder reads them all. An unknown tag is an error, never a
guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from gateway.domain.catalogue import ContentPartner, Offer, Product
from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, Delivery
from gateway.domain.facts import Matter
from gateway.domain.order import Order
from gateway.domain.user_change import UserChange
from gateway.steps import Reply
from gateway.store.errors import StoreFailed

Document = TypeVar("Document")


class OrderV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """An order, version 1."""

    matter: Order


class UserChangeV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=2):
    """A change of a user, version 1."""

    matter: UserChange


class CatalogueChangeV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=3):
    """A change of the catalogue, version 1."""

    matter: CatalogueChange


class DeliveryV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=4):
    """A delivery, version 1."""

    matter: Delivery


class ReplyV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """A step's reply, version 1."""

    reply: Reply


class ProductV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """A product of the catalogue, version 1."""

    product: Product


class OfferV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """An offer of the catalogue, version 1."""

    offer: Offer


class PartnerV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """A content partner of the catalogue, version 1."""

    partner: ContentPartner


class MasterV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """PPM's own state of a product or an offer, version 1."""

    object: CatalogueObject


MatterV1 = OrderV1 | UserChangeV1 | CatalogueChangeV1 | DeliveryV1

_MATTERS: Mapping[type[Matter], type[Any]] = {
    Order: OrderV1,
    UserChange: UserChangeV1,
    CatalogueChange: CatalogueChangeV1,
    Delivery: DeliveryV1,
}

_encode = msgspec.json.Encoder().encode  # making one per call would cost more than the encoding
_MATTER: msgspec.json.Decoder[MatterV1] = msgspec.json.Decoder(MatterV1)
_REPLY = msgspec.json.Decoder(ReplyV1)
_PRODUCT = msgspec.json.Decoder(ProductV1)
_OFFER = msgspec.json.Decoder(OfferV1)
_PARTNER = msgspec.json.Decoder(PartnerV1)
_MASTER = msgspec.json.Decoder(MasterV1)
_TEXTS = msgspec.json.Decoder(tuple[str, ...])


def matter_text(matter: Matter) -> str:
    """Write an order, or whatever else a run is about."""
    return _encode(_MATTERS[type(matter)](matter)).decode()


def reply_text(reply: Reply) -> str:
    """Write a reply."""
    return _encode(ReplyV1(reply)).decode()


def product_text(product: Product) -> str:
    """Write a product."""
    return _encode(ProductV1(product)).decode()


def offer_text(offer: Offer) -> str:
    """Write an offer."""
    return _encode(OfferV1(offer)).decode()


def partner_text(partner: ContentPartner) -> str:
    """Write a content partner."""
    return _encode(PartnerV1(partner)).decode()


def master_text(master: CatalogueObject) -> str:
    """Write PPM's own state of an object."""
    return _encode(MasterV1(master)).decode()


def list_text(texts: tuple[str, ...]) -> str:
    """Write a list of texts; it has no version."""
    return _encode(texts).decode()


def read_matter(text: str) -> Matter:
    """Read an order, or whatever else a run is about; raises StoreFailed for what this version of the program cannot read."""
    return _read(_MATTER, text).matter


def read_reply(text: str) -> Reply:
    """Read a reply; raises StoreFailed for what this version of the program cannot read."""
    return _read(_REPLY, text).reply


def read_product(text: str) -> Product:
    """Read a product; raises StoreFailed for what this version of the program cannot read."""
    return _read(_PRODUCT, text).product


def read_offer(text: str) -> Offer:
    """Read an offer; raises StoreFailed for what this version of the program cannot read."""
    return _read(_OFFER, text).offer


def read_partner(text: str) -> ContentPartner:
    """Read a content partner; raises StoreFailed for what this version of the program cannot read."""
    return _read(_PARTNER, text).partner


def read_master(text: str) -> CatalogueObject:
    """Read PPM's own state of an object; raises StoreFailed for what this version of the program cannot read."""
    return _read(_MASTER, text).object


def read_list(text: str) -> tuple[str, ...]:
    """Read a list of texts; raises StoreFailed for anything else."""
    return _read(_TEXTS, text)


def _read(decoder: msgspec.json.Decoder[Document], text: str) -> Document:
    try:
        return decoder.decode(text)
    except msgspec.DecodeError as error:
        raise StoreFailed("a stored document cannot be read") from error
