"""Reads requests from the bytes of one connection: httptools does the grammar, this module the limits and the doubts.

llhttp (inside httptools 0.9) by itself refuses signed, hexadecimal, doubled and overflowing lengths, length together
with chunked, blanks before a colon, NUL, bare CR or LF, folded lines. It lets through, and this module does not: heads,
chunk extensions and trailers of any length, codings other than chunked, chunked in HTTP/1.0, HTTP/0.9 and 2.0, a
missing or second Host, CONNECT. Must not know about sockets or what is answered.
"""

from typing import Final, Protocol

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser

from gateway.soap.http_heads import KnownHead, KnownHeads
from gateway.soap.http_message import (
    LINK_CLOSE,
    LINK_KEEP,
    LINK_KEEP_10,
    HttpLimits,
    HttpRequest,
    HttpResponse,
    Line,
)

SLICE: Final = 16 << 10
"""Feed no more than this at a time: limits on what llhttp does not report are judged between slices."""

_SINGLE: Final = frozenset({"host", "content-type", "content-encoding", "soapaction", "expect", "authorization"})
# A refused body up to this is read and dropped, which keeps the connection: a busy server's 503 costs no reconnect.
_DROPPED_BODY: Final = 64 << 10
# What nearly every request has: a look-up is cheaper than decoding and folding.
_COMMON: Final = "Host Content-Type Content-Length SOAPAction User-Agent Accept Accept-Encoding Connection"
_KNOWN_NAMES: Final = {
    spelling.encode(): name.lower() for name in _COMMON.split() for spelling in (name, name.lower(), name.title())
}


