"""What only a file can promise: durability, groups, one owner, and a clear word where it cannot be opened."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from store_rows import (
    ANN,
    BOB,
    BOX,
    ME,
    NOON,
    RINGTONE,
    SECOND,
    cell,
    commit,
    done,
    intended,
    offer,
    open_sqlite,
    order,
    product,
    relation,
    request,
    started,
    user_change,
    wait,
)
from twisted.internet.defer import Deferred

from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import CatalogueObject, ObjectKind
from gateway.domain.facts import (
    CellWritten,
    ItemsFreed,
    MasterKept,
    OrderAccepted,
    OrderConfirmed,
    RelationsMoved,
    RelationStarted,
    SubscriberKept,
)
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, Subscriber
from gateway.engine.ports import (
    ArchiveForgotten,
    CatalogueLoaded,
    DuplicateRequest,
    Holding,
    LeaseKept,
    LeaseTaken,
    ObjectSynced,
    RequestsForgotten,
    RunArchived,
    RunEnded,
    RunResumed,
    RunState,
    RunTaken,
    RunWaiting,
    SignalArrived,
    SubscribersLoaded,
    Write,
)
from gateway.steps import Reply
from gateway.store.errors import StoreFailed, StoreUnusable
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite import SqliteStore
from gateway.store.sqlite_file import FileLock, give_clock, make_private, open_reader, open_writer
from gateway.store.sqlite_reads import SqliteReads
from gateway.store.sqlite_writes import SqliteWrites
from gateway.store.times import standing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


class Gate:
    """Holds the writer thread after its first group, so that what is submitted meanwhile makes one group."""

    def __init__(self) -> None:
        self.groups = 0
        self.taken = threading.Event()
        self.opened = threading.Event()

    def __call__(self, act: Callable[[], None]) -> None:
        self.groups += 1
        self.taken.set()
        self.opened.wait()
        act()


# ---- durability ------------------------------------------------------------------------------------------------------


def test_reopened_store_has_everything(path: Path) -> None:
    """Whatever was committed is answered in the same way after a restart."""
    store = open_sqlite(path)
    commit(store, request(), started(), OrderAccepted(order()), intended(), done(), intended("report", streaming_no=""))
    commit(store, RunWaiting("o1", NOON, 3, "silent"), SignalArrived("o1", "report", Reply(NOON)))
    commit(store, RelationStarted(relation()), CatalogueLoaded((product(),), (offer(),)))
    commit(store, SubscribersLoaded((Subscriber(ANN, "003", PayType.PREPAID),)))
    before = everything(store)
    store.close()
    store = open_sqlite(path)
    after = everything(store)
    store.close()
    assert after == before


def test_store_works_until_its_writer_ends(path: Path) -> None:
    """Readiness asks the store: it works while its writer lives."""
    store = open_sqlite(path)
    while_open = store.working
    store.close()
    assert (while_open, store.working) == (True, False)


def everything(store: SqliteStore) -> list[object]:
    asked: list[Coroutine[Any, Any, object]] = [
        store.inbox("211", "211000000000000001"), store.run("o1"), store.order("o1"),
        store.orders_by_channel("211", "c1"),
        store.orders_by_trace("t1"), store.orders_by_number(ANN, 9), store.open_order_for(ANN, RINGTONE),
        store.step_by_streaming_no("200000000000000001"), store.signal("o1", "report"), store.interrupted_runs(ME),
        store.due_runs(NOON + SECOND, 9, ME), store.next_wake(ME), store.abandoned_runs(ME), store.parked_runs(9), store.audit("", 9),
        store.counts(), store.subscriber(ANN),
        store.relations(ANN), store.catalogue(),
    ]  # fmt: skip
    return [wait(one) for one in asked]


def test_acknowledged_commit_survives_kill(path: Path) -> None:
    """A commit that was acknowledged is there after kill -9, and the lock of the dead process is gone."""
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=False, timeout=30,
    )  # fmt: skip
    store = open_sqlite(path)
    found = child.returncode, wait(store.inbox("211", "211000000000000001"))
    store.close()
    assert found == (-signal.SIGKILL, request())


KILLED = """
import os, signal, sys
from store_rows import commit, open_sqlite, request
commit(open_sqlite(sys.argv[1]), request())
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_every_commit_waits_for_the_disk(path: Path) -> None:
    """The writer's connection keeps a write-ahead log, syncs it at each commit, and never checkpoints inside one."""
    connection = open_writer(path)
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    found.append(connection.execute("PRAGMA wal_autocheckpoint").fetchone()[0])
    connection.close()
    assert found == ["wal", 2, 0]


