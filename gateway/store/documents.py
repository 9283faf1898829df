"""Versioned JSON of the objects that are stored whole: `[version, object]`. Knows no table and no database.

Adding a field with a default keeps the version. Any other change is a new class here, with the next tag, beside the old
one, which stays readable: `Decoder(OrderV1 | OrderV2)`. An unknown version is an error, never a guess.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from gateway.domain.catalogue import ContentPartner, Offer, Product
from gateway.domain.order import Order
from gateway.steps import Reply
from gateway.store.errors import StoreFailed

Document = TypeVar("Document")


class OrderV1(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """An order, version 1."""

    order: Order


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


_encode = msgspec.json.Encoder().encode  # making one per call would cost more than the encoding
_ORDER = msgspec.json.Decoder(OrderV1)
_REPLY = msgspec.json.Decoder(ReplyV1)
_PRODUCT = msgspec.json.Decoder(ProductV1)
_OFFER = msgspec.json.Decoder(OfferV1)
_PARTNER = msgspec.json.Decoder(PartnerV1)


def order_text(order: Order) -> str:
    """Write an order."""
    return _encode(OrderV1(order)).decode()


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


def read_order(text: str) -> Order:
    """Read an order; raises StoreFailed for what this version of the program cannot read."""
    return _read(_ORDER, text).order


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


def _read(decoder: msgspec.json.Decoder[Document], text: str) -> Document:
    try:
        return decoder.decode(text)
    except msgspec.DecodeError as error:
        raise StoreFailed("a stored document cannot be read") from error
