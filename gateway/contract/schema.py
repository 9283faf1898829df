"""The subset of XML Schema that our contracts may use, read into plain values; everything else is refused by file and line.

Facets (patterns, lengths, ranges) are not read: libxml2's XMLSchema checks them over the same files, and it alone decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from keyword import iskeyword
from pathlib import Path

from lxml import etree

XS = "http://www.w3.org/2001/XMLSchema"
_SKIPPED = {f"{{{XS}}}annotation"}


class ContractError(Exception):
    """A contract file is broken or uses what we do not support; the text names file, line and construct."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        super().__init__(f"{path}:{line or 1}: {problem}")
        self.path, self.line, self.problem = path, line or 1, problem


class Primitive(StrEnum):
    """How a simple value is held in Python."""

    TEXT = "str"
    WHOLE = "int"
    TRUTH = "bool"


_PRIMITIVES = {
    "string": Primitive.TEXT,
    "int": Primitive.WHOLE,
    "long": Primitive.WHOLE,
    "integer": Primitive.WHOLE,
    "boolean": Primitive.TRUTH,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One child element: name, namespace, how often it may stand, and either a primitive or a complex type."""

    name: str
    namespace: str
    minimum: int
    maximum: int | None
    primitive: Primitive | None
    complex_type: ComplexType | None
    type_name: str = field(default="", compare=False)
    """As {namespace}name."""

    @property
    def repeated(self) -> bool:
        """Whether the field is held as a list."""
        return self.maximum is None or self.maximum > 1


@dataclass(slots=True)
class ComplexType:
    """A sequence of child elements under a type name (an anonymous type takes the name of its element)."""

    name: str
    namespace: str
    fields: list[Field] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Named:
    node: etree._Element
    path: Path
    namespace: str


class SchemaSet:
    """All schema files that one contract reaches, with their global elements and types."""

    def __init__(self, entry: list[Path]) -> None:
        self.files: list[Path] = []
        self._elements: dict[str, _Named] = {}
        self._types: dict[str, _Named] = {}
        self._complex: dict[str, ComplexType] = {}
        self._open: set[str] = set()
        self._namespaces: set[str] = set()
        for path in entry:
            self._read(path.resolve())

    @property
    def element_names(self) -> list[str]:
        """Every global element as {namespace}name."""
        return list(self._elements)

    def element_type(self, qname: str) -> ComplexType:
        """Give the complex type of a global element; its messages are always complex."""
        named = self._elements[qname]
        local = etree.QName(qname).localname
        type_name = named.node.get("type")
        if type_name is not None:
            return self._global_complex(named, self._qname(named, type_name))
        inline = named.node.find(f"{{{XS}}}complexType")
        if inline is None:
            raise ContractError(named.path, named.node.sourceline, f"element {local} needs a complex type")
        return self._complex_type(_Named(inline, named.path, named.namespace), local)

    def facets(self, type_name: str) -> list[tuple[str, str]]:
        """Give what a simple type and those that it restricts demand: pairs of a facet and its value, its primitive type as `base`."""
        found: list[tuple[str, str]] = []
        while etree.QName(type_name).namespace != XS:
            named = self._types[type_name]
            restriction = named.node.find(f"{{{XS}}}restriction")
            assert restriction is not None  # _primitive refuses others
            found += [(etree.QName(facet).localname, str(facet.get("value"))) for facet in _children(restriction)]
            type_name = self._qname(named, str(restriction.get("base")))
        return [*found, ("base", etree.QName(type_name).localname)]

    def documentation(self, type_name: str) -> str:
        """Give what the files say of a type in words; empty where they say nothing."""
        named = self._types.get(type_name)
        return "" if named is None else words_of(named.node, f"{{{XS}}}annotation/{{{XS}}}documentation")

    def _read(self, path: Path) -> None:
        if path in self.files:
            return
        if not path.is_file():
            raise ContractError(path, 1, "schema file does not exist")
        self.files.append(path)
        root = parse_file(path)
        if root.tag != f"{{{XS}}}schema" or not root.get("targetNamespace"):
            raise ContractError(path, root.sourceline, "expected xs:schema with a targetNamespace")
        if root.get("elementFormDefault") != "qualified":
            raise ContractError(path, root.sourceline, 'elementFormDefault must be "qualified"')
        namespace = str(root.get("targetNamespace"))
        if namespace in self._namespaces:  # libxml2 reads the first and leaves the others out, without a word
            raise ContractError(path, root.sourceline, f"namespace {namespace} has a file already")
        self._namespaces.add(namespace)
        for node in _children(root):
            self._global(node, path, namespace)

    def _global(self, node: etree._Element, path: Path, namespace: str) -> None:
        kind = etree.QName(node).localname
        if kind == "import":
            location = node.get("schemaLocation")
            if not location or "://" in location:
                raise ContractError(path, node.sourceline, "xs:import needs a relative schemaLocation")
            self._read((path.parent / location).resolve())
            return
        target = {"element": self._elements, "complexType": self._types, "simpleType": self._types}.get(kind)
        name = node.get("name")
        if target is None or name is None:
            raise ContractError(path, node.sourceline, f"unsupported construct xs:{kind}")
        qname = f"{{{namespace}}}{name}"
        if qname in target:
            raise ContractError(path, node.sourceline, f"{name} is defined twice")
        target[qname] = _Named(node, path, namespace)

    def _qname(self, named: _Named, text: str) -> str:
        prefix, _, local = text.rpartition(":")
        namespace = named.node.nsmap.get(prefix or None)
        if namespace is None:
            raise ContractError(named.path, named.node.sourceline, f"prefix of {text} is not declared")
        return f"{{{namespace}}}{local}"

    def _global_complex(self, user: _Named, qname: str) -> ComplexType:
        named = self._types.get(qname)
        if named is None or etree.QName(named.node).localname != "complexType":
            raise ContractError(user.path, user.node.sourceline, f"{qname} is not a known complex type")
        return self._complex_type(named, etree.QName(qname).localname)

    def _complex_type(self, named: _Named, name: str) -> ComplexType:
        key = f"{{{named.namespace}}}{name}@{named.node.sourceline}"
        if key in self._complex:
            return self._complex[key]
        if key in self._open:
            raise ContractError(
                named.path, named.node.sourceline, f"type {name} contains itself: recursion is not supported"
            )
        self._open.add(key)
        content = list(_children(named.node))
        odd = next((child for child in content if child.tag != f"{{{XS}}}sequence"), None)
        if odd is not None or len(content) != 1 or content[0].get("maxOccurs", "1") != "1":
            found = f"xs:{etree.QName(odd).localname}" if odd is not None else f"{len(content)}, or one that repeats"
            line = named.node.sourceline if odd is None else odd.sourceline
            raise ContractError(named.path, line, f"type {name}: one plain xs:sequence is supported, found {found}")
        made = ComplexType(name, named.namespace)
        for child in _children(content[0]):
            member = self._field(_Named(child, named.path, named.namespace), name)
            if (
                not member.name.isidentifier()
                or iskeyword(member.name)
                or any(member.name == f.name for f in made.fields)
            ):
                problem = f"type {name}: {member.name} stands twice or cannot be a Python name"
                raise ContractError(named.path, child.sourceline, problem)
            made.fields.append(member)
        self._open.discard(key)
        self._complex[key] = made
        return made

    def _field(self, named: _Named, owner: str) -> Field:
        node, line = named.node, named.node.sourceline
        name, type_name = node.get("name"), node.get("type")
        extra = set(node.attrib) - {"name", "type", "minOccurs", "maxOccurs"}
        if node.tag != f"{{{XS}}}element" or name is None or type_name is None or extra:
            what = f"attribute {sorted(map(str, extra))[0]}" if extra else f"xs:{etree.QName(node).localname}"
            raise ContractError(
                named.path, line, f"type {owner}: unsupported {what}; use xs:element with name and type"
            )
        maximum = node.get("maxOccurs", "1")
        qname = self._qname(named, type_name)
        primitive = self._primitive(named, qname)
        return Field(
            name=name,
            namespace=named.namespace,
            minimum=int(node.get("minOccurs", "1")),
            maximum=None if maximum == "unbounded" else int(maximum),
            primitive=primitive,
            complex_type=None if primitive is not None else self._global_complex(named, qname),
            type_name=qname,
        )

    def _primitive(self, user: _Named, qname: str) -> Primitive | None:
        spelled = etree.QName(qname)
        if spelled.namespace == XS:
            primitive = _PRIMITIVES.get(spelled.localname)
            if primitive is None:
                raise ContractError(user.path, user.node.sourceline, f"unsupported type xs:{spelled.localname}")
            return primitive
        named = self._types.get(qname)
        if named is None:
            raise ContractError(user.path, user.node.sourceline, f"{qname} is not a known type")
        if etree.QName(named.node).localname == "complexType":
            return None
        restriction = named.node.find(f"{{{XS}}}restriction")
        base = None if restriction is None else restriction.get("base")
        if base is None:
            raise ContractError(named.path, named.node.sourceline, "simple types must be a restriction by name")
        return self._primitive(named, self._qname(named, base))


def parse_file(path: Path) -> etree._Element:
    """Parse one of our own files; raises ContractError with the line of what is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.parse(str(path), parser).getroot()
    except etree.XMLSyntaxError as error:
        raise ContractError(path, error.lineno, f"not well-formed XML: {error.msg}") from error


def words_of(node: etree._Element, place: str) -> str:
    """Give the text of a documentation element below a node, on one line."""
    return " ".join((node.findtext(place) or "").split())


def _children(node: etree._Element) -> Iterator[etree._Element]:
    for child in node:
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield child
