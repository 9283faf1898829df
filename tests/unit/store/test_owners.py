"""Who drives a run: leases, fences, take-over, and what people do by hand; the same on every store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from math import inf
from pathlib import Path

import pytest
from postgres import Cluster
from store_rows import ME, NOON, SECOND, commit, done, intended, open_postgres, order, started, wait

from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderEnded
from gateway.domain.order import OrderState
from gateway.engine.ports import (
    AuditKept,
    Fenced,
    Holding,
    LeaseKept,
    LeaseLeft,
    LeaseTaken,
    Parked,
    RunEnded,
    RunResumed,
    RunState,
    RunTaken,
    RunWaiting,
    SignalArrived,
    Store,
    Write,
)
from gateway.steps import Reply
from gateway.store.memory import MemoryStore
from gateway.store.postgres import PostgresStore
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite import SqliteStore

OTHER = "vsop-15-2"
LEASE = 10.0
DAY = 86_400


class Hours:
    """The clock by which leases are judged."""

    def __init__(self) -> None:
        self._seconds = 1_000_000.0
        self._database: tuple[Cluster, str] | None = None

    def __call__(self) -> float:
        return self._seconds

    def pass_by(self, seconds: float) -> None:
        """Let time go by."""
        self._seconds += seconds
        if self._database is not None:
            self.rule(*self._database)

    def rule(self, cluster: Cluster, url: str) -> None:
        """Be the clock of a database too."""
        self._database = cluster, url
        cluster.execute(
            "CREATE OR REPLACE FUNCTION now_micros() RETURNS BIGINT LANGUAGE sql STABLE AS"
            f" 'SELECT {int(self._seconds * 1e6)}::bigint'", url
        )  # fmt: skip


@pytest.fixture
def hours() -> Hours:
    """Give a clock that stands still."""
    return Hours()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path, hours: Hours) -> Iterator[Store]:
    """Give each adapter in turn, with a process that has just begun, and another one."""
    opened: MemoryStore | SqliteStore | PostgresStore
    if request.param == "memory":
        opened = MemoryStore(hours)
    elif request.param == "postgres":
        opened = open_postgres(request.getfixturevalue("database"))
        hours.rule(request.getfixturevalue("cluster"), request.getfixturevalue("database"))
    else:
        opened = SqliteStore(
            tmp_path / "store.db", promise=BlockingPromise, on_thread_result=lambda act: act(), now=hours
        )
    commit(opened, LeaseTaken(ME, "t1", LEASE), LeaseTaken(OTHER, "t2", LEASE))
    yield opened
    if not isinstance(opened, MemoryStore):
        opened.close()


def fenced(store: Store, *rows: object) -> bool:
    """Whether a commit is refused because something belongs to another process."""
    try:
        commit(store, *rows)  # type: ignore[arg-type]
    except Fenced:
        return True
    return False


def owner_of(store: Store) -> tuple[str, int, RunState]:
    row = wait(store.run("o1"))
    assert row is not None
    return row.owner, row.fence, row.state


def test_new_run_is_owned(store: Store) -> None:
    """Who begins a run drives it, under fence 0."""
    commit(store, started())
    assert owner_of(store) == (ME, 0, RunState.RUNNING)


def test_waiting_run_is_taken_by_anybody(store: Store) -> None:
    """Whoever hears of a signal may take up the run that waits for it."""
    commit(store, started(), RunWaiting("o1", NOON, 1, "silent"))
    commit(store, RunTaken("o1", 0, OTHER))
    assert owner_of(store) == (OTHER, 1, RunState.RUNNING)


def test_taken_run_has_nothing_left_of_waiting(store: Store) -> None:
    """It has no wake time and no note; its attempts stay, they are those of the step under way."""
    commit(store, started(), RunWaiting("o1", NOON, 3, "silent"), RunTaken("o1", 0, ME))
    row = wait(store.run("o1"))
    assert row is not None
    assert (row.wake_at, row.note, row.attempts) == (None, "", 3)


def test_run_is_taken_once(store: Store) -> None:
    """Of two takers that saw the same fence one wins."""
    commit(store, started(), RunWaiting("o1", NOON, 1, "silent"), RunTaken("o1", 0, OTHER))
    assert fenced(store, RunTaken("o1", 0, ME))


def test_running_run_of_a_living_process_is_not_taken(store: Store) -> None:
    """While its owner's lease holds, a running run is its owner's alone."""
    commit(store, started())
    assert fenced(store, RunTaken("o1", 0, OTHER))


def test_running_run_is_taken_by_its_own_name(store: Store) -> None:
    """A process takes up what a former one of its name left."""
    commit(store, started(), RunTaken("o1", 0, ME))
    assert owner_of(store) == (ME, 1, RunState.RUNNING)


def test_running_run_is_taken_after_the_lease(store: Store, hours: Hours) -> None:
    """When the lease is over others take over."""
    commit(store, started())
    hours.pass_by(LEASE)
    commit(store, RunTaken("o1", 0, OTHER))
    assert owner_of(store) == (OTHER, 1, RunState.RUNNING)


def test_kept_lease_holds(store: Store, hours: Hours) -> None:
    """A sign of life counts from when it was given."""
    commit(store, started())
    hours.pass_by(LEASE / 2)
    commit(store, LeaseKept(ME, "t1", LEASE))
    hours.pass_by(LEASE * 0.9)
    assert fenced(store, RunTaken("o1", 0, OTHER))


def test_lease_that_was_left_is_over(store: Store) -> None:
    """A process that ends in order keeps nobody waiting."""
    commit(store, started(), LeaseLeft(ME, "t1"))
    commit(store, RunTaken("o1", 0, OTHER))
    assert owner_of(store)[0] == OTHER


def test_lease_for_ever(store: Store, hours: Hours) -> None:
    """Where no other process can have the store, a lease never ends."""
    commit(store, LeaseTaken(ME, "t1", inf), started())
    hours.pass_by(1e9)
    assert fenced(store, RunTaken("o1", 0, OTHER))


def test_lease_that_was_over_long_ago_is_removed(store: Store, hours: Hours) -> None:
    """When a process begins, those that ended a day ago and left nothing are forgotten: names may be used once only."""
    commit(store, started(), RunEnded("o1", RunState.ENDED, 0, "", NOON))
    hours.pass_by(LEASE + DAY)
    commit(store, LeaseTaken("third", "t3", LEASE))
    assert [fenced(store, LeaseKept(ME, "t1", LEASE)), fenced(store, LeaseKept("third", "t3", LEASE))] == [True, False]


def test_lease_that_is_over_stays_for_a_day(store: Store, hours: Hours) -> None:
    """Its process may only be asleep: it may keep it, and what it begins before that is found by it."""
    hours.pass_by(LEASE + DAY - 1)
    commit(store, LeaseTaken("third", "t3", LEASE))
    commit(store, LeaseKept(ME, "t1", LEASE), started())
    hours.pass_by(LEASE)
    assert wait(store.abandoned_runs("third")) == ["o1"]


@pytest.mark.parametrize(
    "left", [[], [RunWaiting("o1", NOON, 1, "silent")], [RunEnded("o1", RunState.STUCK, 8005, "silent", NOON)]]
)
def test_lease_of_who_left_a_run_stays(store: Store, hours: Hours, left: list[Write]) -> None:
    """Whether it runs, waits or is parked: others find it by the lease."""
    commit(store, started(), *left)
    hours.pass_by(LEASE + DAY)
    commit(store, LeaseTaken("third", "t3", LEASE))
    assert not fenced(store, LeaseKept(ME, "t1", LEASE))


def test_runs_of_an_older_database_are_found_for_ever(store: Store, hours: Hours) -> None:
    """Those without an owner: there is a lease without a name that is never removed."""
    hours.pass_by(LEASE + DAY)
    commit(store, LeaseTaken("third", "t3", LEASE))
    commit(store, replace(started(), owner=""))
    assert wait(store.abandoned_runs("third")) == ["o1"]


@pytest.mark.parametrize("row", [LeaseKept(ME, "t1", LEASE), LeaseLeft(ME, "t1")])
def test_name_that_another_process_took(store: Store, row: LeaseKept | LeaseLeft) -> None:
    """A process whose name was taken learns it with its next sign of life."""
    commit(store, LeaseTaken(ME, "t3", LEASE))
    assert fenced(store, row)


def test_late_sign_of_life(store: Store, hours: Hours) -> None:
    """A lease that is over may be kept if nobody took the name: it may have lost no run at all."""
    hours.pass_by(LEASE * 5)
    commit(store, LeaseKept(ME, "t1", LEASE), started())
    assert fenced(store, RunTaken("o1", 0, OTHER))


def test_journal_is_written_under_the_present_fence(store: Store) -> None:
    """Who holds the run writes its journal."""
    commit(store, started(), intended())
    commit(store, Holding("o1", 0), done())
    row = wait(store.run("o1"))
    assert row is not None
    assert row.steps[0].reply == done().reply


def test_journal_is_closed_to_a_former_owner(store: Store, hours: Hours) -> None:
    """Nothing is written by a process that lost the run."""
    commit(store, started(), intended())
    hours.pass_by(LEASE)
    commit(store, RunTaken("o1", 0, OTHER))
    refused = fenced(store, Holding("o1", 0), done())
    row = wait(store.run("o1"))
    assert row is not None
    assert (refused, row.steps[0].reply) == (True, None)


def test_ended_run_is_not_taken(store: Store) -> None:
    """What is over stays over."""
    commit(store, started(), RunEnded("o1", RunState.ENDED, 0, "", NOON))
    assert fenced(store, RunTaken("o1", 0, ME))


@pytest.mark.parametrize("row", [RunTaken("o9", 0, ME), Holding("o9", 0), RunResumed("o9", 0, ME, NOON)])
def test_run_that_is_not_there(store: Store, row: RunTaken | Holding | RunResumed) -> None:
    """Nobody holds or takes a run that there is none of."""
    assert fenced(store, row)


def test_own_runs_are_not_abandoned(store: Store, hours: Hours) -> None:
    """However late its sign of life is, a process does not take over from itself."""
    commit(store, started())
    hours.pass_by(LEASE)
    assert (wait(store.interrupted_runs(ME)), wait(store.abandoned_runs(ME))) == (["o1"], [])


def test_runs_of_the_dead_are_abandoned(store: Store, hours: Hours) -> None:
    """Running ones, and those whose signal has come, of all whose lease is over; by serial."""
    commit(store, started(serial=2), started("o2", serial=1), intended(run_id="o2", streaming_no=""))
    commit(store, RunWaiting("o2", None, 0, ""), SignalArrived("o2", "activate", Reply(NOON)))
    before = wait(store.abandoned_runs(OTHER))
    hours.pass_by(LEASE)
    assert (before, wait(store.abandoned_runs(OTHER))) == ([], ["o2", "o1"])


def test_due_runs_are_the_owners(store: Store) -> None:
    """A run that waits is woken by its owner."""
    commit(store, started(), RunWaiting("o1", NOON, 1, "silent"))
    assert (wait(store.due_runs(NOON, 9, ME)), wait(store.due_runs(NOON, 9, OTHER))) == (["o1"], [])


def test_due_runs_of_the_dead(store: Store, hours: Hours) -> None:
    """When the owner's lease is over others wake it."""
    commit(store, started(), RunWaiting("o1", NOON, 1, "silent"))
    hours.pass_by(LEASE)
    assert wait(store.due_runs(NOON, 9, OTHER)) == ["o1"]


