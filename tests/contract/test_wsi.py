"""WS-I Basic Profile 1.1 over every WSDL, as a file and as `?wsdl` serves it; requirement numbers are the profile's.

SOAP 1.2 documents cannot keep what the profile says of the binding's namespace (R2701); they keep the rest of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from examples import CONTRACTS, REFERENCE, WSDL, Script, codec_of
from lxml import etree

from gateway.soap.endpoint import Endpoint
from gateway.soap.front import Front
from gateway.soap.http import HttpRequest, HttpResponse

W = "{http://schemas.xmlsoap.org/wsdl/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
SOAP = ("{http://schemas.xmlsoap.org/wsdl/soap/}", "{http://schemas.xmlsoap.org/wsdl/soap12/}")
HTTP = "http://schemas.xmlsoap.org/soap/http"
SCHEMAS = sorted((WSDL / "xsd").glob("*.xsd"))
QNAMES = {"message", "binding", "element", "type", "base", "ref"}


@dataclass(frozen=True)
class Document:
    """A WSDL text; `base` is where its relative imports lead."""

    data: bytes
    base: Path = WSDL

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.data)

    @property
    def soap(self) -> str:
        """Namespace of its binding's elements."""
        return next(s for s in SOAP if next(self.root.iter(f"{s}binding"), None) is not None)

    def imported(self) -> list[etree._Element]:
        """Give the documents of its wsdl:import elements."""
        return [etree.parse(self.base / str(node.get("location"))).getroot() for node in self.root.iter(f"{W}import")]

    def messages(self) -> dict[str, etree._Element]:
        """Give the messages by name, its own and the imported ones."""
        return {str(m.get("name")): m for root in (self.root, *self.imported()) for m in root.iter(f"{W}message")}

    def port_type(self) -> etree._Element:
        """Give the portType, its own or the imported one."""
        return next(p for root in (self.root, *self.imported()) for p in root.iter(f"{W}portType"))


def _served() -> Iterator[tuple[str, Document]]:
    for contract in CONTRACTS:
        endpoint = Endpoint(codec_of(contract), Script(contract), reference=lambda: REFERENCE)
        front = Front([endpoint], public_url="https://vsop.example:8443")
        for query in ("wsdl", "wsdl&soap=1.2"):
            answer = front.handle(HttpRequest("GET", f"/services/{contract}", query, {}, b"", "192.0.2.1"))
            assert isinstance(answer, HttpResponse)
            yield f"/services/{contract}?{query}", Document(answer.body)


DOCUMENTS = {**{path.name: Document(path.read_bytes()) for path in sorted(WSDL.glob("*.wsdl"))}, **dict(_served())}
each = pytest.mark.parametrize("document", [pytest.param(text, id=name) for name, text in DOCUMENTS.items()])
each_schema = pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)


def _local(qname: str | None) -> str:
    return str(qname).rpartition(":")[2]


@each
def test_text_is_utf8_xml_1_0(document: Document) -> None:
    """R4003, R4004: XML 1.0 in UTF-8 or UTF-16."""
    assert re.match(rb'<\?xml version="1\.0" encoding="UTF-8"\?>', document.data)
    assert document.data.decode("utf-8").startswith("<?xml")


@each
def test_wsdl_import_has_location_and_the_right_namespace(document: Document) -> None:
    """R2001, R2007, R2005, R2803: wsdl:import is for WSDL, says where, and names the namespace that it finds there."""
    nodes = list(document.root.iter(f"{W}import"))
    assert [node.get("namespace") for node in nodes] == [root.get("targetNamespace") for root in document.imported()]
    assert {root.tag for root in document.imported()} <= {f"{W}definitions"}
    assert [node for node in nodes if ":" not in str(node.get("namespace"))] == []


@each
def test_schema_import_is_inside_a_schema(document: Document) -> None:
    """R2002, R2003, R2004: xs:import only in xs:schema, only for schemas, with the namespace that it finds there."""
    for node in document.root.iter(f"{XS}import"):
        parent = node.getparent()
        found = etree.parse(document.base / str(node.get("schemaLocation"))).getroot()
        assert parent is not None
        assert (parent.tag, found.tag) == (f"{XS}schema", f"{XS}schema")
        assert found.get("targetNamespace") == node.get("namespace")


@each
def test_import_then_types_then_the_rest(document: Document) -> None:
    """R2022, R2023: documentation, wsdl:import, wsdl:types stand first, in this order."""
    order = [f"{W}documentation", f"{W}import", f"{W}types"]
    ranks = [
        order.index(str(node.tag)) if node.tag in order else len(order) for node in document.root.iterchildren("*")
    ]
    assert ranks == sorted(ranks)


@each
def test_no_required_extension(document: Document) -> None:
    """R2025 to R2028, R2747: nothing that a toolkit must know besides SOAP."""
    assert [node for node in document.root.iter("*") if node.get(f"{W}required") is not None] == []


@each
def test_xml_prefix_is_not_declared(document: Document) -> None:
    """R2034: no xmlns:xml."""
    assert b"xmlns:xml=" not in document.data


@each
def test_every_name_is_of_a_known_namespace(document: Document) -> None:
    """R2101, R2102: a QName is of the document's namespace or of one that it imports."""
    root = document.root
    known = {root.get("targetNamespace"), *(n.get("namespace") for n in root.iter(f"{W}import", f"{XS}import"))}
    for node in root.iter("*"):
        for name in QNAMES & set(node.attrib):
            prefix = str(node.get(name)).rpartition(":")[0]
            assert node.nsmap.get(prefix or None) in known, name