def test_reader_cannot_write(path: Path) -> None:
    """The connection that reads is kept from writing by SQLite itself."""
    open_writer(path).close()
    connection = open_reader(path)
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM orders")
    connection.close()


def test_close_writes_what_was_submitted(path: Path) -> None:
    """A commit that nobody has awaited yet is written before the end."""
    store = open_sqlite(path)
    store.commit([request()])
    store.close()
    store = open_sqlite(path)
    found = wait(store.inbox("211", "211000000000000001"))
    store.close()
    assert found == request()


def test_commit_after_close(path: Path) -> None:
    """A closed store refuses, it does not keep the caller waiting."""
    store = open_sqlite(path)
    store.close()
    with pytest.raises(StoreFailed):
        commit(store, request())


def test_read_after_close(path: Path) -> None:
    """A closed store refuses to read."""
    store = open_sqlite(path)
    store.close()
    with pytest.raises(StoreFailed):
        wait(store.order("o1"))


def test_document_of_another_version(path: Path) -> None:
    """A document that this program does not know is an error, not a guess."""
    store = open_sqlite(path)
    commit(store, OrderAccepted(order()))
    with sqlite3.connect(path) as other:
        other.execute("UPDATE orders SET doc = '[9, {}]'")
    other.close()
    with pytest.raises(StoreFailed):
        wait(store.order("o1"))
    store.close()


# ---- groups ----------------------------------------------------------------------------------------------------------


def test_bad_commit_fails_alone(path: Path) -> None:
    """Of one group, a duplicate and a row of an unknown run fail; the commits before, between and after are written."""
    gate = Gate()
    store = SqliteStore(path, promise=BlockingPromise, on_thread_result=gate)
    first = store.commit([request("1")])
    gate.taken.wait()
    rows = request("2"), request("1"), request("3"), intended(), request("4")
    group = [store.commit([row]) for row in rows]
    gate.opened.set()
    outcomes = [outcome(promise) for promise in (first, *group)]
    found = [wait(store.inbox("211", number)) is not None for number in "1234"]
    store.close()
    assert (outcomes, found) == ([None, None, DuplicateRequest, None, StoreFailed, None], [True] * 4)


def outcome(promise: Any) -> type[Exception] | None:
    try:
        wait(promise)
    except (DuplicateRequest, StoreFailed) as error:
        return type(error)
    return None


def test_gathered_commits_share_a_transaction(path: Path) -> None:
    """What gathers while one transaction runs makes the next one; its promises are settled in one go."""
    gate = Gate()
    store = SqliteStore(path, promise=BlockingPromise, on_thread_result=gate)
    promises = [store.commit([request("0")])]
    gate.taken.wait()
    promises += [store.commit([request(str(n))]) for n in range(1, 100)]
    gate.opened.set()
    for promise in promises:
        wait(promise)
    store.close()
    assert gate.groups == 2


def test_commits_of_one_turn_are_one_group(path: Path) -> None:
    """With `gather`, what is submitted before the caller is done goes to the writer in one go, not before."""
    turns: list[Callable[[], None]] = []
    groups: list[Callable[[], None]] = []
    store = SqliteStore(path, promise=BlockingPromise, on_thread_result=groups.append, gather=turns.append)
    store.commit([request("1")])
    store.commit([request("2")])
    before = wait(store.inbox("211", "1"))
    turns.pop()()
    store.close()
    assert (before, turns, len(groups)) == (None, [], 1)


