"""The goods of a world: products, offers and content partners as its file writes them down, which every party knows from the start.

What PPM tells a party later goes before them (catalogue.py). Must not know files or messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

PRODUCT, OFFER = "0", "1"  # ObjectType
NORMAL, SUSPENDED, CANCELLED = "0", "2", "4"  # CatalogueStatus
EXCLUDES, REQUIRES, REPLACES = "0", "1", "2"  # RelationType
PURE, TRADITIONAL = "0", "2"  # ProductOfferType


@dataclass(frozen=True, slots=True)
class Held:
    """One object as a partner holds it: version (0: from the world's file), status in the contract's code, and all that was told."""

    version: int
    status: str
    content: Mapping[str, Any]

    def related(self, relation: str) -> Iterator[str]:
        """Give the products that a product excludes, requires or replaces."""
        return (one["RProductID"] for one in self.content.get("ProdRelation", ()) if one["RelationType"] == relation)


@dataclass(frozen=True, slots=True)
class Partner:
    """A content partner (SP/CP): name and status in the catalogue's code; only a normal one sells."""

    name: str
    status: str = NORMAL


@dataclass(slots=True)
class Goods:
    """Products and offers by id."""

    products: dict[str, Held] = field(default_factory=dict)
    offers: dict[str, Held] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    """By SPID."""

    def find(self, object_type: str, object_id: str) -> Held | None:
        """Give a product or an offer."""
        return (self.offers if object_type == OFFER else self.products).get(object_id)

    def copy(self) -> Goods:
        """Give goods that can be changed apart from these."""
        return Goods(dict(self.products), dict(self.offers), dict(self.partners))
