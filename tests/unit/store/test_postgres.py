"""What only a server can promise: several processes on one store, connections that are lost, and a clear word where it cannot be used."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from postgres import Cluster
from store_rows import (
    ANN,
    BOX,
    ME,
    NOON,
    RINGTONE,
    commit,
    intended,
    open_postgres,
    order,
    product,
    request,
    started,
    user_change,
    wait,
)

from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.facts import OrderAccepted, SubscriberKept
from gateway.domain.numbers import Number
from gateway.domain.subscriber import PayType, Subscriber
from gateway.engine.ports import (
    CatalogueLoaded,
    DuplicateRequest,
    Fenced,
    Holding,
    ItemLocked,
    LeaseTaken,
    NothingOpen,
    ObjectSynced,
    OrdersUnchanged,
    RelationsUnchanged,
    RunTaken,
    RunWaiting,
    SignalArrived,
    SubscribersLoaded,
    UserUnchanged,
)
from gateway.steps import Reply
from gateway.store.errors import StoreFailed, StoreUnusable
from gateway.store.postgres import PostgresStore
from gateway.store.promise import BlockingPromise

OTHER = "vsop-15-2"
NUMBER = "211000000000000001"


@pytest.fixture
def store(database: str) -> Iterator[PostgresStore]:
    """Give an empty store."""
    opened = open_postgres(database)
    yield opened
    opened.close()


@pytest.fixture
def other(store: PostgresStore, database: str) -> Iterator[PostgresStore]:
    """Give another process's store in the same database."""
    opened = open_postgres(database)
    yield opened
    opened.close()


def complaint(url: str) -> str:
    with pytest.raises(StoreUnusable) as refused:
        open_postgres(url)
    return str(refused.value)


def outcome(promise: Any) -> type[Exception] | None:
    try:
        wait(promise)
    except (DuplicateRequest, Fenced, ItemLocked, StoreFailed) as error:
        return type(error)
    return None


def until(happens: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait for what another thread or the server does; the server's time cannot be moved."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


# ---- opening ---------------------------------------------------------------------------------------------------------


def test_database_that_is_not_there(cluster: Cluster) -> None:
    """A database is never made: a wrong name must not begin an empty store."""
    text = f'the database nobody at 127.0.0.1:{cluster.port} cannot be used: database "nobody" does not exist'
    assert complaint(cluster.url("nobody")) == text


def test_server_that_is_not_there() -> None:
    """Where nobody listens the operator is told so."""
    assert complaint("postgresql://vsop@127.0.0.1:1/vsop").startswith(
        "the database vsop at 127.0.0.1:1 cannot be used: Connection refused"
    )


def test_address_that_is_none() -> None:
    """What libpq cannot read is not repeated: it may hold a password."""
    assert complaint("postgresql://vsop:secret@[::1/x") == "store.url is not an address of PostgreSQL"


def test_newer_database(cluster: Cluster, database: str) -> None:
    """A schema that this program does not know is refused: going back could lose rows."""
    open_postgres(database).close()
    cluster.execute("UPDATE vsop_schema SET version = 999", database)
    assert "was written by a newer version of this program: its schema is 999" in complaint(database)


def test_database_of_another_program(cluster: Cluster, database: str) -> None:
    """A database with somebody else's tables is left alone."""
    cluster.execute("CREATE TABLE t (a INT)", database)
    refused = complaint(database).endswith("is a database of another program")
    tables = cluster.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()", database)
    assert (refused, tables) == (True, [("t",)])


def test_database_of_another_encoding(cluster: Cluster) -> None:
    """Texts are Chinese: a database that cannot keep them is refused at once, not at the first name."""
    cluster.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    found = complaint(cluster.url("latin"))
    cluster.execute("DROP DATABASE latin")
    assert found.endswith("does not keep texts in UTF-8")


def test_many_processes_begin_at_once(database: str) -> None:
    """One makes the tables, the others wait for it."""
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(open_postgres, [database] * 8))
    working = [one.working for one in stores]
    for one in stores:
        one.close()
    assert working == [True] * 8


def test_reopened_store_has_everything(database: str) -> None:
    """Whatever was committed is there after a restart."""
    store = open_postgres(database)
    commit(store, request(), started(), intended())
    before = wait(store.run("o1")), wait(store.inbox("211", NUMBER))
    store.close()
    store = open_postgres(database)
    after = wait(store.run("o1")), wait(store.inbox("211", NUMBER))
    store.close()
    assert after == before


def test_closed_store_refuses(database: str) -> None:
    """Neither reads nor commits are kept waiting."""
    store = open_postgres(database)
    store.close()
    read = outcome(store.inbox("211", NUMBER))
    assert (outcome(store.commit([request()])), read, store.working) == (StoreFailed, StoreFailed, False)


