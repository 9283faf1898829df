"""Cases B: what is no SOAP envelope, or is one in an encoding that lies."""

from __future__ import annotations

from collections.abc import Iterator

from hostile_build import ENCODING, S11, S12, Builder
from hostile_case import BAD, OK, Case, fault, plain

BYTES = (
    ("overlong-utf8", b"\xc0\xaf", "Over-long UTF-8 (C0 AF)."),
    ("surrogate-utf8", b"\xed\xa0\x80", "UTF-8 of a surrogate (ED A0 80)."),
    ("byte-ff", b"\xff", "A lone FF."),
    ("nul-byte", b"a\x00b", "NUL in text."),
    ("nonchar-fffe", b"\xef\xbf\xbe", "U+FFFE, which XML 1.0 does not have."),
    ("charref-0", b"&#0;", "The reference &#0;."),
    ("charref-1", b"&#1;", "The reference &#1;."),
    ("charref-huge", b"&#xFFFFFFFFFF;", "A reference out of range."),
    ("undeclared-entity", b"&nbsp;", "An entity that is not declared."),
)


def rubbish(b: Builder) -> Iterator[Case]:
    """What is no message."""
    yield b.case("B01", "empty", "Zero bytes.", BAD, b"")
    yield b.case("B02", "blank", "Only white space.", BAD, b" \r\n\t ")
    yield b.case("B03", "not-xml", "hello", BAD, b"hello")
    yield b.case("B04", "json", "JSON in text/xml.", BAD, b'{"op":"x"}')
    yield b.case("B05", "truncated", "A good request cut in a tag.", BAD, b.message()[:-17])
    yield b.case("B06", "trailing-garbage", "Bytes after the root.", BAD, b.message() + b"<x/>garbage")
    yield b.case("B07", "two-envelopes", "Two envelopes: neither runs.", BAD, b.message() + b.message(declaration=""))
    yield b.case("B08", "soap12-namespace", "A SOAP 1.2 envelope under the type of SOAP 1.1 (BP R1015).",
                 fault("VersionMismatch") + plain(415), b.message(namespace=S12))
    yield b.case("B09", "bogus-envelope-ns", "An envelope in an unknown namespace (BP R1015).", fault("VersionMismatch"),
                 b.message(namespace="urn:nobody"))
    yield b.case("B10", "root-not-envelope", "An operation without envelope.", fault("Client", "VersionMismatch") + plain(400),
                 b.payload().encode())
    yield b.case("B11", "no-body", "Only a Header.", BAD,
                 f'<s:Envelope xmlns:s="{S11}"><s:Header>{b.security()}</s:Header></s:Envelope>'.encode())
    yield b.case("B12", "empty-envelope", "An empty envelope.", BAD, f'<s:Envelope xmlns:s="{S11}"/>'.encode())
    yield b.case("B13", "empty-body", "An empty Body.", BAD, b.message(""))
    yield b.case("B14", "text-body", "Only text in the Body.", BAD, b.message("order please"))
    yield b.case("B15", "two-operations", "Two operations: neither runs (BP R9981).", BAD, b.message(b.payload() + b.payload()))
    yield b.case("B16", "two-bodies", "Two Bodies.", BAD, b.message(after_body=f"<s:Body>{b.payload()}</s:Body>"))
    yield b.case("B17", "after-body", "An element after the Body (BP R1011).", BAD, b.message(after_body='<x:y xmlns:x="urn:x"/>'))
    late = f'<s:Envelope xmlns:s="{S11}"><s:Body>{b.payload()}</s:Body><s:Header>{b.security()}</s:Header></s:Envelope>'
    yield b.case("B18", "header-after-body", "Header after Body: credentials seen too late.", BAD, late.encode())