def test_next_wake_is_the_owners(store: Store) -> None:
    """The timer of a process is for its own runs: else it would ring for ever for those of others."""
    commit(store, started(), RunWaiting("o1", NOON, 1, "silent"))
    assert (wait(store.next_wake(ME)), wait(store.next_wake(OTHER))) == (NOON, None)


def test_signal_makes_its_run_due(store: Store) -> None:
    """A run that waits for the step is due when the signal is stored, whoever stored it."""
    later = NOON + timedelta(minutes=5)
    commit(store, started(), intended(), RunWaiting("o1", later, 0, ""))
    commit(store, SignalArrived("o1", "activate", Reply(NOON + SECOND)))
    assert wait(store.next_wake(ME)) == NOON + SECOND


def test_signal_for_another_step_wakes_nothing(store: Store) -> None:
    """An early report leaves the pause before the next attempt as it is."""
    commit(store, started(), intended(), RunWaiting("o1", NOON + SECOND, 0, ""))
    commit(store, SignalArrived("o1", "report", Reply(NOON)))
    assert wait(store.next_wake(ME)) == NOON + SECOND


def test_parked_runs_are_the_oldest_first(store: Store) -> None:
    """A person finds what waits for him, with its reason."""
    commit(store, started(), OrderAccepted(order()), started("o2", serial=2))
    commit(store, RunEnded("o1", RunState.STUCK, 8005, "silent", NOON + SECOND), RunEnded("o2", RunState.STUCK, 9901, "error", NOON))
    assert wait(store.parked_runs(9)) == [
        Parked("o2", order("o2"), "error", 9901, NOON), Parked("o1", order(), "silent", 8005, NOON + SECOND),
    ]  # fmt: skip


