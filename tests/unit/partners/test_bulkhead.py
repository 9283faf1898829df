"""A partner that takes thirty seconds for each answer has its own connections and its own line, and nobody else's."""

from __future__ import annotations

import pytest
from mail import CODECS
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock

from gateway.errors import NotTried, Temporary
from gateway.partners.breaker import BreakerRules, Position
from gateway.partners.guarding import Breakers, Guarded
from gateway.soap.http_client import HttpPool
from gateway.soap.peer import Peer

CODEC = CODECS["ocs"]
CONNECTIONS, WAITING = 32, 256


class Net:
    """Two partners with a pool each, as the composition root makes them; nobody ever answers."""

    def __init__(self) -> None:
        self.reactor = MemoryReactorClock()
        self.breakers = Breakers(BreakerRules(), self.reactor.seconds, lambda event, **fields: None)
        self.lines = {name: self._line(name) for name in ("slow", "other")}
        self.ended = []

    def _line(self, name) -> Guarded:
        pool = HttpPool(self.reactor, connections_per_peer=CONNECTIONS, waiting_per_peer=WAITING)
        return Guarded(Peer(name, f"http://{name}.example/", CODEC, pool, 10.0), name, self.breakers)

    def call(self, name: str, count: int = 1) -> None:
        for _ in range(count):
            request = CODEC["feeCheck"](
                StreamingNo="200", TimeStamp="20261123093001", SystemId="200", ProdSpecCode="003", ProductNo="18907910001", ContentType="2"
            )  # fmt: skip
            calling = Deferred.fromCoroutine(self.lines[name].call("feeCheck", request))
            calling.addErrback(lambda failure: self.ended.append(failure.value))

    def hosts(self) -> list[str]:
        """Whom connections were opened to."""
        return [host for host, *_ in self.reactor.tcpClients]


@pytest.fixture
def net():
    return Net()


def test_calls_to_a_slow_partner_are_bounded(net):
    """So many are out, so many wait, and all further ones are put off at once: they hold neither memory nor a place."""
    net.call("slow", 1000)
    put_off = [error for error in net.ended if isinstance(error, NotTried)]
    assert (net.hosts().count("slow.example"), len(put_off)) == (CONNECTIONS, 1000 - CONNECTIONS - WAITING)


def test_slow_partner_leaves_others_alone(net):
    """A call to somebody else goes at once, however long the line before the slow one is."""
    net.call("slow", 1000)
    net.call("other")
    assert net.hosts().count("other.example") == 1


def test_breaker_ends_the_waiting(net):
    """When the first calls have reached their deadline no further ones are made: new orders do not wait for nothing."""
    net.call("slow", CONNECTIONS + WAITING)
    net.reactor.advance(10.0)
    opened = net.breakers.of("slow", "feeCheck").position
    net.ended.clear()
    net.call("slow")
    assert (opened, [type(error) for error in net.ended], net.ended[0].retry_after.total_seconds()) == (Position.OPEN, [NotTried], 10)


def test_deadline_is_an_attempt(net):
    """What was out, or waited in line, until its deadline counts: the partner was asked, as far as anybody can tell."""
    net.call("slow")
    net.reactor.advance(10.0)
    assert [type(error) for error in net.ended] == [Temporary]
