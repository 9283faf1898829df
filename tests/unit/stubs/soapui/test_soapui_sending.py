"""Sending over real sockets: kept connections, and endpoints that hang, drip, never stop, break off or are not there."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from stubs.soapui.sending import ANSWER_BYTES, NoAnswer, Outcome, Sender

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
SECONDS = 0.4
Talk = Callable[[socket.socket], None]


class Server:
    """Accepts connections one after the other, and hands each to a function."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.connections = 0
        self.ended = threading.Semaphore(0)
        """One more for each connection that is closed here."""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                try:
                    self._talk(connection)
                except OSError:
                    continue
            self.ended.release()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


@pytest.fixture
def serve() -> Iterator[Callable[[Talk], Server]]:
    """Make servers that end with the test."""
    made: list[Server] = []

    def start(talk: Talk) -> Server:
        made.append(Server(talk))
        return made[-1]

    yield start
    for server in made:
        server.close()


@pytest.fixture
def sender() -> Iterator[Sender]:
    """A sender with the real clock."""
    made = Sender(time.monotonic)
    yield made
    made.close()


def read_request(connection: socket.socket) -> bytes:
    """Read a whole request; empty at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < 4:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    return data


def answering(data: bytes, times: int = 1000) -> Talk:
    """Answer requests alike, so many on one connection."""

    def talk(connection: socket.socket) -> None:
        for _ in range(times):
            if not read_request(connection):
                return
            connection.sendall(data)

    return talk


def post(sender: Sender, server: Server):
    """Send four bytes."""
    return sender.post(f"http://127.0.0.1:{server.port}/a?b=c", b"<a/>", {"SOAPAction": '"x"'}, SECONDS)


def test_answer_comes_whole(serve, sender):
    """Status, headers, body; the request as it was meant."""
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        asked.append(read_request(connection))
        connection.sendall(OK)

    answer = post(sender, serve(talk))
    assert (answer.status, answer.header("content-length"), answer.body) == (200, "2", b"hi")
    assert (asked[0][:25], asked[0][-8:]) == (b"POST /a?b=c HTTP/1.1\r\nHos", b"\r\n\r\n<a/>")


def test_connection_is_kept(serve, sender):
    """Ten requests go over one connection."""
    server = serve(answering(OK))
    assert ([post(sender, server).body for _ in range(10)], server.connections) == ([b"hi"] * 10, 1)


def test_closed_connection_is_not_used_again(serve, sender):
    """Where the other side has closed it meanwhile, a new one is made before anything is sent: nothing is sent twice."""
    server = serve(answering(OK, times=1))
    bodies = [(post(sender, server).body, server.ended.acquire(timeout=5)) for _ in range(3)]
    assert (bodies, server.connections) == ([(b"hi", True)] * 3, 3)


def test_answer_without_length_ends_with_the_connection(serve, sender):
    """As HTTP/1.0 servers do."""
    server = serve(answering(b"HTTP/1.0 200 OK\r\n\r\nall of it", times=1))
    assert post(sender, server).body == b"all of it"


def hangs(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)  # until the other side has had enough


def drips(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    connection.settimeout(0.02)
    while True:
        connection.sendall(b"x")
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


def head_drips(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
    connection.settimeout(0.02)
    while True:
        connection.sendall(b"y")
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


@pytest.mark.parametrize(("talk", "says"), [(hangs, ""), (drips, ", after "), (head_drips, ", after ")])
def test_endpoint_that_does_not_end_is_bounded(serve, sender, talk, says):
    """Silence and single bytes alike end at the deadline, and are told as that."""
    begun = time.monotonic()
    with pytest.raises(NoAnswer) as failed:
        post(sender, serve(talk))
    told = failed.value.said.en.startswith(f"no whole answer within 0.4 s{says}")
    assert (failed.value.outcome, told, time.monotonic() - begun < 3) == (Outcome.HUNG, True, True)


def test_answer_that_never_stops_is_given_up(serve, sender):
    """After so many bytes, whatever time is left."""

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with pytest.raises(NoAnswer) as failed:
        sender.post(f"http://127.0.0.1:{serve(talk).port}/", b"<a/>", {}, 20.0)
    assert (failed.value.outcome, f"{ANSWER_BYTES >> 20} MB" in failed.value.said.en) == (Outcome.TOO_LARGE, True)


@pytest.mark.parametrize(("data", "says"), [
    (b"", "the connection ended without a whole answer"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "the answer is not whole HTTP, after 44 bytes of one"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "the answer is not whole HTTP, after 52 bytes of one"),
    (b"SSH-2.0-OpenSSH\r\n", "the answer is not whole HTTP, after 17 bytes of one"),
])  # fmt: skip
def test_half_an_answer_is_none(serve, sender, data, says):
    """Nothing, less than announced, half a chunk, another protocol."""
    with pytest.raises(NoAnswer) as failed:
        post(sender, serve(answering(data, times=1)))
    assert (failed.value.outcome, failed.value.said.en) == (Outcome.BROKEN, says)


def test_nobody_there(sender):
    """Refused at once, and not asked again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    told = []
    for _ in range(2):
        with pytest.raises(NoAnswer) as failed:
            sender.post(f"http://127.0.0.1:{port}/", b"", {}, SECONDS)
        told.append((failed.value.outcome, failed.value.said.en))
    assert told == [(Outcome.UNREACHABLE, f"http://127.0.0.1:{port}: the connection was refused")] * 2


@pytest.mark.parametrize("url", ["ftp://x/", "x", "http://", "http://u:p@x/", "http://x/\n"])
def test_what_is_no_address_is_refused(sender, url):
    """Before anything is sent."""
    with pytest.raises(ValueError, match="not an http address"):
        sender.post(url, b"", {}, SECONDS)
