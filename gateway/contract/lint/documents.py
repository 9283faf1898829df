"""WSDL and XSD files as the rules see them: parsed, with what they import, and the questions that several rules ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from gateway.contract.document import SOAP, WSDL
from gateway.contract.schema import XS, ContractError, parse_file

SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
W, X = f"{{{WSDL}}}", f"{{{XS}}}"
DEFINITIONS, SCHEMA = f"{W}definitions", f"{X}schema"


class Library:
    """Files by path, each read once."""

    def __init__(self) -> None:
        self._read: dict[Path, Document | None] = {}

    def get(self, path: Path) -> Document | None:
        """Give a file; None where it is not there or not XML."""
        path = path.resolve()
        if path not in self._read:
            try:
                self._read[path] = Document(path, path.read_bytes(), parse_file(path), self)
            except (OSError, ContractError):
                self._read[path] = None
        return self._read[path]


@dataclass(frozen=True, eq=False)
class Document:
    """One file: a WSDL description, a schema, or something else."""

    path: Path
    data: bytes
    root: etree._Element
    library: Library

    @property
    def namespace(self) -> str:
        """Its targetNamespace, or an empty text."""
        return self.root.get("targetNamespace", "")

    @property
    def soap(self) -> str:
        """Namespace of its binding's elements: SOAP 1.2 where there are only such, else SOAP 1.1."""
        namespaces = {etree.QName(node).namespace for node in self.root.iter(f"{{{SOAP}}}*", f"{{{SOAP12}}}*")}
        return SOAP12 if namespaces == {SOAP12} else SOAP

    def named(self, *names: str) -> Iterator[etree._Element]:
        """Give the elements of the binding's namespace by local name."""
        return self.root.iter(*(f"{{{self.soap}}}{name}" for name in names))

    def target(self, node: etree._Element, attribute: str) -> Document | None:
        """Give the file that an import names by a relative path."""
        location = node.get(attribute)
        return self.library.get(self.path.parent / location) if location and "://" not in location else None

    def wsdl_imports(self) -> list[Document]:
        """Give the descriptions that it imports."""
        targets = (self.target(node, "location") for node in self.root.iterchildren(f"{W}import"))
        return [target for target in targets if target is not None and target.root.tag == DEFINITIONS]

    def schemas(self) -> list[Document]:
        """Give the schema files that it reaches, each once, in the order in which they are named."""
        reached: list[Document] = []
        waiting = [self]
        while waiting:
            document = waiting.pop(0)
            for node in document.root.iter(f"{X}import", f"{X}include"):
                target = document.target(node, "schemaLocation")
                if target is not None and target.root.tag == SCHEMA and target not in reached:
                    reached.append(target)
                    waiting.append(target)
        return reached

    def inline_schemas(self) -> list[etree._Element]:
        """Give the xs:schema elements inside its wsdl:types."""
        return [node for types in self.root.iterchildren(f"{W}types") for node in types.iterchildren(SCHEMA)]

    def parts_of_name(self, node: etree._Element, name: str) -> tuple[str, str]:
        """Give namespace and local name of a QName; the namespace is empty where its prefix is not declared."""
        prefix, _, local = name.rpartition(":")
        return node.nsmap.get(prefix or None) or "", local

    def components(self, kind: str) -> dict[tuple[str, str], etree._Element]:
        """Give the children of definitions of a kind, its own and the imported ones, by namespace and name."""
        return {
            (document.namespace, node.get("name", "")): node
            for document in (*self.wsdl_imports(), self)
            for node in document.root.iterchildren(f"{W}{kind}")
        }

    def global_elements(self) -> set[tuple[str, str]]:
        """Give the global elements of all schemas that it, or what it imports, reaches."""
        roots = [s.root for d in (self, *self.wsdl_imports()) for s in d.schemas()]
        roots += [schema for d in (self, *self.wsdl_imports()) for schema in d.inline_schemas()]
        return {(root.get("targetNamespace", ""), e.get("name", "")) for root in roots for e in root.iterchildren(f"{X}element")}

    def message_of(self, node: etree._Element) -> etree._Element | None:
        """Give the wsdl:message that an input, output, fault or header names."""
        return self.components("message").get(self.parts_of_name(node, node.get("message", "")))

    def bindings(self) -> list[Bound]:
        """Give its bindings with their portTypes."""
        types = self.components("portType")
        nodes = self.root.iterchildren(f"{W}binding")
        return [Bound(self, node, types.get(self.parts_of_name(node, node.get("type", "")))) for node in nodes]


@dataclass(frozen=True, eq=False)
class Bound:
    """A binding, and the portType that it names where that is found."""

    document: Document
    node: etree._Element
    port_type: etree._Element | None

    @property
    def style(self) -> str:
        """Of the binding, where an operation does not say otherwise."""
        soap = self.node.find(f"{{{self.document.soap}}}binding")
        return "document" if soap is None else soap.get("style", "document")

    def operations(self) -> list[BoundOperation]:
        """Give its operations with what the portType says of them."""
        types = {} if self.port_type is None else {o.get("name", ""): o for o in self.port_type.iterchildren(f"{W}operation")}
        return [BoundOperation(self, o, types.get(o.get("name", ""))) for o in self.node.iterchildren(f"{W}operation")]


@dataclass(frozen=True, eq=False)
class BoundOperation:
    """An operation of a binding, and the one of the portType with its name, where there is one."""

    bound: Bound
    node: etree._Element
    declared: etree._Element | None

    @property
    def name(self) -> str:
        """As in the file."""
        return self.node.get("name", "")

    @property
    def style(self) -> str:
        """Its own, or the binding's."""
        soap = self.node.find(f"{{{self.bound.document.soap}}}operation")
        return self.bound.style if soap is None else soap.get("style", self.bound.style)

    def extensions(self, *names: str) -> Iterator[etree._Element]:
        """Give its SOAP elements by local name, such as body and fault."""
        return self.node.iter(*(f"{{{self.bound.document.soap}}}{name}" for name in names))

    def bodies(self) -> Iterator[tuple[etree._Element, etree._Element]]:
        """Give each soap:body with the message that it carries, where that is found."""
        for direction in ("input", "output"):
            side = self.node.find(f"{W}{direction}")
            declared = None if self.declared is None else self.declared.find(f"{W}{direction}")
            if side is None or declared is None:
                continue
            message = self.bound.document.message_of(declared)
            for body in side.iter(f"{{{self.bound.document.soap}}}body"):
                if message is not None:
                    yield body, message


def parts(message: etree._Element) -> list[etree._Element]:
    """Give the parts of a message."""
    return list(message.iterchildren(f"{W}part"))
