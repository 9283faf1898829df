"""The HTTP client: what a caller learns of a call's fate, deadlines, and which connections are used again."""

import socket
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, ConnectionLost, ConnectionRefusedError, DNSLookupError, TimeoutError
from twisted.internet.protocol import Protocol
from twisted.internet.testing import MemoryReactorClock, StringTransportWithDisconnection
from twisted.python.failure import Failure

from gateway.soap.http_client import HttpCallFailed, HttpPool, HttpReply

URL = "http://ocs.jx.example:7080/services/ocs?v=1"


class Transport(StringTransportWithDisconnection):
    """A TCP transport: sends at once; `dead` fails to, `waiting` is what a look at the socket finds."""

    dead = False
    waiting: bytes | Exception = BlockingIOError()

    def setTcpNoDelay(self, enabled: bool) -> None:
        assert enabled

    def writeSomeData(self, data: bytes) -> int | Exception:
        if self.dead:
            return ConnectionLost()
        self.write(data)
        return len(data)

    def getHandle(self) -> "Transport":
        return self

    def recv(self, size: int, flags: int) -> bytes:
        assert flags == socket.MSG_PEEK
        if isinstance(self.waiting, Exception):
            raise self.waiting
        return self.waiting


class Link:
    """One connection, seen from the partner."""

    def __init__(self, connection: Protocol) -> None:
        self.connection = connection
        self.transport = Transport()
        self.transport.protocol = connection
        connection.makeConnection(self.transport)

    def requests(self) -> list[bytes]:
        """Bodies of the requests that came; they are single digits here."""
        return [part[:1] for part in self.transport.value().split(b"\r\n\r\n")[1:]]

    def answer(self, *parts: bytes) -> None:
        for part in parts:
            self.connection.dataReceived(part)

    def lose(self, reason: Exception) -> None:
        self.transport.connected = False
        self.connection.connectionLost(Failure(reason))


class Net:
    """A pool on a reactor that is moved by hand, and the partner's side."""

    def __init__(self, **settings: Any) -> None:
        self.reactor = MemoryReactorClock()
        self.pool = HttpPool(self.reactor, **settings)
        self._accepted = 0

    def post(self, body: bytes = b"1", *, deadline: float = 5.0, url: str = URL) -> list[object]:
        """Begin a call; the list gets its reply or the words of its failure."""
        fate: list[object] = []
        self.pool.post(url, body, {"SOAPAction": '"a"'}, deadline=deadline).addCallbacks(fate.append, _note(fate))
        return fate

    @property
    def attempts(self) -> int:
        """Return how many connection attempts wait for an outcome."""
        return len(self.reactor.tcpClients) - self._accepted

    def accept(self) -> Link:
        factory = self.reactor.tcpClients[self._accepted][2]
        self._accepted += 1
        connection = factory.buildProtocol(None)
        assert connection is not None
        return Link(connection)

    def refuse(self, reason: Exception) -> None:
        factory, connector = self.reactor.tcpClients[self._accepted][2], self.reactor.connectors[self._accepted]
        self._accepted += 1
        factory.clientConnectionFailed(connector, Failure(reason))

    def called(self) -> tuple[list[object], Link]:
        """Begin a call that is out on a new connection."""
        fate = self.post()
        return fate, self.accept()


def _note(fate: list[object]) -> Any:
    def note(failure: Failure) -> None:
        failed = failure.value
        assert isinstance(failed, HttpCallFailed)
        fate.append((failed.outcome.value, str(failed.reason)))

    return note


def reply(body: bytes = b"ok", *fields: bytes, status: bytes = b"200 OK", version: bytes = b"1.1") -> bytes:
    head = b"HTTP/" + version + b" " + status + b"\r\n" + b"".join(field + b"\r\n" for field in fields)
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


OK = [HttpReply(200, {"content-length": "2"}, b"ok")]
LOST = [("unknown", "connection lost")]


