"""The HTTP server: order of answers, limits in time and number, refusals, and the ends of connections."""

from collections.abc import Iterator, Mapping

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport, StringTransportWithDisconnection
from twisted.logger import LogEvent, globalLogPublisher
from twisted.python.failure import Failure

from gateway.soap.http import HttpConnection, HttpFactory, HttpLimits, HttpRequest, HttpResponse
from gateway.soap.http_message import HttpGate

Answer = HttpResponse | Deferred[HttpResponse] | Exception | None


class Handler:
    """Answers with `answers` in turn, then by repeating the body; refuses /none with 404 and /busy with 503."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[HttpRequest] = []

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        if path == "/break":
            raise RuntimeError("check")
        return {"/none": HttpResponse(404), "/busy": HttpResponse(503, headers=(("Retry-After", "7"),))}.get(path)

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else HttpResponse(200, request.body)
        if isinstance(answer, Exception):
            raise answer
        return answer


class PlainTransport(StringTransportWithDisconnection):
    """A TCP transport: sends at once, and can close one way."""

    half_closed = False
    no_delay = False

    def setTcpNoDelay(self, enabled: bool) -> None:
        self.no_delay = enabled

    def writeSomeData(self, data: bytes) -> int:
        self.write(data)
        return len(data)

    def loseWriteConnection(self) -> None:
        self.half_closed = True


class Server:
    """A factory on a clock that is moved by hand, and its clients."""

    def __init__(self, *answers: Answer, limits: HttpLimits | None = None, gate: HttpGate | None = None) -> None:
        self.clock = Clock()
        self.handler = Handler(*answers)
        self.factory = HttpFactory(self.handler, limits, clock=self.clock, gate=gate)

    def connect(self, transport: StringTransport | None = None) -> "Client":
        connection = self.factory.buildProtocol(IPv4Address("TCP", "10.0.0.9", 4711))
        assert connection is not None
        return Client(connection, transport or StringTransportWithDisconnection())

    def wait(self, seconds: float) -> None:
        self.clock.pump([0.5] * int(seconds * 2))


class Client:
    """One connection, seen from the other end."""

    def __init__(self, connection: HttpConnection, transport: StringTransport) -> None:
        self.transport = transport
        self.connection = connection
        transport.protocol = connection
        connection.makeConnection(transport)

    def send(self, *parts: bytes) -> "Client":
        for part in parts:
            self.connection.dataReceived(part)
        return self

    def received(self) -> list[tuple[int, bytes]]:
        """Status and body of each answer so far."""
        return [(status, body) for status, _, body in _answers(self.transport.value())]

    def links(self) -> list[str | None]:
        """Connection header of each answer so far."""
        return [headers.get("Connection") for _, headers, _ in _answers(self.transport.value())]

    def is_closed(self) -> bool:
        return not self.transport.connected or self.transport.disconnecting


def _answers(data: bytes) -> Iterator[tuple[int, dict[str, str], bytes]]:
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        length = int(headers.get("Content-Length", 0))
        yield int(lines[0].split(" ")[1]), headers, rest[:length]
        data = rest[length:]


def post(body: bytes = b"", *fields: bytes, path: bytes = b"/s", version: bytes = b"1.1") -> bytes:
    head = b"POST " + path + b" HTTP/" + version + b"\r\nHost: a\r\n" + b"".join(field + b"\r\n" for field in fields)
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.fixture
def logged() -> Iterator[list[LogEvent]]:
    """Events logged during the test."""
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def test_answer_on_the_wire() -> None:
    """An answer is one message with status, server, type, our headers, length and body."""
    answer = HttpResponse(200, b"<a/>", headers=(("X-A", "1"),))
    expected = (
        b"HTTP/1.1 200 OK\r\nServer: vsopgw\r\nContent-Type: text/xml; charset=utf-8\r\nX-A: 1\r\n"
        b"Content-Length: 4\r\n\r\n<a/>"
    )
    assert Server(answer).connect().send(post()).transport.value() == expected


def test_empty_answer_has_no_type() -> None:
    """Content-Type is said of a body only."""
    client = Server(HttpResponse(202)).connect().send(post())
    assert client.transport.value() == b"HTTP/1.1 202 Accepted\r\nServer: vsopgw\r\nContent-Length: 0\r\n\r\n"


def test_unusual_status() -> None:
    """A status without a name of its own can be answered."""
    assert Server(HttpResponse(599)).connect().send(post()).transport.value().startswith(b"HTTP/1.1 599 Status\r\n")


def test_peer_is_the_client_address() -> None:
    """The handler learns who asks."""
    server = Server()
    server.connect().send(post())
    assert server.handler.requests[0].peer == "10.0.0.9"


def test_connection_is_kept() -> None:
    """Requests follow each other on one connection."""
    client = Server().connect().send(post(b"1"), post(b"2"), post(b"3"))
    assert (client.received(), client.is_closed()) == ([(200, b"1"), (200, b"2"), (200, b"3")], False)


def test_handler_may_end_the_connection() -> None:
    """Closed after the answer to the request that it came with; who counts connections is told once, when it has gone."""
    server, gone = Server(), list[str]()
    client = server.connect().send(post(b"1"))
    line = server.handler.requests[0].line
    assert line is not None
    line.closing, line.ended = True, lambda: gone.append("gone")
    client.send(post(b"2"))
    client.connection.connectionLost(Failure(ConnectionDone()))
    assert (client.received(), client.links()[1], client.is_closed(), gone) == ([(200, b"1"), (200, b"2")], "close", True, ["gone"])


BAD_ANSWERS = {
    "CR LF in a value": {"headers": (("X", "a\r\nSet-Cookie: b"),)},
    "LF in a name": {"headers": (("X\nY", "a"),)},
    "CR in the type": {"content_type": "text/xml\r"},
    "a length": {"headers": (("content-length", "1"),)},
    "interim status": {"status": 100},
    "status without body": {"status": 204},
}


@pytest.mark.parametrize("fields", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_answer_that_would_break_the_head(fields: dict[str, object]) -> None:
    """Such an answer cannot be made."""
    with pytest.raises(ValueError):
        HttpResponse(**{"status": 200, **fields})


def test_answers_keep_the_order_of_requests() -> None:
    """A later answer waits for an earlier one, though it is ready first."""
    first, second = Deferred[HttpResponse](), Deferred[HttpResponse]()
    client = Server(first, second).connect().send(post() + post() + post(b"3"))
    second.callback(HttpResponse(200, b"2"))
    before = client.received()
    first.callback(HttpResponse(200, b"1"))
    assert (before, client.received()) == ([], [(200, b"1"), (200, b"2"), (200, b"3")])


def test_answer_that_was_ready() -> None:
    """A Deferred that has fired already is an answer at once."""
    ready = Deferred[HttpResponse]()
    ready.callback(HttpResponse(200, b"1"))
    assert Server(ready).connect().send(post(), post(b"2")).received() == [(200, b"1"), (200, b"2")]


@pytest.mark.parametrize(
    ("version", "field", "link", "closed"),
    [
        (b"1.1", b"Connection: close", "close", True),
        (b"1.0", b"X: 1", "close", True),
        (b"1.0", b"Connection: keep-alive", "keep-alive", False),
    ],
)
def test_end_by_the_client(version: bytes, field: bytes, link: str, closed: bool) -> None:
    """The client decides whether the connection outlives the answer."""
    client = Server().connect().send(post(b"1", field, version=version))
    assert (client.links(), client.is_closed()) == ([link], closed)


def test_nothing_is_read_after_the_last_request() -> None:
    """What a client pipelines behind its own Connection: close is not run."""
    server = Server(Deferred())
    server.connect().send(post(b"1", b"Connection: close") + post(b"2"), post(b"3"))
    assert [request.body for request in server.handler.requests] == [b"1"]


def test_much_after_the_last_request() -> None:
    """Nor is it when there is more of it than is looked at in one go, or when its head would be refused."""
    server = Server()
    server.connect().send(post(b"1", b"Connection: close") + post(b"x", path=b"/none") + post(b"x" * 1000) * 40)
    assert [request.body for request in server.handler.requests] == [b"1"]


def test_refusal_by_the_handler() -> None:
    """A head that the handler refuses is answered in turn, its small body dropped, the connection kept."""
    server = Server()
    client = server.connect().send(post(b"x", path=b"/none"), post(b"2"))
    assert (client.received(), [r.path for r in server.handler.requests]) == ([(404, b""), (200, b"2")], ["/s"])


def test_refusal_by_this_layer() -> None:
    """A framing fault is answered with an empty body, and the connection closed."""
    client = Server().connect().send(b"POST / HTTP/1.1\r\n\r\n")
    assert (client.received(), client.links(), client.is_closed()) == ([(400, b"")], ["close"], True)


def test_refusal_waits_its_turn() -> None:
    """A fault after a good request does not overtake that request's answer."""
    answer = Deferred[HttpResponse]()
    client = Server(answer).connect().send(post() + b"GARBAGE")
    answer.callback(HttpResponse(200, b"1"))
    assert (client.received(), client.is_closed()) == ([(200, b"1"), (400, b"")], True)


