"""What Schema Compliance holds answers to: the project's own cache, a file beside it, or the shipped contract; nothing is fetched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.resources import contracts_dir
from stubs.soapui.definitions import Definitions
from stubs.soapui.documents import parse_text
from stubs.soapui.model import Interface
from stubs.soapui.results import CannotRun

PLAIN = Interface("B", "urn:x", False, "", "", {}, {}, (), 1)
WSDL = """<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:x"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"><w:types>{schemas}</w:types>
 <w:message name="in"><w:part name="p" element="t:op"/></w:message>
 <w:message name="out"><w:part name="p" element="t:opResponse"/></w:message>
 <w:portType name="P"><w:operation name="op"><w:input message="t:in"/><w:output message="t:out"/></w:operation></w:portType>
 <w:binding name="B" type="t:P"><s:binding style="{style}" transport="http://schemas.xmlsoap.org/soap/http"/></w:binding></w:definitions>"""
ONE = '<xs:schema targetNamespace="urn:x"><xs:element name="op" type="xs:int"/></xs:schema>'
TWO = '<xs:schema targetNamespace="urn:x"><xs:element name="opResponse" type="xs:int"/></xs:schema>'


def of(interface, directory):
    return Definitions(directory, contracts_dir()).of(interface)


def valid(definition, text):
    return definition.validator.validate(parse_text(text))


def reason(interface, directory):
    with pytest.raises(CannotRun) as told:
        of(interface, directory)
    return told.value.said.en


def test_cache_of_the_project(tmp_path):
    """Several schemas of one namespace inside the WSDL, which libxml2 alone would not put together."""
    made = of(replace(PLAIN, cached={"a.wsdl": WSDL.format(schemas=ONE + TWO, style="document")}), tmp_path)
    checked = [valid(made, f"<opResponse xmlns='urn:x'>{value}</opResponse>") for value in ("1", "x")]
    assert (made.operations["op"].response, checked) == ("{urn:x}opResponse", [True, False])


def test_parts_of_the_cache(tmp_path):
    """Schemas that the WSDL imports and includes are found by their addresses."""
    schemas = '<xs:schema><xs:import namespace="urn:x" schemaLocation="x/one.xsd"/></xs:schema>'
    one, two = (text.replace("<xs:schema", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"') for text in (ONE, TWO))
    one = one.replace("<xs:el", '<xs:include schemaLocation="two.xsd"/><xs:el')
    base = "http://gw/services"
    cached = {f"{base}/a.wsdl": WSDL.format(schemas=schemas, style="document"), f"{base}/x/one.xsd": one, f"{base}/x/two.xsd": two}
    made = of(replace(PLAIN, cached=cached, root_part=f"{base}/a.wsdl"), tmp_path)
    assert [valid(made, f"<opResponse xmlns='urn:x'>{value}</opResponse>") for value in ("1", "x")] == [True, False]


@pytest.mark.parametrize("definition", ["a.wsdl", "${projectDir}/a.wsdl", "sub/../a.wsdl"])
def test_file_beside_the_project(tmp_path, definition):
    """By a path relative to the project."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.wsdl").write_text(WSDL.format(schemas=ONE + TWO, style="document"))
    assert valid(of(replace(PLAIN, definition=definition), tmp_path), "<op xmlns='urn:x'>1</op>") is True


def test_shipped_contract(tmp_path):
    """Where the project has none, the binding's namespace decides."""
    made = of(replace(PLAIN, namespace="urn:vas:ocs:v1", definition="http://gw/services/ocs?wsdl"), tmp_path)
    assert made.operations["feeCheck"].response == "{urn:vas:ocs:v1}feeCheckResponse"


@pytest.mark.parametrize("definition", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/x?wsdl", "none.wsdl", ""])
def test_nothing_is_fetched(tmp_path, definition):
    """Absolute paths and addresses are not opened."""
    assert reason(replace(PLAIN, definition=definition), tmp_path).startswith("no WSDL for interface B: ")


@pytest.mark.parametrize("location", [
    "http://127.0.0.1:9/x.xsd", "file:///etc/passwd", "/etc/passwd", str(contracts_dir() / "xsd/vas-types.xsd"),
])  # fmt: skip
def test_schema_elsewhere_is_not_opened(tmp_path, location):
    """A file of the definition may not lead out to addresses or to files of another kind."""
    schemas = f'<xs:schema><xs:import namespace="urn:y" schemaLocation="{location}"/></xs:schema>'
    (tmp_path / "a.wsdl").write_text(WSDL.format(schemas=schemas, style="document"))
    assert "which is not opened" in reason(replace(PLAIN, definition="a.wsdl"), tmp_path)


@pytest.mark.parametrize(("text", "says"), [
    (WSDL.format(schemas=ONE, style="rpc"), "Schema Compliance of WSDLs in rpc style is not judged"),
    (WSDL.format(schemas=ONE.replace("xs:int", "xs:nothing"), style="document"), "the schemas of the definition are broken: "),
    ("<w", "a.wsdl:1: not well-formed XML from column 3 on"),
    ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "a.wsdl:1: a document type (DTD) is not allowed"),
])  # fmt: skip
def test_definition_that_cannot_be_used(tmp_path, text, says):
    """The reason is told; the assertion is not run, and not passed."""
    assert reason(replace(PLAIN, cached={"a.wsdl": text}), tmp_path).startswith(says)
