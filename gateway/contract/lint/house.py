"""The rules of wsdl/README.md that the profile does not have: what old toolkits need, and what every message keeps. Ids are its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from gateway.contract.document import CONTRACT_FAULT, SOAP
from gateway.contract.lint.documents import SCHEMA, SOAP12, Document, W, X, parts
from gateway.contract.lint.findings import HOUSE, Hit, Rules

CONTRACT: Rules[Document] = Rules(HOUSE)
"""Over one WSDL file."""
TYPES: Rules[Document] = Rules(HOUSE)
"""Over one schema file."""

_CONSTRUCTS = {
    "schema", "import", "annotation", "documentation", "element", "complexType", "sequence", "simpleType", "restriction", "pattern",
    "enumeration", "minLength", "maxLength", "minInclusive", "maxInclusive", "length",
}  # fmt: skip
_BASES = {"string", "int", "long", "integer", "boolean"}
_ELEMENT = {"name", "type", "minOccurs", "maxOccurs"}
_ONE_OF = ("portType", "binding", "service")
REQUEST_HEAD = ["StreamingNo", "TimeStamp", "SystemId"]
ANSWER_HEAD = ["StreamingNo", "ResultCode", "ResultDesc"]


@CONTRACT("H1", "操作op的元素须名为op和opResponse，在WSDL的命名空间内",
          "operation op has the elements op and opResponse in the WSDL's namespace")  # fmt: skip
def wrapped(document: Document) -> Iterator[Hit]:
    """Rule 1."""
    for operation, direction, message in _sides(document):
        name = operation.get("name", "") + ("" if direction == "input" else "Response")
        for part in parts(message)[:1]:
            element = part.get("element")
            if element is not None and document.parts_of_name(part, element) != (document.namespace, name):
                yield part, element


@CONTRACT("H2", "一个WSDL只有一个portType、binding、service和port", "one WSDL has one portType, one binding, one service, one port")
def one_of_each(document: Document) -> Iterator[Hit]:
    """Rule 2; a document that imports its portType has none of its own."""
    for kind in _ONE_OF:
        nodes = list(document.root.iterchildren(f"{W}{kind}"))
        yield from ((node, f"{kind} {node.get('name')}") for node in nodes[1:])
        if not nodes and not (kind == "portType" and next(document.root.iterchildren(f"{W}import"), None) is not None):
            yield document.root, kind
    for service in document.root.iterchildren(f"{W}service"):
        ports = list(service.iterchildren(f"{W}port"))
        yield from ((port, f"port {port.get('name')}") for port in ports[1:])


@CONTRACT("H2", "SOAP 1.1与1.2的binding须分在两个文件", "bindings of SOAP 1.1 and 1.2 stand in documents of their own")
def versions_apart(document: Document) -> Iterator[Hit]:
    """Rule 2: toolkits of the Axis 1.4 age cannot read both in one."""
    if next(document.root.iter(f"{{{SOAP}}}binding"), None) is not None:
        yield from ((node, "soap12:binding") for node in document.root.iter(f"{{{SOAP12}}}binding"))


@CONTRACT("H2", "SOAP 1.2文件须与SOAP 1.1文件地址和soapAction一致",
          "the SOAP 1.2 document has the address and the actions of the SOAP 1.1 document")  # fmt: skip
def versions_agree(document: Document) -> Iterator[Hit]:
    """Rule 2, told in the SOAP 1.2 document."""
    if document.soap != SOAP12:
        return
    for other in document.wsdl_imports():
        addresses = {node.get("location") for node in other.named("address")}
        yield from ((n, n.get("location", "")) for n in document.named("address") if n.get("location") not in addresses)
        actions = {n.get("name"): _action(n, SOAP) for b in other.bindings() for n in b.node.iterchildren(f"{W}operation")}
        for bound in document.bindings():
            for node in bound.node.iterchildren(f"{W}operation"):
                if node.get("name") in actions and _action(node, SOAP12) != actions[node.get("name")]:
                    yield node, node.get("name", "")


@CONTRACT("H3", "每个操作须有自己的非空soapAction", "every operation has a soapAction of its own, never empty")
def own_action(document: Document) -> Iterator[Hit]:
    """Rule 3: a caller can quote it, and it names one operation."""
    seen: set[str] = set()
    for bound in document.bindings():
        for node in bound.node.iterchildren(f"{W}operation"):
            action = _action(node, document.soap)
            if not action or action in seen:
                yield node, node.get("name", "")
            seen.add(action)


@CONTRACT("H3", "每个操作须声明ContractFault", "every operation declares ContractFault")
def contract_fault(document: Document) -> Iterator[Hit]:
    """Rule 3."""
    for port_type in document.root.iterchildren(f"{W}portType"):
        for operation in port_type.iterchildren(f"{W}operation"):
            if CONTRACT_FAULT not in _fault_elements(document, operation):
                yield operation, operation.get("name", "")


def _fault_elements(document: Document, operation: etree._Element) -> set[str]:
    messages = [document.message_of(fault) for fault in operation.iterchildren(f"{W}fault")]
    named = [document.parts_of_name(p, p.get("element", "")) for m in messages if m is not None for p in parts(m)]
    return {f"{{{namespace}}}{local}" for namespace, local in named}


@CONTRACT("H4", "wsdl:types只能以相对路径引入Schema", "wsdl:types imports schemas by relative path and holds nothing else")
def types_only_import(document: Document) -> Iterator[Hit]:
    """Rule 4."""
    for schema in document.inline_schemas():
        for node in schema.iterchildren("*"):
            location = node.get("schemaLocation")
            if node.tag != f"{X}annotation" and (node.tag != f"{X}import" or not location or "://" in location or location.startswith("/")):
                yield node, etree.QName(node).localname


@TYPES("H4", 'elementFormDefault须为"qualified"', 'elementFormDefault is "qualified"')
def qualified(document: Document) -> Iterator[Hit]:
    """Rule 4."""
    if document.root.get("elementFormDefault") != "qualified":
        yield document.root, "elementFormDefault"


@TYPES("H4", "xs:import须以相对路径引入，命名空间须与文件一致", "xs:import has a relative path, and names the namespace of the file")
def import_agrees(document: Document) -> Iterator[Hit]:
    """Rule 4; XML Schema part 1, 4.2.3."""
    for node in document.root.iterchildren(f"{X}import"):
        location = node.get("schemaLocation") or ""
        target = document.target(node, "schemaLocation")
        if not location or "://" in location or location.startswith("/"):
            yield node, location
        elif target is not None and target.root.tag == SCHEMA and target.namespace != node.get("namespace"):
            yield node, node.get("namespace", "")


@CONTRACT("H4", "一个命名空间只有一个Schema文件", "a namespace has one schema file")
def one_file(document: Document) -> Iterator[Hit]:
    """Rule 4: libxml2 reads the first, and leaves the others out without a word."""
    seen: dict[str, Document] = {}
    for schema in document.schemas():
        if schema.namespace in seen:
            yield document.root, f"{schema.path.name} and {seen[schema.namespace].path.name}"
        seen.setdefault(schema.namespace, schema)


@TYPES("H5", "只用xs:sequence、有名的元素和类型", "complex types are one plain xs:sequence of elements with a name and a named type")
def plain_constructs(document: Document) -> Iterator[Hit]:
    """Rule 5: no choice, any, group, attribute, extension, nillable, default, include, anonymous simple type."""
    for node in document.root.iter(f"{X}*"):
        kind, parent = etree.QName(node).localname, node.getparent()
        if kind not in _CONSTRUCTS:
            yield node, kind
        elif kind == "simpleType" and parent is not document.root:
            yield node, "anonymous simpleType"
        elif kind == "sequence" and set(node.attrib):
            yield node, f"sequence {sorted(map(str, node.attrib))[0]}"
        elif kind == "element" and parent is not document.root:
            odd = sorted(set(map(str, node.attrib)) - _ELEMENT) + sorted({"name", "type"} - set(map(str, node.attrib)))
            if odd:
                yield node, f"{node.get('name', node.get('ref', ''))}: {odd[0]}"


@TYPES("H6", "简单类型只限制xs:string、int、long、integer、boolean",
       "simple values are xs:string, int, long, integer or boolean, or restrict them")  # fmt: skip
def plain_values(document: Document) -> Iterator[Hit]:
    """Rule 6: no xs:token, no xs:dateTime."""
    for node in document.root.iter(f"{X}*"):
        for name in (node.get("type"), node.get("base")):
            if name is not None:
                namespace, local = document.parts_of_name(node, name)
                if namespace == X[1:-1] and local not in _BASES:
                    yield node, name


@TYPES("H8", "maxOccurs须是数字", "every maxOccurs has a number")
def ends(document: Document) -> Iterator[Hit]:
    """Rule 8: nothing repeats without end."""
    for node in document.root.iter(f"{X}element"):
        if not node.get("maxOccurs", "1").isdigit():
            yield node, node.get("name", "")


@CONTRACT("H7", "fault元素须有具名类型，其首个子元素必填且不重复",
          "a fault's element has a named type whose first child is required and single")  # fmt: skip
def fault_types(document: Document) -> Iterator[Hit]:
    """Rule 7: or Axis 1.4 makes code that does not compile. Told at the fault of the portType."""
    for port_type in document.root.iterchildren(f"{W}portType"):
        for fault in port_type.iter(f"{W}fault"):
            message = document.message_of(fault)
            for part in [] if message is None else parts(message)[:1]:
                fields = _fields(document, document.parts_of_name(part, part.get("element", "")), named=True)
                if fields is not None and not (fields and _once(fields[0])):
                    yield fault, part.get("element", "")


@CONTRACT("H10", "请求以StreamingNo、TimeStamp、SystemId开头，应答以StreamingNo、ResultCode、ResultDesc开头",
          "requests begin with StreamingNo, TimeStamp, SystemId; answers with StreamingNo, ResultCode, ResultDesc")  # fmt: skip
def heads(document: Document) -> Iterator[Hit]:
    """What every message keeps. Told at the part that names the element."""
    for _, direction, message in _sides(document):
        for part in parts(message)[:1]:
            fields = _fields(document, document.parts_of_name(part, part.get("element", "")))
            wanted = REQUEST_HEAD if direction == "input" else ANSWER_HEAD
            if fields is not None and [field.get("name") for field in fields[:3]] != wanted:
                yield part, part.get("element", "")


def _sides(document: Document) -> Iterator[tuple[etree._Element, str, etree._Element]]:
    """Give each operation of its own portType with each direction and its message."""
    for port_type in document.root.iterchildren(f"{W}portType"):
        for operation in port_type.iterchildren(f"{W}operation"):
            for direction in ("input", "output"):
                side = operation.find(f"{W}{direction}")
                message = None if side is None else document.message_of(side)
                if message is not None:
                    yield operation, direction, message


def _once(field: etree._Element) -> bool:
    return field.get("minOccurs", "1") == field.get("maxOccurs", "1") == "1"


def _fields(document: Document, element: tuple[str, str], *, named: bool = False) -> list[etree._Element] | None:
    """Give the children of a global element's type; None where the element is not found. `named` wants a type with a name."""
    for schema in document.schemas():
        for node in schema.root.iterchildren(f"{X}element"):
            if (schema.namespace, node.get("name")) == element:
                inline = node.find(f"{X}complexType")
                type_name = node.get("type")
                if type_name is not None:
                    inline = _type(document, schema.parts_of_name(node, type_name))
                elif named:
                    return []
                sequence = None if inline is None else inline.find(f"{X}sequence")
                return [] if sequence is None else list(sequence.iterchildren(f"{X}element"))
    return None


def _type(document: Document, name: tuple[str, str]) -> etree._Element | None:
    for schema in document.schemas():
        for node in schema.root.iterchildren(f"{X}complexType"):
            if (schema.namespace, node.get("name")) == name:
                return node
    return None


def _action(operation: etree._Element, soap: str) -> str:
    found = operation.find(f"{{{soap}}}operation")
    return "" if found is None else found.get("soapAction", "")
