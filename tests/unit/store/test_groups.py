"""A group is written as if each of its commits stood alone, whether nothing in it is refused or something is."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest
from any_rows import rows
from hypothesis import example, given, settings
from hypothesis import strategies as st
from store_rows import (
    NOON,
    done,
    intended,
    order,
    product,
    request,
    started,
    wait,
)

from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.facts import (
    ItemsFreed,
    OrderAccepted,
    OrderEnded,
)
from gateway.domain.order import OrderState
from gateway.engine.ports import (
    DuplicateRequest,
    Fenced,
    ItemLocked,
    ObjectSynced,
    Outdated,
    RunEnded,
    RunState,
    SignalArrived,
    StoreFailed,
    Write,
)
from gateway.steps import Reply
from gateway.store.checkpoints import Checkpoints
from gateway.store.group_writer import GroupWriter
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite_file import give_clock, give_hash
from gateway.store.sqlite_groups import SqliteGroups
from gateway.store.sqlite_writes import SqliteWrites

Rows = Sequence[Write]
SPOILER: Rows = (intended(run_id="nobody"),)
"""A commit that is always refused."""

groups = st.lists(st.lists(st.lists(rows, max_size=4), min_size=1, max_size=4), min_size=1, max_size=4)
quick = settings(max_examples=150, deadline=None, database=None, derandomize=True)


class Bench:
    """A writer of the port's rows over a database of its own, in memory, that gives what came of each commit."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        give_hash(self.connection)
        for migration in sorted((files("gateway.store") / "migrations" / "sqlite").iterdir(), key=str):
            self.connection.executescript(migration.read_text())
        self.connection.execute("PRAGMA foreign_keys = ON")
        give_clock(self.connection, lambda: 1.0)
        self.writer: GroupWriter[Write] = GroupWriter(
            SqliteGroups(
                self.connection,
                SqliteWrites(self.connection.cursor()).write,
                Checkpoints(Path(), self.connection, every=1_000_000),
            ),
            settle=lambda act: act(),
        )

    def write(self, group: Sequence[Rows]) -> list[str]:
        """Write one group; give its outcomes."""
        promises = [BlockingPromise() for _ in group]
        self.writer.submit_all(list(zip(promises, group, strict=True)))
        return [outcome(promise) for promise in promises]

    def close(self) -> list[str]:
        """Give all that the database holds, in the order in which it came."""
        self.writer.close()
        held = list(self.connection.iterdump())
        self.connection.close()
        return held


def outcome(promise: BlockingPromise) -> str:
    try:
        wait(promise)
    except (DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed) as error:
        return f"{type(error).__name__} {error}"
    return "written"


def written(sessions: Sequence[Sequence[Rows]], *, spoilt: bool = False) -> tuple[list[str], list[str]]:
    """Write groups; give the outcomes of their commits and what the database holds then."""
    bench = Bench()
    outcomes: list[str] = []
    for group in sessions:
        outcomes += bench.write([*group, SPOILER])[:-1] if spoilt else bench.write(group)
    return outcomes, bench.close()


RUN: Rows = (request("1"), started(), OrderAccepted(order()), intended())
"""The accept of an order."""

SYNCED = ObjectSynced(CatalogueObject(product(version=2)), NOON)
OLDER = ObjectSynced(CatalogueObject(product(version=1)), NOON)


@quick
@given(groups)
@example(
    [[RUN, [done(), OrderEnded("o1", OrderState.COMPLETED, 0, NOON), ItemsFreed("o1")], [OrderAccepted(order("o2"))]]]
)
@example([[[OrderAccepted(order("o2"))], RUN, [done()]]])
@example([[[SYNCED], [OLDER], [request("2")]]])
@example([[[intended()], RUN, [request("1")], [SignalArrived("o1", "activate", Reply(NOON))], [done()], [done()]]])
def test_group_is_written_as_its_commits_alone(sessions: Sequence[Sequence[Rows]]) -> None:
    """Together or one by one: the same is refused for the same reason, and the same is stored."""
    together = written(sessions)
    assert together == written([[commit] for group in sessions for commit in group])


@quick
@given(groups)
@example([[RUN, [done()], [started("o2", serial=2)]]])
def test_group_with_a_refused_commit_is_written_as_without_it(sessions: Sequence[Sequence[Rows]]) -> None:
    """The way with savepoints, which one bad commit forces, stores what the way without them does."""
    together = written(sessions)
    assert together == written(sessions, spoilt=True)


@pytest.mark.parametrize("at", range(4))
def test_refused_commit_anywhere_in_a_group(at: int) -> None:
    """Wherever it stands, it alone is refused."""
    group: list[Rows] = [RUN, [done()], [RunEnded("o1", RunState.ENDED, 0, "", NOON)]]
    group.insert(at, SPOILER)
    outcomes, _ = written([group])
    assert [n for n, one in enumerate(outcomes) if one != "written"] == [at]