def test_next_turn_is_another_group(path: Path) -> None:
    """After a turn has ended, the next commit asks for the end of another one."""
    turns: list[Callable[[], None]] = []
    store = SqliteStore(path, promise=BlockingPromise, on_thread_result=lambda act: act(), gather=turns.append)
    for number in "12":
        promise = store.commit([request(number)])
        turns.pop()()
        wait(promise)
    found = [wait(store.inbox("211", number)) is not None for number in "12"]
    store.close()
    assert found == [True, True]


def test_close_writes_what_was_gathered(path: Path) -> None:
    """A commit whose turn has not ended is written before the end; the end of the turn then finds nothing to do."""
    turns: list[Callable[[], None]] = []
    store = SqliteStore(path, promise=BlockingPromise, on_thread_result=lambda act: act(), gather=turns.append)
    promise = store.commit([request()])
    store.close()
    turns.pop()()
    assert outcome(promise) is None


def test_commit_after_close_is_not_gathered(path: Path) -> None:
    """Whoever commits to a closed store learns it at once: its caller may have no further turn."""
    turns: list[Callable[[], None]] = []
    store = SqliteStore(path, promise=BlockingPromise, on_thread_result=lambda act: act(), gather=turns.append)
    store.close()
    with pytest.raises(StoreFailed):
        commit(store, request())
    assert turns == []


def test_commits_are_written_in_order(path: Path) -> None:
    """A commit may build on one that was submitted before it and is not awaited yet."""
    store = open_sqlite(path)
    store.commit([started()])
    store.commit([intended()])
    commit(store, done())
    run = wait(store.run("o1"))
    store.close()
    assert run is not None
    assert [step.reply for step in run.steps] == [done().reply]


def test_rows_are_taken_when_they_are_submitted(path: Path) -> None:
    """A list that the caller changes afterwards does not change the commit."""
    store = open_sqlite(path)
    rows = [request()]
    promise = store.commit(rows)
    rows.clear()
    wait(promise)
    found = wait(store.inbox("211", "211000000000000001"))
    store.close()
    assert found == request()


def test_promise_of_a_reactor(path: Path) -> None:
    """A promise built on a Deferred is awaited in Twisted's coroutines, and settled in the thread that runs the act."""
    acts: SimpleQueue[Callable[[], None]] = SimpleQueue()
    store = SqliteStore(path, promise=DeferredPromise, on_thread_result=acts.put)

    async def take() -> str:
        await store.commit([request()])
        row = await store.inbox("211", "211000000000000001")
        return "" if row is None else row.streaming_no

    deferred = Deferred.fromCoroutine(take())
    called_before = deferred.called
    acts.get(timeout=10)()
    store.close()
    assert (called_before, deferred.result) == (False, "211000000000000001")


class DeferredPromise:
    """What the gateway gives to the store."""

    def __init__(self) -> None:
        self._deferred: Deferred[None] = Deferred()

    def succeed(self) -> None:
        self._deferred.callback(None)

    def fail(self, error: Exception) -> None:
        self._deferred.errback(error)

    def __await__(self) -> Any:
        return self._deferred.__await__()


# ---- speed -----------------------------------------------------------------------------------------------------------


