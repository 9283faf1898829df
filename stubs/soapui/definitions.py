"""What Schema Compliance holds answers to: the WSDL of an interface with its schemas, compiled for libxml2 from what the project carries.

A definition is taken from the project's own cache, else from a .wsdl file that it names by a path relative to itself, else it is the
shipped contract of the binding's namespace. Nothing is fetched, and no absolute path is opened, whatever a project says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml import etree

from gateway.contract.schema import XS
from stubs.soapui.documents import NotXml, parse_file, schema_set
from stubs.soapui.model import Interface
from stubs.soapui.results import CannotRun, Said

WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP = ("http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/")
_ACTIONS = ("{http://www.w3.org/2007/05/addressing/metadata}Action", "{http://www.w3.org/2006/05/addressing/wsdl}Action")
_SUFFIXES = (".wsdl", ".xsd", ".xml")
_MOST_FILES = 200
Load = Callable[[str], bytes]
"""Gives a file of the definition by its address; raises CannotRun."""


@dataclass(frozen=True, slots=True)
class OperationSchema:
    """Elements of one operation as {namespace}name; `output_action` is what wsam:Action says, empty where nothing is said."""

    request: str
    response: str
    faults: tuple[str, ...]
    output_action: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A WSDL, ready to judge messages."""

    operations: Mapping[str, OperationSchema]
    validator: etree.XMLSchema


class Definitions:
    """The definitions of a project's interfaces, each compiled once, when it is first needed."""

    def __init__(self, directory: Path, contracts: Path) -> None:
        self._directory = directory
        self._contracts = contracts
        self._made: dict[str, Definition | CannotRun] = {}

    def of(self, interface: Interface) -> Definition:
        """Give the definition of an interface; raises CannotRun where there is none that can be used, each time for the same reason."""
        made = self._made.get(interface.name)
        if made is None:
            try:
                made = read_definition(*self._root(interface))
            except CannotRun as reason:
                made = reason
            self._made[interface.name] = made
        if isinstance(made, CannotRun):
            raise made
        return made

    def _root(self, interface: Interface) -> tuple[str, Load]:
        if interface.cached:
            root = interface.root_part if interface.root_part in interface.cached else next(iter(interface.cached))
            return root, _from_cache(interface.cached)
        named = interface.definition.replace("${projectDir}/", "").replace("${projectDir}\\", "").replace("\\", "/")
        if named and not urlsplit(named).scheme and not named.startswith("/"):
            path = (self._directory / named).resolve()
            if path.is_file():
                return str(path), _from_files
        shipped = next(
            (p for p in sorted(self._contracts.glob("*.wsdl")) if interface.namespace == f"urn:vas:{p.stem}:v1"), None
        )
        if shipped is None:
            raise CannotRun(Said(
                f"接口{interface.name}没有可用的WSDL: 工程未缓存定义, 也没有相对路径的文件",
                f"no WSDL for interface {interface.name}: the project has no cached definition and names no file relative to itself",
            ))  # fmt: skip
        return str(shipped), _from_files


def _from_cache(parts: Mapping[str, str]) -> Load:
    def load(address: str) -> bytes:
        text = parts.get(address)
        if text is None:
            raise CannotRun(Said(f"工程缓存的定义缺少 {address}", f"the project's cached definition lacks {address}"))
        return text.encode()

    return load


def _from_files(address: str) -> bytes:
    path = Path(address)
    if urlsplit(address).scheme or path.suffix.lower() not in _SUFFIXES:
        raise CannotRun(Said(f"定义引用了外部地址 {address}", f"the definition refers to {address}, which is not opened"))
    try:
        return path.read_bytes()
    except OSError:
        raise CannotRun(Said(f"定义文件无法读取: {path.name}", f"a file of the definition cannot be read: {path.name}")) from None


def _joined(base: str, location: str) -> str:
    """Give the address of a part; one that stands in a file names no place from the root of the machine."""
    if location.startswith(("/", "\\")) and not urlsplit(base).scheme:
        raise CannotRun(Said(f"定义引用了绝对路径 {location}",
                          f"the definition refers to {location}, a path from the root, which is not opened"))
    return urljoin(base, location)


def read_definition(root: str, load: Load) -> Definition:
    """Read a WSDL with all that it imports; raises CannotRun for what is broken, or not document style."""
    reader = _Reader(load)
    reader.wsdl(root)
    return Definition(reader.operations(), reader.validator())