def test_close_writes_what_was_submitted(database: str) -> None:
    """A commit that nobody has awaited yet is written before the end."""
    store = open_postgres(database)
    store.commit([request()])
    store.close()
    store = open_postgres(database)
    found = wait(store.inbox("211", NUMBER))
    store.close()
    assert found == request()


def test_commits_wait_for_the_disk(cluster: Cluster, database: str) -> None:
    """Also where the server is set not to."""
    store = open_postgres(database.replace("=-c", "=-c%20synchronous_commit%3Doff%20-c"))
    (answer,) = store._links.exchange([("SHOW synchronous_commit", ())])
    store.close()
    assert answer.rows == [("on",)]


# ---- groups ----------------------------------------------------------------------------------------------------------


class Gate:
    """Holds the writer thread after its first group, so that what is submitted meanwhile makes one group."""

    def __init__(self) -> None:
        self.taken = threading.Event()
        self.opened = threading.Event()

    def __call__(self, act: Callable[[], None]) -> None:
        self.taken.set()
        self.opened.wait()
        act()


def as_one_group(url: str, *commits: list[Any]) -> list[type[Exception] | None]:
    """Write commits as one group; give what came of each."""
    gate = Gate()
    store = PostgresStore(url, promise=BlockingPromise, on_thread_result=gate)
    first = store.commit([request("first")])
    gate.taken.wait()
    group = [store.commit(rows) for rows in commits]
    gate.opened.set()
    outcomes = [outcome(promise) for promise in (first, *group)]
    store.close()
    return outcomes[1:]


def test_bad_commit_fails_alone(store: PostgresStore, database: str) -> None:
    """Of one group, a duplicate, a row of an unknown run and one that cannot be encoded fail; the others are written."""
    strange = request("5").__class__("211", "5", "zero\0byte", "", "", NOON)
    rows = request("2"), request("2"), request("3"), intended(), strange, request("4")
    outcomes = as_one_group(database, *([row] for row in rows))
    found = [wait(store.inbox("211", number)) is not None for number in "2345"]
    assert (outcomes, found) == (
        [None, DuplicateRequest, None, StoreFailed, StoreFailed, None], [True, True, True, False],
    )  # fmt: skip


def test_commit_behind_a_lock_fails_alone(store: PostgresStore, database: str) -> None:
    """A row that another session holds keeps its own commit waiting, for a moment, and no other."""
    commit(store, started())
    with psycopg.connect(database) as holder:
        holder.execute("SELECT 1 FROM runs WHERE id = 'o1' FOR UPDATE")
        outcomes = as_one_group(database, [request("2")], [Holding("o1", 0), intended()], [request("3")])
    assert outcomes == [None, StoreFailed, None]


CLASHES = """
CREATE SEQUENCE tries;
CREATE FUNCTION clash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF nextval('tries') <= {times} THEN RAISE EXCEPTION USING ERRCODE = '{code}'; END IF; RETURN NEW; END $$;
CREATE TRIGGER clash BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION clash();
"""


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_commit_that_clashes_is_written_again(cluster: Cluster, store: PostgresStore, database: str, code: str) -> None:
    """A deadlock or a serialisation failure is nobody's concern."""
    cluster.execute(CLASHES.format(times=3, code=code), database)
    assert outcome(store.commit([request()])) is None


def test_commit_that_always_clashes(cluster: Cluster, store: PostgresStore, database: str) -> None:
    """After a few times it fails, and the next one does not."""
    cluster.execute(CLASHES.format(times=5, code="40001"), database)
    assert [outcome(store.commit([request()])) for _ in "12"] == [StoreFailed, None]


# ---- a server that goes away -----------------------------------------------------------------------------------------


def backends(cluster: Cluster) -> None:
    """End all connections of stores."""
    cluster.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vsopgw'")


def test_lost_connection_costs_no_commit(cluster: Cluster, store: PostgresStore) -> None:
    """A connection that was ended while nobody used it is replaced, and the commit written on the new one."""
    commit(store, request("1"))
    backends(cluster)
    assert outcome(store.commit([request("2")])) is None


def test_lost_connection_costs_one_read(cluster: Cluster, store: PostgresStore) -> None:
    """The read that finds it fails; the writer thread then opens another one, without any commit."""
    backends(cluster)
    first = outcome(store.inbox("211", "1"))
    until(lambda: store.working)
    assert (first, outcome(store.inbox("211", "1"))) == (StoreFailed, None)


def test_server_down_and_up(cluster: Cluster, store: PostgresStore) -> None:
    """While it is down everything fails and the store says so; afterwards it works again by itself, with all that was told as written."""
    commit(store, request("1"))
    cluster.stop("immediate")
    down = outcome(store.commit([request("2")])), outcome(store.inbox("211", "1")), store.working, bool(store.trouble)
    cluster.start()
    until(lambda: store.working)
    up = outcome(store.commit([request("2")])), wait(store.inbox("211", "1")), store.trouble
    assert (down, up) == ((StoreFailed, StoreFailed, False, True), (None, request("1"), ""))


