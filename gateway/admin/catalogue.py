"""What PPM's pages read: the matrix of objects and targets, applications that have not ended, one application with its steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec

from gateway.admin.legs import Leg, leg
from gateway.admin.problems import Problem
from gateway.domain.catalogue import Offer, Product, Status
from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, Cell, DeliveryState, ObjectKind
from gateway.domain.party import CRM_SYSTEMS, ISMP_SYSTEMS, PPM_SYSTEMS
from gateway.engine.ports import AuditKept, OrderRow
from gateway.errors import RESULTS
from gateway.flows.publication import AUDIT
from gateway.flows.sections import SECTIONS
from gateway.services.desk import Desk

Resource = Callable[[str, bytes], Awaitable[object]]

MOST_OBJECTS = 100
"""On one page of the matrix: each costs a look-up of its cells."""
MOST_OPEN = 200
"""Applications of a section that are shown as under way, the oldest first."""
CATALOGUE_SECTIONS = tuple(s.id for s in SECTIONS.values() if s.subject == "catalogue")


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """Query of GET /v1/matrix: a page behind an object, what contains a text, or what a target has not taken yet."""

    find: Annotated[str, msgspec.Meta(max_length=100)] = ""
    after: Annotated[str, msgspec.Meta(max_length=100)] = ""
    """The last object of the page before, as kind:ID."""
    open: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_OBJECTS)] = 50


@dataclass(frozen=True, slots=True)
class CellView:
    """The newest delivery of an object to a target; while it is pending with how often it was tried, when again, and what was said."""

    target: str
    version: int
    status: Status
    state: DeliveryState
    code: int
    at: datetime
    run_id: str
    attempts: int = 0
    next_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One line of the matrix."""

    kind: ObjectKind
    id: str
    name_zh: str
    name_en: str
    status: Status
    version: int
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application that has not ended."""

    id: str
    application: str
    system: str
    section: str
    kind: ObjectKind
    object: str
    name_zh: str
    name_en: str
    action: str
    at: datetime
    waits: bool
    """For a person's decision."""
    objection: str


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application: the object as it shall be, the steps of its own run and of its deliveries, and what was done by hand."""

    row: ApplicationRow
    state: str
    code: int
    ended_at: datetime | None
    is_state_change: bool
    product: Product | None
    offer: Offer | None
    legs: tuple[Leg, ...]
    cells: tuple[CellView, ...]
    audit: Sequence[AuditKept]


def resources(desk: Desk) -> Mapping[tuple[str, str], Resource]:
    """Give the resources by method and first part of the path."""
    pages = _Pages(desk)
    return {("GET", "matrix"): pages.get_matrix, ("GET", "applications"): pages.get_applications}


class _Pages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def get_matrix(self, name: str, query: bytes) -> object:
        """Give objects with the newest cell of each target."""
        try:
            wanted = msgspec.convert(dict(parse_qsl(query.decode("latin-1"))), Wanted, strict=False)
        except msgspec.ValidationError as error:
            raise Problem(400, f"the query is not of the expected form: {error}") from None
        self._served()
        return [await self._object(master) for master in await self._masters(wanted)]

    async def get_applications(self, name: str, query: bytes) -> object:
        """List those that have not ended, the oldest first; with a name, show one."""
        self._served()
        if name:
            return await self._application(await self._found(name))
        rows = [row for section in CATALOGUE_SECTIONS for row in await self._desk.store.held_orders(section, MOST_OPEN)]
        changes = sorted((row for row in rows if isinstance(row.order, CatalogueChange)), key=lambda row: row.order.accepted_at)
        return [await self._row(row) for row in changes]

    def _served(self) -> None:
        if not self._desk.ppm_served:
            raise Problem(409, "this gateway is no PPM: see [ppm] serve in its configuration")

    async def _masters(self, wanted: Wanted) -> Sequence[CatalogueObject]:
        store = self._desk.store
        if wanted.open:
            keys: Sequence[tuple[ObjectKind, str]] = await store.objects_open(wanted.limit)
        elif wanted.find:
            keys = self._containing(wanted.find)[: wanted.limit]
        else:
            kind, _, object_id = wanted.after.partition(":")
            return await store.masters_after(kind, object_id, wanted.limit)
        found = [await store.master(*key) for key in keys]
        return [master for master in found if master is not None]

    def _containing(self, text: str) -> list[tuple[ObjectKind, str]]:
        """Find objects by a part of their id or name; one that VSOP does not hold yet is found by its whole id."""
        held, low = self._desk.catalogue, text.lower()
        both: list[tuple[ObjectKind, Product | Offer]] = [(ObjectKind.PRODUCT, one) for one in held.products.values()]
        both += [(ObjectKind.OFFER, one) for one in held.offers.values()]
        named = [(kind, one.id) for kind, one in both if low in f"{one.id} {one.name_zh} {one.name_en}".lower()]
        return list(dict.fromkeys([(ObjectKind.PRODUCT, text), (ObjectKind.OFFER, text), *named]))

    async def _object(self, master: CatalogueObject) -> ObjectView:
        whole = master.whole
        cells = await self._cells(master.kind, master.id)
        return ObjectView(master.kind, whole.id, whole.name_zh, whole.name_en, whole.status, whole.version, cells)

    async def _cells(self, kind: ObjectKind, object_id: str) -> tuple[CellView, ...]:
        newest = {cell.target: cell for cell in await self._desk.store.cells(kind, object_id)}  # they come by version
        return tuple([await self._cell(cell) for _, cell in sorted(newest.items())])

    async def _cell(self, cell: Cell) -> CellView:
        run = await self._desk.store.run(cell.run_id) if cell.state is DeliveryState.PENDING else None
        plain = (cell.target, cell.version, cell.status, cell.state, cell.code, cell.at, cell.run_id)
        return CellView(*plain) if run is None else CellView(*plain, run.attempts, run.wake_at, run.note)

    async def _found(self, name: str) -> OrderRow:
        rows = [await self._desk.store.order(name)]
        for system in sorted(CRM_SYSTEMS | PPM_SYSTEMS | ISMP_SYSTEMS):
            rows += await self._desk.store.orders_by_channel(system, name)
        found = next((row for row in rows if row is not None and isinstance(row.order, CatalogueChange)), None)
        if found is None:
            raise Problem(404, f"no application {name[:60]} at this PPM")
        return found

    async def _row(self, row: OrderRow) -> ApplicationRow:
        change = row.order
        assert isinstance(change, CatalogueChange)
        run = await self._desk.store.run(change.id) if change.held else None
        waits = run is not None and any(step.name == AUDIT and step.reply is None for step in run.steps)
        whole = change.object.whole
        says = RESULTS[change.objection].describe(change.objects_to) if change.objection else ""
        return ApplicationRow(
            change.id, change.channel_order_id, change.channel, change.section, change.object.kind, whole.id, whole.name_zh, whole.name_en,
            change.action, change.accepted_at, waits, says,
        )  # fmt: skip

    async def _application(self, row: OrderRow) -> ApplicationView:
        store, change = self._desk.store, row.order
        assert isinstance(change, CatalogueChange)
        legs = []
        for one in await store.orders_by_trace(change.trace_id):
            run = await store.run(one.order.id)
            if run is not None:
                legs.append(leg(self._desk.here, one, run))
        return ApplicationView(
            await self._row(row), row.state, row.code, row.ended_at, change.is_state_change, change.object.product, change.object.offer,
            tuple(legs), await self._cells(change.object.kind, change.object.id), await store.audit(change.id, 20),
        )  # fmt: skip
