"""Two processes on one store: each drives its own runs, one takes over from the other, nothing is driven by both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import NOON, order
from rig import Pending, Rig, run

from gateway.domain.order import OrderState
from gateway.engine.ports import SignalArrived, StoreFailed
from gateway.engine.wiring import Owner
from gateway.errors import Temporary
from gateway.steps import ItemReply, Reply
from gateway.store.memory import MemoryStore

LEASE = 6.0
DONE = Reply(NOON, items=(ItemReply("P1", 0),))


class Pair:
    """Two engines, A and B, on one store and one clock; each has its own partners, so that who sent what is seen."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.a = Rig(owner=self.owner("A"))
        self.clock = self.a.clock
        self.a.store = self.store = MemoryStore(lambda: self.clock.now().timestamp())
        self.a.restart()
        self.b = Rig(owner=self.owner("B"))
        self.b.clock, self.b.store = self.clock, self.store
        self.b.restart()

    def owner(self, name: str, token: str = "1") -> Owner:
        return Owner(name, token, timedelta(seconds=LEASE), lambda: self.lost.append(f"{name}{token}"))

    def die(self, rig: Rig) -> None:
        """kill -9: nothing more is done there."""
        rig.engine.stop()
        rig.engine._lease._cancel()

    def state(self, placed) -> OrderState:
        return run(self.store.order(placed.id)).state


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_run_of_the_living_is_left_alone(pair):
    """A process that lives drives its runs, however long a call takes."""
    pair.a.partners.answer("activate", Pending())
    placed = order()
    pair.a.place(placed)
    pair.clock.advance(LEASE * 5)
    assert pair.b.partners.names() == []


def test_run_of_the_dead_is_taken_over(pair):
    """Within the lease time another process finishes it; what was under way is sent again under its number."""
    pair.a.partners.answer("activate", Pending())
    placed = order()
    pair.a.place(placed)
    pair.die(pair.a)
    pair.clock.advance(LEASE * 1.4)
    sent = [numbers[1] for numbers in pair.a.partners.sent if numbers[0] == "activate"]
    again = [numbers[1] for numbers in pair.b.partners.sent if numbers[0] == "activate"]
    assert (pair.state(placed), again) == (OrderState.COMPLETED, sent)


def test_waiting_run_of_the_dead_is_taken_over(pair):
    """What waits for its next attempt goes on at another process."""
    pair.a.partners.answer("activate", Temporary("x", "down"))
    placed = order()
    pair.a.place(placed)
    pair.die(pair.a)
    pair.clock.advance(LEASE * 1.4)
    assert pair.state(placed) is OrderState.COMPLETED


def test_run_of_who_left_is_taken_over_at_once(pair):
    """A process that ended in order keeps nobody waiting for its lease."""
    pair.a.partners.answer("activate", Temporary("x", "down"))
    placed = order()
    pair.a.place(placed)
    pair.a.engine.stop()
    run(pair.a.engine.leave())
    pair.clock.advance(LEASE / 3)
    assert pair.state(placed) is OrderState.COMPLETED


def test_late_owner_drops_its_run(pair):
    """A process that was paused beyond its lease finds the run taken, and writes nothing more of it."""
    call = Pending()
    pair.a.partners.answer("activate", call)
    placed = order()
    pair.a.place(placed)
    pair.die(pair.a)
    pair.clock.advance(LEASE * 1.4)
    call.settle(DONE)
    assert (pair.a.partners.names()[-1], [e for e, _ in pair.a.events].count("run.fenced")) == ("activate", 1)


def test_late_owner_who_writes_while_its_run_is_read(pair):
    """What a paused process still writes between the reading and the taking of its run is not done again."""
    call, archived = Pending(), Pending()
    pair.a.partners.answer("activate", call)
    pair.a.partners.answer("archive", archived)
    placed = order()
    pair.a.place(placed)
    pair.die(pair.a)
    read, settled = pair.store.run, []

    async def read_late(run_id):
        row = await read(run_id)
        if not settled:
            settled.append(True)
            call.settle(DONE)
        return row

    pair.b.engine._w.store.run = read_late
    pair.clock.advance(LEASE * 1.4)
    errors = [event for event, _ in pair.b.events if event in ("run.delayed", "run.stuck")]
    assert (pair.state(placed), errors, pair.b.partners.names().count("activate")) == (OrderState.COMPLETED, [], 0)


