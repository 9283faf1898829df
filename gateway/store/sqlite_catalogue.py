"""The rows of the catalogue, of PPM's own state of it and of its deliveries, as the statements that write them."""

from __future__ import annotations

from gateway.domain.catalogue import Offer, Product, Status
from gateway.domain.catalogue_change import CatalogueObject, DeliveryState
from gateway.domain.facts import CellWritten, MasterKept
from gateway.engine.ports import CatalogueLoaded, ItemLocked, MasterUnchanged, ObjectSynced, Outdated
from gateway.store.documents import master_text, offer_text, partner_text, product_text
from gateway.store.sqlite_rows import Kinds, Rows
from gateway.store.times import micros


class CatalogueRows(Rows):
    """Writes products, offers and partners; masters; the delivery ledger."""

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

    def _catalogue_loaded(self, row: CatalogueLoaded) -> None:
        for product in row.products:
            self._put_product(product)
        for offer in row.offers:
            self._put_offer(offer)
        for partner in row.partners:
            texts = (partner.id, partner_text(partner))
            self._execute("INSERT OR REPLACE INTO partners (id, doc) VALUES (?, ?)", texts)

    def _put_product(self, product: Product) -> None:
        self._execute(
            "INSERT OR REPLACE INTO products (id, version, doc) VALUES (?, ?, ?)",
            (product.id, product.version, product_text(product)),
        )

    def _put_offer(self, offer: Offer) -> None:
        self._execute(
            "INSERT OR REPLACE INTO offers (id, version, doc) VALUES (?, ?, ?)",
            (offer.id, offer.version, offer_text(offer)),
        )

    def _object_synced(self, row: ObjectSynced) -> None:
        synced, at = row.object, micros(row.at)
        held = self._held_version(synced)
        if held is not None and held > synced.version:
            raise Outdated
        if synced.offer is not None:
            self._put_offer(synced.offer)
        if synced.product is not None:
            self._put_product(synced.product)
            if synced.status is Status.CANCELLED:
                self._end_relations(synced.id, at)

    def _held_version(self, synced: CatalogueObject) -> int | None:
        if synced.product is None:
            found = self._execute("SELECT version FROM offers WHERE id = ?", (synced.id,)).fetchone()
        else:
            found = self._execute("SELECT version FROM products WHERE id = ?", (synced.id,)).fetchone()
        return None if found is None else int(found[0])

    def _end_relations(self, product_id: str, at: int) -> None:
        self._execute(
            "UPDATE relations INDEXED BY relations_held SET state = 'ended', expires_at = ?"
            " WHERE product_id = ? AND state <> 'ended'",
            (at, product_id),
        )

    def _master_unchanged(self, row: MasterUnchanged) -> None:
        statement = "SELECT version FROM catalogue_masters WHERE kind = ? AND id = ?"
        held = self._execute(statement, (row.kind.value, row.id)).fetchone()
        if (None if held is None else held[0]) != row.version:
            raise ItemLocked

    def _master_kept(self, fact: MasterKept) -> None:
        master = fact.object
        self._execute(
            "INSERT INTO catalogue_masters (kind, id, version, status, doc) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, status = excluded.status, doc = excluded.doc"
            " WHERE excluded.version >= catalogue_masters.version",
            (master.kind.value, master.id, master.version, master.status.value, master_text(master)),
        )

    def _cell_written(self, fact: CellWritten) -> None:
        """Write a cell; a run that begins again takes no end back, another run (a resend) does."""
        cell, at = fact.cell, micros(fact.cell.at)
        self._execute(
            "INSERT INTO deliveries (kind, object_id, target, version, status, state, code, at, run_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, object_id, target, version) DO UPDATE SET"
            " status = excluded.status, state = excluded.state, code = excluded.code, at = excluded.at, run_id = excluded.run_id"
            " WHERE deliveries.state = 'pending' OR excluded.state <> 'pending' OR deliveries.run_id <> excluded.run_id",
            (cell.kind.value, cell.object_id, cell.target, cell.version, cell.status.value, cell.state.value, cell.code,
             at, cell.run_id),
        )  # fmt: skip
        if cell.state is DeliveryState.PENDING:
            self._supersede(cell.kind.value, cell.object_id, cell.target, cell.version, at)

    def _supersede(self, kind: str, object_id: str, target: str, version: int, at: int) -> None:
        self._execute(
            "UPDATE deliveries SET state = 'superseded', at = ?"
            " WHERE kind = ? AND object_id = ? AND target = ? AND version < ? AND state = 'pending'",
            (at, kind, object_id, target, version),
        )