def test_nothing_walks_through_a_table(path: Path) -> None:
    """However many orders, relations and deliveries there are: what is looked up or changed is found by an index."""
    open_sqlite(path).close()
    statements: list[str] = []
    connection = sqlite3.connect(path, isolation_level=None)
    connection.set_trace_callback(statements.append)
    give_clock(connection, standing)
    reads, writes = SqliteReads(connection), SqliteWrites(connection.cursor())
    wait(reads.held_orders("4.1.1", 9))
    wait(reads.orders_between(ANN, NOON, NOON, 9))
    wait(reads.master(ObjectKind.PRODUCT, RINGTONE))
    wait(reads.cells(ObjectKind.PRODUCT, RINGTONE))
    wait(reads.due_runs(NOON, 9, ME))
    wait(reads.interrupted_runs(ME))
    wait(reads.abandoned_runs(ME))
    wait(reads.next_wake(ME))
    wait(reads.parked_runs(9))
    wait(reads.audit("o1", 9))
    wait(reads.archivable(NOON, 9))
    wait(reads.ages())
    cancelled = CatalogueObject(product(status=Status.CANCELLED))
    rows: list[Write] = [
        OrderAccepted(user_change()), ItemsFreed("u1"), OrderAccepted(order(), OrderState.UNCONFIRMED), OrderConfirmed("o1"),
        RelationsMoved(ANN, BOB), SubscriberKept(user_change().user), ObjectSynced(cancelled, NOON), MasterKept(cancelled),
        CellWritten(cell()), LeaseTaken(ME, "t", 1), LeaseKept(ME, "t", 1), started("o7", serial=7), RunWaiting("o7", NOON, 1, ""),
        RunTaken("o7", 0, ME), Holding("o7", 1), SignalArrived("o7", "activate", Reply(NOON)),
        RunEnded("o7", RunState.STUCK, 1, "", NOON), RunResumed("o7", 1, ME, NOON),
        RunEnded("o7", RunState.ENDED, 0, "", NOON), RunArchived("o7"), RequestsForgotten(NOON, 9), ArchiveForgotten(NOON, 9),
    ]  # fmt: skip
    for row in rows:
        writes.write(row)
    connection.set_trace_callback(None)
    plans = [step[3] for s in statements for step in connection.execute(f"EXPLAIN QUERY PLAN {s}")]
    connection.close()
    # A row for each process; the steps of the one run that is archived; a signal that is no row yet.
    few = ("SCAN leases", "SCAN (subquery", "SCAN CONSTANT ROW")
    assert [step for step in plans if "SCAN" in step and not step.startswith(few)] == []


def test_synchronised_object_leaves_the_rest_decoded(path: Path) -> None:
    """One object that is told does not have the whole catalogue read again, nor is it missing from what is held."""
    store = open_sqlite(path)
    commit(store, CatalogueLoaded((product(), product(BOX)), (offer(),)))
    before = wait(store.catalogue()).products
    commit(store, ObjectSynced(CatalogueObject(product(version=1)), NOON))
    after = wait(store.catalogue()).products
    store.close()
    assert (after[BOX] is before[BOX], after[RINGTONE].version, before[RINGTONE].version) == (True, 1, 0)


def test_told_objects_are_there_after_a_restart(path: Path) -> None:
    """What was synchronised, mastered and delivered is answered in the same way by the next process."""
    store = open_sqlite(path)
    whole = CatalogueObject(product(version=1))
    commit(store, ObjectSynced(whole, NOON), MasterKept(whole), CellWritten(cell()), SubscriberKept(user_change().user))
    before = told(store)
    store.close()
    store = open_sqlite(path)
    after = told(store)
    store.close()
    assert (after, after[0]) == (before, product(version=1))


def told(store: SqliteStore) -> list[object]:
    kind = ObjectKind.PRODUCT
    return [
        wait(store.catalogue()).products[RINGTONE], wait(store.master(kind, RINGTONE)), wait(store.cells(kind, RINGTONE)),
        wait(store.cell_counts()), wait(store.subscriber(ANN)),
    ]  # fmt: skip


# ---- opening ---------------------------------------------------------------------------------------------------------


def complaint(path: Path) -> str:
    """Give the sentence with which a file is refused."""
    with pytest.raises(StoreUnusable) as refused:
        open_sqlite(path)
    return str(refused.value)


def test_store_in_use(path: Path) -> None:
    """A second owner is refused and told who the first is."""
    store = open_sqlite(path)
    found = complaint(path)
    store.close()
    assert found == f"{path} is in use by process {os.getpid()}"


