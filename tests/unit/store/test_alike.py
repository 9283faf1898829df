"""Both adapters over the same rows: what one refuses the other refuses, what one answers the other answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from any_rows import rows
from hypothesis import given, settings
from hypothesis import strategies as st
from store_rows import ANN, BOB, BOX, NOON, RINGTONE, SECOND, commit, open_sqlite, wait

from gateway.domain.catalogue_change import ObjectKind
from gateway.engine.ports import DuplicateRequest, Fenced, ItemLocked, Outdated, Store, StoreFailed, Write
from gateway.store.memory import MemoryStore


@settings(max_examples=120, deadline=None, database=None, derandomize=True)
@given(st.lists(st.lists(rows, max_size=4), max_size=8))
def test_adapters_are_alike(commits: Sequence[Sequence[Write]]) -> None:
    """Whatever is committed in whatever order, both refuse the same and hold the same."""
    with TemporaryDirectory() as directory:
        memory, sqlite = MemoryStore(), open_sqlite(Path(directory) / "store.db")
        try:
            outcomes = [(outcome(memory, writes), outcome(sqlite, writes)) for writes in commits]
            held = everything(memory), everything(sqlite)
        finally:
            sqlite.close()
    assert ([one for one, other in outcomes if one is not other], held[0]) == ([], held[1])


def outcome(store: Store, writes: Sequence[Write]) -> type[Exception] | None:
    try:
        commit(store, *writes)
    except (DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed) as error:
        return type(error)
    return None


def everything(store: Store) -> list[object]:
    found: list[object] = [
        wait(store.counts()), wait(store.cell_counts()), wait(store.catalogue()), wait(store.interrupted_runs("vsop-15")),
        wait(store.due_runs(NOON, 9, "vsop-15")), wait(store.next_wake("vsop-15")), wait(store.reserve_serials(1)),
        wait(store.abandoned_runs("vsop-15")), wait(store.parked_runs(9)), wait(store.audit("", 9)), wait(store.orders_by_trace("t1")),
        wait(store.held_orders("4.1.1", 9)), wait(store.held_orders("3.1b", 9)), wait(store.orders_by_channel("211", "c1")),
    ]  # fmt: skip
    for run_id in ("o1", "o2", "o3"):
        found += [wait(store.order(run_id)), wait(store.run(run_id)), wait(store.signal(run_id, "activate"))]
    for number in (ANN, BOB):
        found += [
            wait(store.subscriber(number)),
            wait(store.relations(number)),
            wait(store.orders_by_number(number, 9)),
        ]
        found += [wait(store.orders_between(number, NOON, NOON + SECOND, 9))]
        found += [wait(store.open_order_for(number, thing)) for thing in (RINGTONE, BOX, "user")]
    for product_id in (RINGTONE, BOX):
        found += [wait(store.master(ObjectKind.PRODUCT, product_id)), wait(store.cells(ObjectKind.PRODUCT, product_id))]
    return found
