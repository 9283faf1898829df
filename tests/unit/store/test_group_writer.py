"""Group commit over tables of its own: a transaction, the disk or the thread fails; and the folding of the log."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from store_rows import wait

from gateway.store import sqlite_groups
from gateway.store.checkpoints import Checkpoints
from gateway.store.errors import StoreFailed
from gateway.store.group_writer import MAX_GROUP, GroupWriter
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite_groups import SqliteGroups

MARK = "a text that is easy to find in a file"


class Bench:
    """A writer of single texts over a file of its own; `write` may be replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON;"
            "CREATE TABLE parent (id TEXT PRIMARY KEY);"
            "CREATE TABLE child (id TEXT, parent TEXT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);"
        )
        self.checkpoints = Checkpoints(path, self.connection, every=1_000_000)
        self.write: Callable[[str], object] = self.insert
        self.groups: SqliteGroups[str] = SqliteGroups(self.connection, self._write, self.checkpoints)
        self.writer: GroupWriter[str] = GroupWriter(self.groups, settle=lambda act: act())

    def insert(self, row: str) -> None:
        self.connection.execute("INSERT INTO parent VALUES (?)", (row,))

    def insert_orphan(self, row: str) -> None:
        """Break a constraint that SQLite looks at in COMMIT."""
        self.connection.execute("INSERT INTO child VALUES (?, 'nobody')", (row,))

    def _write(self, row: str) -> None:
        self.write(row)

    def commit(self, *rows: str) -> None:
        promise = BlockingPromise()
        self.writer.submit(promise, rows)
        wait(promise)

    def rows(self) -> list[str]:
        connection = sqlite3.connect(self.path)
        found = [row for (row,) in connection.execute("SELECT id FROM parent ORDER BY id")]
        connection.close()
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "group.db")
    yield bench
    bench.writer.close()
    bench.connection.close()


def test_failed_transaction_fails_its_commits(bench: Bench) -> None:
    """A COMMIT that SQLite refuses is told to whoever is in it, and nothing of it stays."""
    bench.commit("a")
    bench.write = bench.insert_orphan
    with pytest.raises(StoreFailed, match="SQLITE_CONSTRAINT_FOREIGNKEY"):
        bench.commit("b")
    assert bench.connection.in_transaction is False


def test_writer_goes_on_after_a_failed_transaction(bench: Bench) -> None:
    """The next group is written as if nothing had been."""
    bench.write = bench.insert_orphan
    with pytest.raises(StoreFailed):
        bench.commit("a")
    bench.write = bench.insert
    bench.commit("b")
    assert bench.rows() == ["b"]


def test_full_disk_fails_the_commit(bench: Bench) -> None:
    """Where no page can be had the commit fails, and later ones are written once there is room."""
    bench.connection.execute("PRAGMA max_page_count = 5")
    with pytest.raises(StoreFailed, match="SQLITE_FULL"):
        bench.commit(*(str(n) + "x" * 3000 for n in range(20)))
    bench.connection.execute("PRAGMA max_page_count = 100000")
    bench.commit("a")
    assert bench.rows() == ["a"]


def test_full_disk_is_trouble_until_a_commit_is_written(bench: Bench) -> None:
    """Readiness asks: SQLite's code from the commit that failed to the next one that is written."""
    bench.connection.execute("PRAGMA max_page_count = 5")
    with suppress(StoreFailed):
        bench.commit(*(str(n) + "x" * 3000 for n in range(20)))
    while_full = bench.groups.trouble
    bench.connection.execute("PRAGMA max_page_count = 100000")
    bench.commit("a")
    assert (while_full, bench.groups.trouble) == ("SQLITE_FULL", "")


def test_broken_promise_between_rows_is_no_trouble(bench: Bench) -> None:
    """A constraint that fails in COMMIT says nothing about the disk."""
    bench.write = bench.insert_orphan
    with suppress(StoreFailed):
        bench.commit("a")
    assert bench.groups.trouble == ""


