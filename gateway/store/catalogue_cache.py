"""The decoded catalogue, kept in step with what is committed. Knows no table.

A load throws it away. Single objects are noted and put in when the catalogue is next asked for, all that came meanwhile in one
copy: a stream of them over a large catalogue costs neither a decoding nor a copy each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from gateway.domain.catalogue import Catalogue, Offer, Product
from gateway.domain.catalogue_change import CatalogueObject, ObjectKind
from gateway.engine.ports import CatalogueLoaded, ObjectSynced


class CatalogueCache:
    """The present catalogue, or nothing where it must be read."""

    def __init__(self) -> None:
        self._whole: Catalogue | None = None
        self._noted: dict[tuple[ObjectKind, str], CatalogueObject] = {}

    def note(self, changes: Iterable[CatalogueLoaded | ObjectSynced]) -> None:
        """Take note of what a commit changed, once it is on disk."""
        for change in changes:
            if isinstance(change, CatalogueLoaded):
                self._whole = None
                self._noted.clear()
            elif self._whole is not None:
                self._noted[change.object.kind, change.object.id] = change.object

    def keep(self, whole: Catalogue) -> None:
        """Keep what was read just now."""
        self._whole = whole
        self._noted.clear()

    def present(self) -> Catalogue | None:
        """Give the catalogue with all that was noted, or None where it must be read."""
        if self._whole is not None and self._noted:
            self._whole = _with(self._whole, self._noted.values())
            self._noted.clear()
        return self._whole


def _with(whole: Catalogue, changed: Iterable[CatalogueObject]) -> Catalogue:
    """Give the catalogue with objects added or replaced. What is held may already be newer: it was read after a later commit."""
    products: dict[str, Product] = dict(whole.products)
    offers: dict[str, Offer] = dict(whole.offers)
    for one in changed:
        if one.product is not None and _is_news(one.product, products.get(one.id)):
            products[one.id] = one.product
        if one.offer is not None and _is_news(one.offer, offers.get(one.id)):
            offers[one.id] = one.offer
    return replace(whole, products=MappingProxyType(products), offers=MappingProxyType(offers))


def _is_news(told: Product | Offer, held: Product | Offer | None) -> bool:
    return held is None or told.version >= held.version
