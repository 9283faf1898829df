"""Cases that the corpus lacked: N nested messages, S SOAP 1.2, K Chinese encodings, L what hides from counts of bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hostile_build import ENCODING, HOLE, S12, XSI, Builder, doctype, laughs
from hostile_case import BAD, OK, Answer, Case, fault, plain, repeated
from hostile_values import ECHOES, TEXTS

SOAP12 = "application/soap+xml; charset=utf-8"
SENDER = (Answer(400, "Sender"),)
NEXT = f"{S12}/role/next"
DRAFT = "http://www.w3.org/2001/12/soap-envelope"


def nested(b: Builder) -> Iterator[Case]:
    """Lists and the messages within messages."""
    target, refused = b.target, fault("Client")
    item = target.item or b.element(target.loose, "P")

    def listed(items: str) -> bytes:
        return b.message(b.payload(items=items))

    first = item.index(">") + 1
    emptied = item[:first] + item[item.rindex("</") :]
    yield b.case("N01", "item-empty", "An item without its fields.", refused, listed(emptied))
    yield b.case("N02", "item-in-item", "An item in itself.", refused, listed(item[:first] + item + item[first:]))
    yield b.case("N03", "item-foreign", "A field of an item in a foreign namespace.", refused,
                 listed(item[:first] + '<z:VProductID xmlns:z="urn:z">1</z:VProductID>' + item[first:]))
    yield b.case("N04", "item-unknown", "A field that the item does not have.", refused,
                 listed(item[:first] + b.element("IsAdmin", "1") + item[first:]))
    yield b.case("N05", "text-between", "Text between items.", refused, listed("order" + item))
    yield b.case("N06", "operation-in-field", "The operation within one of its own fields.", refused, b.message(b.loose(b.payload())))
    yield b.case("N07", "envelope-in-body", "An envelope in the Body.", refused, b.message(b.text(declaration="")))
    yield b.case("N08", "item-of-other-list", "An item of a list that is not there.", refused, listed(b.element("SubsInstInfo", "1")))
    yield b.case("N09", "item-nil", "An item that is nil.", refused, listed(item.replace(">", f' xmlns:i="{XSI}" i:nil="true">', 1)))
    yield b.case("N10", "comments-between", "Comments between all fields: read as if they were not there.", OK,
                 b.message(b.payload().replace("><", "><!-- <v:x> --><")), executed="yes")
    payload = b.payload()
    start = payload.index("<v:", 4) if payload.startswith("<v:") else payload.index("<v:")
    anew = payload[:start] + re.sub(r"<v:(\w+)>", rf'<v:\1 xmlns:v="{target.inner}">', payload[start:])
    yield b.case("N11", "prefix-on-each", "Each field declares its prefix anew, as some toolkits do.", OK, b.message(anew), executed="yes")
    for n, (name, value) in enumerate(TEXTS):
        if target.contract != "ppm":  # the one with a text that people write
            break
        yield b.case(f"N{20 + n}", f"name-{name}", f"PNameEN = {value}: text, or refused.", OK + refused,
                     b.message(b.payload().replace(">Box<", f">{value}<")), executed="maybe", absent=ECHOES)


def soap12(b: Builder) -> Iterator[Case]:
    """The same rules in SOAP 1.2: Sender in HTTP 400, all else in 500."""
    target = b.target
    spoken = b.headers(SOAP12, None)
    refused = {"headers": spoken}

    def case(id: str, name: str, about: str, accept: Any, body: Any, **others: Any) -> Case:
        return b.case(id, name, about, accept, body, **{**refused, **others})

    def message(payload: str | None = None, **parts: Any) -> bytes:
        return b.message(payload, namespace=S12, **parts)

    def headed(attributes: str) -> bytes:
        return message(header=b.security() + f'<x:T xmlns:x="urn:x" {attributes}>1</x:T>')

    def acting(action: str) -> tuple[tuple[str, str], ...]:
        return b.headers(f'{SOAP12}; action="{action}"', None)

    yield case("S01", "valid", "A good request.", OK, message(), executed="yes")
    yield case("S02", "valid-action", "Its action as a parameter (RFC 3902).", OK, message(), headers=acting(target.action), executed="yes")
    yield case("S03", "action-spoof", "The action of another operation.", SENDER, message(), headers=acting(target.other_action))
    yield case("S04", "action-8k", "An action of 8 KB.", SENDER + plain(431), message(), headers=acting("a" * 8000))
    yield case("S05", "must-understand", "An unknown block with mustUnderstand.", fault("MustUnderstand"),
               headed('s:mustUnderstand="true"'))
    yield case("S06", "must-understand-bad", 'mustUnderstand="yes".', SENDER, headed('s:mustUnderstand="yes"'))
    yield case("S07", "must-understand-next", "The same for the role next.", fault("MustUnderstand"),
               headed(f's:mustUnderstand="1" s:role="{NEXT}"'))
    yield case("S08", "role-none", "mustUnderstand for nobody: ignored.", OK, headed(f's:mustUnderstand="1" s:role="{S12}/role/none"'),
               executed="yes")
    yield case("S09", "encoding-style", "encodingStyle on the Body child.", SENDER + OK,
               message(b.payload(attributes=f' s:encodingStyle="{ENCODING}"')), executed="maybe")
    yield case("S10", "draft", "The namespace of a draft.", fault("VersionMismatch"), b.message(namespace=DRAFT))
    yield case("S11", "not-xml", "hello", SENDER, b"hello")
    yield case("S12", "truncated", "Cut in a tag.", SENDER, message()[:-17])
    yield case("S13", "doctype", "A DOCTYPE.", SENDER, message(prolog="<!DOCTYPE s:Envelope>"))
    yield case("S14", "billion-laughs", "Ten levels of ten.", SENDER, message(b.loose("&a10;"), prolog=doctype(laughs())), cpu_ms=10)
    yield case("S15", "instruction", "A processing instruction.", SENDER, message(before="<?x y?>"))
    yield case("S16", "two-operations", "Two operations.", SENDER, message(b.payload() + b.payload()))
    yield case("S17", "unknown-operation", "No operation of the contract.", SENDER, message(b.payload(operation="DropTables")))
    yield case("S18", "broken-field", "A value that its field does not take.", SENDER, message(b.payload(**{target.coded: "x" * 90})))
    yield case("S19", "fault-as-request", "A Fault as the request.", SENDER,
               message("<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code></s:Fault>"))
    yield case("S20", "charset-utf-7", "charset=utf-7.", SENDER, message(), headers=b.headers("application/soap+xml; charset=utf-7", None))
    yield case("S21", "header-after-body", "Header after Body.", SENDER,
               f'<s:Envelope xmlns:s="{S12}"><s:Body>{b.payload()}</s:Body><s:Header/></s:Envelope>'.encode())
    before, after = b.around(b.payload(inject=HOLE), namespace=S12)
    yield case("S22", "deep-75000", "75,000 elements in each other.", SENDER, repeated(before, b"<X>", 75000, after, b"</X>" * 75000),
               cpu_ms=40, twin=True)
    yield case("S23", "elements-25000", "25,000 elements.", SENDER, repeated(before, b"<X/>", 25000, after), twin=True)


def chinese(b: Builder) -> Iterator[Case]:
    """GBK and GB18030, which the corpus does not know: read, and no dearer than UTF-8."""
    said = {encoding: b.headers(f"text/xml; charset={encoding}") for encoding in ("gbk", "gb18030", "utf-16")}

    def written(encoding: str, **parts: Any) -> bytes:
        return b.text(declaration=f'<?xml version="1.0" encoding="{encoding}"?>', **parts).encode(encoding)

    for n, encoding in enumerate(("gbk", "gb18030", "gb2312")):
        yield b.case(f"K0{n + 1}", f"valid-{encoding}", f"Good, declared {encoding}.", OK, written(encoding), headers=b.headers("text/xml"),
                     executed="yes")
    yield b.case("K04", "gbk-against-header", "GBK declared, charset=utf-8.", BAD, written("gbk"))
    yield b.case("K05", "gbk-unsaid", "GBK bytes that nothing says.", BAD, b.text(b.loose("订购"), declaration="").encode("gbk"),
                 headers=b.headers("text/xml"))
    yield b.case("K06", "gbk-cut", "GBK that ends in half a letter.", BAD, written("gbk") + b"\x81", headers=said["gbk"])
    yield b.case("K07", "gbk-doctype", "A DOCTYPE in GBK.", BAD, written("gbk", prolog="<!DOCTYPE a>"), headers=said["gbk"])
    yield b.case("K08", "utf16-cut", "UTF-16 with half a letter.", BAD, b"\xff\xfe" + b.text(declaration="").encode("utf-16-le")[:-1],
                 headers=said["utf-16"])
    yield b.case("K09", "two-marks", "A byte order mark twice.", BAD, b"\xef\xbb\xbf" * 2 + b.message())
    head, tail = b.around(before=HOLE, declaration="")
    big = {"cpu_ms": 40, "twin": True}
    yield b.case("K10", "gbk-900k", "900,000 blanks in GBK: legal.", OK, repeated(_gbk(head), b" ", 900_000, _gbk(tail)),
                 headers=said["gbk"], executed="yes", **big)
    value, rest = b.around(b.loose(HOLE), declaration="")
    yield b.case("K11", "gb18030-four-bytes", "200,000 letters of four bytes each.", BAD,
                 repeated(_gbk(value), b"\x81\x30\x84\x36", 200_000, _gbk(rest)), headers=said["gb18030"], **big)
    yield b.case("K12", "bad-byte-at-the-end", "900,000 letters, and then a byte that is none: told where.", BAD,
                 repeated(value, "订".encode(), 300_000, rest, b"\xff"), **big)
    yield b.case("K13", "gbk-bad-at-the-end", "The same in GBK.", BAD,
                 repeated(_gbk(value), "订".encode("gbk"), 400_000, _gbk(rest), b"\xff"), headers=said["gbk"], **big)
    wide = b"\xff\xfe" + head.decode().encode("utf-16-le")
    yield b.case("K14", "utf16-900k", "450,000 blanks in UTF-16: legal.", OK,
                 repeated(wide, " ".encode("utf-16-le"), 450_000, tail.decode().encode("utf-16-le")), headers=said["utf-16"],
                 executed="yes", **big)


def _gbk(data: bytes) -> bytes:
    return data.decode().encode("gbk")


def hidden(b: Builder) -> Iterator[Case]:
    """What a count between `>` does not see, and what stands where no schema looks."""
    value, rest = b.around(b.loose(HOLE))
    inside, after = b.around(b.payload(attributes=f" {HOLE}"))
    head, tail = b.around(before=HOLE)
    block, end = b.around(header=b.security() + f'<x:T xmlns:x="urn:x">{HOLE}</x:T>')
    many = BAD + plain(413)
    big = {"cpu_ms": 40, "twin": True}
    yield b.case("L01", "text-cut-by-gt", "A value of 900,000 characters, every second one >.", many,
                 repeated(value, b"A>", 450_000, rest), **big)
    yield b.case("L02", "attributes-cut-by-gt", "90,000 attributes whose values are >.", many,
                 lambda: [inside, "".join(f'a{n}=">" ' for n in range(90_000)).encode(), after], **big)
    yield b.case("L03", "attribute-cut-by-gt", "An attribute of 900,000 characters, every second one >.", many,
                 lambda: [inside, b'a="', b"x>" * 450_000, b'"', after], **big)
    yield b.case("L04", "quotes", "A value of 900,000 quotes.", many, repeated(value, b'"', 900_000, rest), **big)
    yield b.case("L05", "cdata-end", "]]> in text.", BAD, b.message(b.loose("P]]>1")))
    yield b.case("L06", "block-of-3000", "A header block of 3,000 elements, which nobody reads: ignored.", OK,
                 repeated(block, b"<x:y/>", 3000, end), executed="yes", wall=1.0)
    yield b.case("L07", "block-deep", "A header block of 37 levels: at the limit.", OK, repeated(block, b"<x:y>", 36, end, b"</x:y>" * 36),
                 executed="yes")
    yield b.case("L08", "block-deeper", "One more.", many, repeated(block, b"<x:y>", 38, end, b"</x:y>" * 38))
    yield b.case("L09", "blocks-20", "As many blocks as may be.", OK,
                 b.message(header=b.security() + '<x:T xmlns:x="urn:x"/>' * (20 - bool(b.security()))), executed="yes")
    yield b.case("L10", "blocks-21", "One more.", many, b.message(header=b.security() + '<x:T xmlns:x="urn:x"/>' * 21))
    yield b.case("L11", "namespaces-3900", "3,900 declarations on elements of their own: in force one after the other.", OK + many,
                 repeated(block, b'<q xmlns="u"/>', 3900, end), executed="maybe")
    yield b.case("L12", "base64", "60,000 characters without blanks in a header block.", OK, repeated(block, b"QUJD", 15_000, end),
                 executed="yes")
    yield b.case("L13", "line-ends", "450,000 line ends of Windows: legal.", OK,
                 repeated(head, b"\r\n", 450_000, tail), executed="yes", cpu_ms=40)