def rules(b: Builder) -> Iterator[Case]:
    """What breaks the rules of SOAP or names another operation."""
    target = b.target

    def headed(must: str) -> bytes:
        return b.message(header=b.security() + f'<x:T xmlns:x="urn:x" s:mustUnderstand="{must}">1</x:T>')

    yield b.case("B19", "must-understand", "An unknown block with mustUnderstand (BP R1025, R1027).", fault("MustUnderstand"), headed("1"))
    yield b.case("B20", "must-understand-bad", 'mustUnderstand="yes" (BP R1013).', fault("Client", "MustUnderstand"), headed("yes"))
    yield b.case("B21", "fault-as-request", "A Fault as the request.", BAD,
                 b.message("<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring></s:Fault>"))
    yield b.case("B22", "unknown-operation", "No operation of the contract.", fault("Client"), b.message(b.payload(operation="DropTables")),
                 headers=b.headers(action=f"{target.namespace}/DropTables"))
    yield b.case("B23", "wrong-namespace", "The right name in a wrong namespace.", fault("Client"),
                 b.message(b.payload(namespace="urn:other")))
    yield b.case("B24", "unqualified", "The operation without namespace (BP R1014).", fault("Client"), b.message(f"<{target.operation}/>"))
    yield b.case("B25", "action-spoof", "SOAPAction of another operation (CVE-2012-3451).", fault("Client"), b.message(),
                 headers=b.headers(action=target.other_action))
    yield b.case("B26", "action-missing", "No SOAPAction: the body decides.", OK, b.message(),
                 headers=b.headers(action=None), executed="yes")
    yield b.case("B27", "action-8k", "A SOAPAction of 8 KB.", fault("Client") + plain(400, 431), b.message(),
                 headers=b.headers(action="a" * 8000))
    yield b.case("B28", "encoding-style", "encodingStyle on the operation (BP R1006).", fault("Client") + OK,
                 b.message(b.payload(attributes=f' s:encodingStyle="{ENCODING}"')), executed="maybe")
    yield b.case("B29", "processing-instruction", "A processing instruction (BP R1009).", BAD,
                 b.message(before='<?php echo file_get_contents("/etc/passwd"); ?>'))
    yield b.case("B30", "doctype-only", "A DOCTYPE with nothing in it (BP R1008).", BAD, b.message(prolog="<!DOCTYPE s:Envelope>"))
    yield b.case("B31", "xml-1.1", "XML 1.1.", BAD, b.message(declaration='<?xml version="1.1"?>'))


def encodings(b: Builder) -> Iterator[Case]:
    """Bytes that are not what they are said to be."""
    wide = b"\xff\xfe"
    yield b.case("B32", "bom-vs-charset", "UTF-16LE with charset=utf-8.", BAD + plain(415),
                 wide + b.text(declaration="").encode("utf-16-le"))
    latin = b.text(b.loose("caf@"), declaration='<?xml version="1.0" encoding="ISO-8859-1"?>').encode()
    yield b.case("B33", "decl-vs-charset", "ISO-8859-1 declared, charset=utf-8, byte E9.", BAD, latin.replace(b"caf@", b"caf\xe9"))
    hidden = b.text(b.loose("&x;"), declaration='<?xml version="1.0" encoding="UTF-16"?>', prolog='<!DOCTYPE a [<!ENTITY x "boom">]>')
    yield b.case("B34", "utf16-doctype", "A DOCTYPE in UTF-16, to slip past a filter of bytes.", BAD, wide + hidden.encode("utf-16-le"),
                 headers=b.headers("text/xml; charset=utf-16"))
    yield b.case("B35", "utf7-declared", "UTF-7 declared.", BAD, b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-')
    yield b.case("B36", "ebcdic", "EBCDIC with its encoding declared.", BAD + plain(415),
                 b.text(b.payload(**{name: "1" for name, _ in b.target.fields}), declaration='<?xml version="1.0" encoding="cp037"?>')
                 .encode("cp037"))
    yield b.case("B37", "utf32", "UTF-32.", BAD + plain(415), b"\xff\xfe\x00\x00" + b.text(declaration="").encode("utf-32-le"))
    for n, (name, wrong, about) in enumerate(BYTES):
        yield b.case(f"B{38 + n}", name, about, BAD, b.message(b.loose("@@")).replace(b"@@", wrong))
    yield b.case("B47", "dup-attribute", "An attribute twice.", BAD, b.message(b.payload(attributes=' a="1" a="2"')))
    yield b.case("B48", "undeclared-prefix", "A prefix that is not declared.", BAD, b.message(b.payload(inject="<zz:x/>")))
    yield b.case("B49", "xmlns-xml-rebind", "xmlns:xml bound to another name (BP R1033).", BAD,
                 b.message(b.payload(attributes=' xmlns:xml="urn:evil"')))
    yield b.case("B50", "cdata-smuggle", "A whole envelope in CDATA of a value: text, and too long.", fault("Client") + plain(400),
                 b.message(b.loose(f"<![CDATA[{b.text(header='', declaration='')}]]>")))
