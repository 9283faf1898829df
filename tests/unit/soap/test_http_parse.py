"""What is a request and what is refused; most rows are cases of the hostile corpus (group A), named by their ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.soap.http_heads import KnownHeads
from gateway.soap.http_message import LINK_CLOSE, LINK_KEEP, LINK_KEEP_10, HttpLimits, HttpRequest, HttpResponse
from gateway.soap.http_parse import SLICE, Refused, RequestReader

HOST = b"POST /s HTTP/1.1\r\nHost: a\r\n"
TYPED = HOST + b"Content-Type: text/xml\r\n"
CHUNKED = HOST + b"Transfer-Encoding: chunked\r\n\r\n"
DEFAULT = HttpLimits()
TINY = HttpLimits(body_bytes=100, head_bytes=200, head_lines=4)


class Sink:
    """Remembers what was read; refuses the heads of `refused` paths."""

    def __init__(self, refused: str = "") -> None:
        self.read: list[tuple[HttpRequest, bytes]] = []
        self.refusals: list[tuple[int, bytes]] = []
        self.now = 0.0
        self._refused = refused

    def head_read(self, method: str, path: str, headers: dict[str, str]) -> HttpResponse | None:
        return HttpResponse(415) if path == self._refused else None

    def request_read(self, request: HttpRequest, link: bytes) -> None:
        self.read.append((request, link))

    def body_came(self, size: int) -> bool:
        return True

    def request_refused(self, response: HttpResponse, link: bytes) -> None:
        self.refusals.append((response.status, link))


def reader_of(sink: Sink, limits: HttpLimits = DEFAULT, known: KnownHeads | None = None) -> RequestReader:
    return RequestReader(sink, sink, known or KnownHeads(), limits, "10.0.0.9")


def outcome(data: bytes, limits: HttpLimits = DEFAULT, cut: int = SLICE) -> list[object]:
    """Feed in parts of `cut` bytes; give the bodies read, then the status of the refusal, if any."""
    sink = Sink()
    reader = reader_of(sink, limits)
    refused: list[object] = []
    try:
        for start in range(0, len(data), cut):
            reader.read(data[start : start + cut])
    except Refused as refusal:
        refused = [refusal.response.status]
    return [request.body for request, _ in sink.read] + refused


def post(*fields: bytes, body: bytes = b"") -> bytes:
    return HOST + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


REFUSED = {
    "A20 length with plus": (post(b"Content-Length: +2", body=b"ab"), 400),
    "A21 negative length": (post(b"Content-Length: -1", body=b"ab"), 400),
    "hexadecimal length": (post(b"Content-Length: 0x2", body=b"ab"), 400),
    "list of lengths": (post(b"Content-Length: 2, 2", body=b"ab"), 400),
    "no length in length": (post(b"Content-Length: ", body=b"ab"), 400),
    "A22 two lengths that disagree": (post(b"Content-Length: 0", b"Content-Length: 2", body=b"ab"), 400),
    "two lengths that agree": (post(b"Content-Length: 2", b"Content-Length: 2", body=b"ab"), 400),
    "A23 length and chunked": (post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
    "chunked and length": (post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n"), 400),
    "A24 unknown coding": (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 501),
    "coding before chunked": (post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 501),
    "coding after chunked": (post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"), 400),
    "identity coding": (post(b"Transfer-Encoding: identity", body=b"0\r\n\r\n"), 501),
    "chunked in HTTP/1.0": (b"POST /s HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "A25 blank before colon": (post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"), 400),
    "A26 chunk length 0x": (CHUNKED + b"0x2\r\nab\r\n0\r\n\r\n", 400),
    "A27 chunk length overflows": (CHUNKED + b"ffffffffffffffff0\r\nab", 400),
    "A28 chunk extension of 64 KB": (CHUNKED + b"5;" + b"a" * 65536 + b"\r\nhello\r\n0\r\n\r\n", 400),
    "A29 trailer flood": (CHUNKED + b"0\r\n" + b"X-T: 1\r\n" * 20000 + b"\r\n", 431),
    "chunk longer than its length": (CHUNKED + b"2\r\nabc\r\n0\r\n\r\n", 400),
    "chunk lines end in LF": (CHUNKED + b"2\nab\n0\n\n", 400),
    "A32 NUL in a value": (post(b"X: a\x00b"), 400),
    "A33 bare CR in a value": (post(b"X: a\rY: 1"), 400),
    "bare LF in a value": (post(b"X: a\nY: 1"), 400),
    "folded line": (post(b"X: a", b" b"), 400),
    "A34 line of 64 KB": (post(b"X: " + b"a" * 65536), 431),
    "A35 2000 lines": (post(*(b"X-%d: 1" % i for i in range(2000))), 431),
    "A36 target of 64 KB": (b"POST /" + b"a" * 65536 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "A37 no Host": (b"POST /s HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
    "two Hosts": (post(b"Host: b"), 400),
    "A10 two content types": (post(b"Content-Type: text/xml", b"Content-Type: application/json"), 400),
    "two SOAPActions": (post(b'SOAPAction: "a"', b'SOAPAction: "b"'), 400),
    "A38 HTTP/9.9": (b"POST /s HTTP/9.9\r\nHost: a\r\n\r\n", 505),
    "HTTP/2.0": (b"POST /s HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "HTTP/0.9": (b"GET /s\r\n\r\n", 505),
    "A39 HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "A40 TLS hello": (bytes.fromhex("1603010200010001fc0303") + bytes(64), 400),
    "A41 length of 10 GB": (post(b"Content-Length: 10737418240"), 413),
    "A43 length of 200 digits": (post(b"Content-Length: " + b"9" * 200), 400),
    "A45 expects 100 for too much": (post(b"Content-Length: 8388608", b"Expect: 100-continue"), 413),
    "expects something else": (post(b"Content-Length: 2", b"Expect: fee"), 417),
    "unknown method": (b"FOO /s HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "CONNECT": (b"CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", 501),
    "target is no path": (b"POST ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "control character in target": (b"POST /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "name with a high byte": (post(b"X\xff: a"), 400),
    "line without colon": (post(b"abc"), 400),
}


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, status: int) -> None:
    """Each doubtful framing is refused, and no request appears."""
    assert outcome(data) == [status]


@pytest.mark.parametrize("cut", [1, 7, 1000])
@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED)
def test_refused_in_parts(data: bytes, status: int, cut: int) -> None:
    """The refusal does not depend on how the network cut the bytes."""
    if len(data) > 20000:
        cut *= 997
    assert outcome(data, cut=min(cut, SLICE)) == [status]


LIMITS = {
    "lines": (post(b"A: 1", b"B: 1", b"Content-Length: 0"), post(b"A: 1", b"B: 1", b"C: 1", b"Content-Length: 0"), 431),
    # Host is 4 + 1 and 4 for its separators; so is X but for its name
    "head": (post(b"X: " + b"v" * 186), post(b"X: " + b"v" * 187), 431),
    "target": (
        b"GET /" + b"p" * 199 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /" + b"p" * 200 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        414,
    ),
    "length": (post(b"Content-Length: 100", body=b"b" * 100), post(b"Content-Length: 101", body=b"b" * 101), 413),
    "chunks": (
        CHUNKED + b"64\r\n" + b"b" * 100 + b"\r\n0\r\n\r\n",
        CHUNKED + b"65\r\n" + b"b" * 101 + b"\r\n0\r\n\r\n",
        413,
    ),
    "trailers": (CHUNKED + b"0\r\nA: 1\r\nB: 1\r\n\r\n", CHUNKED + b"0\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n", 431),
}


@pytest.mark.parametrize(("at", "past", "status"), LIMITS.values(), ids=LIMITS)
def test_limit(at: bytes, past: bytes, status: int) -> None:
    """A request at the limit is read, one past it is refused."""
    assert (len(outcome(at, TINY)), outcome(past, TINY)) == (1, [status])


def test_endless_line_is_cut_before_it_ends() -> None:
    """A header line that never ends is refused after twice a slice."""
    assert outcome(HOST + b"X: " + b"a" * 3 * SLICE) == [431]


def test_endless_target_is_cut_before_it_ends() -> None:
    """So is a target."""
    assert outcome(b"POST /" + b"a" * 3 * SLICE) == [414]


def test_chunks_of_one_byte() -> None:
    """Framing that outweighs the body is refused, as its cost is out of proportion."""
    assert outcome(CHUNKED + b"1\r\nx\r\n" * 20000 + b"0\r\n\r\n") == [400]


def test_small_chunks() -> None:
    """V09: chunks of seven bytes are taken, up to the longest body."""
    count = HttpLimits().body_bytes // 7
    assert outcome(CHUNKED + b"7\r\nabcdefg\r\n" * count + b"0\r\n\r\n") == [b"abcdefg" * count]


def test_surplus_is_no_second_request() -> None:
    """A31: what follows the body is refused by itself."""
    assert outcome(post(b"Content-Length: 2", body=b"ab") + b"GARBAGE /x HTTP/9\r\n\r\n") == [b"ab", 400]


def test_pipelined() -> None:
    """V12: two requests in one read are two requests."""
    assert outcome(post(b"Content-Length: 2", body=b"ab") + post(b"Content-Length: 1", body=b"c")) == [b"ab", b"c"]


def test_parts_of_a_request() -> None:
    """Method, path, query, headers and body arrive as sent; names fold, repeated lines join."""
    sink = Sink()
    data = b"PUT /a%2e?x=1&y HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a:  2 \r\nContent-Length: 2\r\n\r\nab"
    reader_of(sink).read(data)
    headers = {"host": "h", "x-a": "1, 2", "content-length": "2"}
    assert sink.read == [(HttpRequest("PUT", "/a%2e", "x=1&y", headers, b"ab", "10.0.0.9"), LINK_KEEP)]


def test_trailers_are_no_headers() -> None:
    """A trailer cannot add or replace a header after the head was judged."""
    sink = Sink()
    reader_of(sink).read(CHUNKED + b"0\r\nSOAPAction: x\r\n\r\n")
    assert "soapaction" not in sink.read[0][0].headers


def test_absolute_target() -> None:
    """A target in the form meant for proxies names the same path."""
    sink = Sink()
    reader_of(sink).read(b"POST http://evil/s?q HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (sink.read[0][0].path, sink.read[0][0].query) == ("/s", "q")


LINKS = {
    "HTTP/1.1": (post(), LINK_KEEP),
    "HTTP/1.1 close": (post(b"Connection: close"), LINK_CLOSE),
    "HTTP/1.0": (b"POST /s HTTP/1.0\r\n\r\n", LINK_CLOSE),
    "HTTP/1.0 keep-alive": (b"POST /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", LINK_KEEP_10),
}


@pytest.mark.parametrize(("data", "link"), LINKS.values(), ids=LINKS)
def test_link(data: bytes, link: bytes) -> None:
    """The fate of the connection follows version and Connection."""
    sink = Sink()
    reader_of(sink).read(data)
    assert sink.read[0][1] is link


@pytest.mark.parametrize("cut", [1, 50, SLICE])
def test_offer_of_http2(cut: int) -> None:
    """A client that offers h2c (Java's does, by default) is served in HTTP/1.1 with its body, and then again."""
    fields = b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAE", b"Content-Length: 2"
    offer = post(*fields, body=b"ab")
    assert outcome(offer + post(b"Content-Length: 1", body=b"c"), cut=cut) == [b"ab", b"c"]


def test_refusal_of_the_handler_keeps_the_connection() -> None:
    """A small body that is not wanted is dropped, and the next request is read."""
    sink = Sink(refused="/s")
    reader_of(sink).read(post(b"Content-Length: 2", body=b"ab") + b"GET /t HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (sink.refusals, [r.path for r, _ in sink.read]) == ([(415, LINK_KEEP)], ["/t"])


@pytest.mark.parametrize("field", [b"Content-Length: 70000", b"Transfer-Encoding: chunked"])
def test_refusal_of_the_handler_before_a_big_body(field: bytes) -> None:
    """A body that is big or of unknown length is not waited for."""
    with pytest.raises(Refused) as refused:
        reader_of(Sink(refused="/s")).read(post(field))
    assert refused.value.response.status == 415


def test_waits_for_100() -> None:
    """A client that expects 100 is known to wait until its body comes."""
    reader = reader_of(Sink())
    reader.read(post(b"Expect: 100-continue", b"Content-Length: 2"))
    before = reader.wants_continue
    reader.read(b"ab")
    assert (before, reader.wants_continue) == (True, False)


def test_clock_starts_at_the_first_byte_only() -> None:
    """Later bytes do not move the time from which a request is judged slow."""
    sink = Sink()
    reader = reader_of(sink)
    sink.now = 5.0
    reader.read(b"P")
    sink.now = 9.0
    reader.read(b"OST /s")
    assert (reader.receiving, reader.since) == (True, 5.0)


def test_known_head_is_not_shared() -> None:
    """A handler that changes its headers changes nothing for the next request."""
    sink = Sink()
    reader = reader_of(sink)
    data = post(b"Content-Length: 2", body=b"ab")
    for _ in range(3):
        reader.read(data)
        sink.read[-1][0].headers["host"] = "spoilt"
    reader.read(data)
    assert sink.read[-1][0].headers["host"] == "a"


def test_known_head_is_refused_like_an_unknown_one() -> None:
    """The handler judges each request, also one whose head was seen before."""
    known = KnownHeads()
    reader_of(Sink(), known=known).read(post(b"Content-Length: 2", body=b"ab"))
    sink = Sink(refused="/s")
    reader_of(sink, known=known).read(post(b"Content-Length: 2", body=b"ab"))
    assert (sink.read, sink.refusals) == ([], [(415, LINK_KEEP)])


def test_known_head_after_the_last_request() -> None:
    """After Connection: close nothing is a request, whether its head is known or not."""
    known = KnownHeads()
    data = post(b"Content-Length: 2", body=b"ab")
    reader_of(Sink(), known=known).read(data)
    reader = reader_of(Sink(), known=known)
    reader.read(post(b"Connection: close"))
    with pytest.raises(Refused):
        reader.read(data)


PIECES = [
    post(b"Content-Length: 2", body=b"ab"),
    post(b"Content-Length: 0"),
    TYPED + b"Content-Length: 5\r\n\r\n\r\n\r\n.",
    CHUNKED + b"2\r\nab\r\n0\r\n\r\n",
    b"GET /t HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n",
    b"X",
    post(b"Content-Length: +1"),
    post(b"Connection: close", b"Content-Length: 0"),
]


@given(st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3), max_size=6), st.integers(1, 60))
def test_look_up_equals_parsing(reads: list[list[bytes]], cut: int) -> None:
    """Whatever is sent, a server that knows the heads reads the same as one that parses each byte afresh."""
    known = KnownHeads()
    for piece in PIECES[:5]:
        reader_of(Sink(), known=known).read(piece)
    data = [b"".join(pieces) for pieces in reads]
    assert _all_read(data, known) == _all_read(_cut(b"".join(data), cut), KnownHeads())


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _all_read(parts: list[bytes], known: KnownHeads) -> tuple[object, ...]:
    sink = Sink()
    reader = reader_of(sink, known=known)
    try:
        for part in parts:
            reader.read(part)
    except Refused as refused:
        return sink.read, refused.response.status
    return sink.read, reader.receiving
