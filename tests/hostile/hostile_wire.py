"""Sends one case to a server and gives what came back, byte for byte; and the canary, a listener that nobody must call."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from hostile_case import Case

_FAULT = re.compile(rb"<(?:\w+:)?faultcode[^>]*>\s*([^<]*)|<(?:\w+:)?Code>\s*<(?:\w+:)?Value[^>]*>\s*([^<]*)")
_SETTLE = 0.005
"""How long to look for bytes after the last answer that is due."""


@dataclass(frozen=True, slots=True)
class Got:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool

    @property
    def fault(self) -> str | None:
        """The local name of the code of its SOAP fault; "?" for a fault without code."""
        found = _FAULT.search(self.body)
        if found is None:
            return "?" if re.search(rb"<(?:\w+:)?Fault[\s>]", self.body) else None
        return (found[1] or found[2]).decode("latin-1").strip().rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Talk:
    """All that one connection gave; `seconds` from the first byte sent to the last answer or the end."""

    received: bytes
    closed: bool
    seconds: float

    @property
    def answers(self) -> list[Got]:
        """The answers but for those that only say "go on"."""
        return [answer for answer in parse(self.received) if answer.status != 100]


class Canary:
    """A listener on loopback that counts who connects."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.hits = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            self.hits += 1
            connection.close()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


def parse(data: bytes) -> list[Got]:
    """Read the answers of one connection; ours always tell their length."""
    found = []
    while b"\r\n\r\n" in data:
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        match = re.match(r"HTTP/1\.\d (\d{3})", first)
        if match is None:
            break
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        status = int(match[1])
        length = 0 if status == 100 else int(headers.get("content-length", len(rest)))
        found.append(Got(status, headers, rest[:length], len(rest) >= length))
        data = rest[length:]
    return found


def talk(address: tuple[str, int], case: Case, limit: float) -> Talk:
    """Send a case over a connection of its own and read until its answers are there, the server ends it, or `limit` seconds are over."""
    parts = _whole(case)
    with socket.create_connection(address, timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        begun = time.monotonic()
        line = _Line(connection, case, begun + limit)
        for part, pause in parts:
            if not line.send(part) or (pause and not line.wait(pause)):
                break
        else:
            if case.pace.shut:
                with contextlib.suppress(OSError):  # the server was quicker
                    connection.shutdown(socket.SHUT_WR)
        line.read_to_the_end()
        return Talk(bytes(line.received), line.closed, time.monotonic() - begun)


class _Line:
    """One connection, read whenever something is sent."""

    def __init__(self, connection: socket.socket, case: Case, until: float) -> None:
        self._connection = connection
        self._case = case
        self._until = until
        self.received = bytearray()
        self.closed = False

    def send(self, data: bytes) -> bool:
        """Send a part; false when nothing more is to be sent."""
        rest = memoryview(data)
        while rest:
            if self._over():
                return False
            readable, writable, _ = select.select([self._connection], [self._connection], [], 0.2)
            if readable:
                self._read()
            if writable and not self.closed:
                try:
                    rest = rest[self._connection.send(rest) :]
                except BlockingIOError:
                    continue
                except OSError:
                    self._read_reset()
        return not self._over()

    def wait(self, seconds: float) -> bool:
        """Read for a while; false when nothing more is to be sent."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._over():
            if select.select([self._connection], [], [], left)[0]:
                self._read()
        return not self._over()

    def read_to_the_end(self) -> None:
        """Read until all answers that are due are there, or the connection ends."""
        while not self.closed and time.monotonic() < self._until:
            due = self._answered()
            if select.select([self._connection], [], [], _SETTLE if due else 0.2)[0]:
                self._read()
            elif due:
                return

    def _over(self) -> bool:
        early = bool(self.received) and (self._case.closes or self._case.chunked) and self._answered()
        return self.closed or early or time.monotonic() > self._until

    def _answered(self) -> bool:
        answers = [a for a in parse(bytes(self.received)) if a.status != 100]
        return sum(a.whole for a in answers) >= self._case.answers

    def _read(self) -> None:
        try:
            data = self._connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.received += data
        self.closed = self.closed or not data

    def _read_reset(self) -> None:
        """Take what came before the connection was lost."""
        while not self.closed:
            self._read()


def _whole(case: Case) -> list[tuple[bytes, float]]:
    """Everything to send with the pause after it, made before the clock starts; what is endless stays a block sent again and again."""
    pace = case.pace
    if case.raw is not None:
        data = b"".join(case.parts())
        if not pace.part:
            return [(data, 0.0)]
        head = data.find(b"\r\n\r\n") + 4 if pace.head_at_once else 0
        slow = [(data[i : i + pace.part], pace.seconds) for i in range(head, len(data), pace.part)]
        return [(data[:head], 0.0), *slow] if head else slow
    lines = [f"{case.method} {case.path} HTTP/1.1", *(f"{name}: {value}" for name, value in case.headers)]
    if case.chunked:
        return [(_head([*lines, "Transfer-Encoding: chunked"]), 0.0), *_chunks(case), (b"0\r\n\r\n", 0.0)]
    body = b"".join(case.parts())
    if body or case.method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return [(_head(lines) + body, 0.0)]


def _head(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _chunks(case: Case) -> Iterator[tuple[bytes, float]]:
    size = case.pace.part
    for part in case.parts():
        step = size or len(part) or 1
        yield b"".join(b"%x\r\n%b\r\n" % (len(part[i : i + step]), part[i : i + step]) for i in range(0, len(part), step)), 0.0
