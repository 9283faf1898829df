"""Send one request at a time over kept connections, within an absolute deadline, and say honestly what came of it.

The standard library's client on sockets that count every byte against the deadline: an endpoint that hangs, drips or never stops ends
as that. No reactor, no thread: a test case of pytest is a plain call. Must not know SOAP.
"""

from __future__ import annotations

import http.client
import io
import select
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from stubs.soapui.results import Said

ANSWER_BYTES = 16 << 20
CONNECT_SECONDS = 5.0
_MB = ANSWER_BYTES >> 20
_TOO_LARGE = Said(f"应答超过{_MB}MB, 已中断", f"the answer is longer than {_MB} MB: given up")


class Outcome(Enum):
    """Why there is no answer."""

    UNREACHABLE = "unreachable"
    HUNG = "hung"
    TOO_LARGE = "too large"
    BROKEN = "broken"


class NoAnswer(Exception):
    """No whole answer; `said` is for a person."""

    def __init__(self, outcome: Outcome, said: Said) -> None:
        super().__init__(said.en)
        self.outcome, self.said = outcome, said


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer; `seconds` from the first byte sent to the last one read."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """Give a header by its name, empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Sender:
    """Connections by host; one request is out at a time."""

    def __init__(self, clock: Callable[[], float], tls: ssl.SSLContext | None = None) -> None:
        self._clock = clock
        self._tls = tls
        self._kept: dict[tuple[str, str, int], _Connection] = {}
        self._silent: dict[tuple[str, str, int], Said] = {}
        """Who gave no connection: not waited for again."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> HttpAnswer:
        """Send and give the answer, of any status; raises NoAnswer, ValueError for what is no http address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or not url.isprintable():
            raise ValueError("not an http address")
        where = (parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        if where in self._silent:
            raise NoAnswer(Outcome.UNREACHABLE, self._silent[where])
        begun = self._clock()
        wire = _Deadline(self._clock, begun + seconds, seconds)
        connection = self._connection(where, wire)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", target, body, dict(headers))
            answer = connection.getresponse()
            content = answer.read(ANSWER_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            self._forget(where)
            raise _no_answer(error, wire) from None
        if answer.length and len(content) <= ANSWER_BYTES:  # less came than was announced
            self._forget(where)
            raise _no_answer(http.client.IncompleteRead(content), wire)
        if len(content) > ANSWER_BYTES:
            self._forget(where)
            raise NoAnswer(Outcome.TOO_LARGE, _TOO_LARGE)
        if answer.will_close:
            self._forget(where)
        return HttpAnswer(answer.status, answer.reason, tuple(answer.getheaders()), content, self._clock() - begun)

    def close(self) -> None:
        """Close all connections."""
        for where in list(self._kept):
            self._forget(where)

    def _connection(self, where: tuple[str, str, int], wire: _Deadline) -> _Connection:
        kept = self._kept.get(where)
        if kept is not None and kept.is_fresh():
            kept.begin(wire)
            return kept
        self._forget(where)
        made = _Connection(where, self._tls, wire)
        try:
            made.connect()
        except OSError as error:
            self._silent[where] = said = _unreachable(where, error)
            raise NoAnswer(Outcome.UNREACHABLE, said) from None
        self._kept[where] = made
        return made

    def _forget(self, where: tuple[str, str, int]) -> None:
        kept = self._kept.pop(where, None)
        if kept is not None:
            kept.end()


def _unreachable(where: tuple[str, str, int], error: OSError) -> Said:
    address = f"{where[0]}://{where[1]}:{where[2]}"
    if isinstance(error, ssl.SSLError):
        return Said(f"{address}: TLS握手失败", f"{address}: the TLS handshake failed")
    if isinstance(error, ConnectionRefusedError):
        return Said(f"{address}: 连接被拒绝", f"{address}: the connection was refused")
    if isinstance(error, socket.gaierror):
        return Said(f"{address}: 主机名无法解析", f"{address}: the host has no address")
    if isinstance(error, TimeoutError):
        return Said(f"{address}: 连接超时", f"{address}: no connection in time")
    return Said(f"{address}: 无法连接", f"{address}: no connection can be made")


def _no_answer(error: Exception, wire: _Deadline) -> NoAnswer:
    so_far = (f", 已收到{wire.read}字节", f", after {wire.read} bytes of one") if wire.read else ("", "")
    if isinstance(error, TimeoutError):
        limit = f"{wire.seconds:g}"
        return NoAnswer(Outcome.HUNG, Said(f"{limit}秒内没有完整应答{so_far[0]}", f"no whole answer within {limit} s{so_far[1]}"))
    if isinstance(error, http.client.HTTPException) and not isinstance(error, http.client.RemoteDisconnected):
        return NoAnswer(Outcome.BROKEN, Said(f"应答不是完整的HTTP{so_far[0]}", f"the answer is not whole HTTP{so_far[1]}"))
    return NoAnswer(Outcome.BROKEN, Said(f"连接中断, 没有完整应答{so_far[0]}", f"the connection ended without a whole answer{so_far[1]}"))


class _Deadline:
    """When one request must be over, and what was read of its answer so far."""

    def __init__(self, clock: Callable[[], float], ends: float, seconds: float) -> None:
        self._clock, self._ends = clock, ends
        self.seconds = seconds
        self.read = 0

    def left(self) -> float:
        """Seconds that are left; raises TimeoutError when there are none."""
        left = self._ends - self._clock()
        if left <= 0:
            raise TimeoutError
        return left


class _Connection(http.client.HTTPConnection):
    """A connection whose socket is bounded anew for each request."""

    def __init__(self, where: tuple[str, str, int], tls: ssl.SSLContext | None, wire: _Deadline) -> None:
        super().__init__(where[1], where[2])
        self._tls = (tls or ssl.create_default_context()) if where[0] == "https" else None
        self._wire = wire
        self._bounded: _BoundedSocket | None = None

    def begin(self, wire: _Deadline) -> None:
        """Bound the next request."""
        self._wire = wire
        if self._bounded is not None:
            self._bounded.wire = wire

    def connect(self) -> None:
        """Connect, and wrap the socket; raises OSError."""
        plain = socket.create_connection((self.host, self.port), min(CONNECT_SECONDS, self._wire.left()))
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            secure = plain if self._tls is None else self._tls.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise
        self._bounded = _BoundedSocket(secure, self._wire)
        self.sock = self._bounded  # has what the client uses of a socket

    def end(self) -> None:
        """Close the connection now, whoever still reads from it."""
        self.close()
        if self._bounded is not None:
            self._bounded.end()

    def is_fresh(self) -> bool:
        """Whether the other side has neither closed the connection nor said what nobody asked for."""
        return self._bounded is not None and self.sock is not None and self._bounded.is_quiet()


class _BoundedSocket:
    """What http.client uses of a socket, with every wait bounded by the deadline of the request."""

    def __init__(self, inner: socket.socket, wire: _Deadline) -> None:
        self._inner = inner
        self._readers = 0
        self._closing = False
        self.wire = wire

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._inner.settimeout(self.wire.left())
            view = view[self._inner.send(view) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"
        self._readers += 1
        return io.BufferedReader(_Reader(self))

    def receive(self, buffer: memoryview) -> int:
        self._inner.settimeout(self.wire.left())
        count = self._inner.recv_into(buffer)
        self.wire.read += count
        return count

    def is_quiet(self) -> bool:
        if self._inner.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(self._inner, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Close, when nobody reads any more: an answer without a length ends with the connection."""
        self._closing = True
        if not self._readers:
            self._inner.close()

    def end(self) -> None:
        self._inner.close()

    def reader_closed(self) -> None:
        self._readers -= 1
        if self._closing and not self._readers:
            self._inner.close()


class _Reader(io.RawIOBase):
    """The reading side, as a file."""

    def __init__(self, owner: _BoundedSocket) -> None:
        super().__init__()
        self._owner = owner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._owner.receive(memoryview(buffer))

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._owner.reader_closed()