class Refused(Exception):
    """The request ends here: send this answer after those before it, and close."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status)
        self.response = response


class Now(Protocol):
    """A clock to read without a call."""

    now: float
    """Present time in seconds; may be coarse."""


class RequestSink(Protocol):
    """What becomes of that which was read. Its methods must not raise."""

    def head_read(self, method: str, path: str, headers: dict[str, str]) -> HttpResponse | None:
        """Refuse, or return None."""

    def body_came(self, size: int) -> bool:
        """Count a part of a body that has to be kept until the rest has come; false: too much is kept."""

    def request_read(self, request: HttpRequest, link: bytes) -> None:
        """Take a whole request; `link` tells what becomes of the connection after its answer."""

    def request_refused(self, response: HttpResponse, link: bytes) -> None:
        """Take the refusal of a request that was read to its end."""


class RequestReader:
    """Turns bytes into requests.

    `receiving` is true from the first to before the last byte of a request, `since` is when that began.
    `wants_continue` is true while the client waits for 100 before it sends the body.
    """

    __slots__ = (
        "_body",
        "_buffer",
        "_chunked",
        "_clock",
        "_head_done",
        "_head_size",
        "_headers",
        "_known",
        "_last",
        "_length",
        "_limits",
        "_lines",
        "_link",
        "_method",
        "_most",
        "_parser",
        "_path",
        "_peer",
        "_query",
        "_refusal",
        "_refused",
        "_sink",
        "_upgrading",
        "_url",
        "_version",
        "_wire",
        "certificate",
        "line",
        "receiving",
        "secure",
        "since",
        "wants_continue",
    )

    # of the request that is being read, see _begin
    _url: bytes
    _headers: dict[str, str]
    _body: bytes
    _buffer: bytearray
    _refusal: HttpResponse | None

    def __init__(self, sink: RequestSink, clock: Now, known: KnownHeads, limits: HttpLimits, peer: str) -> None:
        self._sink = sink
        self._clock = clock
        self._known = known
        self._limits = limits
        self._peer = peer
        self.secure = False
        """Whether the connection is one over TLS."""
        self.certificate: tuple[str, ...] = ()
        """What the client's certificate names him, if TLS has verified one."""
        self.line = Line()
        self._parser: HttpRequestParser = HttpRequestParser(self)
        self._refused: Refused | None = None
        self._last: KnownHead | None = None
        self._upgrading = False
        self.receiving = False
        self.since = 0.0
        self._method = self._path = self._query = self._version = ""
        self._link = LINK_KEEP
        self._length = 0
        self._most = limits.body_bytes
        self._chunked = False
        self._begin()

    def read(self, data: bytes) -> None:
        """Read up to SLICE bytes as they came from the socket; raises Refused, after which nothing more may be read."""
        if self.receiving or self._link is LINK_CLOSE:  # after which llhttp refuses all, so a look-up may not succeed
            self.feed(data)
            return
        known = self._known.find(data)
        if known is None:
            self.feed(data)
            if self._last is not None and not self.receiving:
                self._known.learn(data, self._last)
            self._last = None
            return
        head, body = known
        refusal = self._sink.head_read(head.method, head.path, head.headers)
        if refusal is None:
            request = HttpRequest(
                head.method, head.path, head.query, head.headers.copy(), body, self._peer, self.secure, self.certificate, self.line
            )
            self._sink.request_read(request, head.link)
        else:
            self._sink.request_refused(refusal, head.link)

    def feed(self, data: bytes | memoryview) -> None:
        """Read a part, at most SLICE bytes, of what came; raises Refused as read() does."""
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data, upgrade.args[0])
        except HttpParserCallbackError:
            if self._refused is None:
                raise
            raise self._refused from None
        except HttpParserError:
            known = self._parser.get_http_version() in ("1.1", "1.0", "0.0")
            raise Refused(HttpResponse(400 if known else 505)) from None
        if self.receiving:
            self._check_progress(len(data))

    # What llhttp calls

    def on_message_begin(self) -> None:
        """Start the clock of a request."""
        self.receiving = True
        self.since = self._clock.now

    def on_url(self, part: bytes) -> None:
        """Collect the target."""
        self._url += part
        if len(self._url) > self._limits.head_bytes:
            self._refuse(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; count it, and drop it, if it is a trailer."""
        self._lines += 1
        self._head_size += len(name) + len(value) + 4
        if self._lines > self._limits.head_lines or self._head_size > self._limits.head_bytes:
            self._refuse(431)
        if self._head_done:
            return
        key = _KNOWN_NAMES.get(name) or name.decode("latin-1").lower()
        text = value.decode("latin-1").rstrip(" \t")
        if key in self._headers:
            if key in _SINGLE:
                self._refuse(400)
            text = f"{self._headers[key]}, {text}"
        self._headers[key] = text

    def on_headers_complete(self) -> None:
        """Judge the head."""
        headers = self._headers
        self._version = version = self._parser.get_http_version()
        if "upgrade" in headers and self._parser.should_upgrade():
            self._upgrading = True
            return
        if version == "1.1":
            if "host" not in headers:
                self._refuse(400)
        elif version != "1.0":
            self._refuse(505)
        self._read_target()
        self._read_framing(headers)
        if self._parser.should_keep_alive():
            self._link = LINK_KEEP if version == "1.1" else LINK_KEEP_10
        else:
            self._link = LINK_CLOSE
        self._head_done = True
        self._wire = 0
        refusal = self._sink.head_read(self._method, self._path, headers)
        if refusal is not None:
            if self._chunked or self._length > _DROPPED_BODY or "expect" in headers:
                self._refuse_with(refusal)
            self._refusal = refusal
        elif "expect" in headers and version == "1.1":
            self._read_expectation(headers["expect"])

    def on_body(self, part: bytes) -> None:
        """Collect the body."""
        if self._refusal is not None:
            return
        if len(part) == self._length:
            self._body = part
            return
        self._buffer += part
        if len(self._buffer) > self._most:
            self._refuse(413)
        if not self._sink.body_came(len(part)):
            self._refuse(503)

    def on_message_complete(self) -> None:
        """Hand a whole request over."""
        if self._upgrading:
            return
        headers, refusal = self._headers, self._refusal
        body = bytes(self._buffer) if self._buffer else self._body
        self.receiving = False
        self._begin()
        if self._length >= 0 and self._link is not LINK_CLOSE and "expect" not in headers:
            self._last = KnownHead(self._method, self._path, self._query, headers.copy(), self._length, self._link)
        if refusal is not None:
            self._sink.request_refused(refusal, self._link)
        else:
            request = HttpRequest(
                self._method, self._path, self._query, headers, body, self._peer, self.secure, self.certificate, self.line
            )
            self._sink.request_read(request, self._link)

    # Parts of the above

    def _begin(self) -> None:
        self._url = b""
        self._headers = {}
        self._lines = self._head_size = self._wire = 0
        self._head_done = False
        self._body = b""
        self._buffer = bytearray()
        self._refusal = None
        self.wants_continue = False

    def _read_target(self) -> None:
        self._method = self._parser.get_method().decode("latin-1")
        if self._method == "CONNECT":
            self._refuse(501)
        target = self._url.decode("latin-1")
        if target[0] != "/" and target != "*":
            target = self._without_authority(target)
        self._path, _, self._query = target.partition("?")

    def _without_authority(self, target: str) -> str:
        """Turn http://host/path into /path: RFC 9112 3.2.2 asks servers to take what is meant for proxies."""
        scheme, _, rest = target.partition("://")
        if scheme.lower() not in ("http", "https"):
            self._refuse(400)
        return "/" + rest.partition("/")[2]

    def _read_framing(self, headers: dict[str, str]) -> None:
        """Learn how long the body is. That a length has digits only, and is alone, llhttp has seen to."""
        limits = self._limits
        self._most = limits.body_bytes_of.get(self._path, limits.body_bytes)
        coding = headers.get("transfer-encoding")
        self._chunked = coding is not None
        self._length = int(headers.get("content-length", 0))
        if coding is not None:
            self._length = -1
            if self._version == "1.0":
                self._refuse(400)
            if coding.lower() != "chunked":
                self._refuse(501)
        elif self._length > self._most:
            self._refuse(413)

    def _read_expectation(self, expectation: str) -> None:
        if expectation.lower() != "100-continue":
            self._refuse(417)
        self.wants_continue = self._chunked or self._length > 0

    def _check_progress(self, fed: int) -> None:
        """Cut what llhttp reports late or never: an endless line, chunk extensions, chunks of almost nothing.

        Imprecise by the slice that holds the end of one request and the start of the next, hence the slack.
        """
        self._wire += fed
        slack = self._limits.head_bytes + SLICE
        if not self._head_done:
            if self._wire > slack:
                raise Refused(HttpResponse(431 if self._lines else 414))
        elif self._chunked and self._wire > slack + 2 * len(self._buffer):
            raise Refused(HttpResponse(400))

    def _ignore_upgrade(self, data: bytes | memoryview, rest_at: int) -> None:
        """Go on in HTTP/1.1, as RFC 9110 7.8 allows, when a client offers to switch (Java's HttpClient always does).

        llhttp drops the body of such a request: a fresh one is given the head again, without the offer.
        """
        if not self._upgrading:
            raise Refused(HttpResponse(501))
        self._upgrading = False
        fields = [f"{name}: {value}\r\n" for name, value in self._headers.items() if name != "upgrade"]
        start = f"{self._parser.get_method().decode('latin-1')} {self._url.decode('latin-1')} HTTP/{self._version}\r\n"
        self._parser = HttpRequestParser(self)
        self._begin()
        self.feed(f"{start}{''.join(fields)}\r\n".encode("latin-1"))
        rest = bytes(data[rest_at:])
        if rest:
            self.feed(rest)

    def _refuse(self, status: int) -> None:
        self._refuse_with(HttpResponse(status))

    def _refuse_with(self, response: HttpResponse) -> None:
        # llhttp swallows exceptions of callbacks: feed() raises this one again
        self._refused = Refused(response)
        raise self._refused
