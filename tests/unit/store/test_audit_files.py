"""The audit log in databases: chained as it is written, closed to changes, and walked from outside."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest
from store_rows import NOON, commit, open_postgres, open_sqlite, wait
from test_migrations import _leave_database, _leave_file

from gateway.engine.ports import AuditKept, Fenced, RunTaken
from gateway.store.audit_chain import SELECT_CHAIN, Walked
from gateway.store.audit_files import walk_file, walk_postgres
from gateway.store.errors import StoreUnusable
from gateway.store.postgres import PostgresStore
from gateway.store.sqlite import SqliteStore
from gateway.store.times import micros

ROW = AuditKept(NOON, "li", "fallout.retry", "o1", "修好了", "done")
OLD = "INSERT INTO audit (at, who, act, subject, why, outcome) VALUES (?, 'li', 'fallout.retry', 'o1', ?, 'done')"


class Database:
    """One kind of log, with what tests do to it from outside."""

    def __init__(self, opens: Callable[[], SqliteStore | PostgresStore], walks: Callable[..., Walked], place: Path | str) -> None:
        self.opens, self.walk, self.place = opens, walks, place

    def write(self, *rows: AuditKept) -> None:
        """Open it, write, close it."""
        store = self.opens()
        for row in rows:
            commit(store, row)
        store.close()

    def run(self, *statements: str) -> None:
        """Run statements as somebody who has the database to himself."""
        if isinstance(self.place, Path):
            with closing(sqlite3.connect(self.place)) as other:
                for statement in statements:
                    other.execute(statement)
                other.commit()
            return
        with psycopg.connect(self.place) as server:
            for statement in statements:
                server.execute(statement.encode())


@pytest.fixture(params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Give each kind in turn, empty."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        return Database(partial(open_sqlite, path), partial(walk_file, path), path)
    url = request.getfixturevalue("database")
    return Database(partial(open_postgres, url), partial(walk_postgres, url), url)


UNLOCK = {"sqlite": ("DROP TRIGGER audit_stays", "DROP TRIGGER audit_is_kept"), "postgres": ("DROP TRIGGER audit_stays ON audit",)}


def unlocked(log: Database) -> tuple[str, ...]:
    """Give what takes the bars away, as one can who owns the log."""
    return UNLOCK["sqlite" if isinstance(log.place, Path) else "postgres"]


def test_rows_are_chained_as_they_are_written(log):
    """What the database hashed is what we hash."""
    log.write(ROW, replace(ROW, why=""), replace(ROW, who="王, 5:x,", why="a\nb"))
    found = log.walk()
    assert (found.rows, found.broken, len(found.head)) == (3, None, 64)


def test_chain_goes_on_after_a_restart(log):
    """The next process adds to the same chain; the former head stands in it."""
    log.write(ROW)
    head = log.walk().head
    log.write(ROW)
    found = log.walk(head)
    assert (found.rows, found.broken, found.kept) == (2, None, True)


def test_several_rows_of_one_commit_are_chained(log):
    """Each follows the one before it."""
    store = log.opens()
    commit(store, ROW, replace(ROW, subject="o2"), replace(ROW, subject="o3"))
    store.close()
    assert (log.walk().rows, log.walk().broken) == (3, None)


def test_commit_that_is_refused_leaves_no_gap(log):
    """The row of a commit that was rolled back was never there."""
    store = log.opens()
    commit(store, ROW)
    with pytest.raises(Fenced):
        commit(store, ROW, RunTaken("none", 0, "me"))
    commit(store, ROW)
    store.close()
    assert (log.walk().rows, log.walk().broken) == (2, None)


@pytest.mark.parametrize("act", ["UPDATE audit SET why = 'another'", "DELETE FROM audit WHERE seq = 2", "DELETE FROM audit"])
def test_log_takes_no_change(log, act):
    """The database itself refuses."""
    log.write(ROW, ROW, ROW)
    with pytest.raises((sqlite3.Error, psycopg.Error), match="append-only"):
        log.run(act)
    assert (log.walk().rows, log.walk().broken) == (3, None)


@pytest.mark.parametrize("seq", [2, 3])
def test_row_from_outside_that_does_not_follow_is_refused(log, seq):
    """Neither in a place that is taken, nor beside the chain."""
    log.write(ROW, ROW)
    insert = "INSERT OR REPLACE" if isinstance(log.place, Path) else "INSERT"
    act = f"{insert} INTO audit (seq, at, who, act, subject, why, outcome, prev, hash) VALUES ({seq}, 1, 'x', 'x', 'x', 'x', 'x', '', 'h')"
    with pytest.raises((sqlite3.Error, psycopg.Error), match="follows the newest one"):
        log.run(act)
    assert (log.walk().rows, log.walk().broken) == (2, None)


@pytest.mark.parametrize(
    ("act", "row"),
    [("UPDATE audit SET outcome = 'refused' WHERE seq = 2", 2), ("UPDATE audit SET at = at + 1 WHERE seq = 3", 3),
     ("DELETE FROM audit WHERE seq = 2", 3), ("DELETE FROM audit WHERE seq = 1", 2)],
)  # fmt: skip
def test_change_by_who_took_the_bars_away_is_found(log, act, row):
    """The walk names the first row that does not hold."""
    log.write(ROW, ROW, ROW, ROW)
    log.run(*unlocked(log), act)
    broken = log.walk().broken
    assert broken is not None
    assert broken.seq == row


def test_rows_cut_off_at_the_end_are_found_by_a_kept_head(log):
    """By nothing else."""
    log.write(ROW, ROW, ROW)
    head = log.walk().head
    log.run(*unlocked(log), "DELETE FROM audit WHERE seq > 1")
    assert (log.walk().broken, log.walk().kept, log.walk(head).kept) == (None, True, False)


def test_memory_of_what_was_done_is_the_same(log):
    """The port reads the rows as they were given."""
    log.write(ROW)
    store = log.opens()
    found = wait(store.audit("o1", 9))
    store.close()
    assert found == [ROW]


def test_two_processes_write_one_chain(database):
    """Stores that write at the same time, many times over, leave a chain without a fork."""
    stores = [open_postgres(database) for _ in range(2)]

    def write(store: PostgresStore, who: str) -> None:
        for number in range(40):
            commit(store, replace(ROW, who=who, subject=str(number)), replace(ROW, who=who))

    threads = [threading.Thread(target=write, args=(store, name)) for store, name in zip(stores, ("a", "b"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    found = walk_postgres(database)
    with psycopg.connect(database) as server:
        writers = [row[2] for row in server.execute(SELECT_CHAIN.encode())]
    assert (found.rows, found.broken, sorted(writers)) == (160, None, ["a"] * 80 + ["b"] * 80)


@pytest.mark.parametrize("number", [3, 4, 5])
def test_rows_of_an_older_file_are_chained(tmp_path, number):
    """As they stand, in their order; new ones follow."""
    path = tmp_path / "old.db"
    _leave_file(path, number)
    with closing(sqlite3.connect(path)) as old:
        for why in ("first", "第二"):
            old.execute(OLD, (micros(NOON), why))
        old.commit()
    with pytest.raises(StoreUnusable, match="not chained yet"):
        walk_file(path)
    store = open_sqlite(path)
    commit(store, ROW)
    whys = [row.why for row in wait(store.audit("", 9))]
    store.close()
    assert (whys, walk_file(path).rows, walk_file(path).broken) == (["修好了", "第二", "first"], 3, None)


@pytest.mark.parametrize("number", [3, 4, 5])
def test_rows_of_an_older_database_are_chained(database, number):
    """The same on PostgreSQL, with the gaps that rolled-back transactions left."""
    _leave_database(database, number)
    with psycopg.connect(database) as old:
        for why in ("first", "gap", "第二"):
            old.execute(OLD.replace("?", "%s").encode(), (micros(NOON), why))
            if why == "gap":
                old.rollback()
            old.commit()
    with pytest.raises(StoreUnusable, match="not chained yet"):
        walk_postgres(database)
    store = open_postgres(database)
    commit(store, ROW)
    whys = [row.why for row in wait(store.audit("", 9))]
    store.close()
    assert (whys, walk_postgres(database).broken) == (["修好了", "第二", "first"], None)


def test_file_of_another_program_is_told(tmp_path):
    """One sentence."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE audit (seq)")
        other.commit()
    with pytest.raises(StoreUnusable, match="is no database of this program"):
        walk_file(path)


def test_address_that_is_none_is_told(database):
    """Nor is an empty database one of ours."""
    with pytest.raises(StoreUnusable, match="not an address"):
        walk_postgres("postgresql://%%")
    with pytest.raises(StoreUnusable, match="is no database of this program"):
        walk_postgres(database)
