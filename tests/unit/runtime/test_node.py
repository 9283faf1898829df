"""The life of a node on a reactor without sockets: it recovers before it is ready, drains before it closes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from playbook import order
from rig import Pending, Rig, run
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import CannotListenError, ReactorNotRunning
from twisted.internet.testing import MemoryReactorClock

from gateway.domain.numbers import NumberPlan
from gateway.domain.order import OrderState
from gateway.domain.routing import Place, Tier
from gateway.errors import Temporary
from gateway.runtime.node import Listener, Node, run_until_stopped
from gateway.services.desk import Desk


class Life:
    """A node of a rig, with a diary of what it takes down."""

    def __init__(self) -> None:
        self.rig, self.reactor, self.diary = Rig(), MemoryReactorClock(), []
        self.events, self.begun = [], []
        self.node = self.build()

    def build(self) -> Node:
        def note(what):
            self.diary.append(what)
            return succeed(None)

        desk = Desk(
            here=Place(Tier.PROVINCE, "15"), plan=NumberPlan(), store=self.rig.store, engine=self.rig.engine, clock=self.rig.clock,
            events=self._event, knows=lambda address: True, channels=frozenset(), line=lambda address, contract: None, partners=(),
            random_code=lambda: "",
        )  # fmt: skip
        return Node(
            name="jiangxi", reactor=self.reactor, events=self._event, engine=self.rig.engine, desk=desk,
            housekeeping=SimpleNamespace(
                start=lambda: self.begun.append(self.node.ready), stop=lambda: self.diary.append("housekeeping ended")
            ),
            soap=Listener("127.0.0.1", 7001, "soap"), admin=Listener("127.0.0.1", 7091, "admin"),
            front=SimpleNamespace(drain=lambda: note("front drained")),
            pools=[SimpleNamespace(close=lambda: note("pool closed"), give_up=lambda: note("calls given up"))],
            close_store=lambda: self.diary.append("store closed"),
        )  # fmt: skip

    def _event(self, event, /, **fields) -> None:
        self.events.append((event, fields))

    def names(self):
        return [name for name, _ in self.events]

    def stop(self, seconds=20.0) -> list:
        """Begin to stop; gives a list that is filled at the end."""
        ended = []
        Deferred.fromCoroutine(self.node.stop(seconds)).addCallback(ended.append)
        return ended


@pytest.fixture
def life():
    return Life()


def test_start_listens_on_both_ports(life):
    """The SOAP services and the admin API, each where it is configured."""
    run(life.node.start())
    assert [(port, factory, host) for port, factory, _, host in life.reactor.tcpServers] == [
        (7001, "soap", "127.0.0.1"), (7091, "admin", "127.0.0.1"),
    ]  # fmt: skip


def test_ready_after_start(life):
    """Ready means recovered and listening, not before."""
    before = life.node.ready
    run(life.node.start())
    assert (before, life.node.ready, life.names()) == (False, True, ["gateway.started"])


def test_housekeeping_begins_when_all_is_recovered(life):
    """Not before: what was left goes first."""
    run(life.node.start())
    assert life.begun == [True]


def test_start_takes_up_what_was_left(life):
    """Orders of a former process go on, and their count is told."""
    life.rig.partners.answer("activate", Pending())
    placed = order()
    life.rig.place(placed)
    life.rig.engine = life.rig.build()
    life.node = life.build()
    run(life.node.start())
    assert (life.events[1:], run(life.rig.store.order(placed.id)).state) == (
        [("gateway.recovered", {"runs": 1})],
        OrderState.COMPLETED,
    )


def test_start_loads_the_catalogue(life):
    """The services know the stored catalogue before the first request."""
    run(life.node.start())
    assert life.node.desk.catalogue == run(life.rig.store.catalogue())


def test_stop_takes_down_in_order(life):
    """Requests first, then calls, then the store; nothing is left ready."""
    run(life.node.start())
    life.stop()
    taken_down = ["housekeeping ended", "front drained", "pool closed", "calls given up", "store closed"]
    assert (life.diary, life.node.ready) == (taken_down, False)


def test_stop_refuses_connections(life):
    """Before anything is waited for, the port is closed: clients turn to another process at once."""
    run(life.node.start())
    closed = []
    life.node._port.stopListening = lambda: succeed(closed.append(list(life.diary)))
    life.stop()
    assert closed == [["housekeeping ended"]]


def test_slow_clients_do_not_hold_up_the_end(life):
    """The whole drain has one limit: a request that is never answered uses up what is left for the others, and no more."""
    run(life.node.start())
    life.node.front.drain = Deferred
    ended = life.stop(seconds=5.0)
    life.reactor.advance(4.9)
    before = list(ended)
    life.reactor.advance(0.2)
    assert (before, ended) == ([], [None])


def test_calls_that_are_out_do_not_hold_up_the_end(life):
    """When the time is over they are given up, before the store closes: their runs are written as waiting."""
    run(life.node.start())
    life.node.pools[0].close = Deferred
    life.stop(seconds=5.0)
    life.reactor.advance(5.1)
    assert life.diary == ["housekeeping ended", "front drained", "calls given up", "store closed"]


def test_stop_takes_nothing_new(life):
    """From the first moment of the drain new orders are refused as busy."""
    run(life.node.start())
    life.stop()
    assert life.rig.engine.busy


def test_stop_waits_for_what_is_under_way(life):
    """An order in work reaches its next commit before the store is closed."""
    run(life.node.start())
    pending = Pending()
    life.rig.partners.answer("fee-check", pending)
    life.rig.place(order())
    ended = life.stop()
    life.reactor.advance(1)
    before = list(life.diary)
    pending.settle(Temporary("ocs", "down"))  # the run waits now: it is on disk
    life.reactor.advance(0.1)
    taken_down = ["housekeeping ended", "front drained", "pool closed", "calls given up", "store closed"]
    assert (before, life.diary, ended) == (taken_down[:2], taken_down, [None])


def test_stop_does_not_wait_for_ever(life):
    """A partner that never answers delays the end by the given time only; the order is on disk."""
    run(life.node.start())
    life.rig.partners.answer("fee-check", Pending())
    life.rig.place(order())
    ended = life.stop(seconds=1.0)
    for _ in range(20):
        life.reactor.advance(0.05)
    assert (life.diary[-1], ended) == ("store closed", [None])


def test_store_that_does_not_answer_does_not_hold_up_the_end(life):
    """A lease that cannot be left, because the database is away, is given up a second after the drain."""
    run(life.node.start())
    life.node.engine.leave = never
    ended = life.stop(seconds=5.0)
    life.reactor.advance(5.9)
    before = list(ended)
    life.reactor.advance(0.2)
    assert (before, life.diary[-1], ended) == ([], "store closed", [None])


async def never() -> None:
    await Deferred()


def test_node_that_is_ending_does_not_give_up(life):
    """A process that drains already ends as it was told to: there is nothing more to stop, and no error."""

    def ending():
        raise ReactorNotRunning

    life.reactor.stop = ending
    life.node.give_up(RuntimeError("its name was taken"))
    assert life.node.failure is None


def test_node_that_gives_up_ends_with_its_error(life):
    """The reactor is stopped, and what was wrong is raised at the end."""
    life.node.give_up(RuntimeError("its name was taken"))
    with pytest.raises(RuntimeError, match="its name was taken"):
        run_until_stopped(life.reactor, life.node, lambda *ports: None)


# ---- a process -------------------------------------------------------------------------------------------------------


def test_ports_are_announced_when_ready(life):
    """The ready line comes when the node listens."""
    announced = []
    code = run_until_stopped(life.reactor, life.node, lambda *ports: announced.append((ports, life.node.ready)))
    assert (code, announced) == (None, [((7001, 7091), True)])


def test_signal_drains(life):
    """Before the reactor ends, the node is stopped."""
    run_until_stopped(life.reactor, life.node, lambda *ports: None)
    for act in life.reactor.triggers["before"]["shutdown"]:
        act[0]()
    assert (life.diary[-1], life.node.ready) == ("store closed", False)


def test_port_that_is_taken(life):
    """A node that cannot listen ends the reactor, is announced to nobody, and raises what was wrong."""

    def taken(port, factory, backlog, interface):
        raise CannotListenError(interface, port, OSError("in use"))

    life.reactor.listenTCP = taken
    announced = []
    with pytest.raises(CannotListenError):
        run_until_stopped(life.reactor, life.node, lambda *ports: announced.append(ports))
    assert (announced, life.reactor.hasStopped) == ([], True)


def test_port_that_is_taken_while_a_signal_ends_it(life):
    """The reactor is ending already: what was wrong is raised all the same."""

    def taken(port, factory, backlog, interface):
        raise CannotListenError(interface, port, OSError("in use"))

    stop, stopped = life.reactor.stop, []

    def ending():
        stopped.append(None)
        if len(stopped) == 1:  # the second time the reactor of this test ends itself
            raise ReactorNotRunning
        stop()

    life.reactor.listenTCP, life.reactor.stop = taken, ending
    with pytest.raises(CannotListenError):
        run_until_stopped(life.reactor, life.node, lambda *ports: None)
    assert len(stopped) == 2
