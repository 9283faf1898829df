"""All adapters over the same rows: what one refuses the others refuse, what one answers the others answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from any_rows import rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import Cluster
from store_rows import ANN, BOB, BOX, NOON, RINGTONE, SECOND, commit, open_postgres, open_sqlite, wait

from gateway.domain.catalogue_change import ObjectKind
from gateway.engine.ports import DuplicateRequest, Fenced, ItemLocked, Outdated, Store, StoreFailed, Write
from gateway.store.memory import MemoryStore


@settings(max_examples=120, deadline=None, database=None, derandomize=True)
@given(st.lists(st.lists(rows, max_size=4), max_size=8))
def test_adapters_are_alike(commits: Sequence[Sequence[Write]]) -> None:
    """Whatever is committed in whatever order, both refuse the same and hold the same."""
    with TemporaryDirectory() as directory:
        sqlite = open_sqlite(Path(directory) / "store.db")
        try:
            assert lived(sqlite, commits) == lived(MemoryStore(), commits)
        finally:
            sqlite.close()


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(rows, max_size=4), max_size=8))
def test_postgres_is_alike(cluster: Cluster, commits: Sequence[Sequence[Write]]) -> None:
    """The same on a server."""
    url = cluster.create()
    postgres = open_postgres(url)
    cluster.execute("CREATE OR REPLACE FUNCTION now_micros() RETURNS BIGINT LANGUAGE sql STABLE AS 'SELECT 0::bigint'", url)
    try:
        assert lived(postgres, commits) == lived(MemoryStore(), commits)
    finally:
        postgres.close()
        cluster.drop(url)


def lived(store: Store, commits: Sequence[Sequence[Write]]) -> tuple[list[object], list[object]]:
    """Commit one after the other; give what came of each, and what is there in the end."""
    return [outcome(store, writes) for writes in commits], everything(store)


def outcome(store: Store, writes: Sequence[Write]) -> type[Exception] | None:
    try:
        commit(store, *writes)
    except (DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed) as error:
        return type(error)
    return None


def everything(store: Store) -> list[object]:
    found: list[object] = [
        wait(store.counts()), wait(store.open_by_state()), wait(store.cell_counts()), wait(store.catalogue()),
        wait(store.interrupted_runs("vsop-15")),
        wait(store.due_runs(NOON, 9, "vsop-15")), wait(store.next_wake("vsop-15")), wait(store.reserve_serials(1)),
        wait(store.abandoned_runs("vsop-15")), wait(store.parked_runs(9)), wait(store.audit("", 9)), wait(store.orders_by_trace("t1")),
        wait(store.held_orders("4.1.1", 9)), wait(store.held_orders("3.1b", 9)), wait(store.orders_by_channel("211", "c1")),
        wait(store.archivable(NOON + SECOND, 9)), wait(store.ages()), wait(store.step_by_streaming_no("200000000000000001")),
        wait(store.used_tokens(NOON)), wait(store.partner_changes()),
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