def test_request_on_the_wire() -> None:
    """A call is one message; the address names host, port and target; nothing invites compression."""
    net = Net()
    net.post(b"<a/>")
    expected = (
        b"POST /services/ocs?v=1 HTTP/1.1\r\nHost: ocs.jx.example:7080\r\n"
        b'SOAPAction: "a"\r\nContent-Length: 4\r\n\r\n<a/>'
    )
    assert net.accept().transport.value() == expected


def test_connects_to_the_address() -> None:
    """Host, port and time limit of the attempt are those given."""
    net = Net(connect_timeout=2.0)
    net.post(url="http://[::1]")
    host, port, _, timeout, _ = net.reactor.tcpClients[0]
    assert (host, port, timeout, b"Host: [::1]\r\n" in net.accept().transport.value()) == ("::1", 80, 2.0, True)


def test_reply() -> None:
    """Status, headers (repeated ones joined) and body arrive as sent, in however many parts."""
    fate, link = Net().called()
    data = reply(b"body", b"X-A: 1", b"x-a: 2", status=b"500 Oops")
    link.answer(*(data[n : n + 1] for n in range(len(data))))
    assert fate == [HttpReply(500, {"x-a": "1, 2", "content-length": "4"}, b"body")]


def test_chunked_reply() -> None:
    """A chunked answer is put together."""
    fate, link = Net().called()
    link.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nX-T: 1\r\n\r\n")
    assert fate == [HttpReply(200, {"transfer-encoding": "chunked"}, b"ok")]


def test_redirect_is_not_followed() -> None:
    """R09: a redirect is an answer like others."""
    net = Net()
    fate, link = net.called()
    link.answer(reply(b"", b"Location: http://evil/", status=b"302 Found"))
    assert (fate, net.attempts) == ([HttpReply(302, {"location": "http://evil/", "content-length": "0"}, b"")], 0)