def test_trouble_ends_by_itself(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody commits, as nobody does at a gateway that is not ready, the writer finds that there is room again."""
    monkeypatch.setattr(sqlite_groups, "PROBE", 0.01)
    bench.connection.execute("PRAGMA max_page_count = 5")
    with suppress(StoreFailed):
        bench.commit(*(str(n) + "x" * 3000 for n in range(20)))
    bench.connection.execute("PRAGMA max_page_count = 100000")
    end = time.monotonic() + 5
    while bench.groups.trouble and time.monotonic() < end:
        time.sleep(0.002)
    assert bench.groups.trouble == ""


def test_row_that_cannot_be_encoded(bench: Bench) -> None:
    """A row that no statement takes fails its commit, with the class of the error and nothing of the row."""
    bench.write = lambda row: bench.connection.execute("INSERT INTO parent VALUES (?)", (object(),))
    with pytest.raises(StoreFailed) as failed:
        bench.commit("secret")
    assert str(failed.value) == "a row was not written: ProgrammingError"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_writer_that_dies_leaves_nobody_waiting(bench: Bench) -> None:
    """Something unforeseen ends the thread: the commit under way and every later one fail at once."""

    def unforeseen(row: str) -> None:
        raise SystemError(row)

    bench.write = unforeseen
    for _ in range(2):
        with pytest.raises(StoreFailed):
            bench.commit("a")


def test_log_is_folded_when_idle(bench: Bench) -> None:
    """When nobody commits, the file holds everything by itself."""
    bench.commit(MARK)
    bench.writer.close()
    bench.checkpoints.idle()
    assert MARK.encode() in bench.path.read_bytes()


def test_log_is_folded_aside(bench: Bench) -> None:
    """Enough rows have the log folded beside the commits."""
    bench.commit(MARK)
    bench.writer.close()
    checkpoints = Checkpoints(bench.path, bench.connection, every=1)
    checkpoints.wrote()
    checkpoints.close()
    assert (MARK.encode() in bench.path.read_bytes(), checkpoints.trouble) == (True, "")


def test_log_begins_anew_after_folding(bench: Bench) -> None:
    """Once the writer has folded what came meanwhile, the log does not grow any further."""
    for n in range(50):
        bench.commit(f"before {n}")
    bench.writer.close()
    checkpoints = Checkpoints(bench.path, bench.connection, every=1)
    checkpoints.wrote()  # begins
    checkpoints.close()
    checkpoints.wrote()  # finishes
    log = bench.path.with_name("group.db-wal")
    size = log.stat().st_size
    for n in range(20):
        bench.connection.execute("INSERT INTO parent VALUES (?)", (f"after {n}",))
    assert log.stat().st_size == size


def test_folding_that_fails_is_noted(bench: Bench, tmp_path: Path) -> None:
    """What keeps the log from being folded is there for the health check, as SQLite's code."""
    bench.commit("a")
    bench.writer.close()
    checkpoints = Checkpoints(tmp_path / "none" / "group.db", bench.connection, every=1)
    checkpoints.wrote()
    checkpoints.close()
    assert checkpoints.trouble == "SQLITE_CANTOPEN"


def test_folding_that_works_again(bench: Bench, tmp_path: Path) -> None:
    """The note goes with the trouble."""
    bench.commit("a")
    bench.writer.close()
    checkpoints = Checkpoints(tmp_path / "none" / "group.db", bench.connection, every=1)
    checkpoints.wrote()
    checkpoints.close()
    checkpoints.wrote()
    assert checkpoints.trouble == ""


# ---- two ways to write a group ---------------------------------------------------------------------------------------


def traced(bench: Bench, *commits: tuple[str, ...]) -> list[str]:
    """Write commits as one group; give the first words of the statements that it took."""
    statements: list[str] = []
    bench.connection.set_trace_callback(statements.append)
    promises = [BlockingPromise() for _ in commits]
    bench.writer.submit_all(list(zip(promises, commits, strict=True)))
    for promise in promises:
        with suppress(StoreFailed):
            wait(promise)
    bench.connection.set_trace_callback(None)
    words = [statement.partition(" ")[0] for statement in statements]
    return [word for word in words if word != "PRAGMA"]  # an idle writer folds the log


def test_group_without_refusal_needs_no_savepoints(bench: Bench) -> None:
    """Where nothing is refused, a group is its rows between two statements."""
    assert traced(bench, ("a", "b"), ("c",)) == ["BEGIN", "INSERT", "INSERT", "INSERT", "COMMIT"]


def test_refused_lone_commit_is_not_tried_again(bench: Bench) -> None:
    """A commit that has the group to itself takes no other with it: nothing is written twice."""
    bench.commit("a")
    assert traced(bench, ("b", "a")) == ["BEGIN", "INSERT", "INSERT", "ROLLBACK"]


def test_group_with_a_refusal_is_written_again(bench: Bench) -> None:
    """What stands beside a refused commit is written, in the same order, each in a savepoint."""
    bench.commit("a")
    statements = traced(bench, ("b",), ("a",), ("c",))
    assert (statements[:5], statements.count("SAVEPOINT"), bench.rows()) == (
        ["BEGIN", "INSERT", "INSERT", "ROLLBACK", "BEGIN"], 3, ["a", "b", "c"],
    )  # fmt: skip


def test_group_that_the_disk_fails_is_not_tried_again(bench: Bench) -> None:
    """A transaction that cannot be committed fails its commits; to repeat it would hide what the disk does."""
    bench.write = bench.insert_orphan
    assert traced(bench, ("a",), ("b",)) == ["BEGIN", "INSERT", "INSERT", "COMMIT", "ROLLBACK"]


def test_commits_submitted_at_once_are_one_transaction(bench: Bench) -> None:
    """Also where they are more than a group takes otherwise."""
    assert traced(bench, *((str(n),) for n in range(MAX_GROUP + 1))).count("COMMIT") == 1


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="this system has no batch scheduling")
def test_writer_leaves_the_processor_to_others(bench: Bench) -> None:
    """The thread is one that being woken does not put before the thread that woke it."""
    bench.commit("a")
    policies = [os.sched_getscheduler(t.native_id or 0) for t in threading.enumerate() if t.name == "store-writer"]
    assert policies == [os.SCHED_BATCH]


