"""TCP in memory: bytes arrive whole and in order, and each thing that may go wrong does what it says."""

from __future__ import annotations

import pytest
from twisted.internet.error import ConnectionDone, ConnectionLost, ConnectionRefusedError, TimeoutError
from twisted.internet.protocol import ClientFactory, Factory, Protocol

from gateway.sim.network import Network
from gateway.sim.reactor import SimReactor
from gateway.sim.timeline import Life, Timeline
from gateway.sim.weather import Fate, Machine


class Sky:
    """The weather: plain, unless a test says otherwise for the next pieces."""

    def __init__(self):
        self.fates, self.connects = [], True

    def connecting(self, client, server):
        return self.connects

    def fate(self, sender, receiver, request):
        return self.fates.pop(0) if self.fates else Fate()


class Ear(Protocol):
    """Keeps what it hears."""

    def __init__(self):
        self.heard, self.lost = b"", None

    def dataReceived(self, data):
        self.heard += data

    def connectionLost(self, reason):
        self.lost = reason.type


class Server(Factory):
    noisy = False

    def __init__(self):
        self.ears = []

    def buildProtocol(self, addr):
        self.ears.append(Ear())
        return self.ears[-1]


class Client(ClientFactory):
    noisy = False

    def __init__(self):
        self.ear, self.failure = Ear(), None

    def buildProtocol(self, addr):
        return self.ear

    def clientConnectionFailed(self, connector, reason):
        self.failure = reason.type


class Stage:
    """Two machines with a server on one of them."""

    def __init__(self):
        self.timeline, self.sky = Timeline(0.0), Sky()
        self.network = Network(self.timeline, self.sky, lambda count: 0, lambda *what: None)
        self.here, self.there = (
            SimReactor(self.timeline, self.network, Machine(name), Life(name)) for name in ("here", "there")
        )
        self.server, self.client = Server(), Client()
        self.door = self.there.listenTCP(7000, self.server)

    def connect(self):
        self.here.connectTCP("127.0.0.1", 7000, self.client, 3.0)
        self.timeline.run_until(1.0)
        return self.client.ear.transport

    def say(self, *pieces):
        transport = self.connect()
        for piece in pieces:
            transport.write(piece)
        self.timeline.run_until(self.timeline.now + 100)
        return [ear.heard for ear in self.server.ears]


@pytest.fixture
def stage():
    return Stage()


def test_bytes_arrive_in_order(stage):
    """However long a piece takes, the next one does not overtake it."""
    stage.sky.fates = [Fate(delay=5.0), Fate(delay=0.1)]
    assert stage.say(b"one ", b"two") == [b"one two"]


def test_split_piece_arrives_whole(stage):
    """In two parts, with nothing between them lost."""
    stage.sky.fates = [Fate(delay=2.0, split=True)]
    assert stage.say(b"a request") == [b"a request"]


def test_lost_piece_takes_all_after_it(stage):
    """A connection whose segment is lost for good brings nothing any more."""
    stage.sky.fates = [Fate(lost=True)]
    assert stage.say(b"one", b"two") == [b""]


@pytest.mark.parametrize(("part", "arrives"), [(0.0, b""), (0.5, b"ha")])
def test_reset(stage, part, arrives):
    """A part arrives, then both ends know that the connection is gone."""
    stage.sky.fates = [Fate(reset=part)]
    assert stage.say(b"half") == [arrives]
    assert {stage.client.ear.lost, stage.server.ears[0].lost} == {ConnectionLost}


def test_doubled_request(stage):
    """The same bytes come over a second connection; its answer is for nobody."""
    stage.sky.fates = [Fate(again=3.0)]
    assert stage.say(b"order") == [b"order", b"order"]


def test_close_comes_after_what_was_said(stage):
    """The other side hears all of it, then the end."""
    transport = stage.connect()
    transport.write(b"bye")
    transport.loseConnection()
    stage.timeline.run_until(2.0)
    assert (stage.server.ears[0].heard, stage.server.ears[0].lost, stage.client.ear.lost) == (b"bye", ConnectionDone, ConnectionDone)


def test_nobody_listens(stage):
    """Refused at once."""
    stage.door.stopListening()
    stage.connect()
    assert stage.client.failure is ConnectionRefusedError


def test_nobody_answers(stage):
    """Told by the time-out."""
    stage.sky.connects = None
    stage.connect()
    assert stage.client.failure is None
    stage.timeline.run_until(4.0)
    assert stage.client.failure is TimeoutError


def test_cut_holds_back_and_heals(stage):
    """What was said during a cut arrives after it."""
    transport = stage.connect()
    stage.network.cut("here", "there")
    transport.write(b"patience")
    stage.timeline.run_until(50.0)
    assert stage.server.ears[0].heard == b""
    stage.network.heal("here", "there")
    stage.timeline.run_until(51.0)
    assert stage.server.ears[0].heard == b"patience"


def test_kill_resets_the_others(stage):
    """Whoever spoke with a killed process hears of its end; a zombie says nothing any more, and its door is closed."""
    stage.connect()
    ear = stage.server.ears[0]
    stage.timeline.end(stage.there.life)
    stage.network.killed(stage.there.life)
    ear.transport.write(b"zombie")
    stage.timeline.run_until(2.0)
    assert (stage.client.ear.heard, stage.client.ear.lost, stage.network.door(7000)) == (b"", ConnectionLost, None)


def test_reading_may_pause(stage):
    """What comes meanwhile is read afterwards."""
    transport = stage.connect()
    stage.server.ears[0].transport.pauseProducing()
    transport.write(b"slowly")
    stage.timeline.run_until(5.0)
    assert stage.server.ears[0].heard == b""
    stage.server.ears[0].transport.resumeProducing()
    stage.timeline.run_until(6.0)
    assert stage.server.ears[0].heard == b"slowly"
