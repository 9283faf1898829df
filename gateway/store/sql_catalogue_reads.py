"""The port's reads of the catalogue, of PPM's own state of it and of the delivery ledger."""

from __future__ import annotations

from types import MappingProxyType

from gateway.domain.catalogue import Catalogue, Status
from gateway.domain.catalogue_change import CatalogueObject, Cell, DeliveryState, ObjectKind
from gateway.store.documents import read_master, read_offer, read_partner, read_product
from gateway.store.sql_asking import Asking
from gateway.store.times import moment

_CATALOGUE = (
    "SELECT doc FROM products ORDER BY id", "SELECT doc FROM offers ORDER BY id", "SELECT doc FROM partners ORDER BY id",
)  # fmt: skip


_OPEN = (
    "SELECT d.kind, d.object_id, min(d.at) FROM deliveries AS d WHERE d.state IN ('pending', 'refused') AND NOT EXISTS ("
    "SELECT 1 FROM deliveries AS n WHERE n.kind = d.kind AND n.object_id = d.object_id AND n.target = d.target AND n.version > d.version"
    ") GROUP BY d.kind, d.object_id ORDER BY 3, 1, 2 LIMIT ?"
)


class CatalogueReads(Asking):
    """The port's reads of this subject."""

    async def catalogue(self) -> Catalogue:
        """Decode it all; the store keeps the result until another catalogue is loaded."""
        products, offers, partners = self._together(*((text, ()) for text in _CATALOGUE))
        return Catalogue(
            MappingProxyType({p.id: p for p in (read_product(doc) for (doc,) in products)}),
            MappingProxyType({o.id: o for o in (read_offer(doc) for (doc,) in offers)}),
            MappingProxyType({p.id: p for p in (read_partner(doc) for (doc,) in partners)}),
        )

    async def master(self, kind: ObjectKind, object_id: str) -> CatalogueObject | None:
        doc = self._value("SELECT doc FROM catalogue_masters WHERE kind = ? AND id = ?", kind.value, object_id)
        return None if doc is None else read_master(doc)

    async def cells(self, kind: ObjectKind, object_id: str) -> list[Cell]:
        rows = self._all(
            "SELECT target, version, status, state, code, at, run_id FROM deliveries"
            " WHERE kind = ? AND object_id = ? ORDER BY version, target",
            kind.value, object_id,
        )  # fmt: skip
        return [
            Cell(kind, object_id, target, version, Status(status), DeliveryState(state), code, moment(at), run_id)
            for target, version, status, state, code, at, run_id in rows
        ]

    async def masters_after(self, kind: str, object_id: str, limit: int) -> list[CatalogueObject]:
        statement = "SELECT doc FROM catalogue_masters WHERE (kind, id) > (?, ?) ORDER BY kind, id LIMIT ?"
        return [read_master(doc) for (doc,) in self._all(statement, kind, object_id, limit)]

    async def objects_open(self, limit: int) -> list[tuple[ObjectKind, str]]:
        return [(ObjectKind(kind), object_id) for kind, object_id, _ in self._all(_OPEN, limit)]

    async def cell_counts(self) -> dict[str, int]:
        counts = dict.fromkeys(map(str, DeliveryState), 0)
        return counts | dict(self._all("SELECT state, count(*) FROM deliveries GROUP BY state"))
