"""Cases D and F: MIME and XOP, which are not on offer, and addresses in a message, which nobody ever calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hostile_build import Builder, doctype, laughs
from hostile_case import OK, Case, fault, plain

WSA = "http://www.w3.org/2005/08/addressing"
XOP = "http://www.w3.org/2004/08/xop/include"
RELATED = 'multipart/related; type="text/xml"; start="<root>"; boundary=B'
ROOT = "Content-Type: text/xml; charset=utf-8\r\nContent-ID: <root>"
PLAIN = "Content-Type: text/plain\r\nContent-ID: <a>"


def related(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Write a multipart body with boundary B."""
    return b"".join(b"--B\r\n%b\r\n\r\n%b\r\n" % (head.encode("latin-1"), data) for head, data in parts) + b"--B--\r\n"


def mime(b: Builder) -> Iterator[Case]:
    """Attachments."""
    refused = plain(415) + fault("Client")
    head = {"headers": b.headers(RELATED)}
    xop = 'multipart/related; type="application/xop+xml"; start="<root>"; start-info="text/xml"; boundary=B'

    def include(place: str) -> bytes:
        return b.message(b.loose(f'<x:Include xmlns:x="{XOP}" href="{place}"/>'))

    yield b.case("D01", "mime-no-boundary", "multipart/related without boundary.", refused + plain(400), b.message(),
                 headers=b.headers("multipart/related"))
    yield b.case("D02", "mime-valid", "A good message with attachments.", refused, related([(ROOT, b.message())]), **head)
    secret = b.message(b.loose("&x;"), prolog=doctype('<!ENTITY x SYSTEM "file:///etc/passwd">'))
    yield b.case("D03", "mime-xxe", "An entity in the root part: a second parser with other settings.", refused,
                 related([(ROOT, secret), (PLAIN, b"x")]), **head)
    yield b.case("D04", "mime-lol", "Billion laughs in the root part.", refused,
                 related([(ROOT, b.message(b.loose("&a10;"), prolog=doctype(laughs()))), (PLAIN, b"x")]), **head)
    yield b.case("D05", "xop-http", "xop:Include to the canary (CVE-2022-46364).", refused, related([(ROOT, include(f"{b.canary}xop"))]),
                 headers=b.headers(xop))
    yield b.case("D06", "xop-file", "xop:Include of a file in plain text/xml.", fault("Client") + plain(400), include("file:///etc/passwd"))
    many = [(f"Content-ID: <p{n}>", b"x") for n in range(5000)]
    yield b.case("D07", "mime-5000-parts", "5,000 parts (CVE-2019-12406).", refused + plain(413),
                 lambda: [related([(ROOT, b.message()), *many])], **head)
    yield b.case("D08", "mime-long-header", "A part's header of 200 KB (CVE-2017-12624).", refused,
                 lambda: [related([(f"{ROOT}\r\nX-A: {'a' * 204800}", b.message())])], **head)
    nested = b"".join(b"--B%d\r\nContent-Type: multipart/related; boundary=B%d\r\n\r\n" % (n, n + 1) for n in range(200))
    yield b.case("D09", "mime-nested", "200 multiparts in each other.", refused, nested,
                 headers=b.headers('multipart/related; boundary=B0; start="<root>"'))
    yield b.case("D10", "mime-cid-xpath", "A Content-ID that holds an XPath.", refused,
                 related([(ROOT, b.message()), ('Content-Type: text/plain\r\nContent-ID: <a"] | //*["1"="1>', b"x")]), **head)
    yield b.case("D11", "mime-no-cid", "A part without Content-ID.", refused,
                 related([(ROOT, b.message()), ("Content-Type: text/plain", b"x")]), **head)


def addressing(b: Builder) -> Iterator[Case]:
    """WS-Addressing: no address of a message is ever called."""
    anonymous = "OnlyAnonymousAddressSupported"

    def address(name: str, attribute: str = "") -> str:
        return f"<wsa:{name} @NS@{attribute}><wsa:Address>{b.canary}{name}</wsa:Address></wsa:{name}>"

    cases = (
        ("wsa-replyto", address("ReplyTo"), OK + fault("Client", "ActionNotSupported", anonymous), "maybe"),
        ("wsa-faultto", address("FaultTo"), OK + fault("Client", anonymous), "maybe"),
        ("wsa-from", address("From"), OK + fault("Client"), "maybe"),
        ("wsa-to-other", "<wsa:To @NS@>http://10.0.0.1/other</wsa:To>",
         OK + fault("Client", "DestinationUnreachable", "InvalidAddressingHeader"), "maybe"),
        ("wsa-action-spoof", f"<wsa:Action @NS@>{b.target.other_action}</wsa:Action>",
         fault("Client", "ActionMismatch", "InvalidAddressingHeader", "ActionNotSupported"), "no"),
        ("wsa-must-understand", address("ReplyTo", ' s:mustUnderstand="1"'), fault("MustUnderstand", "Client", anonymous), "no"),
        ("wsa-relatesto-forged", "<wsa:RelatesTo @NS@>urn:uuid:00000000-0000-0000-0000-000000000001</wsa:RelatesTo>",
         OK + fault("Client"), "maybe"),
    )
    for n, (name, block, accept, executed) in enumerate(cases, 1):
        header = b.security() + block.replace("@NS@", f'xmlns:wsa="{WSA}"')
        yield b.case(f"F{n:02d}", name, f"{name}: no address of a message is called.", accept, b.message(header=header), executed=executed)


__all__ = ["PLAIN", "ROOT", "XOP", "addressing", "mime", "related"]