def test_writer_where_scheduling_is_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a sandbox that keeps a thread from changing its scheduling, commits are written all the same."""

    def forbidden(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbidden, raising=False)
    bench = Bench(tmp_path / "group.db")
    bench.commit("a")
    bench.writer.close()
    bench.connection.close()
    assert bench.rows() == ["a"]


class Notes:
    """Takes down how large groups were."""

    idle_after = 60.0

    def __init__(self, *, elsewhere: bool) -> None:
        self.elsewhere = elsewhere
        self.sizes: list[int] = []

    def write(self, group: Sequence[Sequence[str]]) -> list[None]:
        self.sizes.append(len(group))
        return [None] * len(group)

    def wrote(self) -> None:
        """There is nothing to do."""

    def idle(self) -> None:
        """There is nothing to do."""

    def close(self) -> None:
        """There is nothing to do."""


@pytest.mark.parametrize(("elsewhere", "commits", "sizes"), [(True, 32, [16, 16]), (True, 15, [15]), (False, 32, [32])])
def test_group_after_a_wait_is_halved(elsewhere: bool, commits: int, sizes: list[int]) -> None:
    """Where another process does the work, callers that would all wait for one group get their answers in two parts."""
    groups = Notes(elsewhere=elsewhere)
    writer: GroupWriter[str] = GroupWriter(groups, settle=lambda act: act())
    promises = [BlockingPromise() for _ in range(commits)]
    writer.submit_all([(promise, "row") for promise in promises])
    for promise in promises:
        wait(promise)
    writer.close()
    assert groups.sizes == sizes


def test_writer_that_dies_between_two_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever."""
    groups = Notes(elsewhere=True)
    monkeypatch.setattr(groups, "write", None)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    writer: GroupWriter[str] = GroupWriter(groups, settle=lambda act: act())
    promises = [BlockingPromise() for _ in range(16)]
    writer.submit_all([(promise, "row") for promise in promises])
    for promise in promises:
        with pytest.raises(StoreFailed):
            wait(promise)
