"""The archive of ended runs, and what is forgotten for good; the same on every store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from store_rows import (
    ANN,
    ME,
    NOON,
    RINGTONE,
    SECOND,
    commit,
    delivery,
    done,
    intended,
    open_postgres,
    open_sqlite,
    order,
    relation,
    request,
    started,
    wait,
)

from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderEnded, RelationStarted
from gateway.domain.order import OrderState
from gateway.engine.ports import (
    Ages,
    ArchiveForgotten,
    DuplicateRequest,
    RequestsForgotten,
    RunArchived,
    RunEnded,
    RunStarted,
    RunState,
    SignalArrived,
    Store,
    StoreFailed,
)
from gateway.steps import Reply
from gateway.store.archive_documents import read_archived_run
from gateway.store.documents import reply_text

LATER = NOON + 2 * SECOND
NUMBER = "200000000000000001"


def finish(store: Store, run_id: str = "o1", *, serial: int = 1, at=NOON + SECOND) -> None:
    """Let an order begin and end."""
    commit(
        store, started(run_id, serial=serial), OrderAccepted(order(run_id)), done("accept", run_id=run_id), intended(run_id=run_id),
        SignalArrived(run_id, "activate", Reply(NOON, 7)), done(run_id=run_id), RelationStarted(relation()),
        OrderEnded(run_id, OrderState.COMPLETED, 0, at), ItemsFreed(run_id), RunEnded(run_id, RunState.ENDED, 0, "", at),
    )  # fmt: skip


def found(store: Store) -> list[object]:
    return [
        wait(store.order("o1")), wait(store.run("o1")), wait(store.orders_by_channel("211", "c1")), wait(store.orders_by_trace("t1")),
        wait(store.orders_by_number(ANN, 9)), wait(store.orders_between(ANN, NOON, LATER, 9)),
    ]  # fmt: skip


def test_archived_order_is_found_as_before(store: Store) -> None:
    """By its id, its channel's number, its trace, its user and its day, with its whole journal."""
    finish(store)
    before = found(store)
    commit(store, RunArchived("o1"))
    assert found(store) == before


def test_archived_run_has_left_the_tables(store: Store) -> None:
    """It is no longer counted among runs, nor found by a StreamingNo of ours, nor has it a signal; nor is it archivable again."""
    finish(store)
    commit(store, RunArchived("o1"))
    left = wait(store.counts()), wait(store.step_by_streaming_no(NUMBER)), wait(store.signal("o1", "activate"))
    assert (left, wait(store.archivable(LATER, 9))) == ((dict.fromkeys(RunState, 0), None, None), [])


def test_what_is_state_stays(store: Store) -> None:
    """A relation that an archived order began is held on."""
    finish(store)
    commit(store, RunArchived("o1"))
    assert wait(store.relations(ANN)) == [relation()]


def test_run_under_way_is_not_archived(store: Store) -> None:
    """One that runs, waits or is parked stays, whoever asks."""
    commit(store, started(), OrderAccepted(order()), RunEnded("o1", RunState.STUCK, 1, "", NOON))
    commit(store, RunArchived("o1"))
    row = wait(store.run("o1"))
    assert row is not None
    assert (row.state, wait(store.archivable(LATER, 9))) == (RunState.STUCK, [])


def test_order_without_end_is_not_archived(store: Store) -> None:
    """Where a flow ended and its order did not, something is wrong: it stays among the open orders, where it is seen."""
    commit(store, started(), OrderAccepted(order()), RunEnded("o1", RunState.ENDED, 0, "", NOON))
    commit(store, RunArchived("o1"))
    assert ([row.order.id for row in wait(store.held_orders("4.1.1", 9))], wait(store.archivable(LATER, 9))) == (["o1"], [])


def test_run_that_was_never_accepted_is_archived(store: Store) -> None:
    """What no OrderAccepted ever made findable is not found in the archive either, but its journal is there."""
    commit(store, RunStarted("d1", "delivery/1", 1, delivery(), NOON, ME), RunEnded("d1", RunState.ENDED, 5, "no", NOON))
    before = wait(store.run("d1"))
    commit(store, RunArchived("d1"))
    assert (wait(store.order("d1")), wait(store.run("d1"))) == (None, before)


def test_archiving_again_does_nothing(store: Store) -> None:
    """Two processes may archive the same run: the later one finds nothing to do."""
    finish(store)
    commit(store, RunArchived("o1"))
    before = found(store)
    commit(store, RunArchived("o1"), RunArchived("nobody"))
    assert found(store) == before


def test_oldest_end_goes_first(store: Store) -> None:
    """What may be archived is given by the time of its end, up to a limit, and only what ended before."""
    finish(store, "o1", serial=1, at=NOON + SECOND)
    finish(store, "o2", serial=2, at=NOON)
    finish(store, "o3", serial=3, at=LATER)
    assert (wait(store.archivable(LATER, 9)), wait(store.archivable(LATER, 1))) == (["o2", "o1"], ["o2"])