def test_100_continue() -> None:
    """A client that asks before it sends the body is told to go on."""
    client = Server().connect()
    head, body = post(b"1", b"Expect: 100-continue")[:-1], b"1"
    told = client.send(head).transport.value()
    assert (told, client.send(body).received()) == (b"HTTP/1.1 100 Continue\r\n\r\n", [(100, b""), (200, b"1")])


@pytest.mark.parametrize("request_head", [post(b"1" * 9, path=b"/none"), post(b"1" * 9)], ids=["handler", "length"])
def test_100_is_not_sent_to_a_refused_request(request_head: bytes) -> None:
    """A45: a refusal comes instead of 100, and the connection ends, as nobody knows whether a body follows."""
    client = Server(limits=HttpLimits(body_bytes=8)).connect()
    client.send(request_head.replace(b"Content-Length", b"Expect: 100-continue\r\nContent-Length")[:-9])
    assert (client.received()[0][0] in (404, 413), client.is_closed()) == (True, True)


def test_100_waits_its_turn() -> None:
    """100 is not sent before the answers to earlier requests."""
    answer = Deferred[HttpResponse]()
    client = Server(answer).connect().send(post(), post(b"1", b"Expect: 100-continue")[:-1])
    before = client.received()
    answer.callback(HttpResponse(200, b"0"))
    assert (before, client.received()) == ([], [(200, b"0"), (100, b"")])


