"""One contract: a WSDL file with its schemas, read once at start-up and checked against the rules that keep old toolkits working."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lxml import etree

from gateway.contract.schema import XS, ContractError, SchemaSet, parse_file, words_of

__all__ = ["Contract", "ContractError", "Operation", "load_contract"]

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
HTTP_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
TYPES_NAMESPACE = "urn:vas:types:v1"
ROUTING = f"{{{TYPES_NAMESPACE}}}Routing"
CONTRACT_FAULT = f"{{{TYPES_NAMESPACE}}}ContractFault"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its request and answer elements as {namespace}name, its SOAPAction, the faults it declares."""

    name: str
    request: str
    response: str
    action: str
    faults: tuple[str, ...]
    line: int
    documentation: str = ""
    """What the file says of it in words."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract file, ready to serve, call and publish."""

    name: str
    namespace: str
    path: Path
    address: str
    operations: dict[str, Operation]
    schemas: SchemaSet
    validator: etree.XMLSchema
    sha256: str
    documentation: str = ""

    @property
    def by_request(self) -> dict[str, Operation]:
        """Operations by the element that stands in the Body."""
        return {operation.request: operation for operation in self.operations.values()}

    def published(self) -> dict[str, Path]:
        """Files by the name under which they are served, relative to /services/."""
        if not self.soap12_path.is_file():
            raise ContractError(self.soap12_path, 1, "the document with the SOAP 1.2 binding does not exist")
        root = self.path.parent
        return {str(path.relative_to(root)): path for path in [self.path, self.soap12_path, *self.schemas.files]}

    @property
    def soap12_path(self) -> Path:
        """The second document, with the SOAP 1.2 binding."""
        return self.path.with_name(f"{self.name}.soap12.wsdl")


def load_contract(path: Path) -> Contract:
    """Read a WSDL 1.1 file with all it imports; raises ContractError with file, line and name for what we cannot serve."""
    path = path.resolve()
    if not path.is_file():
        raise ContractError(path, 1, "contract file does not exist")
    root = parse_file(path)
    if root.tag != f"{{{WSDL}}}definitions" or not root.get("targetNamespace"):
        raise ContractError(path, root.sourceline, "expected wsdl:definitions with a targetNamespace")
    schemas = SchemaSet(_imports(root, path))
    operations = _operations(root, path, schemas)
    return Contract(
        name=path.stem,
        namespace=str(root.get("targetNamespace")),
        path=path,
        address=_address(root, path),
        operations=operations,
        schemas=schemas,
        validator=_validator(path, schemas),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        documentation=words_of(root, f"{{{WSDL}}}documentation"),
    )


def operation_names(path: Path) -> list[str]:
    """List the operations of a WSDL file without reading its schemas; raises ContractError."""
    if not path.is_file():
        raise ContractError(path, 1, "contract file does not exist")
    root = parse_file(path)
    return [str(node.get("name")) for node in _one(root, path, "portType").findall(f"{{{WSDL}}}operation")]


def _one(root: etree._Element, path: Path, name: str) -> etree._Element:
    found = root.findall(f"{{{WSDL}}}{name}")
    if len(found) != 1:
        line = found[1].sourceline if found else root.sourceline
        raise ContractError(path, line, f"expected exactly one wsdl:{name}, found {len(found)}")
    return found[0]


def _imports(root: etree._Element, path: Path) -> list[Path]:
    types = _one(root, path, "types")
    found: list[Path] = []
    for node in types.iter(etree.Element):
        if node.tag in (types.tag, f"{{{XS}}}schema"):
            continue
        location = node.get("schemaLocation")
        if node.tag != f"{{{XS}}}import" or not location:
            raise ContractError(path, node.sourceline, "wsdl:types may only import schema files by relative path")
        found.append(path.parent / location)
    return found


def _address(root: etree._Element, path: Path) -> str:
    port = _one(_one(root, path, "service"), path, "port")
    address = port.find(f"{{{SOAP}}}address")
    if address is None or not address.get("location"):
        raise ContractError(path, port.sourceline, "soap:address is missing")
    return str(address.get("location"))