def test_later_orders_come_before_archived_ones(store: Store) -> None:
    """The newest comes first, wherever it is; a limit counts both."""
    finish(store, "o1", serial=1)
    commit(store, RunArchived("o1"))
    later = replace(order("o2"), accepted_at=NOON + SECOND)
    commit(store, RunStarted("o2", "order-x/1", 2, later, NOON, ME), OrderAccepted(later))
    rows = wait(store.orders_by_number(ANN, 9)), wait(store.orders_by_number(ANN, 1)), wait(store.orders_by_trace("t1"))
    assert [[row.order.id for row in some] for some in rows] == [["o2", "o1"], ["o2"], ["o1", "o2"]]


def test_archived_order_keeps_nobody_from_ordering(store: Store) -> None:
    """Its locks were freed before: the same user and product may be ordered again."""
    finish(store)
    commit(store, RunArchived("o1"))
    commit(store, started("o2", serial=2), OrderAccepted(order("o2")))
    assert wait(store.open_order_for(ANN, RINGTONE)) == "o2"


def test_request_of_an_archived_order_is_known(store: Store) -> None:
    """Sent again, it gets its answer and becomes no second order."""
    commit(store, request())
    finish(store)
    commit(store, RunArchived("o1"))
    with pytest.raises(DuplicateRequest):
        commit(store, request())


def test_old_requests_are_forgotten(store: Store) -> None:
    """Those taken before a time, the oldest first and no more than so many; who sends one again is new."""
    for at, name in ((NOON, "2"), (NOON, "1"), (NOON + SECOND, "3")):
        commit(store, replace(request(name), at=at))
    commit(store, RequestsForgotten(NOON + SECOND, 1))
    known = [name for name in "123" if wait(store.inbox("211", name)) is not None]
    commit(store, RequestsForgotten(NOON + SECOND, 9))
    assert (known, wait(store.ages())) == (["2", "3"], Ages(NOON + SECOND, None))


def test_old_archive_is_forgotten(store: Store) -> None:
    """Archived runs that ended before a time are gone for good, the longest ended first and no more than so many."""
    for serial in (1, 2, 3):
        finish(store, f"o{serial}", serial=serial, at=NOON + serial * SECOND)
        commit(store, RunArchived(f"o{serial}"))
    commit(store, ArchiveForgotten(NOON + 3 * SECOND, 1))
    left = [row.order.id for row in wait(store.orders_by_number(ANN, 9))]
    commit(store, ArchiveForgotten(NOON + 3 * SECOND, 9))
    assert (left, wait(store.ages())) == (["o3", "o2"], Ages(None, NOON + 3 * SECOND))


def test_two_processes_archive_the_same(database: str) -> None:
    """On one PostgreSQL database two at once archive each order once: neither fails, and nothing is left of it but the archive."""
    names = [f"o{serial}" for serial in range(1, 41)]
    first, second = open_postgres(database), open_postgres(database)
    for serial, name in enumerate(names, 1):
        finish(first, name, serial=serial)
    promises = [store.commit([RunArchived(name)]) for name in names for store in (first, second)]
    for promise in promises:
        wait(promise)
    left = wait(first.counts()), wait(first.archivable(LATER, 99)), len(wait(first.orders_by_number(ANN, 99)))
    first.close()
    second.close()
    assert left == (dict.fromkeys(RunState, 0), [], 40)


def test_archive_holds_what_came_too_late(tmp_path: Path) -> None:
    """A signal that no step took is in the archived text: it may be all that there is to prove what a partner said."""
    store = open_sqlite(tmp_path / "store.db")
    finish(store)
    commit(store, SignalArrived("o1", "late", Reply(NOON, 3001)), RunArchived("o1"))
    text = store._value("SELECT run FROM archived_orders")
    store.close()
    assert text.endswith(f'[["activate",{reply_text(Reply(NOON, 7))}],["late",{reply_text(Reply(NOON, 3001))}]]]')


RUN_1 = (
    '[1,"order-x/1",7,0,0,"",1763870400123456,1763870401123456,"vsop-15",2,'
    '[["activate","2c","2d","xplatform:303","serverAction","2001",1763870400123456,null,2,null]],[]]'
)


def test_first_version_of_the_archive_is_read() -> None:
    """The text of an archived run stays readable."""
    run = read_archived_run("o1", order(), RUN_1)
    assert (run.flow, run.serial, run.owner, run.fence, [step.streaming_no for step in run.steps]) == (
        "order-x/1", 7, "vsop-15", 2, ["2001"],
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "[2]", RUN_1.replace("[1,", "[9,", 1), RUN_1.replace('"order-x/1"', "1")])
def test_foreign_archive_is_not_guessed_at(text: str) -> None:
    """What this version cannot read is an error."""
    with pytest.raises(StoreFailed):
        read_archived_run("o1", order(), text)
