"""Reading a WSDL: what it gives, and that each thing we cannot serve is refused by file, line and name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from small_contract import NAMESPACE, WSDL, line_of, write

from gateway.contract import ContractError, load_contract, operation_names
from gateway.contract.document import Operation
from gateway.resources import contracts_dir

OUTPUT = '      <wsdl:output message="tns:pingResponse"/>\n'
FAULT = '      <wsdl:fault name="F" message="tns:none"/>\n'
BOUND = '    <wsdl:operation name="ping">\n      <soap:operation'
BINDING = '    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>\n'
END = "  </wsdl:binding>"
PONG = '    <wsdl:operation name="pong"><soap:operation soapAction="urn:{}"/></wsdl:operation>\n' + END
IMPORT = '<xs:import namespace="urn:test:v1" schemaLocation="small.xsd"/>'
TYPES = WSDL[WSDL.index("  <wsdl:types>") : WSDL.index("  <wsdl:message")]
PART = '<wsdl:part name="parameters" element="tns:ping"/>'

REFUSED = {  # what is replaced, by what, and the line and words of the error
    "no-target-namespace": (' targetNamespace="urn:test:v1"', "", 4, "with a targetNamespace"),
    "no-types": (TYPES, "", 4, "exactly one wsdl:types, found 0"),
    "schema-inside": (IMPORT, "<xs:element/>", 7, "wsdl:types may only import"),
    "import-without-location": (' schemaLocation="small.xsd"', "", 7, "by relative path"),
    "part-by-type": ('element="tns:ping"', 'type="tns:ping"', 10, "message pingRequest"),
    "two-parts": (PART, PART * 2, 10, "message pingRequest"),
    "element-unknown": ('element="tns:ping"', 'element="tns:pong"', 17, "ping: element {urn:test:v1}pong"),
    "prefix-unknown": ('element="tns:ping"', 'element="other:ping"', 17, "operation ping: element"),
    "wrapper-of-another-name": ('element="tns:ping"', 'element="tns:pingResponse"', 17, "ping and pingResponse"),
    "input-unknown": ("tns:pingRequest", "tns:none", 17, "operation ping: input"),
    "output-missing": (OUTPUT, "", 17, "operation ping: output"),
    "fault-unknown": (OUTPUT, OUTPUT + FAULT, 17, "operation ping: element of a fault"),
    "not-in-the-binding": (BOUND, BOUND.replace("ping", "pong"), 17, "operation ping is not in the binding"),
    "only-in-the-binding": (END, PONG.format("pong"), 16, "the binding's operation pong"),
    "rpc": ('style="document"', 'style="rpc"', 22, "document style"),
    "not-http": ("soap/http", "soap/smtp", 22, "over HTTP"),
    "no-soap-binding": (BINDING, "", 22, "SOAP 1.1"),
    "no-soap-action": (' soapAction="urn:test:v1/ping"', "", 24, "operation ping: soapAction"),
    "empty-soap-action": ('soapAction="urn:test:v1/ping"', 'soapAction=""', 24, "operation ping: soapAction"),
    "soap-action-twice": (END, PONG.format("test:v1/ping"), 29, "operation pong: soapAction"),
    "encoded": ('use="literal"', 'use="encoded"', 26, 'operation ping: use must be "literal"'),
    "no-address": ("soap:address location", "soap:address place", 31, "soap:address"),
    "two-port-types": ("<wsdl:binding ", '<wsdl:portType name="P"/><wsdl:binding ', 22, "wsdl:portType, found 2"),
    "not-well-formed": ("</wsdl:definitions>", "</wsdl:end>", 35, "not well-formed XML"),
}


def refusal(path: Path) -> str:
    """Give the text with which a contract is refused."""
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    return str(caught.value)


def test_operation_is_read_whole(tmp_path: Path) -> None:
    """Name, both elements, action, faults and line come from the file."""
    contract = load_contract(write(tmp_path))
    assert contract.operations == {
        "ping": Operation(
            name="ping", request=f"{{{NAMESPACE}}}ping", response=f"{{{NAMESPACE}}}pingResponse",
            action="urn:test:v1/ping", faults=(), line=line_of(WSDL, '<wsdl:operation name="ping"'),
        )
    }  # fmt: skip


def test_contract_has_the_name_of_its_file(tmp_path: Path) -> None:
    """Name, namespace, address and digest."""
    path = write(tmp_path)
    contract = load_contract(path)
    assert (contract.name, contract.namespace, contract.address) == (
        "small",
        NAMESPACE,
        "http://127.0.0.1:1/services/small",
    )
    assert contract.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_operation_is_found_by_its_element(tmp_path: Path) -> None:
    """The element in the Body decides."""
    contract = load_contract(write(tmp_path))
    assert contract.by_request == {f"{{{NAMESPACE}}}ping": contract.operations["ping"]}


def test_published_files_have_relative_names(tmp_path: Path) -> None:
    """Both WSDL documents and every schema, as a client resolves them."""
    path = write(tmp_path)
    path.with_name("small.soap12.wsdl").write_text("<definitions/>")
    assert sorted(load_contract(path).published()) == ["small.soap12.wsdl", "small.wsdl", "small.xsd"]


@pytest.mark.parametrize("case", REFUSED)
def test_broken_contract_is_refused(case: str, tmp_path: Path) -> None:
    """The error names the file, the line and what is wrong there."""
    old, new, line, word = REFUSED[case]
    path = write(tmp_path, wsdl=(old, new))
    text = refusal(path)
    assert (text.startswith(f"{path}:{line}: "), word in text) == (True, True), text


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A wrong path is told as such."""
    path = tmp_path / "none.wsdl"
    assert refusal(path) == f"{path}:1: contract file does not exist"


def test_empty_file_is_refused(tmp_path: Path) -> None:
    """An empty file is not a contract."""
    path = tmp_path / "empty.wsdl"
    path.touch()
    assert refusal(path).startswith(f"{path}:1: not well-formed XML")


def test_other_document_is_refused(tmp_path: Path) -> None:
    """A schema is not a contract."""
    path = write(tmp_path).with_suffix(".xsd")
    assert refusal(path) == f"{path}:2: expected wsdl:definitions with a targetNamespace"


def test_operation_names_are_read_without_schemas() -> None:
    """The names alone, in the file's order, as the whole contract has them."""
    path = contracts_dir() / "ocs.wsdl"
    assert operation_names(path) == list(load_contract(path).operations)


def test_operation_names_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is told like any other trouble with a contract."""
    with pytest.raises(ContractError, match="does not exist"):
        operation_names(tmp_path / "none.wsdl")
