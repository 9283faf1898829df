"""The rows of the catalogue, of PPM's own state of it and of its deliveries, as the statements that write them."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import DeliveryState
from gateway.domain.facts import CellWritten, MasterKept
from gateway.engine.ports import CatalogueLoaded, ItemLocked, MasterUnchanged, ObjectSynced, Outdated
from gateway.store.documents import master_text, offer_text, partner_text, product_text
from gateway.store.sql_rows import Call, Kinds, Statement
from gateway.store.times import micros

_PUT_PRODUCT = (
    "INSERT INTO products (id, version, doc) VALUES (?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc"
)
_PUT_OFFER = (
    "INSERT INTO offers (id, version, doc) VALUES (?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc"
)
PUT_PRODUCT = Statement(_PUT_PRODUCT)
PUT_OFFER = Statement(_PUT_OFFER)
PUT_PARTNER = Statement("INSERT INTO partners (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc")
SYNC_PRODUCT = Statement(_PUT_PRODUCT + " WHERE excluded.version >= products.version", missed=Outdated)
SYNC_OFFER = Statement(_PUT_OFFER + " WHERE excluded.version >= offers.version", missed=Outdated)
END_RELATIONS = Statement(
    "UPDATE relations INDEXED BY relations_held SET state = 'ended', expires_at = ? WHERE product_id = ? AND state <> 'ended'"
)
KEEP_MASTER = Statement(
    "INSERT INTO catalogue_masters (kind, id, version, status, doc) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, status = excluded.status, doc = excluded.doc"
    " WHERE excluded.version >= catalogue_masters.version"
)
WRITE_CELL = Statement(
    "INSERT INTO deliveries (kind, object_id, target, version, status, state, code, at, run_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, object_id, target, version) DO UPDATE SET"
    " status = excluded.status, state = excluded.state, code = excluded.code, at = excluded.at, run_id = excluded.run_id"
    " WHERE deliveries.state = 'pending' OR excluded.state <> 'pending' OR deliveries.run_id <> excluded.run_id"
)
SUPERSEDE = Statement(
    "UPDATE deliveries SET state = 'superseded', at = ?"
    " WHERE kind = ? AND object_id = ? AND target = ? AND version < ? AND state = 'pending'"
)
SAME_MASTER = Statement(
    "SELECT 1 FROM catalogue_masters WHERE kind = ? AND id = ? AND version = ?", missed=ItemLocked, locks=True
)
NO_MASTER = Statement("SELECT 1 FROM catalogue_masters WHERE kind = ? AND id = ?", found=ItemLocked, looks=True)


class CatalogueRows:
    """Maps products, offers and partners; masters; the delivery ledger."""

    @property
    def kinds(self) -> Kinds:
        """How to write each kind of row of this subject."""
        return {
            CatalogueLoaded: self._catalogue_loaded,
            ObjectSynced: self._object_synced,
            MasterKept: self._master_kept,
            MasterUnchanged: self._master_unchanged,
            CellWritten: self._cell_written,
        }

    def _catalogue_loaded(self, row: CatalogueLoaded) -> Iterator[Call]:
        for product in row.products:
            yield PUT_PRODUCT, (product.id, product.version, product_text(product))
        for offer in row.offers:
            yield PUT_OFFER, (offer.id, offer.version, offer_text(offer))
        for partner in row.partners:
            yield PUT_PARTNER, (partner.id, partner_text(partner))

    def _object_synced(self, row: ObjectSynced) -> Iterator[Call]:
        synced, at = row.object, micros(row.at)
        if synced.offer is not None:
            yield SYNC_OFFER, (synced.id, synced.version, offer_text(synced.offer))
        if synced.product is not None:
            yield SYNC_PRODUCT, (synced.id, synced.version, product_text(synced.product))
            if synced.status is Status.CANCELLED:
                yield END_RELATIONS, (at, synced.id)

    def _master_kept(self, fact: MasterKept) -> Iterator[Call]:
        master = fact.object
        yield KEEP_MASTER, (master.kind.value, master.id, master.version, master.status.value, master_text(master))

    def _master_unchanged(self, row: MasterUnchanged) -> Iterator[Call]:
        key = row.kind.value, row.id
        yield (NO_MASTER, key) if row.version is None else (SAME_MASTER, (*key, row.version))

    def _cell_written(self, fact: CellWritten) -> Iterator[Call]:
        """Write a cell; a run that begins again takes no end back, another run (a resend) does."""
        cell, at = fact.cell, micros(fact.cell.at)
        key = cell.kind.value, cell.object_id, cell.target, cell.version
        yield WRITE_CELL, (*key, cell.status.value, cell.state.value, cell.code, at, cell.run_id)
        if cell.state is DeliveryState.PENDING:
            yield SUPERSEDE, (at, *key)
