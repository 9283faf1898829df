"""WS-I Basic Profile 1.1, sections 4.1 to 4.6 and 4.8: the description as a file, its imports, types, messages and portType."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from lxml import etree

from gateway.contract.lint.documents import DEFINITIONS, SCHEMA, Document, W, X
from gateway.contract.lint.findings import BINDING, PROFILE, Hit, Rules

DESCRIPTION: Rules[Document] = Rules(PROFILE)
"""Over one WSDL file."""
FILE: Rules[Document] = Rules(PROFILE)
"""Over one file of either kind."""
SCHEMAS: Rules[Document] = Rules(PROFILE)
"""Over one schema file."""

_XML_DECLARED = re.compile(rb"xmlns:xml\s*=")
_ENCODED = "http://schemas.xmlsoap.org/soap/encoding/"
_UTF = {"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii"}


@FILE("R4003", "描述文件的编码必须是UTF-8或UTF-16", "a description is encoded in UTF-8 or UTF-16", BINDING)
def encoding(document: Document) -> Iterator[Hit]:
    """R4003; R2010 for schemas."""
    declared = document.root.getroottree().docinfo.encoding or "UTF-8"
    if declared.lower() not in _UTF:
        yield 1, declared


@FILE("R4004", "描述文件必须是XML 1.0", "a description is XML 1.0", BINDING)
def xml_version(document: Document) -> Iterator[Hit]:
    """R4004; R2011 for schemas."""
    version = document.root.getroottree().docinfo.xml_version or "1.0"
    if version != "1.0":
        yield 1, version


@FILE("R2034", "不得声明xml前缀", "the prefix xml is not declared")
def xml_prefix(document: Document) -> Iterator[Hit]:
    """R2034: some parsers refuse it."""
    for hit in _XML_DECLARED.finditer(document.data):
        yield document.data.count(b"\n", 0, hit.start()) + 1, "xmlns:xml"


@DESCRIPTION("R2007", "wsdl:import必须有非空的location", "wsdl:import has a location that is not empty")
def import_location(document: Document) -> Iterator[Hit]:
    """R2007."""
    for node in document.root.iterchildren(f"{W}import"):
        if not (node.get("location") or "").strip():
            yield node, node.get("namespace", "")


@DESCRIPTION("R2803", "wsdl:import的namespace必须是绝对URI", "the namespace of wsdl:import is an absolute URI")
def import_absolute(document: Document) -> Iterator[Hit]:
    """R2803."""
    for node in document.root.iterchildren(f"{W}import"):
        if not urlsplit(node.get("namespace", "")).scheme:
            yield node, node.get("namespace", "")


@DESCRIPTION("R2001", "wsdl:import只能引入WSDL文件", "wsdl:import leads to a WSDL file")
def import_of_wsdl(document: Document) -> Iterator[Hit]:
    """R2001: and the file is there."""
    for node, target in _wsdl_imports(document):
        if target is None or target.root.tag not in (DEFINITIONS, SCHEMA):
            yield node, node.get("location", "")


@DESCRIPTION("R2002", "引入Schema须用xs:import，不能用wsdl:import", "a schema is imported by xs:import, not by wsdl:import")
def schema_by_wsdl_import(document: Document) -> Iterator[Hit]:
    """R2002."""
    for node, target in _wsdl_imports(document):
        if target is not None and target.root.tag == SCHEMA:
            yield node, node.get("location", "")


@DESCRIPTION("R2005", "wsdl:import的namespace须等于被引入文件的targetNamespace", "wsdl:import names the targetNamespace of what it imports")
def import_namespace(document: Document) -> Iterator[Hit]:
    """R2005."""
    for node, target in _wsdl_imports(document):
        named = node.get("namespace", "")
        if target is not None and target.root.tag == DEFINITIONS and named != target.namespace and urlsplit(named).scheme:
            yield node, f"{named}, not {target.namespace}"


def _wsdl_imports(document: Document) -> Iterator[tuple[etree._Element, Document | None]]:
    for node in document.root.iterchildren(f"{W}import"):
        location = (node.get("location") or "").strip()
        if location and "://" not in location:
            yield node, document.target(node, "location")


@DESCRIPTION("R2003", "xs:import只能出现在xs:schema内", "xs:import stands inside xs:schema alone")
def schema_import_place(document: Document) -> Iterator[Hit]:
    """R2003."""
    for node in document.root.iter(f"{X}import"):
        parent = node.getparent()
        if parent is None or parent.tag != SCHEMA:
            yield node, node.get("schemaLocation", "")


@FILE("R2004", "xs:import只能引入Schema文件", "xs:import leads to a schema")
def schema_import_target(document: Document) -> Iterator[Hit]:
    """R2004: and the file is there."""
    for node in document.root.iter(f"{X}import"):
        location = node.get("schemaLocation")
        if not location or "://" in location:
            continue
        target = document.target(node, "schemaLocation")
        if target is None or target.root.tag != SCHEMA:
            yield node, location


@DESCRIPTION("R2022", "wsdl:import须在其他元素之前", "wsdl:import stands before all but documentation")
def imports_first(document: Document) -> Iterator[Hit]:
    """R2022: documentation and extensions may stand anywhere."""
    others = False
    for node in document.root.iterchildren("*"):
        if node.tag == f"{W}import" and others:
            yield node, node.get("location", "")
        others = others or (str(node.tag).startswith(W) and node.tag not in (f"{W}import", f"{W}documentation"))


@DESCRIPTION("R2023", "wsdl:types须在message等元素之前", "wsdl:types stands before all but documentation and import")
def types_second(document: Document) -> Iterator[Hit]:
    """R2023."""
    others = False
    for node in document.root.iterchildren("*"):
        if node.tag == f"{W}types" and others:
            yield node, "types"
        known = (f"{W}import", f"{W}documentation", f"{W}types")
        others = others or (str(node.tag).startswith(W) and node.tag not in known)


@DESCRIPTION("R2026", "不得要求消费方理解扩展元素", "no extension is required")
def required_extensions(document: Document) -> Iterator[Hit]:
    """R2025 to R2028, R2747: nothing that a toolkit must know besides SOAP."""
    for node in document.root.iter("*"):
        if node.get(f"{W}required") in ("true", "1"):
            yield node, etree.QName(node).localname


@DESCRIPTION("R2101", "引用的名字须属于本文件或被引入文件的命名空间",
             "a name is of this file's namespace or of an imported one, and is defined there")  # fmt: skip
def names_of_components(document: Document) -> Iterator[Hit]:
    """R2101: messages, bindings and portTypes that are named."""
    kinds = (("message", "message", ("input", "output", "fault")), ("type", "portType", ("binding",)), ("binding", "binding", ("port",)))
    for attribute, kind, users in kinds:
        known = document.components(kind)
        for node in document.root.iter(*(f"{W}{user}" for user in users)):
            name = node.get(attribute)
            if name is not None and _is_unknown(document, document.parts_of_name(node, name), known):
                yield node, name
    messages = document.components("message")
    for node in document.named("header", "headerfault"):
        if _is_unknown(document, document.parts_of_name(node, node.get("message", "")), messages):
            yield node, node.get("message", "")


def _is_unknown(document: Document, name: tuple[str, str], known: Collection[tuple[str, str]]) -> bool:
    """Whether a name is of no namespace here, or of one that does not hold it; an import that leads nowhere is told by itself."""
    read = {document.namespace, *(other.namespace for other in document.wsdl_imports())}
    imported = {node.get("namespace") for node in document.root.iterchildren(f"{W}import")}
    return name not in known and (name[0] in read or name[0] not in imported)


@DESCRIPTION("R2102", "引用的Schema名字须属于已引入的命名空间", "a name of a schema is of a namespace that is imported")
def names_of_schema(document: Document) -> Iterator[Hit]:
    """R2102, over parts; files of schemas are checked where they stand."""
    known = {s.get("targetNamespace") for s in document.inline_schemas()} | {X[1:-1]}
    known |= {node.get("namespace") for node in document.root.iter(f"{X}import")}
    for node in document.root.iter(f"{W}part"):
        for name in (node.get("element"), node.get("type")):
            if name is not None and document.parts_of_name(node, name)[0] not in known:
                yield node, name


@SCHEMAS("R2102", "引用的Schema名字须属于已引入的命名空间", "a name of a schema is of a namespace that is imported")
def names_in_schema(document: Document) -> Iterator[Hit]:
    """R2102: types, bases and elements that a schema names."""
    known = {document.namespace, X[1:-1], *(node.get("namespace") for node in document.root.iterchildren(f"{X}import"))}
    for node in document.root.iter("*"):
        for name in (node.get("type"), node.get("base"), node.get("ref")):
            if name is not None and document.parts_of_name(node, name)[0] not in known:
                yield node, name


@DESCRIPTION("R2105", "内嵌Schema须有targetNamespace", "an inline schema has a targetNamespace, unless it only imports")
def inline_namespace(document: Document) -> Iterator[Hit]:
    """R2105."""
    for schema in document.inline_schemas():
        content = {node.tag for node in schema.iterchildren("*")} - {f"{X}import", f"{X}annotation"}
        if content and not schema.get("targetNamespace"):
            yield schema, "schema"


@SCHEMAS("R2105", "Schema须有targetNamespace", "a schema has a targetNamespace")
def schema_namespace(document: Document) -> Iterator[Hit]:
    """R2105, of files."""
    if not document.namespace:
        yield document.root, "schema"


@FILE("R2110", "不得使用soapenc:Array", "no type is derived from soapenc:Array")
def encoded_arrays(document: Document) -> Iterator[Hit]:
    """R2110."""
    for node in document.root.iter(f"{X}*"):
        for name in (node.get("type"), node.get("base"), node.get("ref")):
            if name is not None and document.parts_of_name(node, name) == (_ENCODED, "Array"):
                yield node, name


@FILE("R2111", "不得使用wsdl:arrayType", "wsdl:arrayType is not used")
def array_types(document: Document) -> Iterator[Hit]:
    """R2111."""
    for node in document.root.iter(f"{X}*"):
        if node.get(f"{W}arrayType") is not None:
            yield node, str(node.get(f"{W}arrayType"))


@FILE("R2112", "元素和类型不宜命名为ArrayOf...", "nothing is named ArrayOf...")
def array_names(document: Document) -> Iterator[Hit]:
    """R2112, a SHOULD NOT."""
    for node in document.root.iter(f"{X}element", f"{X}complexType", f"{X}simpleType"):
        if node.get("name", "").startswith("ArrayOf"):
            yield node, node.get("name", "")


@DESCRIPTION("R2206", "part的element须是存在的全局元素", "the element of a part is a global element that exists")
def parts_of_global_elements(document: Document) -> Iterator[Hit]:
    """R2206, where its namespace is known."""
    known = document.global_elements()
    namespaces = {namespace for namespace, _ in known}
    for node in document.root.iter(f"{W}part"):
        name = node.get("element")
        if name is not None:
            qname = document.parts_of_name(node, name)
            if qname[0] in namespaces and qname not in known:
                yield node, name


@DESCRIPTION("R2306", "part不得同时有type和element", "a part has a type or an element, not both")
def part_has_one(document: Document) -> Iterator[Hit]:
    """R2306."""
    for node in document.root.iter(f"{W}part"):
        if node.get("element") is not None and node.get("type") is not None:
            yield node, node.get("name", "")


@DESCRIPTION("R2303", "只允许请求应答和单向操作", "operations are request and answer, or one-way")
def kinds_of_operations(document: Document) -> Iterator[Hit]:
    """R2303: no notification and no solicit-response."""
    for node in _operations(document):
        kinds = [child.tag for child in node.iterchildren(f"{W}input", f"{W}output")]
        if kinds not in ([f"{W}input"], [f"{W}input", f"{W}output"]):
            yield node, node.get("name", "")


@DESCRIPTION("R2304", "portType内操作名不得重复", "no operation name stands twice in a portType")
def unique_operations(document: Document) -> Iterator[Hit]:
    """R2304."""
    for port_type in document.root.iterchildren(f"{W}portType"):
        seen: set[str] = set()
        for node in port_type.iterchildren(f"{W}operation"):
            name = node.get("name", "")
            if name in seen:
                yield node, name
            seen.add(name)


@DESCRIPTION("R2711", "同一地址不宜用于多个port", "no two ports have the same address")
def unique_addresses(document: Document) -> Iterator[Hit]:
    """R2711, a SHOULD NOT."""
    addresses = list(document.named("address"))
    counted = Counter(node.get("location") for node in addresses)
    seen: set[str | None] = set()
    for node in addresses:
        location = node.get("location")
        if counted[location] > 1 and location in seen:
            yield node, location or ""
        seen.add(location)


@FILE("R2801", "Schema须是XML Schema 1.0 (2001)", "schemas are XML Schema 1.0 of 2001")
def schema_version(document: Document) -> Iterator[Hit]:
    """R2801."""
    for node in document.root.iter("{*}schema"):
        namespace = str(etree.QName(node).namespace)
        if "XMLSchema" in namespace and node.tag != SCHEMA:
            yield node, namespace


def _operations(document: Document) -> Iterator[etree._Element]:
    for port_type in document.root.iterchildren(f"{W}portType"):
        yield from port_type.iterchildren(f"{W}operation")