class _Reader:
    """Collects WSDL files and schemas, then makes one schema of them."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._wsdls: dict[str, etree._Element] = {}
        self._schemas: dict[str, etree._Element] = {}
        self._includes: set[str] = set()
        """Addresses that other schemas include: not asked for by namespace."""

    def wsdl(self, address: str) -> None:
        """Read a WSDL file, its imports, and the schemas inside."""
        if address in self._wsdls:
            return
        root = self._wsdls[address] = self._parse(address)
        for node in root.iter(f"{{{WSDL}}}import"):
            if node.get("location"):
                self.wsdl(_joined(address, str(node.get("location"))))
        for number, schema in enumerate(list(root.iterfind(f"{{{WSDL}}}types/{{{XS}}}schema"))):
            self._schema(f"{address}#{number}", address, schema)

    def _parse(self, address: str) -> etree._Element:
        if len(self._wsdls) + len(self._schemas) > _MOST_FILES:
            raise CannotRun(Said("定义的文件过多", "the definition has too many files"))
        try:
            return parse_file(self._load(address))
        except NotXml as error:
            name = address.rpartition("/")[2]
            raise CannotRun(Said(f"定义 {name} 第{error.line}行无法读取", f"{name}:{error.line}: {error.reason}")) from None

    def _schema(self, key: str, base: str, schema: etree._Element) -> None:
        self._schemas[key] = schema
        for node in list(schema.iterchildren(f"{{{XS}}}import", f"{{{XS}}}include", f"{{{XS}}}redefine")):
            location = node.get("schemaLocation")
            if not location:
                continue
            address = _joined(base, location)
            if address not in self._schemas:
                self._schema(address, address, self._parse(address))
            if node.tag == f"{{{XS}}}import":
                del node.attrib["schemaLocation"]  # found by its namespace
            else:
                self._includes.add(address)
                node.set("schemaLocation", _name_of(address))

    def validator(self) -> etree.XMLSchema:
        """Compile: one document for each namespace, which includes its parts, as libxml2 reads one document a namespace."""
        spaces: dict[str, list[str]] = {}
        for key, schema in self._schemas.items():
            if key not in self._includes:
                spaces.setdefault(schema.get("targetNamespace", ""), []).append(key)
        files = {_name_of(key): schema for key, schema in self._schemas.items()}
        heads = {space: f"namespace-{number}.xsd" for number, space in enumerate(spaces)}
        for schema in files.values():
            for node in schema.iterchildren(f"{{{XS}}}import"):
                head = heads.get(node.get("namespace", ""))
                if head is not None:
                    node.set("schemaLocation", head)
        try:
            return schema_set(spaces, heads, {key: _name_of(key) for key in self._schemas}, files)
        except etree.XMLSchemaParseError as error:
            line = error.error_log[-1].message if len(error.error_log) else "schema error"
            raise CannotRun(Said("定义的Schema不合法", f"the schemas of the definition are broken: {line[:200]}")) from None

    def operations(self) -> Mapping[str, OperationSchema]:
        """Operations of document style by name."""
        messages = dict(pair for root in self._wsdls.values() for pair in _messages(root))
        rpc = any(node.get("style") == "rpc" for root in self._wsdls.values() for soap in _SOAP for node in root.iter(f"{{{soap}}}binding"))
        if rpc:
            raise CannotRun(Said("rpc风格的WSDL不做Schema校验", "Schema Compliance of WSDLs in rpc style is not judged"))
        found: dict[str, OperationSchema] = {}
        for root in self._wsdls.values():
            for node in root.iterfind(f"{{{WSDL}}}portType/{{{WSDL}}}operation"):
                output = node.find(f"{{{WSDL}}}output")
                action = "" if output is None else next((str(output.get(name)) for name in _ACTIONS if output.get(name)), "")
                request, response = (_element(node.find(f"{{{WSDL}}}{part}"), messages) for part in ("input", "output"))
                faults = (_element(fault, messages) for fault in node.iterfind(f"{{{WSDL}}}fault"))
                found[node.get("name", "")] = OperationSchema(request, response, tuple(faults), action)
        return found


def _name_of(address: str) -> str:
    """A name for a document that is held in memory: any that is its own."""
    return f"part-{address.encode().hex()}.xsd"


def _messages(root: etree._Element) -> Iterator[tuple[str, str]]:
    for node in root.iterfind(f"{{{WSDL}}}message"):
        part = next((each for each in node.iterfind(f"{{{WSDL}}}part") if each.get("element")), None)
        if part is not None:
            prefix, _, name = str(part.get("element")).rpartition(":")
            yield node.get("name", ""), f"{{{part.nsmap.get(prefix or None) or ''}}}{name}"


def _element(node: etree._Element | None, messages: Mapping[str, str]) -> str:
    return "" if node is None else messages.get(node.get("message", "").rpartition(":")[2], "")
