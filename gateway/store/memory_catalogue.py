"""The rows of the catalogue, of PPM's own state of it and of its deliveries, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import Cell, DeliveryState
from gateway.domain.facts import CellWritten, MasterKept
from gateway.domain.subscriber import RelationState
from gateway.engine.ports import CatalogueLoaded, ItemLocked, MasterUnchanged, ObjectSynced, Outdated
from gateway.store.memory_changes import MemoryChanges
from gateway.store.times import shanghai


class MemoryCatalogue(MemoryChanges):
    """Writes products, offers and partners; masters; the delivery ledger."""

    def _catalogue_loaded(self, row: CatalogueLoaded) -> None:
        self._shelf = None
        for product in row.products:
            self._put(self._products, product.id, product)
        for offer in row.offers:
            self._put(self._offers, offer.id, offer)
        for partner in row.partners:
            self._put(self._partners, partner.id, partner)

    def _object_synced(self, row: ObjectSynced) -> None:
        synced, at = row.object, shanghai(row.at)
        held = self._offers.get(synced.id) if synced.product is None else self._products.get(synced.id)
        if held is not None and held.version > synced.version:
            raise Outdated
        self._shelf = None
        if synced.offer is not None:
            self._put(self._offers, synced.id, synced.offer)
        if synced.product is not None:
            self._put(self._products, synced.id, synced.product)
            if synced.status is Status.CANCELLED:
                self._end_relations(synced.id, at)

    def _end_relations(self, product_id: str, at: datetime) -> None:
        for number, held in list(self._relations.items()):
            relation = held.get(product_id)
            if relation is not None and relation.state is not RelationState.ENDED:
                ended = replace(relation, state=RelationState.ENDED, expires_at=at)
                self._put(self._relations, number, {**held, product_id: ended})

    def _master_unchanged(self, row: MasterUnchanged) -> None:
        held = self._masters.get((row.kind, row.id))
        if (None if held is None else held.version) != row.version:
            raise ItemLocked

    def _master_kept(self, fact: MasterKept) -> None:
        key = fact.object.kind, fact.object.id
        held = self._masters.get(key)
        if held is None or fact.object.version >= held.version:
            self._put(self._masters, key, fact.object)

    def _cell_written(self, fact: CellWritten) -> None:
        """Write a cell; a run that begins again takes no end back, another run (a resend) does."""
        cell = replace(fact.cell, at=shanghai(fact.cell.at))
        cells = self._cells.get((cell.kind, cell.object_id), {})
        held = cells.get((cell.version, cell.target))
        pending = cell.state is DeliveryState.PENDING
        if held is None or held.state is DeliveryState.PENDING or not pending or held.run_id != cell.run_id:
            cells = {**cells, (cell.version, cell.target): cell}
        if pending:
            cells = {key: _superseded(one, cell) for key, one in cells.items()}
        self._put(self._cells, (cell.kind, cell.object_id), cells)


def _superseded(one: Cell, newer: Cell) -> Cell:
    """Give a cell as it is after a newer one of the same target began."""
    if one.state is not DeliveryState.PENDING or one.target != newer.target or one.version >= newer.version:
        return one
    return replace(one, state=DeliveryState.SUPERSEDED, at=newer.at)
