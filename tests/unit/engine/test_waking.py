"""Which runs are taken up and when: results that came to others, a store that fails for a while, a long backlog."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import NOON, order
from rig import Pending, Rig, run
from test_lease import DONE, LEASE, Pair
from twisted.internet.defer import Deferred

from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.engine.ports import RunState, SignalArrived, StoreFailed
from gateway.engine.wiring import Patience
from gateway.errors import Permanent, Temporary
from gateway.steps import Reply


def numbered(count: int):
    """Make so many orders of different users."""
    return [
        replace(
            order(), id=f"200152026112312{n:09d}", trace_id=f"200152026112312{n:09d}", channel_order_id=f"W{n}",
            streaming_no=f"2112{n:08d}", number=Number(f"1890{n:07d}"),
        )
        for n in range(count)
    ]  # fmt: skip


# ---- results that came meanwhile ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [Reply(NOON, 5001, "refused"), Permanent("x", "bad"), Temporary("x", "down")], ids=str)
@pytest.mark.parametrize("receiver", ["a", "b"])
def test_result_goes_before_what_a_repeat_brings(said, receiver):
    """The first attempt's result counts, whichever process it came to, not that the repeat was refused."""
    pair, call = Pair(), Pending()
    pair.a.partners.answer("activate", Temporary("x", "down"), call)
    placed = order()
    pair.a.place(placed)
    pair.clock.advance(2)
    run(getattr(pair, receiver).engine.signal(SignalArrived(placed.id, "activate", DONE)))
    call.settle(said)
    pair.clock.advance(60)
    assert (pair.state(placed), pair.a.partners.names().count("activate")) == (OrderState.COMPLETED, 2)


