"""What an HTTP request and answer are to a SOAP endpoint, the limits on them, and how an answer is written.

Must not know about sockets, the reactor, SOAP or XML: values only.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import urlsplit

from twisted.internet.defer import Deferred

TEXT_XML: Final = "text/xml; charset=utf-8"

HTTP_PORTS: Final = {False: 80, True: 443}
"""Without and with TLS."""

LINK_KEEP: Final = b""
LINK_KEEP_10: Final = b"Connection: keep-alive\r\n"
LINK_CLOSE: Final = b"Connection: close\r\n"

# RFC 9110 5.1 and 5.5; obs-text is let through as latin-1
_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# Written by the connection itself: a second one would change the framing.
_FRAMING: Final = frozenset({"content-length", "content-type", "transfer-encoding", "connection", "server"})
# Handlers use a handful of heads; one that varies a header per answer must not fill memory.
_HEADS_KEPT: Final = 128


@dataclass(slots=True, eq=False)
class Line:
    """One connection of a client, for who counts what each caller has."""

    closing: bool = False
    """Whether it is to be closed after the answers that are owed."""
    ended: Callable[[], None] | None = None
    """Called when it has ended."""

    def end(self) -> None:
        """Tell who counts it."""
        ended, self.ended = self.ended, None
        if ended is not None:
            ended()


@dataclass(slots=True)
class HttpRequest:
    """One whole request.

    `path` is as received, without query and without percent-decoding: a path with `..` or `%2e` is simply unknown.
    `headers` have lower-case names; lines of one name are joined with ", ". `peer` is the client's address, no port; `secure` says
    that it came over TLS, and `certificate` names the client by its verified certificate: see `Exchange`.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    peer: str
    secure: bool = False
    certificate: tuple[str, ...] = ()
    line: Line | None = field(default=None, compare=False)
    """The connection that it came on, where that is known."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One whole answer; Content-Length, Content-Type (if there is a body), Server and Connection are added to it.

    Raises ValueError for a status that cannot have a body (1xx, 204, 304) or does not exist, for a header that the
    connection writes itself, and for a name or value that would break the head (CR, LF, control characters).
    """

    status: int
    body: bytes = b""
    content_type: str = TEXT_XML
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 599 or self.status in (204, 304):
            raise ValueError("status cannot be answered")
        if self.content_type != TEXT_XML:
            check_field("Content-Type", self.content_type)
        for name, value in self.headers:
            check_field(name, value)
            if name.lower() in _FRAMING:
                raise ValueError("header is written by the connection")


class HttpGate(Protocol):
    """What may refuse a request that the handler would take."""

    def refusal(self, headers: Mapping[str, str], in_flight: int) -> HttpResponse | None:
        """Refuse before the body is read, or return None; `in_flight` are the requests without an answer."""


class HttpHandler(Protocol):
    """What an endpoint must offer to be served."""

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        """Refuse before the body is read (404, 405, 415, 503 ...), or return None to go on."""

    def handle(self, request: HttpRequest) -> "HttpResponse | Deferred[HttpResponse]":
        """Answer a whole request, at once or later. Is not cancelled when the client goes away."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one client may ask of the server. Times are seconds, judged twice a second: up to one second late."""

    body_bytes: int = 256 << 10
    """Longest body; more is 413."""
    body_bytes_of: Mapping[str, int] = field(default_factory=dict)
    """The same for single paths."""
    head_bytes: int = 16 << 10
    """Longest target (414), and longest sum of all header lines (431); also the trailers of a chunked body."""
    head_lines: int = 64
    """Most header lines, trailers included; more is 431."""
    receive_seconds: float = 10.0
    """From the first to the last byte of a request, however fast its bytes drip; then 408."""
    idle_seconds: float = 75.0
    """How long a connection may wait for its next request; then it is closed."""
    first_byte_seconds: float = 10.0
    """The same for the first byte of its first request."""
    requests: int = 10_000
    """Most requests of one connection; with the answer to the last of them it is closed."""
    write_seconds: float = 10.0
    """How long a client may leave an answer untaken; then the connection is dropped."""
    linger_seconds: float = 2.0
    """How long the rest of a refused request is read and thrown away, so that the refusal is not lost in a reset."""
    connections: int = 2000
    """Most connections at a time; the longest idle one makes room for a new one, else the new one gets 503."""
    connections_per_address: int = 256
    """Most connections of one address, or of one IPv6 network of 64 bits; one more gets 503. Loopback is not counted: there a proxy is."""
    held_bytes: int = 64 << 20
    """Most bytes of bodies, of all connections, that are being received or that the handler has not answered; more is 503."""
    pipelined: int = 16
    """Most unanswered requests of one connection; beyond them it is not read."""
    retry_after_seconds: int = 2
    """Retry-After of that 503."""


class AnswerWriter:
    """Write answers as one bytes object each, from heads kept ready."""

    __slots__ = ("_heads", "_server")

    def __init__(self, server_name: str) -> None:
        check_field("Server", server_name)
        self._server = server_name
        self._heads: dict[tuple[int, str, tuple[tuple[str, str], ...], bytes], bytes] = {}

    def write(self, response: HttpResponse, link: bytes) -> bytes:
        """Return head and body of an answer; `link` is one of the LINK constants."""
        body = response.body
        key = (response.status, response.content_type if body else "", response.headers, link)
        head = self._heads.get(key)
        if head is None:
            head = self._make_head(*key)
            if len(self._heads) >= _HEADS_KEPT:
                self._heads.clear()
            self._heads[key] = head
        return b"%b%d\r\n\r\n%b" % (head, len(body), body)

    def _make_head(self, status: int, content_type: str, headers: tuple[tuple[str, str], ...], link: bytes) -> bytes:
        lines = [f"HTTP/1.1 {status} {_phrase(status)}", f"Server: {self._server}"]
        if content_type:
            lines.append(f"Content-Type: {content_type}")
        lines += [f"{name}: {value}" for name, value in headers]
        text = "\r\n".join(lines) + "\r\n"
        return text.encode("latin-1") + link + b"Content-Length: "


def check_field(name: str, value: str) -> None:
    """Raise ValueError unless the pair can stand as one line of a message head (no header injection)."""
    if _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None:
        raise ValueError("not a header field")


def parse_address(url: str) -> tuple[str, int, str, bool]:
    """Give host, port, target and whether it is https; raises ValueError for what is no address that can be called."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("only http and https addresses are supported")
    parts = urlsplit(url)
    if _VISIBLE.fullmatch(url) is None or not parts.hostname or "@" in parts.netloc:
        raise ValueError("not an http address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = parts.scheme == "https"
    return parts.hostname, parts.port or HTTP_PORTS[secure], target, secure


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"
