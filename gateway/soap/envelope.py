"""Bytes to envelope: the gate before the parser, the parser itself, and the rules of SOAP that come before any contract.

The only place where XML from outside is parsed. Refused here: DTDs, processing instructions, encodings outside the list, too many
elements, two Body elements or two operations, headers that must be understood and are not.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from gateway.errors import FORBIDDEN_XML, HEADER_TWICE, MALFORMED, NOT_SOAP, NOT_UNDERSTOOD, WRONG_VERSION, Result
from gateway.soap.charset import bad_bytes, to_utf8
from gateway.soap.faults import SOAP12, WSU, Side, SoapFault, Version, Violation
from gateway.soap.xml_gate import DEFAULT, XmlLimits, after_parsing, before_parsing, header_blocks_above

_ROLES = {
    None,
    "",
    "http://schemas.xmlsoap.org/soap/actor/next",
    f"{SOAP12}/role/next",
    f"{SOAP12}/role/ultimateReceiver",
}
_ENVELOPES = {f"{{{version.namespace}}}Envelope": version for version in Version}
_BODIES = {version: f"{{{version.namespace}}}Body" for version in Version}
_HEADERS = {version: f"{{{version.namespace}}}Header" for version in Version}
_MUST = {version.namespace: f"{{{version.namespace}}}mustUnderstand" for version in Version}
_ROLE = {version.namespace: f"{{{version.namespace}}}{'actor' if version is Version.V11 else 'role'}" for version in Version}
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


def parse_envelope(
    data: bytes, charset: str | None, understood: frozenset[str], limits: XmlLimits = DEFAULT, spoken: Version | None = None
) -> Envelope:
    """Read a SOAP 1.1 or 1.2 message; raises SoapFault for all that is not one.

    `spoken` is the version that the media type names: an envelope of the other one is a wrong version. The order of what is refused
    is that of WS-I R2725: version, headers that must be understood, all else.
    """
    root = parse_xml(data, charset, limits)
    version = _version(root)
    if spoken is not None and version is not spoken:
        raise SoapFault(WRONG_VERSION, Side.VERSION)
    body_tag, header_tag = _BODIES[version], _HEADERS[version]
    headers: dict[str, etree._Element] | None = None
    body: etree._Element | None = None
    for child in root:
        tag = child.tag
        if tag == body_tag and body is None:
            body = child
        elif tag == header_tag and body is None and headers is None:
            headers = _headers(child, version.namespace, understood, limits)
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


def parse_xml(data: bytes, charset: str | None, limits: XmlLimits = DEFAULT) -> etree._Element:
    """Parse within our limits; the result has no DTD, no entity, no comment and no processing instruction."""
    sent = data
    data = before_parsing(to_utf8(data, charset), limits)
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        if error.code == _BAD_BYTES:
            raise bad_bytes(sent, charset) from None
        raise SoapFault(MALFORMED, violations=[_place(error)]) from None
    # Comments are gone, so what follows the root can only be a processing instruction; iter() does not see it.
    if b"<?" in data and (root.getnext() is not None or next(root.iter(etree.PI), None) is not None):
        raise SoapFault(FORBIDDEN_XML)
    after_parsing(root, data, limits)
    return root


def _place(error: etree.XMLSyntaxError) -> Violation:
    """Say where the parser stopped; its text is left out, for it may quote the message."""
    line, column = error.position
    return Violation("XML", "XML", line or 1, f"从第{column}列起不合法", f"not well-formed from column {column} on")


def _version(root: etree._Element) -> Version:
    version = _ENVELOPES.get(str(root.tag))
    if version is not None:
        return version
    if etree.QName(root).localname == "Envelope":
        raise SoapFault(WRONG_VERSION, Side.VERSION)
    raise SoapFault(NOT_SOAP)


def _headers(
    header: etree._Element, namespace: str, understood: frozenset[str], limits: XmlLimits
) -> dict[str, etree._Element]:
    if len(header) > limits.header_blocks:
        raise header_blocks_above(limits.header_blocks)
    found: dict[str, etree._Element] = {}
    must_name, role_name = _MUST[namespace], _ROLE[namespace]
    wrong: Result | None = None
    for block in header:
        tag = str(block.tag)
        if tag in found and tag in understood:  # which of them would be meant?
            wrong = wrong or HEADER_TWICE
        if not block.keys():  # nearly always: nothing to judge
            found[tag] = block
            continue
        must = block.get(must_name, "0").strip()
        if must not in ("0", "1", "true", "false"):
            wrong = wrong or NOT_SOAP
        ours = block.get(role_name) in _ROLES
        if must in ("1", "true") and ours and tag not in understood:
            raise SoapFault(NOT_UNDERSTOOD, Side.UNDERSTANDING)
        if ours:  # what is meant for another node is not for us to use
            found[tag] = block
    if wrong is not None:  # told after what must be understood: R2725
        raise SoapFault(wrong)
    return found


def without_soap(block: etree._Element, version: Version) -> etree._Element:
    """Take from a header block the attributes of SOAP, and the name that a signature knows it by: the contract's type does not know them.

    Not before the sender is proved: a signature may cover them.
    """
    for name in [n for n in block.attrib if str(n).startswith((f"{{{version.namespace}}}", f"{{{WSU}}}"))]:
        del block.attrib[name]
    return block
