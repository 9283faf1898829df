"""Bytes to envelope: the gate before the parser, the parser itself, and the rules of SOAP that come before any contract.

The only place where XML from outside is parsed. Refused here: DTDs, processing instructions, encodings outside the list, too many
elements, two Body elements or two operations, headers that must be understood and are not.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from lxml import etree

from gateway.errors import (
    BAD_ENCODING,
    FORBIDDEN_XML,
    HEADER_TWICE,
    MALFORMED,
    NOT_SOAP,
    NOT_UNDERSTOOD,
    TOO_LARGE,
    WRONG_VERSION,
)
from gateway.soap.faults import SOAP11, SOAP12, Side, SoapFault, Version, Violation

MAX_TAGS = 4000
MAX_REFERENCES = 4000
MAX_HEADER_BLOCKS = 20
MAX_RUN = 65536  # the longest tag or text without blanks: attributes by the thousand and endless names show here

# charset or declared encoding -> Python codec; nothing else is read. GB18030 holds GBK and GB2312.
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "utf-16": "utf-16",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
}
_ROLES = {
    None,
    "",
    "http://schemas.xmlsoap.org/soap/actor/next",
    f"{SOAP12}/role/next",
    f"{SOAP12}/role/ultimateReceiver",
}
_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*[\"'](1\.\d+)[\"'](?:\s+encoding\s*=\s*[\"']([\w.-]{1,20})[\"'])?[^<>]{0,40}\?>"
)
# What nearly all clients write; taken off without a look at the rest.
_USUAL_DECLARATIONS = tuple(
    b"<?xml version=%c1.0%c encoding=%c%s%c?>" % (quote, quote, quote, name, quote)
    for quote in b"\"'"
    for name in (b"UTF-8", b"utf-8")
)
_ENVELOPES = {f"{{{version.namespace}}}Envelope": version for version in Version}
_BODIES = {version: f"{{{version.namespace}}}Body" for version in Version}
_HEADERS = {version: f"{{{version.namespace}}}Header" for version in Version}
_BLANKS = b" \t\r\n"
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    collect_ids=False,
    encoding="utf-8",
)
_BAD_BYTES = 81  # XML_ERR_INVALID_ENCODING


@dataclass(frozen=True, slots=True)
class Envelope:
    """A parsed message: version, the element in the Body, the header blocks by {namespace}name."""

    version: Version
    body: etree._Element
    headers: dict[str, etree._Element]


def parse_envelope(data: bytes, charset: str | None, understood: frozenset[str]) -> Envelope:
    """Read a SOAP 1.1 or 1.2 message; raises SoapFault for all that is not one."""
    root = parse_xml(data, charset)
    version = _version(root)
    body_tag, header_tag = _BODIES[version], _HEADERS[version]
    headers: dict[str, etree._Element] | None = None
    body: etree._Element | None = None
    for child in root:
        tag = child.tag
        if tag == body_tag and body is None:
            body = child
        elif tag == header_tag and body is None and headers is None:
            headers = _headers(child, version.namespace, understood)
        else:
            raise SoapFault(NOT_SOAP)
    if body is None or len(body) != 1 or _holds_text(body) or _holds_text(root):
        raise SoapFault(NOT_SOAP)
    return Envelope(version, body[0], headers or {})


def _holds_text(element: etree._Element) -> bool:
    """Whether text stands where only elements may."""
    text = element.text
    if text and text.strip(" \t\r\n"):
        return True
    for child in element:  # a loop, not any(): every message passes here twice
        tail = child.tail
        if tail and tail.strip(" \t\r\n"):
            return True
    return False


def parse_xml(data: bytes, charset: str | None) -> etree._Element:
    """Parse within our limits; the result has no DTD, no entity, no comment and no processing instruction."""
    data = _gate(_utf8(data, charset))
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise SoapFault(BAD_ENCODING if error.code == _BAD_BYTES else MALFORMED, violations=[_place(error)]) from None
    # Comments are gone, so what follows the root can only be a processing instruction; iter() does not see it.
    if b"<?" in data and (root.getnext() is not None or next(root.iter(etree.PI), None) is not None):
        raise SoapFault(FORBIDDEN_XML)
    return root


def _place(error: etree.XMLSyntaxError) -> Violation:
    """Say where the parser stopped; its text is left out, for it may quote the message."""
    line, column = error.position
    return Violation("XML", "XML", line or 1, f"从第{column}列起不合法", f"not well-formed from column {column} on")


def _utf8(data: bytes, charset: str | None) -> bytes:
    """Bring the bytes to UTF-8 without mark and declaration; mark, header and declaration must not disagree."""
    if charset is None or charset == "utf-8":
        for usual in _USUAL_DECLARATIONS:
            if data.startswith(usual):
                return data[len(usual) :]
    wide, marked = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), data.startswith(codecs.BOM_UTF8)
    encoding = _ENCODINGS.get(charset or ("utf-16" if wide else "utf-8"))
    if encoding is None or (encoding == "utf-16") != wide or (marked and encoding != "utf-8"):
        raise SoapFault(BAD_ENCODING)
    if encoding != "utf-8":
        data = _recode(data, encoding)
    data = data.removeprefix(codecs.BOM_UTF8)
    declaration = _DECLARATION.match(data)
    if declaration is None:
        if data.startswith(b"<?xml"):
            raise SoapFault(MALFORMED)
        return data
    if declaration[1] != b"1.0":
        raise SoapFault(FORBIDDEN_XML)
    declared = _ENCODINGS.get((declaration[2] or encoding.encode()).decode("latin-1").lower())
    settled = charset is not None or wide or marked
    if declared is None or (declared != encoding if settled else declared == "utf-16"):
        raise SoapFault(BAD_ENCODING)
    # Blank the declaration instead of cutting it: line numbers in faults then stay the sender's.
    body = b"\n" * declaration[0].count(b"\n") + data[declaration.end() :]
    return _recode(body, declared) if declared != encoding else body


def _recode(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        raise SoapFault(BAD_ENCODING) from None


def _gate(data: bytes) -> bytes:
    """Bound the work of the parser by counts over the raw bytes, and refuse what may stand only in a prolog of bad intent."""
    start = data.lstrip(_BLANKS)
    while start.startswith(b"<!--"):
        end = start.find(b"-->")
        if end < 0:
            raise SoapFault(MALFORMED)
        start = start[end + 3 :].lstrip(_BLANKS)
    if start[:1] != b"<":
        raise SoapFault(MALFORMED)
    if start[1:2] in (b"!", b"?"):
        raise SoapFault(FORBIDDEN_XML)
    if data.count(b"<") > MAX_TAGS or data.count(b"&") > MAX_REFERENCES:
        raise SoapFault(TOO_LARGE)
    if len(data) > MAX_RUN and max(map(len, data.translate(None, _BLANKS).split(b">"))) > MAX_RUN:
        raise SoapFault(TOO_LARGE)
    return data.lstrip(b" \t\r") if data[:1] in (b" ", b"\t", b"\r") else data


def _version(root: etree._Element) -> Version:
    version = _ENVELOPES.get(str(root.tag))
    if version is not None:
        return version
    if etree.QName(root).localname == "Envelope":
        raise SoapFault(WRONG_VERSION, Side.VERSION)
    raise SoapFault(NOT_SOAP)


def _headers(header: etree._Element, namespace: str, understood: frozenset[str]) -> dict[str, etree._Element]:
    if len(header) > MAX_HEADER_BLOCKS:
        raise SoapFault(TOO_LARGE)
    found: dict[str, etree._Element] = {}
    role_name = "actor" if namespace == SOAP11 else "role"
    for block in header:
        tag = str(block.tag)
        if tag in found and tag in understood:  # which of them would be meant?
            raise SoapFault(HEADER_TWICE)
        if not block.keys():  # nearly always: nothing to judge
            found[tag] = block
            continue
        must = block.get(f"{{{namespace}}}mustUnderstand", "0").strip()
        if must not in ("0", "1", "true", "false"):
            raise SoapFault(NOT_SOAP)
        ours = block.get(f"{{{namespace}}}{role_name}") in _ROLES
        if must in ("1", "true") and ours and tag not in understood:
            raise SoapFault(NOT_UNDERSTOOD, Side.UNDERSTANDING)
        if ours:  # what is meant for another node is not for us to use
            found[tag] = block
    return found


def without_soap(block: etree._Element, version: Version) -> etree._Element:
    """Take from a header block the attributes of SOAP, which are judged: the contract's type of the block does not know them.

    Not before the sender is proved: a signature may cover them.
    """
    for name in [n for n in block.attrib if str(n).startswith(f"{{{version.namespace}}}")]:
        del block.attrib[name]
    return block