def test_callback_to_another_process(pair):
    """A result that comes to B for a run that waits at A is acted on at once, by one of them."""
    pair.a.partners.answer("activate", None)
    placed = order()
    pair.a.place(placed)
    run(pair.b.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    assert (pair.state(placed), pair.a.partners.names()[-1], "archive" in pair.b.partners.names()) == (
        OrderState.COMPLETED, "activate", True,
    )  # fmt: skip


def test_callback_to_another_process_during_the_call(pair):
    """A result that comes to B while A's call is under way is found by A when that brings "accepted"."""
    call = Pending()
    pair.a.partners.answer("activate", call)
    placed = order()
    pair.a.place(placed)
    run(pair.b.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    under_way = pair.state(placed)
    call.settle(None)
    assert (under_way, pair.state(placed), pair.b.partners.names()) == (OrderState.EXECUTING, OrderState.COMPLETED, [])


def test_callback_whose_process_fell(pair):
    """A result that B stored before it fell is acted on by the run's owner with its next sign of life."""
    pair.a.partners.answer("activate", None)
    placed = order()
    pair.a.place(placed)
    run(pair.store.commit([SignalArrived(placed.id, "activate", replace(DONE, at=pair.clock.now()))]))
    pair.die(pair.b)
    pair.clock.advance(LEASE / 3)
    assert pair.state(placed) is OrderState.COMPLETED


def test_name_taken_by_another_process(pair):
    """A process whose name another one took ends itself; what it had under way is the other's."""
    pair.a.partners.answer("activate", Pending())
    placed = order()
    pair.a.place(placed)
    third = Rig(owner=pair.owner("A", "2"))
    third.clock, third.store = pair.clock, pair.store
    third.restart()
    pair.clock.advance(LEASE / 3)
    assert (pair.lost, pair.state(placed), pair.a.engine.busy) == (["A1"], OrderState.COMPLETED, True)


def test_lost_name_is_told_once(pair):
    """However long the end takes: there is no further sign of life that could fail."""
    third = Rig(owner=pair.owner("A", "2"))
    third.clock, third.store = pair.clock, pair.store
    third.restart()
    pair.clock.advance(LEASE * 3)
    assert (pair.lost, [event for event, _ in pair.a.events].count("lease.lost")) == (["A1"], 1)


def away(rig: Rig) -> list[bool]:
    """Take a process's store away until the list is emptied."""
    gone = [True]

    class Away:
        def __getattr__(self, name):
            return getattr(rig.store, name)

        async def commit(self, writes):
            if gone:
                raise StoreFailed("the database cannot be reached")
            await rig.store.commit(writes)

    rig.engine._lease._w = replace(rig.engine._w, store=Away())
    return gone


@pytest.mark.parametrize("outage", [LEASE * 0.9, LEASE * 5])
def test_first_one_back_after_an_outage_takes_nothing_over(pair, outage):
    """When the store was away the leases of the living are over as well: they get a whole length to keep them."""
    pair.a.partners.answer("activate", Pending())
    pair.a.place(order())
    gone, others = away(pair.b), away(pair.a)
    pair.clock.advance(outage)
    gone.clear()
    pair.clock.advance(LEASE * 0.5)
    others.clear()
    pair.clock.advance(LEASE * 5)
    assert (pair.b.partners.names(), [event for event, _ in pair.b.events].count("runs.taken")) == ([], 0)


def test_dead_are_taken_over_after_an_outage(pair):
    """Those that have not come back by then are gone."""
    pair.a.partners.answer("activate", Pending())
    placed = order()
    pair.a.place(placed)
    pair.die(pair.a)
    gone = away(pair.b)
    pair.clock.advance(LEASE * 5)
    gone.clear()
    pair.clock.advance(LEASE * 1.4)
    assert pair.state(placed) is OrderState.COMPLETED


def test_late_sign_of_life_takes_nothing_over(pair):
    """A process that slept itself does not know who else did."""
    pair.a.partners.answer("activate", Pending())
    pair.a.place(order())
    for rig in (pair.a, pair.b):
        rig.engine._lease._cancel()
    pair.clock.advance(LEASE * 2)
    for rig in (pair.b, pair.a):
        rig.engine._lease._on_time()
    pair.clock.advance(LEASE * 2)
    assert pair.b.partners.names() == []


def test_own_runs_go_on_after_an_outage(pair):
    """Only what is others' is left alone: a result that is stored already is acted on with the first sign of life."""
    pair.b.partners.answer("activate", None)
    placed = order()
    pair.b.place(placed)
    gone = away(pair.b)
    pair.clock.advance(LEASE * 2)
    run(pair.store.commit([SignalArrived(placed.id, "activate", replace(DONE, at=pair.clock.now()))]))
    gone.clear()
    pair.clock.advance(LEASE / 3)
    assert pair.state(placed) is OrderState.COMPLETED


def test_serials_of_two_processes_differ(pair):
    """No serial is given twice, whoever asks and however often."""
    given = [run(rig.engine.next_serial()) for _ in range(1500) for rig in (pair.a, pair.b)]
    assert len(set(given)) == len(given)


def test_serials_do_not_grow_old(pair):
    """A block is left after seconds, used up or not: StreamingNos hold five digits of the serial and the second."""
    first = run(pair.a.engine.next_serial())
    pair.clock.advance(5.1)
    assert run(pair.a.engine.next_serial()) - first > 100


def test_stopped_before_it_had_its_lease():
    """A process that is told to stop while it starts has nothing to leave, and no error to tell."""
    rig = Rig(owner=Owner("A", "1", timedelta(seconds=LEASE)))
    rig.engine.stop()
    run(rig.engine.leave())
    assert rig.events == []
