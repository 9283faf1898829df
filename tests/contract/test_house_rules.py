"""The rules of wsdl/README.md that WS-I does not have and the loader does not check."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples import CONTRACTS, OPERATIONS, WSDL, codec_of
from lxml import etree

from gateway.contract.document import CONTRACT_FAULT
from gateway.contract.schema import ComplexType

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = sorted((WSDL / "xsd").glob("*.xsd"))
each_schema = pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
each_operation = pytest.mark.parametrize(("contract", "operation"), OPERATIONS)

ALLOWED = {"schema", "import", "annotation", "documentation", "element", "complexType", "sequence", "simpleType",
           "restriction", "pattern", "enumeration", "minLength", "maxLength", "minInclusive", "maxInclusive"}  # fmt: skip
BASES = {"xs:string", "xs:int", "xs:long", "xs:integer", "xs:boolean"}


def fields_of(contract: str, element: str) -> ComplexType:
    """Give the compiled type of a contract's element."""
    return codec_of(contract).contract.schemas.element_type(f"{{urn:vas:{contract}:v1}}{element}")


@each_schema
def test_only_plain_constructs(path: Path) -> None:
    """Rule 5: sequences of named elements, and restrictions; also in types that no operation reaches."""
    found = {etree.QName(node).localname for node in etree.parse(path).getroot().iter(etree.Element)}
    assert found <= ALLOWED


@each_schema
def test_no_type_beyond_the_list(path: Path) -> None:
    """Rule 6: no xs:token, no xs:dateTime; simple types restrict one of five."""
    used = {
        str(node.get(name)) for node in etree.parse(path).getroot().iter(etree.Element) for name in ("type", "base")
    }
    assert {name for name in used if name.startswith("xs:")} <= BASES


@each_schema
def test_every_repetition_has_an_end(path: Path) -> None:
    """Rule 8: maxOccurs is a number."""
    most = [node.get("maxOccurs", "1") for node in etree.parse(path).getroot().iter(f"{XS}element")]
    assert [text for text in most if not text.isdigit()] == []


@each_schema
def test_simple_types_are_named(path: Path) -> None:
    """Rule 5: simple types stand at the top, so that a toolkit has a name for each."""
    root = etree.parse(path).getroot()
    assert [node for node in root.iter(f"{XS}simpleType") if node.getparent() is not root] == []


def test_one_file_for_a_namespace() -> None:
    """Rule 4: libxml2 loads one document for a namespace."""
    namespaces = [etree.parse(path).getroot().get("targetNamespace") for path in SCHEMAS]
    assert len(set(namespaces)) == len(namespaces)


def test_every_schema_is_of_a_contract() -> None:
    """Nothing is published that no contract uses."""
    used = {file.name for contract in CONTRACTS for file in codec_of(contract).contract.schemas.files}
    assert used == {path.name for path in SCHEMAS}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_contract_has_its_soap_1_2_document(contract: str) -> None:
    """Rule 2: the SOAP 1.2 binding stands in a document of its own, at the same address."""
    described = codec_of(contract).contract
    assert f'location="{described.address}"' in described.soap12_path.read_text()


@each_operation
def test_contract_fault_is_declared(contract: str, operation: str) -> None:
    """Rule 3: every operation declares the one fault there is."""
    assert codec_of(contract).contract.operations[operation].faults == (CONTRACT_FAULT,)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_fault_type_has_a_required_child_first(contract: str) -> None:
    """Rule 7: a named type with a child that does not repeat, or Axis 1.4 makes code that does not compile."""
    made = codec_of(contract).contract.schemas.element_type(CONTRACT_FAULT)
    assert (made.name, made.fields[0].minimum, made.fields[0].repeated) == ("ContractFaultType", 1, False)


@each_operation
def test_request_begins_with_the_head(contract: str, operation: str) -> None:
    """StreamingNo, TimeStamp and SystemId are the first fields of every request."""
    assert [field.name for field in fields_of(contract, operation).fields][:3] == [
        "StreamingNo",
        "TimeStamp",
        "SystemId",
    ]


@each_operation
def test_answer_begins_with_the_result(contract: str, operation: str) -> None:
    """StreamingNo, ResultCode and ResultDesc are the first fields of every answer."""
    fields = [field.name for field in fields_of(contract, f"{operation}Response").fields]
    assert fields[:3] == ["StreamingNo", "ResultCode", "ResultDesc"]