def test_parked_run_goes_on(store: Store) -> None:
    """It waits, is due at once, and its attempts are counted anew."""
    commit(store, started(), RunWaiting("o1", NOON, 9, ""), RunEnded("o1", RunState.STUCK, 8005, "silent", NOON))
    commit(store, RunResumed("o1", 0, OTHER, NOON + SECOND))
    row = wait(store.run("o1"))
    assert row is not None
    assert (row.state, row.owner, row.fence, row.attempts, row.code, row.note, row.wake_at) == (
        RunState.WAITING, OTHER, 1, 0, 0, "", NOON + SECOND,
    )  # fmt: skip


def test_run_is_resumed_once(store: Store) -> None:
    """Of two people who press the button one does it."""
    commit(store, started(), RunEnded("o1", RunState.STUCK, 8005, "silent", NOON))
    commit(store, RunResumed("o1", 0, ME, NOON))
    assert fenced(store, RunResumed("o1", 0, ME, NOON))


def test_audit_is_the_newest_first(store: Store) -> None:
    """What was done by hand is found by its subject, or altogether."""
    first, second = AuditKept(NOON, "li", "retry", "o1", "mended", "done"), AuditKept(NOON, "wang", "skip", "o2", "told by phone", "done")
    commit(store, first)
    commit(store, second)
    assert (wait(store.audit("", 9)), wait(store.audit("o1", 9)), wait(store.audit("", 1))) == (
        [second, first], [first], [second],
    )  # fmt: skip


