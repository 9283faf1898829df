"""One box to find anything at this gateway: number, StreamingNo, order, product, partner. Each is a look-up by index, never a scan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from gateway.admin.fallout import find
from gateway.admin.legs import subject_of
from gateway.admin.partners import Watched
from gateway.admin.problems import Problem
from gateway.domain.catalogue import Offer, Product
from gateway.domain.numbers import Number
from gateway.domain.party import Address, Party
from gateway.engine.ports import OrderRow
from gateway.services.desk import Desk

Resource = Callable[[str, bytes], Awaitable[object]]

LONGEST = 64
"""Characters of what is looked for: an OrderId has at most 32."""
MOST_ORDERS = 50
MOST_NAMES = 20
SHORTEST_NAME = 2
"""Characters before names are looked through: one letter is in all of them."""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order, or another matter, in a line; its number is masked."""

    order: str
    trace: str
    channel_order: str
    section: str
    action: str
    about: str
    place: str
    state: str
    code: int
    at: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class FoundObject:
    """A product or offer as this gateway holds it."""

    kind: str
    id: str
    name_zh: str
    name_en: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Found:
    """All that fits. `number` is whether it reads as a subscriber's number."""

    number: bool
    orders: tuple[FoundOrder, ...]
    objects: tuple[FoundObject, ...]
    partners: tuple[str, ...]


def resources(desk: Desk, partners: Sequence[Watched], callers: Callable[[], Sequence[str]]) -> Mapping[tuple[str, str], Resource]:
    """Give the resource by method and first part of the path: GET /v1/find?q=TEXT. `callers` names who may call us."""

    async def get(name: str, query: bytes) -> object:
        text = next(iter(parse_qs(query.decode("latin-1")).get("q", ())), "").strip()
        if not text or len(text) > LONGEST:
            raise Problem(400, f"q is what to look for, of at most {LONGEST} characters")
        return await search(desk, text, [partner.party for partner in partners], callers())

    return {("GET", "find"): get}


async def search(desk: Desk, text: str, partners: Sequence[str], callers: Sequence[str]) -> Found:
    """Look a text up under everything that it may be."""
    number = _number(text)
    if number is not None:
        rows = list(await desk.store.orders_by_number(number, MOST_ORDERS))
    else:
        rows = await _orders(desk, text)
    unique = {row.order.id: row for row in rows}
    objects: list[Product | Offer] = [*desk.catalogue.products.values(), *desk.catalogue.offers.values()]
    names = dict.fromkeys((*partners, *callers))
    return Found(
        number is not None,
        tuple(_row(desk, row) for row in unique.values()),
        tuple(_object(held) for held in objects if _meant(text, held.id, held.name_zh, held.name_en))[:MOST_NAMES],
        tuple(name for name in names if _meant(text, name))[:MOST_NAMES],
    )


async def _orders(desk: Desk, text: str) -> list[OrderRow]:
    """Find by our id, by the caller's id, by an end-to-end id, or by the StreamingNo of a message of either direction."""
    store, found = desk.store, await find(desk, text)
    if found is not None:
        return [found]
    rows = list(await store.orders_by_trace(text))
    sent = await store.step_by_streaming_no(text)
    if sent is not None:
        row = await store.order(sent[0])
        rows += [] if row is None else [row]
    return rows


def _meant(text: str, *names: str) -> bool:
    wanted = text.casefold()
    return any(wanted == name.casefold() or (len(text) >= SHORTEST_NAME and wanted in name.casefold()) for name in names)


def _number(text: str) -> Number | None:
    try:
        return Number.parse(text.replace(" ", "").replace("-", ""))
    except ValueError:
        return None


def _row(desk: Desk, row: OrderRow) -> FoundOrder:
    matter = row.order
    return FoundOrder(
        matter.id, matter.trace_id, matter.channel_order_id, matter.section, matter.action, subject_of(matter),
        str(Address(Party.VSOP, desk.here.province)), row.state, row.code, matter.accepted_at, row.ended_at,
    )  # fmt: skip


def _object(held: Product | Offer) -> FoundObject:
    kind = "product" if isinstance(held, Product) else "offer"
    return FoundObject(kind, held.id, held.name_zh, held.name_en, held.status, held.version)