def test_interim_answer_is_skipped() -> None:
    """R29: 100 is not the answer."""
    fate, link = Net().called()
    link.answer(b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n")
    before = list(fate)
    link.answer(reply())
    assert (before, fate) == ([], OK)


def test_answer_until_close() -> None:
    """An answer without length ends with the connection."""
    fate, link = Net().called()
    link.answer(b"HTTP/1.0 200 OK\r\n\r\no", b"k")
    link.transport.loseConnection()
    assert fate == [HttpReply(200, {}, b"ok")]


BAD_URLS = [
    "https://a/",
    "ftp://a/",
    "//a/",
    "http:///x",
    "http://u:p@a/",
    "http://a:99999/",
    "http://a/ b",
    "http://a/\r\nX: 1",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_address_that_cannot_be_called(url: str) -> None:
    """Only plain http addresses are taken."""
    with pytest.raises(ValueError):
        Net().post(url=url)


BAD_FIELDS = [("X", "a\r\nY: 1"), ("X\n", "a"), ("Content-Length", "1"), ("accept-encoding", "gzip")]


@pytest.mark.parametrize("field", BAD_FIELDS)
def test_header_that_cannot_be_sent(field: tuple[str, str]) -> None:
    """Neither injected lines nor headers that change the framing go out."""
    with pytest.raises(ValueError):
        Net().pool.post(URL, b"", dict([field]), deadline=1.0)


NO_CONNECTION = {
    "connection refused": ConnectionRefusedError(),
    "connect time-out": TimeoutError(),
    "address not found": DNSLookupError(),
    "connect failed": ConnectError(),
}


@pytest.mark.parametrize(("word", "reason"), NO_CONNECTION.items(), ids=NO_CONNECTION)
def test_no_connection(word: str, reason: Exception) -> None:
    """Without a connection nothing was sent, and the word says why."""
    net = Net()
    fate = net.post()
    net.refuse(reason)
    assert fate == [("not-sent", word)]


def test_failed_attempt_fails_one_call() -> None:
    """Each call has its own attempt: the failure of one is not that of the other."""
    net = Net()
    first, second = net.post(b"1"), net.post(b"2")
    net.refuse(ConnectionRefusedError())
    link = net.accept()
    assert (first, second, link.requests()) == ([("not-sent", "connection refused")], [], [b"2"])


def test_failed_attempt_is_repeated_for_those_that_wait() -> None:
    """Beyond the cap calls wait; the failure of an attempt makes room for the next."""
    net = Net(connections_per_peer=1)
    net.post(b"1")
    net.post(b"2")
    before = net.attempts
    net.refuse(ConnectionRefusedError())
    assert (before, net.accept().requests()) == (1, [b"2"])


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BAD_ANSWERS = {
    "R18 garbage": (b"\x00\x01 nonsense\r\n\r\n", "answer not HTTP"),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "answer not HTTP"),
    "length and chunked": (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n" + CHUNKED[17:], "answer not HTTP"),
    "switch": (b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", "answer not HTTP"),
    "R19 endless header": (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70000, "answer too large"),
    "many headers": (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200, "answer too large"),
    "endless interim answers": (b"HTTP/1.1 100 Continue\r\n\r\n" * 4000, "answer too large"),
    "R20 huge length": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", "answer too large"),
    "too many chunks": (CHUNKED + b"8\r\n12345678\r\n" * 20, "answer too large"),
    "endless chunk extension": (CHUNKED + b"1;" + b"a" * 70000, "answer too large"),
    "too much until close": (b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 101, "answer too large"),
    "R23 gzip": (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n", "answer encoded"),
    "gzip as transfer coding": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "answer encoded"),
}


@pytest.mark.parametrize(("data", "word"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_answer_that_is_not_taken(data: bytes, word: str) -> None:
    """The outcome is open, the word says why, and the connection is dropped."""
    fate, link = Net(answer_bytes=100).called()
    link.answer(data)
    assert (fate, link.transport.disconnected) == ([("unknown", word)], True)


def test_answer_at_the_limit() -> None:
    """An answer of just the size allowed is taken."""
    fate, link = Net(answer_bytes=2).called()
    link.answer(reply())
    assert fate == OK


CUT = {"R15 before": b"", "in the head": b"HTTP/1.1 200 OK\r\nCon", "R13 in the body": reply(b"body")[:-1]}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT)
def test_connection_cut(data: bytes) -> None:
    """A connection that ends before its answer does leaves the outcome open."""
    fate, link = Net().called()
    link.answer(data)
    link.transport.loseConnection()
    assert fate == LOST


def test_answer_until_reset() -> None:
    """R14: a reset is not the end of an answer, even of one without length."""
    fate, link = Net().called()
    link.answer(b"HTTP/1.0 200 OK\r\n\r\no")
    link.lose(ConnectionLost())
    assert fate == LOST


def test_answer_before_reset() -> None:
    """R30: a whole answer counts, whatever becomes of the connection."""
    fate, link = Net().called()
    link.answer(reply())
    link.lose(ConnectionLost())
    assert fate == OK


def test_no_answer() -> None:
    """R16: after the deadline the outcome is open, and the connection is dropped."""
    net = Net()
    fate, link = net.called()
    net.reactor.advance(5.0)
    assert (fate, link.transport.disconnected) == ([("unknown", "deadline passed")], True)


def test_dripping_answer() -> None:
    """R17: bytes that keep coming do not move the deadline."""
    net = Net()
    fate, link = net.called()
    data = reply(b"x" * 100)
    for n in range(10):
        link.answer(data[n : n + 1])
        net.reactor.advance(0.5)
    assert fate == [("unknown", "deadline passed")]


def test_deadline_while_connecting() -> None:
    """A call that never had a connection was not sent."""
    net = Net()
    fate = net.post(deadline=2.0)
    net.reactor.advance(2.0)
    assert (fate, net.accept().requests()) == ([("not-sent", "deadline passed")], [])


def test_deadline_while_waiting() -> None:
    """Waiting for a free connection counts; what expired is not sent later."""
    net = Net(connections_per_peer=1)
    first, link = net.called()
    second, third = net.post(b"2", deadline=1.0), net.post(b"3", deadline=3.0)
    net.reactor.advance(1.0)
    link.answer(reply())
    assert (first, second, third, link.requests()) == (OK, [("not-sent", "deadline passed")], [], [b"1", b"3"])


def test_earlier_deadline_after_a_later_one() -> None:
    """Each call has its own deadline, in whatever order they come."""
    net = Net()
    late, early = net.post(deadline=9.0), net.post(deadline=1.0)
    net.reactor.advance(1.0)
    between = list(late), list(early)
    net.reactor.advance(8.0)
    assert (between, late) == (([], [("not-sent", "deadline passed")]), [("not-sent", "deadline passed")])


def test_cancelled_after_sending() -> None:
    """A caller that gives up learns that the outcome is open."""
    net = Net()
    answer = net.pool.post(URL, b"1", {}, deadline=5.0)
    link, fate = net.accept(), list[object]()
    answer.addErrback(_note(fate))
    answer.cancel()
    assert (fate, link.transport.disconnected) == ([("unknown", "cancelled")], True)


def test_cancelled_before_sending() -> None:
    """Or that nothing was sent."""
    net = Net()
    answer, fate = net.pool.post(URL, b"1", {}, deadline=5.0), list[object]()
    answer.addErrback(_note(fate))
    answer.cancel()
    assert (fate, net.accept().requests()) == ([("not-sent", "cancelled")], [])


def test_connection_is_used_again() -> None:
    """The second call to a peer needs no second connection, also under another path."""
    net = Net()
    _, link = net.called()
    link.answer(reply())
    fate = net.post(b"2", url="http://ocs.jx.example:7080/other")
    link.answer(reply())
    assert (link.requests(), net.attempts, fate) == ([b"1", b"2"], 0, OK)


def test_most_recently_used_first() -> None:
    """Of several idle connections the warmest serves: the others may age and be closed."""
    net = Net()
    net.post(b"1")
    net.post(b"2")
    older, newer = net.accept(), net.accept()
    older.answer(reply())
    newer.answer(reply())
    net.post(b"3")
    assert (older.requests(), newer.requests()) == ([b"1"], [b"2", b"3"])


def test_connections_that_were_renewed() -> None:
    """An idle connection is closed at once, a busy one with its answer, which still counts; later calls get new ones."""
    net = Net()
    (_, idle), (fate, busy) = net.called(), net.called()
    idle.answer(reply())
    net.pool.renew(URL)
    closed = (idle.transport.connected, busy.transport.connected)
    busy.answer(reply())
    net.post(b"2")
    assert (closed, fate, busy.transport.connected) == ((False, True), OK, False)
    assert net.accept().requests() == [b"2"]


def test_renewed_for_a_waiting_call() -> None:
    """A call that waits for a busy connection gets another one; other addresses keep theirs, unknown ones matter to nobody."""
    net = Net(connections_per_peer=1)
    _, link = net.called()
    fate = net.post(b"2")
    net.pool.renew("http://ocs.jx.example:7081/")
    net.pool.renew(URL)
    link.answer(reply())
    other = net.accept()
    other.answer(reply())
    assert (link.requests(), other.requests(), fate) == ([b"1"], [b"2"], OK)


def test_other_peer_other_connection() -> None:
    """Connections are not shared between ports of a host."""
    net = Net()
    _, link = net.called()
    link.answer(reply())
    net.post(url="http://ocs.jx.example:7081/")
    assert net.attempts == 1


def test_waiting_calls_in_order() -> None:
    """When all connections are busy calls wait, first come first served."""
    net = Net(connections_per_peer=1)
    _, link = net.called()
    fates = [net.post(b"%d" % n) for n in (2, 3)]
    link.answer(reply())
    link.answer(reply())
    assert (link.requests(), net.attempts, fates) == ([b"1", b"2", b"3"], 0, [OK, []])


def test_line_that_is_full() -> None:
    """Beyond the cap a call fails at once, unsent; those that wait keep their places."""
    net = Net(connections_per_peer=1, waiting_per_peer=2)
    first, link = net.called()
    waiting = [net.post(b"2"), net.post(b"3")]
    refused = net.post(b"4")
    link.answer(reply())
    assert (refused, first, waiting, link.requests()) == ([("not-sent", "too many calls wait")], OK, [[], []], [b"1", b"2"])


def test_line_that_was_full_and_has_given_up() -> None:
    """Calls past their deadline take no place in the line."""
    net = Net(connections_per_peer=1, waiting_per_peer=1)
    net.called()
    given_up = net.post(b"2", deadline=1.0)
    net.reactor.advance(1.0)
    last = net.post(b"3")
    assert (given_up, last, net.pool.open_calls) == ([("not-sent", "deadline passed")], [], 2)


def test_cancelled_call_takes_no_place_in_the_line() -> None:
    """Whoever gave up makes room at once."""
    net = Net(connections_per_peer=1, waiting_per_peer=1)
    net.called()
    call = net.pool.post(URL, b"2", {}, deadline=5.0)
    call.addErrback(lambda _: None)
    call.cancel()
    assert net.post(b"3") == []


def test_full_line_to_one_peer_leaves_others_alone() -> None:
    """The cap is of one host and port."""
    net = Net(connections_per_peer=1, waiting_per_peer=0)
    net.called()
    assert (net.post(), net.post(url="http://other.example/")) == ([("not-sent", "too many calls wait")], [])


def test_waiting_call_when_the_connection_is_lost() -> None:
    """A call that waited gets a new connection when the busy one is lost."""
    net = Net(connections_per_peer=1)
    fate, link = net.called()
    net.post(b"2")
    link.lose(ConnectionLost())
    assert (fate, net.accept().requests()) == (LOST, [b"2"])


NOT_AGAIN = {
    "close": reply(b"ok", b"Connection: close"),
    "HTTP/1.0": reply(version=b"1.0"),
    "R28 two answers": reply() + reply(b"no"),
    "garbage behind": reply() + b"garbage",
}


@pytest.mark.parametrize("data", NOT_AGAIN.values(), ids=NOT_AGAIN)
def test_connection_is_not_used_again(data: bytes) -> None:
    """The answer counts, but its connection serves no other call."""
    fate, link = Net().called()
    link.answer(data)
    assert ([r.body for r in fate if isinstance(r, HttpReply)], link.transport.connected) == ([b"ok"], False)


def test_keep_alive_in_http_10() -> None:
    """A server of HTTP/1.0 may offer to keep the connection."""
    _, link = Net().called()
    link.answer(reply(b"ok", b"Connection: keep-alive", version=b"1.0"))
    assert link.transport.connected


def test_answer_that_nobody_asked_for() -> None:
    """What comes on an idle connection could be taken for another call's answer: the connection is dropped."""
    _, link = Net().called()
    link.answer(reply(), reply())
    assert link.transport.connected is False


def test_idle_connection_closed_by_the_peer() -> None:
    """A connection that the peer closed is not used."""
    net = Net()
    _, link = net.called()
    link.answer(reply())
    link.transport.loseConnection()
    net.post(b"2")
    assert net.accept().requests() == [b"2"]


@pytest.mark.parametrize("found", [b"", b"x", ConnectionResetError()], ids=["close", "bytes", "reset"])
def test_idle_connection_closed_unnoticed(found: bytes | Exception) -> None:
    """A close (or bytes) that the reactor has not told yet is seen before the connection is used."""
    net = Net()
    _, link = net.called()
    link.answer(reply())
    net.reactor.advance(1.0)
    link.transport.waiting = found
    net.post(b"2")
    assert (link.requests(), net.accept().requests()) == ([b"1"], [b"2"])


def test_idle_connection_still_open() -> None:
    """A look at the socket does not hinder its use."""
    net = Net()
    _, link = net.called()
    link.answer(reply())
    net.reactor.advance(1.0)
    net.post(b"2")
    assert link.requests() == [b"1", b"2"]


def test_connection_dead_at_sending() -> None:
    """A call of which not one byte could be sent goes out on another connection instead."""
    net = Net()
    _, link = net.called()
    link.answer(reply())
    link.transport.dead = True
    fate = net.post(b"2")
    net.accept().answer(reply())
    assert (link.requests(), fate) == ([b"1"], OK)


def test_connection_dead_before_a_waiting_call() -> None:
    """So does a call that waited for that connection."""
    net = Net(connections_per_peer=1)
    out, link = net.called()
    net.post(b"2")
    link.transport.dead = True
    link.answer(reply())
    assert (out, link.requests(), net.accept().requests()) == (OK, [b"1"], [b"2"])


def test_idle_too_long() -> None:
    """Unused connections are closed after the idle time."""
    net = Net(idle_timeout=30.0)
    _, link = net.called()
    link.answer(reply())
    net.reactor.advance(29.0)
    before = link.transport.connected
    net.reactor.advance(1.0)
    assert (before, link.transport.connected) == (True, False)


def test_idle_times_are_each_its_own() -> None:
    """Connections that became idle at different times are closed at different times."""
    net = Net(idle_timeout=30.0)
    net.post(b"1")
    net.post(b"2")
    first, second = net.accept(), net.accept()
    first.answer(reply())
    net.reactor.advance(4.0)
    second.answer(reply())
    net.reactor.advance(26.0)
    between = first.transport.connected, second.transport.connected
    net.reactor.advance(4.0)
    assert (between, second.transport.connected) == ((False, True), False)


def test_caller_may_call_from_its_callback() -> None:
    """The connection is free again when the caller gets its answer."""
    net = Net()
    fate: list[object] = []
    first: Deferred[HttpReply] = net.pool.post(URL, b"1", {}, deadline=5.0)
    first.addCallback(lambda _: fate.append(net.post(b"2")))
    link = net.accept()
    link.answer(reply())
    link.answer(reply())
    assert (link.requests(), fate) == ([b"1", b"2"], [OK])


def test_close() -> None:
    """Calls that are out are waited for, those that wait are failed as not sent, new ones too."""
    net = Net(connections_per_peer=1)
    out, link = net.called()
    waiting = net.post(b"2")
    done = net.pool.close()
    before = done.called, waiting, net.post(b"3")
    link.answer(reply())
    closed = [("not-sent", "client closed")]
    assert (before, out, done.called, link.transport.connected) == ((False, closed, closed), OK, True, False)


def test_close_idle() -> None:
    """Idle connections are closed, and no timer is left."""
    net = Net()
    _, link = net.called()
    link.answer(reply())
    done = net.pool.close()
    assert (done.called, link.transport.connected, net.reactor.getDelayedCalls()) == (True, False, [])


def test_close_while_connecting() -> None:
    """Attempts are given up."""
    net = Net()
    net.post()
    net.pool.close()
    assert net.reactor.connectors[0].stoppedConnecting


def test_give_up() -> None:
    """What is out fails as unknown, what waits as not sent, and the pool is closed."""
    net = Net(connections_per_peer=1)
    out, link = net.called()
    waiting = net.post(b"2")
    net.pool.give_up()
    assert (out, waiting, link.transport.connected) == ([("unknown", "client closed")], [("not-sent", "client closed")], False)