def test_what_is_told_is_true(cluster: Cluster, store: PostgresStore, database: str) -> None:
    """A server that falls again and again under load: what was told as written is there, what was told as failed is not."""
    told: dict[str, type[Exception] | None] = {}
    ending = threading.Event()
    falls = 0

    def press(worker: int) -> None:
        for n in range(1_000_000):
            if ending.is_set():
                return
            name = f"{worker}-{n}"
            told[name] = outcome(store.commit([request(name)]))
            if told[name] is not None:
                ending.wait(0.01)

    with ThreadPoolExecutor(16) as pool:
        workers = [pool.submit(press, worker) for worker in range(16)]
        # A fall within COMMIT leaves nobody with a failure, for the mark tells: it goes on until one came at another moment.
        while (falls := falls + 1) <= 4 or (falls <= 20 and not any(told.values())):
            written = sum(1 for one in list(told.values()) if one is None)
            until(lambda before=written: sum(1 for one in list(told.values()) if one is None) > before + 300)
            cluster.stop("immediate")
            cluster.start()
        until(lambda: store.working)
        ending.set()
    for worker in workers:
        worker.result()
    found = {row[0] for row in cluster.execute("SELECT streaming_no FROM inbox", database)}
    failed = [name for name, what in told.items() if what is not None]
    assert (found, len(failed) > 0) == ({name for name, what in told.items() if what is None}, True)


def test_server_that_takes_no_writes(cluster: Cluster, store: PostgresStore, database: str) -> None:
    """A server that has become a standby counts as lost: the next one that its address names may take writes."""
    cluster.execute("ALTER ROLE vsop SET default_transaction_read_only = on", database)
    backends(cluster)
    refused = outcome(store.commit([request()]))
    cluster.execute("BEGIN READ WRITE; ALTER ROLE vsop RESET default_transaction_read_only; COMMIT", database)
    backends(cluster)
    until(lambda: store.working and outcome(store.commit([request("2")])) is None)
    assert refused is StoreFailed


def test_silent_server_holds_the_caller_once(cluster: Cluster, store: PostgresStore) -> None:
    """One read waits for seconds; the next ones fail at once, until the server is back."""
    cluster.freeze()
    try:
        began = time.monotonic()
        first = outcome(store.inbox("211", "1"))
        waited = time.monotonic() - began
        began = time.monotonic()
        rest = [outcome(store.inbox("211", "1")) for _ in range(100)]
        waited_again = time.monotonic() - began
    finally:
        cluster.thaw()
    until(lambda: store.working)
    assert (first, rest, waited < 4, waited_again < 0.5) == (StoreFailed, [StoreFailed] * 100, True, True)


# ---- several processes -----------------------------------------------------------------------------------------------


def test_processes_see_each_others_requests(store: PostgresStore, other: PostgresStore) -> None:
    """What one took the other knows, and refuses a second time."""
    commit(store, request())
    assert (wait(other.inbox("211", NUMBER)), outcome(other.commit([request()]))) == (request(), DuplicateRequest)


def test_same_request_at_both_at_once(store: PostgresStore, other: PostgresStore) -> None:
    """However they meet, one of them takes it."""
    pairs = [(store.commit([request(str(n))]), other.commit([request(str(n))])) for n in range(500)]
    outcomes = {frozenset(map(outcome, pair)) for pair in pairs}
    assert outcomes == {frozenset({None, DuplicateRequest})}


def test_two_takers_of_ten_thousand_runs(store: PostgresStore, other: PostgresStore) -> None:
    """Of two processes that take up the same run at the same time exactly one gets it, each time."""
    runs = [f"r{n}" for n in range(10_000)]
    begun = [store.commit([started(run, serial=n), RunWaiting(run, NOON, 0, "")]) for n, run in enumerate(runs)]
    for promise in begun:
        wait(promise)
    tries = [(store.commit([RunTaken(run, 0, ME)]), other.commit([RunTaken(run, 0, OTHER)])) for run in runs]
    outcomes = {frozenset(map(outcome, pair)) for pair in tries}
    fences = {row.fence for row in map(wait, map(store.run, runs[::100])) if row is not None}
    assert (outcomes, fences) == ({frozenset({None, Fenced})}, {1})