def _messages(root: etree._Element, path: Path) -> dict[str, str]:
    messages: dict[str, str] = {}
    for node in root.findall(f"{{{WSDL}}}message"):
        parts = node.findall(f"{{{WSDL}}}part")
        element = parts[0].get("element") if len(parts) == 1 else None
        if element is None:
            raise ContractError(
                path, node.sourceline, f"message {node.get('name')}: one part with an element is needed"
            )
        prefix, _, local = element.rpartition(":")
        messages[str(node.get("name"))] = f"{{{node.nsmap.get(prefix or None)}}}{local}"
    return messages


def _operations(root: etree._Element, path: Path, schemas: SchemaSet) -> dict[str, Operation]:
    messages = _messages(root, path)
    actions = _actions(root, path)
    known = set(schemas.element_names)
    namespace = root.get("targetNamespace")
    made: dict[str, Operation] = {}
    port_type = _one(root, path, "portType")
    for node in port_type.findall(f"{{{WSDL}}}operation"):
        name, line = str(node.get("name")), node.sourceline or 1
        request = _part(node, "input", messages, path)
        response = _part(node, "output", messages, path)
        faults = tuple(messages.get(_local(f.get("message")), "of a fault") for f in node.findall(f"{{{WSDL}}}fault"))
        for element in (request, response, *faults):
            if element not in known:
                raise ContractError(path, line, f"operation {name}: element {element} is in no schema")
        if request != f"{{{namespace}}}{name}" or response != f"{{{namespace}}}{name}Response":
            raise ContractError(
                path, line, f"operation {name}: document/literal wrapped names are {name} and {name}Response"
            )
        if name not in actions:
            raise ContractError(path, line, f"operation {name} is not in the binding")
        made[name] = Operation(name, request, response, actions[name], faults, line, words_of(node, f"{{{WSDL}}}documentation"))
    for name in actions.keys() - made.keys():
        raise ContractError(path, port_type.sourceline, f"the binding's operation {name} is not in the portType")
    return made


def _part(node: etree._Element, direction: str, messages: dict[str, str], path: Path) -> str:
    part = node.find(f"{{{WSDL}}}{direction}")
    element = None if part is None else messages.get(_local(part.get("message")))
    if element is None:
        raise ContractError(path, node.sourceline, f"operation {node.get('name')}: {direction} message is missing")
    return element


def _local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


def _actions(root: etree._Element, path: Path) -> dict[str, str]:
    binding = _one(root, path, "binding")
    soap = binding.find(f"{{{SOAP}}}binding")
    if soap is None or soap.get("transport") != HTTP_TRANSPORT or soap.get("style", "document") != "document":
        raise ContractError(path, binding.sourceline, "the binding must be SOAP 1.1, document style, over HTTP")
    actions: dict[str, str] = {}
    for node in binding.findall(f"{{{WSDL}}}operation"):
        name = str(node.get("name"))
        soap_operation = node.find(f"{{{SOAP}}}operation")
        action = None if soap_operation is None else soap_operation.get("soapAction")
        if not action or action in actions.values():
            raise ContractError(path, node.sourceline, f"operation {name}: soapAction must be there and be unique")
        for body in node.iter(f"{{{SOAP}}}body"):
            if body.get("use") != "literal":
                raise ContractError(path, body.sourceline, f'operation {name}: use must be "literal"')
        actions[name] = action
    return actions


def _validator(path: Path, schemas: SchemaSet) -> etree.XMLSchema:
    # One artificial schema that imports every file: libxml2 then validates any global element of the contract.
    imports = "".join(
        f'<xs:import namespace="{parse_file(file).get("targetNamespace")}" schemaLocation="{file.as_uri()}"/>'
        for file in schemas.files
    )
    source = f'<xs:schema xmlns:xs="{XS}">{imports}</xs:schema>'
    try:
        return etree.XMLSchema(etree.fromstring(source.encode()))
    except etree.XMLSchemaParseError as error:
        last = error.error_log[-1] if len(error.error_log) else None
        file = Path(url2pathname(urlsplit(last.filename).path)) if last is not None else path
        raise ContractError(
            file, last.line if last is not None else 1, last.message if last else "schema error"
        ) from error
