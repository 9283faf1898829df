"""The messages of a contract with the facets of their values, read from the schema files by themselves.

Tests make messages from it: samples for clients of other languages, good and broken messages for the fuzz. It must not use
what the gateway compiled from the same files, or both could be wrong together; `test_message_model.py` holds them side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

from gateway.resources import contracts_dir

XS = "{http://www.w3.org/2001/XMLSchema}"
W = "{http://schemas.xmlsoap.org/wsdl/}"
WSDL = contracts_dir()
SERVED = ("vsop", "ppm", "ismp", "ocs")
"""The contracts that a gateway serves."""


@dataclass(frozen=True)
class Simple:
    """A simple type: the built-in below it, and its facets; lengths are characters, None where there is no limit."""

    base: str
    pattern: str | None = None
    values: tuple[str, ...] = ()
    min_length: int = 0
    max_length: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Member:
    """A child element."""

    name: str
    namespace: str
    minimum: int
    maximum: int
    kind: Simple | Complex

    @property
    def tag(self) -> str:
        return f"{{{self.namespace}}}{self.name}"


@dataclass(frozen=True)
class Complex:
    """A complex type: a sequence of child elements."""

    members: tuple[Member, ...]


@dataclass(frozen=True, repr=False)
class Operation:
    """One operation of a contract, its request and its answer."""

    contract: str
    name: str
    namespace: str
    request: Complex
    response: Complex

    @property
    def tag(self) -> str:
        return f"{{{self.namespace}}}{self.name}"

    def __repr__(self) -> str:
        return f"{self.contract}.{self.name}"


class Model:
    """All global elements and types of the schema files."""

    def __init__(self) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._types: dict[str, etree._Element] = {}
        for path in sorted((WSDL / "xsd").glob("*.xsd")):
            root = etree.parse(path).getroot()
            for node in root.iterchildren("*"):
                name = f"{{{root.get('targetNamespace')}}}{node.get('name')}"
                if node.tag == f"{XS}element":
                    self._elements[name] = node
                elif node.tag in (f"{XS}complexType", f"{XS}simpleType"):
                    self._types[name] = node

    def element(self, tag: str) -> Complex:
        """The type of a global element."""
        node = self._elements[tag]
        inline = node.find(f"{XS}complexType")
        made = self._complex(inline) if inline is not None else self._kind(node)
        assert isinstance(made, Complex)
        return made

    def _complex(self, node: etree._Element) -> Complex:
        members = []
        for child in node.iterfind(f"{XS}sequence/{XS}element"):
            namespace = str(child.getroottree().getroot().get("targetNamespace"))
            least, most = int(child.get("minOccurs", "1")), int(child.get("maxOccurs", "1"))
            members.append(Member(str(child.get("name")), namespace, least, most, self._kind(child)))
        return Complex(tuple(members))

    def _kind(self, node: etree._Element) -> Simple | Complex:
        name = _qname(node, str(node.get("type")))
        if name.startswith(XS):
            return Simple(name.removeprefix(XS))
        found = self._types[name]
        return self._complex(found) if found.tag == f"{XS}complexType" else _simple(found)


def _simple(node: etree._Element) -> Simple:
    restriction = node.find(f"{XS}restriction")
    assert restriction is not None
    facets: dict[str, list[str]] = {}
    for facet in restriction.iterchildren("*"):
        facets.setdefault(etree.QName(facet).localname, []).append(str(facet.get("value")))
    odd = facets.keys() - {"pattern", "enumeration", "minLength", "maxLength", "minInclusive", "maxInclusive"}
    assert not odd, f"{node.get('name')}: teach message_model.py the facets {odd}"
    one = {name: values[0] for name, values in facets.items()}
    return Simple(
        base=_qname(restriction, str(restriction.get("base"))).removeprefix(XS),
        pattern=one.get("pattern"),
        values=tuple(facets.get("enumeration", ())),
        min_length=int(one.get("minLength", "0")),
        max_length=int(one["maxLength"]) if "maxLength" in one else None,
        least=int(one["minInclusive"]) if "minInclusive" in one else None,
        most=int(one["maxInclusive"]) if "maxInclusive" in one else None,
    )


def _qname(node: etree._Element, text: str) -> str:
    prefix, _, local = text.rpartition(":")
    return f"{{{node.nsmap[prefix or None]}}}{local}"


@cache
def model() -> Model:
    """Read the schema files once for all tests."""
    return Model()


@cache
def operations(contract: str, directory: Path = WSDL) -> tuple[Operation, ...]:
    """The operations of a contract, in the order of its portType."""
    root = etree.parse(directory / f"{contract}.wsdl").getroot()
    namespace = str(root.get("targetNamespace"))
    made = []
    for node in root.iterfind(f"{W}portType/{W}operation"):
        name = str(node.get("name"))
        request = model().element(f"{{{namespace}}}{name}")
        made.append(Operation(contract, name, namespace, request, model().element(f"{{{namespace}}}{name}Response")))
    return tuple(made)


SERVED_OPERATIONS = tuple(operation for contract in SERVED for operation in operations(contract))
ROUTING = "{urn:vas:types:v1}Routing"