def test_order_and_change_of_a_user_at_once(store: PostgresStore, other: PostgresStore) -> None:
    """Both were judged by what the user was: however they meet, one of them is refused."""
    numbers = [Number(f"1890791{n:04d}") for n in range(300)]
    before = {number: Subscriber(number, "003", PayType.PREPAID) for number in numbers}
    commit(store, SubscribersLoaded(tuple(before.values())))
    pairs = []
    for n, (number, user) in enumerate(before.items()):
        change = user_change(f"u{n}", number=number, old_number=None)
        judged = UserUnchanged(number, user)
        pairs.append((
            store.commit([judged, NothingOpen(number), OrderAccepted(change), SubscriberKept(change.user)]),
            other.commit([judged, OrderAccepted(order(f"o{n}", number=number))]),
        ))  # fmt: skip
    assert {frozenset(map(outcome, pair)) for pair in pairs} == {frozenset({None, ItemLocked})}


def test_order_ends_while_what_it_changed_is_judged(
    cluster: Cluster, store: PostgresStore, database: str
) -> None:
    """What another process is just writing to relations, and frees with it, is waited for: it is not as judged."""
    commit(store, OrderAccepted(order()))
    with psycopg.connect(database) as ending:
        ending.execute("INSERT INTO relations VALUES (%s, %s, '3', '0', '211', 'active', 1, 1, NULL)", (ANN.digits, RINGTONE))
        ending.execute("DELETE FROM item_locks WHERE order_id = 'o1'")
        judged = store.commit([RelationsUnchanged(ANN, ()), OrderAccepted(order("o2", products=(BOX,)))])
        until(lambda: cluster.execute("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(1,)])
    assert outcome(judged) is ItemLocked


def test_two_orders_of_one_channel_number_at_once(store: PostgresStore, other: PostgresStore) -> None:
    """Both were judged by there being none: however they meet, one of them is refused, though they lock nothing of each other's."""
    pairs = []
    for n in range(300):
        none = OrdersUnchanged("211", f"c{n}", 0)
        pairs.append((
            store.commit([none, OrderAccepted(order(f"a{n}", number=Number(f"1890791{n:04d}"), channel_order_id=f"c{n}"))]),
            other.commit([none, OrderAccepted(order(f"b{n}", number=Number(f"1890792{n:04d}"), channel_order_id=f"c{n}"))]),
        ))  # fmt: skip
    assert {frozenset(map(outcome, pair)) for pair in pairs} == {frozenset({None, ItemLocked})}


def test_dead_process_is_fenced(store: PostgresStore, other: PostgresStore) -> None:
    """When the lease of a process is over another one takes its run; what the first still writes is refused."""
    commit(store, LeaseTaken(ME, "t1", 0.05), LeaseTaken(OTHER, "t2", 60), started(), intended())
    until(lambda: wait(other.abandoned_runs(OTHER)) == ["o1"])
    commit(other, RunTaken("o1", 0, OTHER))
    assert (outcome(store.commit([Holding("o1", 0)])), outcome(other.commit([Holding("o1", 1)]))) == (Fenced, None)


def test_signal_and_wait_do_not_miss_each_other(
    cluster: Cluster, store: PostgresStore, database: str
) -> None:
    """A signal that comes while another process is about to let its run wait makes the run due."""
    commit(store, started(), intended())
    with psycopg.connect(database) as waiting:
        waiting.execute("SELECT 1 FROM runs WHERE id = 'o1' FOR NO KEY UPDATE")
        waiting.execute("UPDATE runs SET state = 'waiting' WHERE id = 'o1'")
        signalled = store.commit([SignalArrived("o1", "activate", Reply(NOON))])
        until(lambda: cluster.execute("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(1,)])
    wait(signalled)
    assert wait(store.next_wake(ME)) == NOON


def test_serials_are_reserved_once(store: PostgresStore, other: PostgresStore) -> None:
    """Blocks of two processes never overlap, and stand above what runs have."""
    commit(store, started(serial=70))
    with ThreadPoolExecutor(2) as pool:
        both = pool.map(lambda one: [wait(one.reserve_serials(10)) for _ in range(50)], (store, other))
        firsts = sorted(first for found in both for first in found)
    assert firsts == list(range(71, 71 + 1000, 10))


def test_catalogue_of_another_process(store: PostgresStore, other: PostgresStore) -> None:
    """What one process loads or is told the other has with its next look; what did not change stays decoded."""
    commit(store, CatalogueLoaded((product(), product(BOX)), ()))
    before = wait(other.catalogue()).products
    commit(store, ObjectSynced(CatalogueObject(product(version=1)), NOON))
    after = wait(other.catalogue()).products
    assert (after[RINGTONE].version, after[BOX] is before[BOX], before[RINGTONE].version) == (1, True, 0)


def test_catalogue_that_did_not_change(store: PostgresStore) -> None:
    """It is not decoded again."""
    commit(store, CatalogueLoaded((product(),), ()))
    assert wait(store.catalogue()) is wait(store.catalogue())
