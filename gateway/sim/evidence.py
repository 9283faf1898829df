"""What is held against each other once a run is over: rows of both tiers' stores, ledgers of the partners, answers that people got.

Plain rows: they are the same whether they come from a store in memory, from SQLite after kill -9, or from a stub's admin API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.domain.numbers import Number
from gateway.domain.subscriber import Relation
from gateway.engine.ports import OrderRow, RunRow, Store

MOST = 100_000
"""Orders of one number that are read."""


@dataclass(frozen=True, slots=True)
class TierRows:
    """What one tier's store holds."""

    name: str
    province: str
    orders: Mapping[str, OrderRow]
    """Orders and other matters by our id."""
    runs: Mapping[str, RunRow]
    relations: Sequence[Relation]
    versions: Mapping[str, int]
    """Products and offers of its catalogue, as product:ID, with the version that is held."""
    counts: Mapping[str, int]
    """Runs by state: all of them, also those that nothing above leads to."""


@dataclass(frozen=True, slots=True)
class PartnerRows:
    """What the partners beside one gateway hold; rows as a stub's admin API gives them."""

    gateway: str
    ledgers: Mapping[str, Sequence[Mapping[str, Any]]]
    active: Sequence[Mapping[str, Any]]
    """Services: number, product, role, suspended."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A request of somebody's with every ResultCode that it got, in their order."""

    gateway: str
    operation: str
    system: str
    streaming_no: str
    order_id: str
    content: str
    """Tells requests under one StreamingNo apart."""
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything; `national` is the name of the group's gateway."""

    tiers: Mapping[str, TierRows]
    partners: Mapping[str, PartnerRows]
    answered: Sequence[Answered]
    national: str
    of_numbers: Mapping[str, str]
    """Which gateway each number belongs to."""
    errors: Sequence[str] = field(default=())
    """Events of level ERROR that nobody expected."""


async def read_tier(
    store: Store, name: str, province: str, numbers: Iterable[Number], known_as: Iterable[tuple[str, str]] = ()
) -> TierRows:
    """Read what a store holds of these numbers, and of the matters that these systems know under these numbers of theirs."""
    orders: dict[str, OrderRow] = {}
    relations: list[Relation] = []
    for number in numbers:
        orders |= {row.order.id: row for row in await store.orders_by_number(number, MOST)}
        relations += await store.relations(number)
    for system, order_id in known_as:
        orders |= {row.order.id: row for row in await store.orders_by_channel(system, order_id)}
    for trace_id in {row.order.trace_id: None for row in orders.values()}:
        orders |= {row.order.id: row for row in await store.orders_by_trace(trace_id)}
    runs: dict[str, RunRow] = {}
    for order_id in orders:
        run = await store.run(order_id)
        if run is not None:
            runs[order_id] = run
    catalogue = await store.catalogue()
    versions = {f"product:{one.id}": one.version for one in catalogue.products.values()}
    versions |= {f"offer:{one.id}": one.version for one in catalogue.offers.values()}
    return TierRows(name, province, orders, runs, relations, versions, await store.counts())