BROKEN: dict[str, Answer] = {
    "raises": RuntimeError("secret"),
    "answers nothing": None,
    "answers text": HttpResponse(200, "no bytes"),  # wrong on purpose
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_broken_handler(answer: Answer, logged: list[LogEvent]) -> None:
    """The client gets an empty 500 and may go on; the log gets the traceback."""
    client = Server(answer).connect().send(post(), post(b"2"))
    assert (client.received(), "log_failure" in logged[-1]) == ([(500, b""), (200, b"2")], True)


def test_broken_check(logged: list[LogEvent]) -> None:
    """So it is when the head cannot be judged."""
    client = Server().connect().send(post(path=b"/break"))
    assert (client.received(), "log_failure" in logged[-1]) == ([(500, b"")], True)


def test_handler_fails_later(logged: list[LogEvent]) -> None:
    """So it is when a Deferred fails."""
    answer = Deferred[HttpResponse]()
    client = Server(answer).connect().send(post())
    answer.errback(RuntimeError("secret"))
    assert (client.received(), "log_failure" in logged[-1]) == ([(500, b"")], True)


def test_handler_answers_nothing_later() -> None:
    """So it is when a Deferred has no answer; later answers are not held up."""
    answer = Deferred[HttpResponse]()
    client = Server(answer).connect().send(post(), post(b"2"))
    answer.callback(None)
    assert client.received() == [(500, b""), (200, b"2")]


def test_client_goes_away() -> None:
    """What a request started is not cancelled; its answer is dropped."""
    cancelled: list[object] = []
    answer: Deferred[HttpResponse] = Deferred(cancelled.append)
    server = Server(answer)
    client = server.connect().send(post())
    client.connection.connectionLost(Failure(ConnectionDone()))
    waiting = server.factory.in_flight
    answer.callback(HttpResponse(200))
    assert (cancelled, waiting, server.factory.in_flight, client.received()) == ([], 1, 0, [])


def test_client_closes_its_side() -> None:
    """A client that has sent all and closes one way still gets its answer."""
    answer = Deferred[HttpResponse]()
    client = Server(answer).connect().send(post())
    client.connection.readConnectionLost()
    answer.callback(HttpResponse(200, b"1"))
    assert (client.received(), client.is_closed()) == ([(200, b"1")], True)


def test_client_closes_in_the_middle() -> None:
    """A30: half a request that can no longer be completed is refused."""
    client = Server().connect().send(post(b"12")[:-1])
    client.connection.readConnectionLost()
    assert (client.received(), client.is_closed()) == ([(400, b"")], True)


@pytest.mark.parametrize("sent", [post(b"1")[:9], post(b"12")[:-1]], ids=["A51 head", "A52 body"])
def test_slow_request(sent: bytes) -> None:
    """A request is refused ten seconds (and the clock's grain) after its first byte, however its bytes drip."""
    server = Server()
    client = server.connect().send(sent[:-3])
    server.wait(5)
    client.send(sent[-3:])
    server.wait(5)
    before = client.received()
    server.wait(1)
    assert (before, client.received(), client.is_closed()) == ([], [(408, b"")], True)


def test_idle_connection() -> None:
    """A connection that waits too long for its next request is closed without a word."""
    server = Server()
    client = server.connect().send(post(b"1"))
    server.wait(75)
    before = client.is_closed()
    server.wait(1)
    assert (before, client.is_closed(), client.received()) == (False, True, [(200, b"1")])


def test_slow_handler_is_not_idleness() -> None:
    """No limit of this layer ends a request that the handler works on."""
    server = Server(Deferred())
    client = server.connect().send(post())
    server.wait(200)
    assert client.is_closed() is False


def test_client_that_takes_no_answer() -> None:
    """While answers wait to be taken nothing is read; after ten seconds the client is dropped."""
    server = Server()
    client = server.connect().send(post(b"1"))
    client.transport.producer.pauseProducing()
    client.send(post(b"2"))
    state = client.transport.producerState, len(server.handler.requests)
    server.wait(11)
    assert (state, client.transport.disconnected) == (("paused", 1), True)


def test_client_that_takes_its_answers_late() -> None:
    """What waited for the client to take its answers is then answered."""
    server = Server()
    client = server.connect().send(post(b"1"))
    client.transport.producer.pauseProducing()
    client.send(post(b"2") + post(b"3"))
    client.transport.producer.resumeProducing()
    assert (client.received(), client.transport.producerState) == ([(200, b"1"), (200, b"2"), (200, b"3")], "producing")


def test_pipelined_beyond_the_limit() -> None:
    """Only so many requests of one connection are begun; the rest is begun as answers go out, in order."""
    answers = [Deferred[HttpResponse]() for _ in range(3)]
    server = Server(*answers, limits=HttpLimits(pipelined=2))
    client = server.connect().send(b"".join(post(b"%d" % n) for n in range(5)))
    state = client.transport.producerState, len(server.handler.requests)
    for n in (1, 0, 2):
        answers[n].callback(HttpResponse(200, b"%d" % n))
    assert (state, client.received()) == (("paused", 2), [(200, b"%d" % n) for n in range(5)])
    assert client.transport.producerState == "producing"


def test_many_pipelined() -> None:
    """Thousands of requests in one read are answered one after the other, without deep recursion."""
    first = Deferred[HttpResponse]()
    client = Server(first, limits=HttpLimits(pipelined=1)).connect().send(post(b"x") * 3000)
    first.callback(HttpResponse(200, b"x"))
    assert client.received() == [(200, b"x")] * 3000


def test_bytes_that_come_in_spite_of_a_pause() -> None:
    """A transport may have more in hand when it is paused: this waits, and keeps its place."""
    first = Deferred[HttpResponse]()
    client = Server(first, limits=HttpLimits(pipelined=1)).connect().send(post() + post(b"2"), post(b"3"), post(b"4"))
    first.callback(HttpResponse(200, b"1"))
    assert client.received() == [(200, b"%d" % n) for n in (1, 2, 3, 4)]


def test_refusal_behind_parked_requests() -> None:
    """A fault behind requests that wait does not lose them."""
    first = Deferred[HttpResponse]()
    client = Server(first, limits=HttpLimits(pipelined=1)).connect().send(post() + post(b"2") + b"GARBAGE")
    first.callback(HttpResponse(200, b"1"))
    assert client.received() == [(200, b"1"), (200, b"2"), (400, b"")]


def test_too_many_connections() -> None:
    """Over the cap a client is told to come back, while all others are busy."""
    server = Server(Deferred(), limits=HttpLimits(connections=1))
    server.connect().send(post())
    client = server.connect()
    assert (b"503 Service" in client.transport.value(), b"Retry-After: 2" in client.transport.value()) == (True, True)
    assert client.is_closed()


def test_slow_client_makes_room() -> None:
    """Over the cap, where nobody idles, who has been sending a request for longest is cut off for a new client."""
    server = Server(limits=HttpLimits(connections=2))
    slow = [server.connect().send(b"POST /s HTTP/1.1\r\n")]
    server.clock.advance(0.5)
    slow.append(server.connect().send(b"POST /s HTTP/1.1\r\n"))
    server.clock.advance(0.6)
    client = server.connect().send(post(b"1"))
    assert (client.received(), [not c.transport.connected for c in slow]) == ([(200, b"1")], [True, False])


def test_client_that_has_just_begun_makes_no_room() -> None:
    """A request that is on its way is not cut off: the new client is told to come again."""
    server = Server(limits=HttpLimits(connections=1))
    first = server.connect().send(post(b"1")[:-1])
    assert (server.connect().received(), first.send(b"1").received()) == ([(503, b"")], [(200, b"1")])


def test_many_make_room_at_once() -> None:
    """A sixty-fourth of all, so that not every client that comes has all others looked through."""
    server = Server(limits=HttpLimits(connections=128))
    slow = [server.connect().send(b"POST /s HTTP/1.1\r\n") for _ in range(128)]
    server.clock.advance(1.5)
    server.connect()
    assert sum(not client.transport.connected for client in slow) == 2


def test_no_room_is_looked_for_once() -> None:
    """Where nobody can make room, that stays so for a moment: a flood of connections does not have all others looked through each time."""
    server = Server(limits=HttpLimits(connections=1))
    server.connect().send(post(b"1")[:-1])
    server.clock.advance(0.95)
    server.connect()
    server.clock.advance(0.06)  # now it would be slow enough
    before = server.connect().received()
    server.clock.advance(0.05)
    assert (before, server.connect().send(post(b"2")).received()) == ([(503, b"")], [(200, b"2")])


def test_idle_connection_makes_room() -> None:
    """Over the cap the connection that idles longest is closed for a new one."""
    server = Server(limits=HttpLimits(connections=2))
    oldest = server.connect().send(post())
    server.wait(1)
    older = server.connect().send(post())
    server.wait(1)
    client = server.connect().send(post(b"1"))
    assert (oldest.is_closed(), older.is_closed(), client.received()) == (True, False, [(200, b"1")])


def test_far_too_many_connections() -> None:
    """There is a limit to those that are told, too."""
    server = Server(limits=HttpLimits(connections=0))
    for _ in range(64):
        server.factory.buildProtocol(None)
    assert server.factory.buildProtocol(None) is None


def test_refused_client_may_still_send() -> None:
    """After a refusal over TCP only our side is closed, and what still comes is thrown away, for two seconds."""
    server = Server()
    client = server.connect(PlainTransport()).send(b"NONSENSE\r\n\r\n", post(b"1"))
    before = client.transport.half_closed, client.is_closed(), client.received()
    server.wait(2.5)
    assert (before, client.is_closed()) == ((True, False, [(400, b"")]), True)


def test_refused_client_that_never_stops() -> None:
    """A44: not more than twice the longest body is thrown away."""
    client = Server(limits=HttpLimits(body_bytes=100)).connect(PlainTransport()).send(b"NONSENSE\r\n\r\n", b"x" * 201)
    assert client.transport.disconnected


def test_refused_client_that_closes() -> None:
    """When the client has closed too, so do we."""
    client = Server().connect(PlainTransport()).send(b"NONSENSE\r\n\r\n")
    client.connection.readConnectionLost()
    assert client.is_closed()


def test_small_packets_are_not_delayed() -> None:
    """An answer does not wait for the acknowledgement of the one before."""
    transport = PlainTransport()
    Server().connect(transport)
    assert transport.no_delay


def test_drain_nothing() -> None:
    """Without clients there is nothing to wait for."""
    assert Server().factory.drain().called


def test_drain() -> None:
    """Idle connections close at once, others after the answer they are owed; new clients are turned away."""
    answer = Deferred[HttpResponse]()
    server = Server(answer)
    busy, idle = server.connect().send(post()), server.connect()
    done = server.factory.drain()
    before = idle.is_closed(), busy.is_closed(), done.called, server.connect().received()
    answer.callback(HttpResponse(200, b"1"))
    assert (before, busy.received(), busy.links()) == ((True, False, False, [(503, b"")]), [(200, b"1")], ["close"])
    assert (busy.is_closed(), done.called) == (True, True)


def test_drain_while_a_request_comes() -> None:
    """A request of which a part was read is served."""
    server = Server()
    client = server.connect().send(post(b"12")[:-1])
    done = server.factory.drain()
    client.send(b"2")
    assert (client.received(), client.is_closed(), done.called) == ([(200, b"12")], True, True)


def test_drain_waits_for_requests_without_client() -> None:
    """An order whose client went away must end before the process does."""
    answer = Deferred[HttpResponse]()
    server = Server(answer)
    server.connect().send(post()).connection.connectionLost(Failure(ConnectionDone()))
    done = server.factory.drain()
    before = done.called
    answer.callback(HttpResponse(200))
    assert (before, done.called) == (False, True)


def test_no_timer_without_connections() -> None:
    """The tick runs only while there is somebody to judge."""
    server = Server()
    server.connect().transport.loseConnection()
    assert (server.clock.getDelayedCalls(), server.factory.connections) == ([], 0)


# What all connections hold together


class Gate:
    """Refuses POSTs while so many requests are in flight; keeps what it is asked."""

    def __init__(self, most: int) -> None:
        self.asked: list[int] = []
        self._most = most

    def refusal(self, headers: Mapping[str, str], in_flight: int) -> HttpResponse | None:
        self.asked.append(in_flight)
        return HttpResponse(503) if in_flight >= self._most else None


def test_gate_refuses_before_the_body() -> None:
    """A refused request does not reach the handler, and its connection is kept for the next one."""
    server = Server(Deferred[HttpResponse](), gate=Gate(1))
    server.connect().send(post(b"1"))
    client = server.connect().send(post(b"2"))
    assert (client.received(), client.is_closed(), [r.body for r in server.handler.requests]) == ([(503, b"")], False, [b"1"])


def test_gate_lets_in_again() -> None:
    """When the first is answered, the refused client gets through on the same connection."""
    first = Deferred[HttpResponse]()
    server = Server(first, gate=Gate(1))
    server.connect().send(post(b"1"))
    client = server.connect().send(post(b"2"))
    first.callback(HttpResponse(200))
    assert client.send(post(b"3")).received() == [(503, b""), (200, b"3")]


def test_gate_is_not_asked_about_reads() -> None:
    """Health and contracts are always served, as is a head that the handler refuses by itself."""
    gate = Gate(0)
    Server(gate=gate).connect().send(b"GET /s HTTP/1.1\r\nHost: a\r\n\r\n", post(path=b"/none"))
    assert gate.asked == []


HELD = HttpLimits(held_bytes=100)


def test_bodies_that_come_slowly_are_held_together() -> None:
    """What many clients have sent of their bodies has a limit; who goes beyond it is told to come again, and gives back what it held."""
    server = Server(limits=HELD)
    clients = [server.connect().send(post(b"x" * 99)[:-39]) for _ in range(2)]  # 60 bytes of body each
    assert ([client.received() for client in clients], server.factory.held) == ([[], [(503, b"")]], 60)


@pytest.mark.parametrize("end", ["answered", "lost"])
def test_held_bytes_are_given_back(end: str) -> None:
    """When its request is answered, or when the client goes away."""
    server = Server(limits=HELD)
    client = server.connect().send(post(b"x" * 99)[:-39])
    if end == "answered":
        client.send(b"x" * 39)
    else:
        client.connection.connectionLost(Failure(ConnectionDone()))
    assert server.factory.held == 0


def test_what_the_handler_works_on_is_held() -> None:
    """Until it is answered, though its client went away: the body is still in memory."""
    answer = Deferred[HttpResponse]()
    server = Server(answer, limits=HELD)
    client = server.connect().send(post(b"x" * 50))
    client.connection.connectionLost(Failure(ConnectionDone()))
    before = server.factory.held
    answer.callback(HttpResponse(200))
    assert (before, server.factory.held) == (50, 0)


def test_parked_requests_are_held_until_they_are_dropped() -> None:
    """Pipelined requests that the handler has not seen go with their client."""
    server = Server(Deferred[HttpResponse](), limits=HttpLimits(pipelined=1))
    client = server.connect().send(post(b"1") + post(b"22") + post(b"333"))
    before = server.factory.held
    client.connection.connectionLost(Failure(ConnectionDone()))
    assert (before, server.factory.held) == (6, 1)


def test_refused_body_is_given_back() -> None:
    """A client that breaks off in the middle of HTTP leaves nothing behind."""
    server = Server(limits=HttpLimits(receive_seconds=5))
    client = server.connect().send(post(b"x" * 99)[:-39])
    server.wait(10)
    assert (client.received(), server.factory.held) == ([(408, b"")], 0)


# Limits of a connection, and of an address


def limited(**limits: float) -> Server:
    return Server(limits=HttpLimits(**limits))  # type: ignore[arg-type]


def test_body_at_the_limit_of_its_path_is_taken() -> None:
    """A path may have a limit of its own, above the others' or below."""
    server = Server(limits=HttpLimits(body_bytes=10, body_bytes_of={"/long": 20, "/short": 5}))
    sent = [(b"/long", 20), (b"/long", 21), (b"/short", 5), (b"/short", 6), (b"/s", 10), (b"/s", 11)]
    found = [server.connect().send(post(b"x" * size, path=path)).received()[0][0] for path, size in sent]
    assert found == [200, 413] * 3


def test_limit_of_a_path_holds_for_chunks() -> None:
    """Where no length is told, it is cut when it is reached."""
    server = Server(limits=HttpLimits(body_bytes=10, body_bytes_of={"/short": 5}))
    head = b"POST /short HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert server.connect().send(head + b"6\r\nxxxxxx\r\n0\r\n\r\n").received()[0][0] == 413


def test_connection_that_says_nothing_is_closed() -> None:
    """Sooner than one that waits for its next request."""
    server = limited(first_byte_seconds=3, idle_seconds=30)
    silent, idle = server.connect(), server.connect().send(post())
    server.wait(2.5)
    assert (silent.is_closed(), idle.is_closed()) == (False, False)
    server.wait(1.5)
    assert (silent.is_closed(), idle.is_closed()) == (True, False)


def test_connection_ends_with_the_last_request_that_it_may_bring() -> None:
    """Its answer says so; what was sent behind it is not looked at."""
    server = limited(requests=3)
    client = server.connect().send(post(b"1"), post(b"2"))
    assert (client.links(), client.is_closed()) == ([None, None], False)
    client.send(post(b"3") + post(b"4"))
    assert (client.received()[2:], client.links()[2], client.is_closed()) == ([(200, b"3")], "close", True)
    assert len(server.handler.requests) == 3


def test_refused_requests_count_too() -> None:
    """A flood of them is not for ever."""
    client = limited(requests=2).connect().send(post(path=b"/none"), post(path=b"/none"))
    assert (client.links(), client.is_closed()) == ([None, "close"], True)


def test_address_at_its_limit_is_served() -> None:
    """The limit itself is allowed; one more is told 503."""
    server = limited(connections_per_address=2)
    clients = [server.connect() for _ in range(3)]
    assert [client.send(post()).received()[0][0] for client in clients] == [200, 200, 503]


def test_address_may_come_again_when_one_has_gone() -> None:
    """What is counted are those that are open."""
    server = limited(connections_per_address=1)
    first = server.connect().send(post())
    first.connection.connectionLost(Failure(ConnectionDone()))
    assert server.connect().send(post()).received()[0][0] == 200


def test_other_address_is_not_in_the_way() -> None:
    """Each has its own."""
    server = limited(connections_per_address=1)
    server.connect()
    other = server.factory.buildProtocol(IPv4Address("TCP", "10.0.0.10", 4711))
    assert other is not None
    assert Client(other, StringTransportWithDisconnection()).send(post()).received()[0][0] == 200


def test_flood_from_an_address_is_closed_without_a_word() -> None:
    """Beyond some that are told, nobody is."""
    server = limited(connections_per_address=1)
    found = [server.factory.buildProtocol(IPv4Address("TCP", "10.0.0.9", 4711)) for _ in range(80)]
    assert (found[64] is None, found[65] is None, found[-1] is None) == (False, True, True)
