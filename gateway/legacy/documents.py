"""The document inside a string, and old elements as their schema wants them: the second gate, as strict as the one of envelopes.

Must not know what a document is about, nor how its string travelled.
"""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from gateway.contract import ContractError
from gateway.contract.schema import parse_file
from gateway.errors import CONTRACT_BROKEN, FORBIDDEN_XML, MALFORMED
from gateway.soap.envelope import parse_xml
from gateway.soap.faults import SoapFault, Violation
from gateway.soap.violations import violations

_BLANKS = " \t\r\n"
# What it names as encoding says nothing: the string came in characters, whatever its bytes were before.
_DECLARATION = re.compile(r"<\?xml\s+version\s*=\s*[\"']1\.0[\"'][^<>]{0,80}\?>")
_LATE = re.compile(r"<\?xml\s")
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NIL = f"{XSI}nil"


def read_document(text: str) -> etree._Element:
    """Parse the document that a string holds; raises SoapFault with line and column of the string."""
    declaration = _DECLARATION.match(text)
    if declaration is not None:  # blanked, so that lines stay the sender's
        text = "\n" * declaration[0].count("\n") + text[declaration.end() :]
    elif text.startswith("<?xml"):
        raise SoapFault(FORBIDDEN_XML)
    late = _LATE.search(text)
    if late is not None:
        raise SoapFault(MALFORMED, violations=[_late(text, late.start())])
    return parse_xml(text.encode(), "utf-8")


def _late(text: str, at: int) -> Violation:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return Violation(
        "XML", "XML", line,
        f"XML声明位于第{line}行第{column}列, 只能位于字符串的第一个字符",
        f"the XML declaration stands in line {line}, column {column}; it may only be the first thing in the string",
    )  # fmt: skip


class Schema:
    """A schema of old documents."""

    def __init__(self, path: Path) -> None:
        """Read the file with all it imports; raises ContractError."""
        try:
            self._schema = etree.XMLSchema(parse_file(path))
        except etree.XMLSchemaParseError as error:
            raise ContractError(path, 1, "schema error") from error

    def judge(self, document: etree._Element) -> None:
        """Raise SoapFault with every place where a document breaks the schema."""
        if not self._schema.validate(document):
            raise SoapFault(CONTRACT_BROKEN, violations=violations(self._schema.error_log, document))


def in_namespaces(element: etree._Element, tag: str, namespace: str, accepted: frozenset[str]) -> None:
    """Put an element and its fields into the namespaces of their schema: rpc and bare senders differ there.

    Types and encodings that the sender names (xsi:type) are taken off: the schema knows better. A field that is xsi:nil is one that is
    not there. What is in a namespace that is none of the `accepted` ones stays as it is, and is refused by the schema.
    """
    element.tag = tag
    for node in [element, *element.iterdescendants(etree.Element)]:
        parent = node.getparent()
        if parent is not None and node is not element and node.get(_NIL, "").strip() in ("1", "true"):
            parent.remove(node)
            continue
        for name in [str(n) for n in node.attrib if str(n).startswith(XSI) or str(n).endswith("}encodingStyle")]:
            del node.attrib[name]
        if node is not element and (etree.QName(node).namespace or "") in accepted:
            node.tag = f"{{{namespace}}}{etree.QName(node).localname}"