def parked(store: Store) -> None:
    """Leave an order whose step under way was tried too often."""
    commit(store, started(), OrderAccepted(order()), intended())
    commit(store, RunEnded("o1", RunState.STUCK, 8005, "silent", NOON))


CANCELLED = Reply(NOON, 5015, "by hand (li): asked", cancelled=True)


def test_step_that_a_person_decided(store: Store) -> None:
    """That the run goes on, his reply and his line of the log are one commit; the reply keeps what it is."""
    parked(store)
    audit = AuditKept(NOON, "li", "fallout.cancel", "o1", "asked", "cancelled")
    commit(store, RunResumed("o1", 0, ME, NOON), replace(done(), reply=CANCELLED), audit)
    row = wait(store.run("o1"))
    assert row is not None
    assert (row.state, row.steps[0].reply, wait(store.audit("o1", 9))) == (RunState.WAITING, CANCELLED, [audit])


def test_second_person_leaves_nothing(store: Store) -> None:
    """Who comes too late has written no reply and no line."""
    parked(store)
    commit(store, RunResumed("o1", 0, ME, NOON))
    late = AuditKept(NOON, "wang", "fallout.cancel", "o1", "asked", "cancelled")
    assert fenced(store, RunResumed("o1", 0, ME, NOON), replace(done(), reply=CANCELLED), late)
    row = wait(store.run("o1"))
    assert row is not None
    assert (row.steps[0].reply, wait(store.audit("o1", 9))) == (None, [])


def test_order_that_is_ended_by_force(store: Store) -> None:
    """Order, locks, run and log in one commit; it is parked no more."""
    parked(store)
    ended = RunEnded("o1", RunState.ENDED, 5015, "ended by force", NOON)
    failed = OrderEnded("o1", OrderState.FAILED, 5015, NOON)
    commit(store, RunResumed("o1", 0, ME, NOON), failed, ItemsFreed("o1"), ended)
    row, kept = wait(store.run("o1")), wait(store.order("o1"))
    assert row is not None
    assert kept is not None
    assert (row.state, row.note, kept.state, kept.code, wait(store.parked_runs(9)), wait(store.open_order_of(order().number))) == (
        RunState.ENDED, "ended by force", OrderState.FAILED, 5015, [], None,
    )  # fmt: skip
