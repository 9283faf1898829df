"""Cases V and A: good requests that must be served, and hostile framing of HTTP."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from hostile_build import HOLE, Builder, compressed
from hostile_case import BAD, CLOSED, LEAKS, OK, Case, Pace, fault, plain, repeated
from hostile_targets import fresh_name

CODECS = ("x-bogus", "idna", "punycode", "unicode_escape", "utf-7", "base64", "rot13", "cp037", "utf-32")


def valid(b: Builder) -> Iterator[Case]:
    """What must not be refused."""
    yield b.case("V01", "valid", "The yardstick for time and memory.", OK, b.message(), executed="yes")
    yield b.case("V02", "valid-utf8-bom", "A UTF-8 byte order mark before the declaration (BP R4001).", OK,
                 b"\xef\xbb\xbf" + b.message(), executed="yes")
    yield b.case("V03", "valid-utf16le-bom", "UTF-16LE with its mark, charset=utf-16 (BP R4001, R1012).", OK,
                 b"\xff\xfe" + b.text(declaration='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16-le"),
                 headers=b.headers("text/xml; charset=utf-16"), executed="yes")
    yield b.case("V04", "valid-no-declaration", "No XML declaration (BP R1010).", OK, b.message(declaration=""), executed="yes")
    yield b.case("V05", "valid-unknown-header", "A header block that nobody knows, not mustUnderstand (BP R2739).", OK,
                 b.message(header=b.security() + '<x:Trace xmlns:x="urn:x">1</x:Trace>'), executed="yes")
    yield b.case("V06", "valid-header-other-actor", "mustUnderstand aimed at another actor (SOAP 1.1, 4.2.2).", OK,
                 b.message(header=b.security() + '<x:T xmlns:x="urn:x" s:mustUnderstand="1" s:actor="urn:other-node">1</x:T>'),
                 executed="yes")
    yield b.case("V07", "valid-action-empty", 'SOAPAction: "": the body decides.', OK, b.message(),
                 headers=(*b.headers(action=None), ("SOAPAction", '""')), executed="yes")
    yield b.case("V08", "valid-action-unquoted", "SOAPAction without quotes: taken, old clients do so.", OK, b.message(),
                 headers=(*b.headers(action=None), ("SOAPAction", b.target.action)), executed="yes")
    yield b.case("V09", "valid-chunked", "Chunked coding, 7 bytes a chunk.", OK, b.message(), chunked=True, pace=Pace(7), executed="yes")
    before, after = b.around(before=HOLE)
    room = b.body_limit - len(before) - len(after) - 4096
    yield b.case("V10", "valid-max-size", "Padded with blanks to just under the limit.", OK, repeated(before, b" ", room, after),
                 executed="yes", cpu_ms=40)
    yield b.case("V11", "valid-cdata-entities", "CDATA and built-in entities in a value.", OK,
                 b.message(b.loose(f"<![CDATA[P]]>&#49;{fresh_name()}")), executed="yes")
    yield b.case("V12", "valid-pipelined", "Two requests at once: two answers, in order.", OK,
                 raw=b.request(b.message()) + b.request(b.message()), answers=2, executed="yes", runs=2)


def methods(b: Builder) -> Iterator[Case]:
    """Methods, paths and types of content."""
    bare = b.headers(None, None)
    yield b.case("A01", "get", "GET on the endpoint (BP R1114).", plain(405), method="GET", headers=bare)
    yield b.case("A02", "put", "PUT with a good body (BP R1114).", plain(405), b.message(), method="PUT")
    yield b.case("A03", "trace", "TRACE must not echo the request.", plain(405, 501), method="TRACE",
                 headers=(*bare, ("X-Echo", "tRaCe-1")), absent=(*LEAKS, "tRaCe-1"))
    yield b.case("A04", "unknown-path", "A path that does not exist.", plain(404), b.message(), path=b.target.path + "-none")
    yield b.case("A05", "traversal-path", "A path with ../ and %2e%2e.", plain(400, 404), method="GET", headers=bare,
                 path="/..%2f..%2f..%2fetc/passwd")
    yield b.case("A06", "no-content-type", "No Content-Type (BP R1115).", plain(415, 400), b.message(), headers=b.headers(None))
    yield b.case("A07", "json-type", "application/json.", plain(415), b.message(), headers=b.headers("application/json"))
    yield b.case("A08", "form-type", "application/x-www-form-urlencoded.", plain(415), b.message(),
                 headers=b.headers("application/x-www-form-urlencoded"))
    yield b.case("A09", "soap12-type-soap11-env", "A SOAP 1.1 envelope under the type of SOAP 1.2.", plain(415) + fault("VersionMismatch"),
                 b.message(), headers=b.headers("application/soap+xml; charset=utf-8"))
    yield b.case("A10", "two-content-types", "Two Content-Type headers that disagree.", plain(400, 415), b.message(),
                 headers=(*b.headers(), ("Content-Type", "application/json")))
    for n, charset in enumerate(CODECS):
        yield b.case(f"A{11 + n}", f"charset-{charset}", f"charset={charset}: neither Unicode nor Chinese (BP R1012).",
                     plain(415, 400) + fault("Client"), b.message(), headers=b.headers(f"text/xml; charset={charset}"))


def lengths(b: Builder) -> Iterator[Case]:
    """Content-Length and Transfer-Encoding: what smuggles requests."""
    body = b.message()
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    ends = {"closes": True}
    patient = b.patience + 2

    def framed(content: bytes, *more: tuple[str, str]) -> bytes:
        return b.request(content, *more, length=False)

    coded = ("Transfer-Encoding", "chunked")
    yield b.case("A20", "cl-plus", "A length with a plus (CVE-2022-24801).", plain(400),
                 raw=framed(body, ("Content-Length", f"+{len(body)}")), **ends)
    yield b.case("A21", "cl-negative", "A length of -1.", plain(400), raw=framed(body, ("Content-Length", "-1")), **ends)
    yield b.case("A22", "cl-twice", "Two lengths that disagree (CVE-2020-10108).", plain(400),
                 raw=framed(body, ("Content-Length", "0"), ("Content-Length", str(len(body)))), **ends)
    yield b.case("A23", "cl-and-te", "A length together with chunked (CVE-2020-10109).", plain(400),
                 raw=framed(chunked, ("Content-Length", "4"), coded), **ends)
    yield b.case("A24", "te-unknown", "Transfer-Encoding: xchunked.", plain(400, 501),
                 raw=framed(chunked, ("Transfer-Encoding", "xchunked")), **ends)
    yield b.case("A25", "te-space-before-colon", "A blank before the colon (RFC 9112 5.1).", plain(400),
                 raw=framed(chunked, ("Transfer-Encoding ", "chunked")), **ends)
    yield b.case("A26", "chunk-0x", "A chunk's length written 0x10 (CVE-2022-24801).", plain(400) + CLOSED,
                 raw=framed(b"0x%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), coded), **ends)
    yield b.case("A27", "chunk-overflow", "A chunk's length of ffffffffffffffff0.", plain(400, 413, 408) + CLOSED,
                 raw=framed(b"ffffffffffffffff0\r\n" + body, coded), wall=patient, **ends)
    yield b.case("A28", "chunk-extension-long", "A chunk extension of 64 KB.", plain(400, 413) + CLOSED,
                 raw=framed(b"5;" + b"a" * 65536 + b"\r\nhello\r\n0\r\n\r\n", coded), **ends)
    yield b.case("A29", "chunk-trailer-flood", "20,000 lines after the last chunk.", plain(400, 413, 431) + CLOSED + OK,
                 raw=lambda: [framed(chunked[:-2], coded), *[b"X-T: 1\r\n" * 1000] * 20, b"\r\n"], executed="maybe")
    yield b.case("A30", "body-short", "A body shorter than its length, then the end.", plain(400, 408) + CLOSED,
                 raw=framed(body, ("Content-Length", str(len(body) + 10))), wall=patient, pace=Pace(shut=True), **ends)
    yield b.case("A31", "body-surplus", "A body longer than its length: the rest is no second request.", OK + plain(400),
                 raw=framed(body + b"GARBAGE /x HTTP/9\r\n\r\n", ("Content-Length", str(len(body)))), executed="yes")


def heads(b: Builder) -> Iterator[Case]:
    """What is wrong with a head."""
    body = b.message()
    closed = plain(400, 431) + CLOSED
    yield b.case("A32", "header-nul", "NUL in a header.", plain(400), raw=b.request(body, ("X-A", "a\x00b")))
    yield b.case("A33", "header-bare-cr", "A bare CR in a header.", plain(400), raw=b.request(body, ("X-A", "a\rX-Injected: 1")))
    yield b.case("A34", "header-64k", "One header of 64 KB.", closed, raw=b.request(body, ("X-A", "a" * 65536)))
    yield b.case("A35", "headers-2000", "2,000 headers.", closed, raw=b.request(body, *((f"X-{n}", "1") for n in range(2000))))
    yield b.case("A36", "request-line-64k", "A request line of 64 KB.", plain(400, 414, 431) + CLOSED,
                 raw=b.request(body, line=f"POST {b.target.path}?{'a' * 65536} HTTP/1.1"))
    yield b.case("A37", "no-host", "HTTP/1.1 without Host (RFC 9112 3.2).", plain(400), raw=b.request(body, headers=b.headers(host=None)))
    yield b.case("A38", "http-9", "HTTP/9.9.", plain(400, 505) + CLOSED, raw=b.request(body, line=f"POST {b.target.path} HTTP/9.9"))
    yield b.case("A39", "h2-preface", "The preface of HTTP/2.", plain(400, 405, 505) + CLOSED,
                 raw=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
    yield b.case("A40", "tls-on-plain", "A ClientHello of TLS on the plain port.", plain(400) + CLOSED, wall=b.patience + 2,
                 raw=bytes.fromhex("1603010200010001fc0303") + bytes(64) + b"\r\n\r\n", pace=Pace(shut=True))


def sizes(b: Builder) -> Iterator[Case]:
    """Bodies that are too long, endless or compressed, forged addresses, and slow clients."""
    body = b.message()
    limit, slow = b.body_limit, b.patience + 5
    zipped = (*b.headers(), ("Content-Encoding", "gzip"))

    def announced(length: str, *more: tuple[str, str]) -> bytes:
        return b.request(b"", ("Content-Length", length), *more, length=False)

    yield b.case("A41", "length-10g", "A length of 10 GB, no body.", plain(413), raw=announced("10737418240"), closes=True)
    yield b.case("A42", "length-over-limit", "One byte over the limit.", plain(413), repeated(b"", b" ", limit + 1, b""),
                 closes=True, cpu_ms=40)
    yield b.case("A43", "length-200-digits", "A length of 200 digits.", plain(400, 413), raw=announced("9" * 200), closes=True)
    yield b.case("A44", "chunked-endless", "A chunked body without end.", plain(413) + CLOSED, repeated(b"", b" " * 1024, 65536, b""),
                 chunked=True, closes=True, wall=4.0, cpu_ms=150)
    yield b.case("A45", "expect-100-big", "100-continue with a length over the limit.", plain(413, 417),
                 raw=announced(str(limit * 8), ("Expect", "100-continue")), absent=("100 Continue",))
    yield b.case("A46", "gzip-body", "gzip, which is not on offer.", plain(415), gzip.compress(body), headers=zipped)
    yield b.case("A47", "gzip-bomb", "gzip of 100 MB of blanks.", plain(415, 413), lambda: [compressed(104857600)], headers=zipped)
    yield b.case("A48", "gzip-undeclared", "gzip without Content-Encoding.", BAD, gzip.compress(body))
    forged = {"method": "GET", "path": b.target.path + "?wsdl"}
    yield b.case("A49", "wsdl-host-poison", "?wsdl with a forged Host.", OK + plain(400, 404), **forged,
                 headers=(("Host", "evil.example:666"),), absent=(*LEAKS, "evil.example"))
    yield b.case("A50", "wsdl-forwarded-poison", "?wsdl with X-Forwarded-Host.", OK + plain(400, 404), **forged,
                 headers=(("Host", "127.0.0.1"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "gopher"),
                          ("Forwarded", "host=evil.example")), absent=(*LEAKS, "evil.example", "gopher"))
    yield b.case("A51", "slow-header", "A head of one byte every half second.", plain(408, 400) + CLOSED, raw=b.request(body)[:400],
                 pace=Pace(1, 0.5), wall=slow, closes=True)
    yield b.case("A52", "slow-body", "A body of one byte every half second.", plain(408, 400) + CLOSED, raw=b.request(b.message()),
                 pace=Pace(1, 0.5, head_at_once=True), wall=slow, closes=True)
