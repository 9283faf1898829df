"""The one way in for XML of the SoapUI room: project files, their definitions, and messages; no DTD, no entities, no network.

Messages go through the gateway's own gate, with limits for a partner's answer instead of a stranger's request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from gateway.contract.schema import XS
from gateway.soap.envelope import parse_xml
from gateway.soap.faults import SoapFault
from gateway.soap.xml_gate import XmlLimits

PROJECT_BYTES = 64 << 20
"""A project that carries its definitions is a few MB."""
_LIMITS = XmlLimits(
    tags=400_000, references=400_000, depth=200, attributes=200, namespaces=200, run=8 << 20, name=1000, header_blocks=100
)
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, collect_ids=False, remove_pis=True
)
_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml[^>]*\?>")


class NotXml(Exception):
    """What should be XML is not, or is of a kind that is refused; line 0 where none is known."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


def parse_file(data: bytes) -> etree._Element:
    """Read a project file or a definition; raises NotXml, also for a document type and for what is too long or too deep."""
    if len(data) > PROJECT_BYTES:
        raise NotXml(f"more than {PROJECT_BYTES >> 20} MB", 1)
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise NotXml(f"not well-formed XML from column {column} on", line) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotXml("a document type (DTD) is not allowed", 1)
    return root


def parse_message(data: bytes, charset: str | None) -> etree._Element:
    """Read an answer; raises NotXml with our own text."""
    try:
        return parse_xml(data, charset, _LIMITS)
    except SoapFault as fault:
        raise NotXml(fault.text("en"), fault.violations[0].line if fault.violations else 0) from None


def parse_text(text: str) -> etree._Element:
    """Read XML that is text already, so that what its declaration says of bytes means nothing; raises NotXml."""
    return parse_message(_DECLARATION.sub("", text, count=1).encode(), "utf-8")


def local(node: etree._Element) -> str:
    """Name an element without its namespace."""
    return etree.QName(node).localname


def as_text(node: etree._Element) -> str:
    """Write an element with the namespaces that it needs, without what follows it."""
    return etree.tostring(node, encoding="unicode", with_tail=False)


class _Held(etree.Resolver):
    """Documents in memory by name; anything else is not there."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:  # lxml's names
        """Give a document that is held, or nothing: never a file."""
        held = self._files.get((system_url or "").rpartition("/")[2], b"<nothing/>")
        return self.resolve_string(held, context)


def schema_set(
    spaces: Mapping[str, Sequence[str]], heads: Mapping[str, str], names: Mapping[str, str], files: Mapping[str, etree._Element]
) -> etree.XMLSchema:
    """Compile schemas that are in memory: for each namespace a head that includes its parts, and one that imports all heads.

    Raises XMLSchemaParseError.
    """
    held = {name: etree.tostring(schema) for name, schema in files.items()}
    whole = etree.Element(f"{{{XS}}}schema", targetNamespace="urn:x-soapui:all")  # one of its own, so that it may import none
    for space, keys in spaces.items():
        head = etree.Element(f"{{{XS}}}schema", {"targetNamespace": space} if space else {})
        for key in keys:
            etree.SubElement(head, f"{{{XS}}}include", schemaLocation=names[key])
        held[heads[space]] = etree.tostring(head)
        etree.SubElement(whole, f"{{{XS}}}import", {"schemaLocation": heads[space], **({"namespace": space} if space else {})})
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    parser.resolvers.add(_Held(held))
    return etree.XMLSchema(etree.fromstring(etree.tostring(whole), parser))
