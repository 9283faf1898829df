"""What goes out in statements for many rows is written as by each commit alone; on a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from postgres import Cluster
from store_rows import ANN, NOON, SECOND, commit, done, intended, open_postgres, order, relation, request, started, wait

from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderEnded, RelationEnded, RelationStarted
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, Subscriber
from gateway.engine.ports import (
    DuplicateRequest,
    Fenced,
    Holding,
    ItemLocked,
    OrdersUnchanged,
    RelationsUnchanged,
    RunEnded,
    RunState,
    RunWaiting,
    StepDone,
    StoreFailed,
    SubscribersLoaded,
    UserUnchanged,
    Write,
)
from gateway.steps import Reply
from gateway.store.postgres import PostgresStore
from gateway.store.postgres_layout import together
from gateway.store.postgres_link import encoded
from gateway.store.postgres_writes import PostgresWrites
from gateway.store.promise import BlockingPromise

Rows = Sequence[Write]
MANY = 7
"""A group of four, one of two and one of one."""

TABLES = ("orders", "runs", "steps", "item_locks", "relations", "inbox")
NUMBERS = [Number(f"1890000{n:04d}") for n in range(MANY)]
USERS = [Subscriber(number, "003", PayType.PREPAID) for number in NUMBERS]


def accept(n: int) -> Rows:
    run_id = f"o{n}"
    begun = replace(started(run_id, serial=n + 1), brings=False)
    fact = OrderAccepted(order(run_id, number=NUMBERS[n], channel_order_id=f"c{n}"))
    kept = StepDone(run_id, "accept", "1", "", Reply(NOON), 1, seq=0)
    judged = UserUnchanged(NUMBERS[n], USERS[n]), OrdersUnchanged("211", f"c{n}", 0), RelationsUnchanged(NUMBERS[n], ())
    return request(f"s{n}"), *judged, begun, kept, fact, replace(intended(run_id=run_id, streaming_no=f"t{n}"), seq=1)


def move(n: int) -> Rows:
    asked = replace(intended("report", run_id=f"o{n}", streaming_no=f"r{n}"), seq=2)
    return Holding(f"o{n}", 0), replace(done(run_id=f"o{n}"), intended=True), asked


def wait_for(n: int) -> Rows:
    return Holding(f"o{n}", 0), RunWaiting(f"o{n}", NOON + timedelta(minutes=n), n, "report expected")


def end(n: int) -> Rows:
    facts = (
        replace(relation("old", number=NUMBERS[n]), expires_at=None),
        replace(relation(number=NUMBERS[n])),
    )
    kept = StepDone(f"o{n}", "complete", "7", "", Reply(NOON), 1, seq=3)
    return (
        Holding(f"o{n}", 0), replace(done("report", run_id=f"o{n}"), intended=True), kept,
        RelationEnded(NUMBERS[n], "old", NOON + SECOND), *(RelationStarted(fact) for fact in facts),
        OrderEnded(f"o{n}", OrderState.COMPLETED, 0, NOON), ItemsFreed(f"o{n}"), RunEnded(f"o{n}", RunState.ENDED, 0, "", NOON),
    )  # fmt: skip


Gathered = list[Callable[[], None]]


def opened(url: str, gathered: Gathered) -> PostgresStore:
    return PostgresStore(url, promise=BlockingPromise, on_thread_result=lambda act: act(), gather=gathered.append)


def outcomes(store: PostgresStore, gathered: Gathered, groups: Sequence[Sequence[Rows]]) -> list[str]:
    """Write each group in one go; give what came of each commit."""
    told = []
    for group in groups:
        promises = [store.commit(rows) for rows in group]
        gathered.pop()()
        for promise in promises:
            try:
                wait(promise)
            except (DuplicateRequest, Fenced, ItemLocked, StoreFailed) as error:
                told.append(f"{type(error).__name__} {error}")
            else:
                told.append("written")
    return told


def lived(cluster: Cluster, groups: Sequence[Sequence[Rows]]) -> tuple[list[str], dict[str, list[object]]]:
    """Write groups to an empty database; give what came of the commits, and all that is there then."""
    url, gathered = cluster.create(), Gathered()
    with_users = open_postgres(url)
    commit(with_users, SubscribersLoaded(tuple(USERS)))
    with_users.close()
    store = opened(url, gathered)
    try:
        told = outcomes(store, gathered, groups)
        held = {table: cluster.execute(f"SELECT to_jsonb(t) - 'rowid' FROM {table} t ORDER BY 1", url) for table in TABLES}
    finally:
        store.close()
        cluster.drop(url)
    return told, held


LIFE = [[make(n) for n in range(MANY)] for make in (accept, move, wait_for, end)]


def spoilt(by: Rows, *, phase: int, at: int) -> list[list[Rows]]:
    groups = [list(group) for group in LIFE]
    groups[phase].insert(at, by)
    return groups


@pytest.mark.parametrize(
    "groups",
    [
        LIFE,
        spoilt(accept(3), phase=0, at=5),
        spoilt((Holding("o2", 9), *move(2)[1:]), phase=1, at=0),
        spoilt(wait_for(2), phase=3, at=7),
        spoilt([replace(row, run_id="nobody") for row in move(1)], phase=1, at=3),  # type: ignore[call-arg]
        spoilt([UserUnchanged(ANN, USERS[1]), RelationsUnchanged(ANN, ())], phase=0, at=2),
    ],
    ids=["good", "a request twice", "a fence", "an ended run waits", "a run that is not there", "another user"],
)
def test_group_is_written_as_its_commits_alone(cluster: Cluster, groups: Sequence[Sequence[Rows]]) -> None:
    """Whether all of them are written or one is refused: the same is told, and the same is there."""
    assert lived(cluster, groups) == lived(cluster, [[rows] for group in groups for rows in group])


def test_good_life_is_written(cluster: Cluster) -> None:
    """Nothing of the comparison above is a refusal of everything."""
    told, held = lived(cluster, LIFE)
    assert told == ["written"] * (4 * MANY)
    assert len(held["steps"]) == 4 * MANY


def test_life_is_shared() -> None:
    """Each of its groups goes out in fewer statements than its commits have; else nothing here is seen."""
    writes = PostgresWrites()
    for group in LIFE:
        plans = [[(st, encoded(values)) for row in rows for st, values in writes.calls(row)] for rows in group]
        assert {laid.rows for laid in together(plans)} >= {4, 2, 1}