def test_database_that_is_gone(path: Path) -> None:
    """Where a database was and is no more, no empty one is begun; who wants that removes the lock file."""
    open_sqlite(path).close()
    path.unlink()
    found = [complaint(path), complaint(path)]
    path.with_name("store.db.lock").unlink()
    open_sqlite(path).close()
    said = f"{path} is gone: restore it from a copy, or remove {path}.lock to begin with an empty one"
    assert (found, path.is_file()) == ([said, said], True)


@pytest.mark.parametrize("lock", ["opened", "none"])
def test_database_that_is_empty(path: Path, lock: str) -> None:
    """A file without a byte, such as a copy that was cut short, is refused as one that is gone; who removes both begins anew."""
    if lock == "opened":
        open_sqlite(path).close()
    path.write_bytes(b"")
    found = [complaint(path), complaint(path)]
    path.unlink()
    path.with_name("store.db.lock").unlink()
    open_sqlite(path).close()
    said = f"{path} is empty: restore it from a copy, or remove it and {path}.lock to begin with a new one"
    assert (found, path.stat().st_size > 0) == ([said, said], True)


def test_first_start_that_was_cut_short(path: Path) -> None:
    """A process that was killed while it made its first database left an empty file: the next one goes on."""
    lock = FileLock(path)
    make_private(path)
    lock.release()
    open_sqlite(path).close()
    assert path.stat().st_size > 0


def test_database_is_private(path: Path) -> None:
    """Only its owner reads the file and what lies beside it: they hold whole numbers."""
    store = open_sqlite(path)
    commit(store, request())
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    store.close()
    assert modes == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm", "store.db.lock"), 0o600)


def test_refused_opening_leaves_the_lock_free(path: Path) -> None:
    """A file that could not be opened does not stay locked."""
    path.write_bytes(b"x" * 5000)
    complaint(path)
    path.unlink()
    open_sqlite(path).close()
    assert path.is_file()


def test_closing_twice(path: Path) -> None:
    """A second close does nothing, above all not to the next owner."""
    store = open_sqlite(path)
    store.close()
    heir = open_sqlite(path)
    store.close()
    found = complaint(path)
    heir.close()
    assert found == f"{path} is in use by process {os.getpid()}"


def test_no_directory(tmp_path: Path) -> None:
    """A missing directory is not made."""
    path = tmp_path / "none" / "store.db"
    assert complaint(path) == f"{path} cannot be opened: its directory does not exist"


def test_directory_instead_of_a_file(tmp_path: Path) -> None:
    """A directory is no store."""
    path = tmp_path / "store.db"
    path.mkdir()
    assert complaint(path) == f"{path} cannot be opened: SQLITE_CANTOPEN"


def test_newer_database(path: Path) -> None:
    """A schema that this program does not know is refused: going back could lose rows."""
    open_sqlite(path).close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 999")
    other.close()
    assert complaint(path).startswith(f"{path} was written by a newer version of this program: its schema is 999")


def test_database_of_another_program(path: Path) -> None:
    """A database with somebody else's tables is left alone."""
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    assert complaint(path) == f"{path} is a database of another program"


def test_not_a_database(path: Path) -> None:
    """A file of another kind is refused."""
    path.write_bytes(b"not a database at all, but long enough to be read as one" * 100)
    assert complaint(path) == f"{path} is not a database"


def test_damaged_database(path: Path) -> None:
    """A file with a page overwritten is refused at start-up, before anything is taken."""
    store = open_sqlite(path)
    commit(store, *(request(str(n)) for n in range(500)))
    store.close()
    with path.open("r+b") as file:
        file.seek(-4096, os.SEEK_END)
        file.write(b"\xff" * 4096)
    assert complaint(path) == f"{path} is damaged: restore it from a copy"


def test_truncated_database(path: Path) -> None:
    """A file that lost its end is refused."""
    store = open_sqlite(path)
    commit(store, *(request(str(n)) for n in range(500)))
    store.close()
    os.truncate(path, path.stat().st_size - 3 * 4096)
    assert complaint(path) == f"{path} is damaged: restore it from a copy"