def test_result_while_its_run_is_parked():
    """A result that came to another process during the last attempt takes the parked run up."""
    pair, call = Pair(), Pending()
    pair.a.restart(patience=Patience(attempts=1))
    pair.a.partners.answer("activate", call)
    placed = order()
    pair.a.place(placed)
    run(pair.b.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    call.settle(Temporary("x", "down"))
    assert pair.state(placed) is OrderState.COMPLETED


def parked_rig():
    """Give a rig with a parked order, and the order."""
    rig = Rig(patience=Patience(attempts=1))
    rig.partners.answer("activate", Temporary("x", "down"))
    placed = order()
    rig.place(placed)
    assert rig.row(placed).state is RunState.STUCK
    return rig, placed


def test_store_fails_between_a_result_and_its_run():
    """The result of a parked run is stored and the run cannot be resumed at once: it is a moment later."""
    rig, placed = parked_rig()
    commit, count = rig.store.commit, []

    async def failing(writes):
        count.append(1)
        if len(count) == 2:
            raise StoreFailed("full")
        await commit(writes)

    rig.store.commit = failing
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    rig.clock.advance(10)
    assert rig.row(placed).state is RunState.ENDED


def test_killed_between_a_result_and_its_run():
    """The result of a parked run is stored and the process falls: the next one takes the run up."""
    rig, placed = parked_rig()
    run(rig.store.commit([SignalArrived(placed.id, "activate", DONE)]))
    rig.restart()
    assert rig.row(placed).state is RunState.ENDED


def test_parked_run_without_a_result_stays():
    """A restart alone is no reason to try again."""
    rig, placed = parked_rig()
    rig.restart()
    assert rig.row(placed).state is RunState.STUCK


# ---- a store that fails for a while --------------------------------------------------------------------------------------


def full_for_a_while(rig, seconds: float) -> int:
    """Let commits fail, then work again; gives how often runs were delayed meanwhile."""
    commit = rig.store.commit

    async def full(writes):
        raise StoreFailed("full")

    rig.store.commit = full
    rig.events.clear()
    rig.clock.advance(seconds)
    rig.store.commit = commit
    return [event for event, _ in rig.events].count("run.delayed")


def test_full_disk_fills_no_log():
    """A run that is due while nothing can be written is tried every five seconds, not ever more often."""
    rig = Rig()
    rig.partners.answer("activate", *[Temporary("x", "down")] * 50)
    rig.place(order())
    assert full_for_a_while(rig, 300) <= 61


def test_full_disk_is_no_storm_afterwards():
    """When the store works again the partner is asked as its pauses say: not once for each failed write."""
    rig = Rig()
    rig.partners.answer("activate", *[Temporary("x", "down")] * 50)
    rig.place(order())
    full_for_a_while(rig, 300)
    before = len(rig.partners.sent)
    rig.clock.advance(10)
    assert len(rig.partners.sent) - before <= 4


def test_run_that_cannot_be_read_is_left_alone():
    """What is not held is not written to: another process may have ended it."""
    rig = Rig()
    rig.partners.answer("activate", Temporary("x", "down"))
    placed = order()
    rig.place(placed)
    read, broken = rig.store.run, [True]

    async def unreadable(run_id):
        if broken:
            raise ValueError("a state that nobody knows")
        return await read(run_id)

    rig.store.run = unreadable
    rig.clock.advance(20)
    broken.clear()
    rig.clock.advance(20)
    assert run(rig.store.order(placed.id)).state is OrderState.COMPLETED


# ---- a long backlog --------------------------------------------------------------------------------------------------


def test_backlog_that_others_have_ended():
    """Hundreds of runs that ended meanwhile are passed over one after the other; nothing nests, none is written to."""
    failures = []
    rig = Rig(spawn=lambda work: Deferred.fromCoroutine(work).addErrback(failures.append))
    placed = numbered(600)
    for each in placed:
        rig.place(each)
    rig.engine._waking.recover([each.id for each in placed])
    states = {rig.row(each).state for each in placed}
    assert (states, failures, list(rig.engine._waking._backlog), rig.engine.active) == ({RunState.ENDED}, [], [], 0)


def test_backlog_beside_new_orders():
    """What was left follows also while new orders take more than half of the room."""
    rig = Rig()
    waiting = numbered(6)
    calls = {each.id: Pending() for each in waiting}
    rig.partners.answer("activate", *calls.values())
    for each in waiting:
        rig.place(each)
    rig.engine.stop()
    rig.engine = rig.build(max_active=8, recover_at_once=1)
    held = [Pending() for _ in range(5)]
    rig.partners.answer("activate", *held)
    run(rig.engine.recover())  # the first one hangs, five are left
    newer = [
        replace(each, id=f"9{each.id}", streaming_no=f"9{each.streaming_no}", number=Number(f"1891{n:07d}"))
        for n, each in enumerate(numbered(60))
    ]
    for each in newer[:4]:
        rig.place(each)  # they hang: more than half of the room is taken
    for each in newer[4:]:
        rig.place(each)  # these end at once
    assert {rig.row(each).state for each in waiting[1:]} == {RunState.ENDED}


def test_waiting_runs_of_the_dead_are_taken_over_without_a_break():
    """However many are due, they do not wait for the next sign of life."""
    pair = Pair()
    placed = numbered(350)
    pair.a.partners.answer("activate", *[Temporary("x", "down")] * len(placed))
    for each in placed:
        pair.a.place(each)
    pair.die(pair.a)
    pair.clock.advance(LEASE * 1.4 + 1)
    assert {pair.state(each) for each in placed} == {OrderState.COMPLETED}


def test_run_of_a_former_holder_of_the_name():
    """What a process accepts before it learns that its name was taken is driven by the new holder."""
    pair = Pair()
    third = Rig(owner=pair.owner("A", "2"))
    third.clock, third.store = pair.clock, pair.store
    third.restart()
    pair.a.partners.answer("activate", Pending())
    placed = order()
    pair.a.place(placed)
    pair.die(pair.a)
    pair.clock.advance(LEASE)
    assert pair.state(placed) is OrderState.COMPLETED