@each
def test_schema_without_namespace_only_imports(document: Document) -> None:
    """R2105: every schema has a targetNamespace, unless it holds nothing but imports."""
    for schema in document.root.iter(f"{XS}schema"):
        assert schema.get("targetNamespace") or {child.tag for child in schema.iterchildren("*")} == {f"{XS}import"}


@each_schema
def test_schema_has_a_namespace(path: Path) -> None:
    """R2105, R2801: XML Schema 1.0, with a targetNamespace."""
    root = etree.parse(path).getroot()
    assert root.tag == f"{XS}schema"
    assert root.get("targetNamespace")


@each_schema
def test_no_soap_arrays(path: Path) -> None:
    """R2110 to R2112: no soapenc:Array, no arrayType, no ArrayOf names."""
    text = path.read_text()
    assert re.findall(r"soapenc|arrayType|soap/encoding|\"ArrayOf|Array\"", text) == []


@each
def test_message_has_one_part_by_element(document: Document) -> None:
    """R2201, R2204, R2205, R2206, R2210, R2306: parts of a document/literal contract refer to elements."""
    parts = [list(message.iter(f"{W}part")) for message in document.messages().values()]
    assert {len(found) for found in parts} == {1}
    assert [part for found in parts for part in found if not part.get("element") or part.get("type")] == []


@each
def test_every_message_is_used(document: Document) -> None:
    """R2209: every part is bound, because every message is some operation's and the body takes all parts."""
    used = {_local(node.get("message")) for node in document.port_type().iter(f"{W}input", f"{W}output", f"{W}fault")}
    assert used == set(document.messages())


@each
def test_operations_are_request_and_answer_and_unique(document: Document) -> None:
    """R2303, R2304: input before output, no operation name twice."""
    operations = list(document.port_type().iter(f"{W}operation"))
    assert Counter(node.get("name") for node in operations).most_common(1)[0][1] == 1
    for node in operations:
        kinds = [etree.QName(child).localname for child in node.iterchildren("*")]
        assert [kind for kind in kinds if kind != "documentation"][:2] == ["input", "output"]


@each
def test_binding_is_document_literal_over_http(document: Document) -> None:
    """R2401, R2701, R2702, R2705, R2706, R2707: a SOAP binding over HTTP, one style, literal."""
    root, soap = document.root, document.soap
    assert [node.get("transport") for node in root.iter(f"{soap}binding")] == [HTTP]
    assert {node.get("style", "document") for node in root.iter(f"{soap}binding", f"{soap}operation")} == {"document"}
    assert {node.get("use") for node in root.iter(f"{soap}body", f"{soap}fault")} == {"literal"}


@each
def test_every_operation_has_its_own_element(document: Document) -> None:
    """R2710: no two operations look alike on the wire."""
    inputs = [_local(node.get("message")) for node in document.port_type().iter(f"{W}input")]
    elements = [document.messages()[name].find(f"{W}part") for name in inputs]
    assert Counter(part.get("element") for part in elements if part is not None).most_common(1)[0][1] == 1


@each
def test_no_namespace_on_soap_elements(document: Document) -> None:
    """R2716, R2726: a document/literal binding names no namespace, and body takes the parts as they are."""
    nodes = document.root.iter(*(f"{document.soap}{name}" for name in ("body", "fault", "header", "headerfault")))
    assert [node for node in nodes if {"namespace", "parts", "encodingStyle"} & set(node.attrib)] == []


@each
def test_binding_has_the_operations_of_the_port_type(document: Document) -> None:
    """R2718: the same operations, no more and no less."""
    (binding,) = document.root.iter(f"{W}binding")
    bound = [node.get("name") for node in binding.findall(f"{W}operation")]
    assert bound == [node.get("name") for node in document.port_type().findall(f"{W}operation")]


@each
def test_faults_are_bound_by_name(document: Document) -> None:
    """R2721, R2722, R2723, R2728, R2740, R2754: each declared fault is bound under its own name."""
    (binding,) = document.root.iter(f"{W}binding")
    for declared, bound in zip(document.port_type().iter(f"{W}operation"), binding.iter(f"{W}operation"), strict=True):
        names = [fault.get("name") for fault in bound.findall(f"{W}fault")]
        inner = [fault.get("name") for fault in bound.iter(f"{document.soap}fault")]
        assert names == inner == [fault.get("name") for fault in declared.findall(f"{W}fault")]


@each
def test_soap_action_is_there_and_unique(document: Document) -> None:
    """R2744 and rule 3 of wsdl/README.md: a caller can quote it, and it names one operation."""
    actions = [str(node.get("soapAction")) for node in document.root.iter(f"{document.soap}operation")]
    assert [action for action in actions if not action.startswith("urn:vas:")] == []
    assert len(set(actions)) == len(actions)


@each
def test_address_is_given(document: Document) -> None:
    """One service, one port, one address of HTTP or HTTPS (R2711)."""
    addresses = [str(node.get("location")) for node in document.root.iter(f"{document.soap}address")]
    assert [bool(re.fullmatch(r"https?://[^/]+/services/\w+", address)) for address in addresses] == [True]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_both_versions_have_the_same_actions(contract: str) -> None:
    """The SOAP 1.2 document binds the operations under the actions of the SOAP 1.1 document."""
    first, second = DOCUMENTS[f"{contract}.wsdl"], DOCUMENTS[f"{contract}.soap12.wsdl"]
    actions = [[node.get("soapAction") for node in d.root.iter(f"{d.soap}operation")] for d in (first, second)]
    assert actions[0] == actions[1]
