"""WS-I Basic Profile 1.1, section 4.7: the SOAP binding, and what messages it makes of the portType.

A SOAP 1.2 binding cannot keep what the profile says of the binding's namespace (R2401); it is held to the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from gateway.contract.document import HTTP_TRANSPORT
from gateway.contract.lint.documents import Bound, BoundOperation, Document, W, parts
from gateway.contract.lint.findings import PROFILE, Hit, Rules

BOUND: Rules[Document] = Rules(PROFILE)
"""Over the bindings of one WSDL file."""


def _operations(document: Document) -> Iterator[BoundOperation]:
    for bound in document.bindings():
        yield from bound.operations()


def _soap(bound: Bound) -> etree._Element | None:
    return bound.node.find(f"{{{bound.document.soap}}}binding")


@BOUND("R2401", "binding必须是SOAP binding", "a binding is a SOAP binding")
def soap_binding(document: Document) -> Iterator[Hit]:
    """R2401."""
    for bound in document.bindings():
        if _soap(bound) is None:
            yield bound.node, bound.node.get("name", "")


@BOUND("R2701", "soap:binding必须有transport", "soap:binding names a transport")
def transport_named(document: Document) -> Iterator[Hit]:
    """R2701."""
    for bound in document.bindings():
        soap = _soap(bound)
        if soap is not None and soap.get("transport") is None:
            yield soap, bound.node.get("name", "")


@BOUND("R2702", f"transport必须是{HTTP_TRANSPORT}", f"the transport is {HTTP_TRANSPORT}")
def transport_http(document: Document) -> Iterator[Hit]:
    """R2702."""
    for bound in document.bindings():
        soap = _soap(bound)
        if soap is not None and soap.get("transport") not in (None, HTTP_TRANSPORT):
            yield soap, str(soap.get("transport"))


@BOUND("R2705", "一个binding只能有一种style", "a binding has one style")
def one_style(document: Document) -> Iterator[Hit]:
    """R2705: operations say nothing else than the first one."""
    for bound in document.bindings():
        operations = bound.operations()
        for operation in operations[1:]:
            if operation.style != operations[0].style:
                yield operation.node, operation.name


@BOUND("R2706", "use必须是literal", 'use is "literal"')
def literal(document: Document) -> Iterator[Hit]:
    """R2706, R2723, R2728; absent is literal (R2707)."""
    for node in document.named("body", "fault", "header", "headerfault"):
        if node.get("use", "literal") != "literal":
            yield node, str(node.get("use"))


@BOUND("R2201", "document-literal的body至多一个part", "the body of a document/literal operation has at most one part")
def one_part(document: Document) -> Iterator[Hit]:
    """R2201, where soap:body lists parts."""
    for operation in _document_style(document):
        for body, _ in operation.bodies():
            if len((body.get("parts") or "").split()) > 1:
                yield body, str(body.get("parts"))


@BOUND("R2210", "document-literal的body未列parts时message至多一个part",
       "without parts, the message of a document/literal body has at most one part")  # fmt: skip
def one_part_by_default(document: Document) -> Iterator[Hit]:
    """R2210."""
    for message in _messages(document, listed=False):
        if len(parts(message)) > 1:
            yield message, message.get("name", "")


@BOUND("R2203", "rpc-literal的part须用type", "parts of an rpc/literal body refer to types")
def rpc_types(document: Document) -> Iterator[Hit]:
    """R2203."""
    seen: set[etree._Element] = set()
    for operation in _operations(document):
        for _, message in operation.bodies() if operation.style == "rpc" else ():
            for part in parts(message):
                if part.get("element") is not None and part.get("type") is None and part not in seen:
                    seen.add(part)
                    yield part, part.get("name", "")


@BOUND("R2204", "document-literal的part须用element", "parts of a document/literal body refer to elements")
def document_elements(document: Document) -> Iterator[Hit]:
    """R2204."""
    for message in _messages(document, listed=True):
        for part in parts(message):
            if part.get("element") is None:
                yield part, part.get("name", "")


@BOUND("R2205", "header和fault的part须用element", "parts of headers and faults refer to elements")
def fault_elements(document: Document) -> Iterator[Hit]:
    """R2205."""
    seen: set[etree._Element] = set()
    for operation in _operations(document):
        faults = [] if operation.declared is None else list(operation.declared.iterchildren(f"{W}fault"))
        for node in (*faults, *operation.extensions("header", "headerfault")):
            message = document.message_of(node)
            for part in [] if message is None else parts(message):
                if part.get("element") is None and part not in seen:
                    seen.add(part)
                    yield part, part.get("name", "")


@BOUND("R2209", "每个part都须绑定", "every part is bound to a body, a header or a fault")
def every_part_bound(document: Document) -> Iterator[Hit]:
    """R2209, a SHOULD: soap:body lists parts and leaves one out that no header takes."""
    for operation in _operations(document):
        headers = {(node.get("message", "").rpartition(":")[2], node.get("part")) for node in operation.extensions("header")}
        for body, message in operation.bodies():
            if body.get("parts") is None:
                continue
            bound = set(body.get("parts", "").split()) | {part for name, part in headers if name == message.get("name")}
            for part in parts(message):
                if part.get("name") not in bound:
                    yield body, part.get("name", "")


@BOUND("R2710", "各操作的线上特征不得相同", "no two operations look alike on the wire")
def own_signature(document: Document) -> Iterator[Hit]:
    """R2710: of document/literal, the element in the Body."""
    for bound in document.bindings():
        seen: dict[tuple[str, str], str] = {}
        for operation in bound.operations():
            for element in _request_element(operation):
                if element in seen and seen[element] != operation.name:
                    yield operation.node, f"{operation.name} and {seen[element]}"
                seen.setdefault(element, operation.name)


def _request_element(operation: BoundOperation) -> Iterator[tuple[str, str]]:
    declared = None if operation.declared is None else operation.declared.find(f"{W}input")
    message = None if declared is None else operation.bound.document.message_of(declared)
    for part in [] if message is None or operation.style != "document" else parts(message)[:1]:
        yield operation.bound.document.parts_of_name(part, part.get("element", ""))


@BOUND("R2716", "document-literal的soap元素不得有namespace", "SOAP elements of a document/literal binding name no namespace")
def no_namespace(document: Document) -> Iterator[Hit]:
    """R2716."""
    for operation in _document_style(document):
        for node in operation.extensions("body", "header", "headerfault", "fault"):
            if node.get("namespace") is not None:
                yield node, str(node.get("namespace"))


@BOUND("R2717", "rpc-literal的soap:body须有绝对URI的namespace", "soap:body of an rpc/literal binding has an absolute namespace")
def rpc_namespace(document: Document) -> Iterator[Hit]:
    """R2717."""
    for operation in _operations(document):
        for node in operation.extensions("body") if operation.style == "rpc" else ():
            if not urlsplit(node.get("namespace", "")).scheme:
                yield node, operation.name


@BOUND("R2726", "rpc-literal的header和fault不得有namespace", "headers and faults of an rpc/literal binding name no namespace")
def rpc_others(document: Document) -> Iterator[Hit]:
    """R2726."""
    for operation in _operations(document):
        for node in operation.extensions("header", "headerfault", "fault") if operation.style == "rpc" else ():
            if node.get("namespace") is not None:
                yield node, operation.name


@BOUND("R2718", "binding与portType的操作须一致", "a binding has the operations of its portType, no more and no less")
def same_operations(document: Document) -> Iterator[Hit]:
    """R2718."""
    for bound in document.bindings():
        if bound.port_type is None:
            continue
        declared = {o.get("name") for o in bound.port_type.iterchildren(f"{W}operation")}
        here = {o.name for o in bound.operations()}
        yield from ((o.node, o.name) for o in bound.operations() if o.name not in declared)
        yield from ((bound.node, str(name)) for name in sorted(declared - here, key=str))


@BOUND("R2720", "soap:header须用part", "soap:header and soap:headerfault name a part")
def header_part(document: Document) -> Iterator[Hit]:
    """R2720, R2749."""
    for node in document.named("header", "headerfault"):
        if not node.get("part") or node.get("parts") is not None:
            yield node, node.get("message", "")


@BOUND("R2721", "soap:fault须有name", "soap:fault has a name")
def fault_name(document: Document) -> Iterator[Hit]:
    """R2721."""
    for operation in _operations(document):
        yield from ((node, operation.name) for node in operation.extensions("fault") if not node.get("name"))


@BOUND("R2754", "soap:fault的name须与wsdl:fault相同", "soap:fault has the name of the wsdl:fault around it")
def fault_names_agree(document: Document) -> Iterator[Hit]:
    """R2754."""
    for operation in _operations(document):
        for outer in operation.node.iterchildren(f"{W}fault"):
            for node in outer.iterchildren(f"{{{document.soap}}}fault"):
                if node.get("name") and node.get("name") != outer.get("name"):
                    yield node, str(node.get("name"))


@BOUND("R2740", "portType声明的fault都应绑定", "every fault that the portType declares is bound, and no other")
def faults_bound(document: Document) -> Iterator[Hit]:
    """R2740, a SHOULD; a fault that is bound must be declared (WSDL 1.1, 2.5)."""
    for operation in _operations(document):
        if operation.declared is None:
            continue
        declared = {f.get("name") for f in operation.declared.iterchildren(f"{W}fault")}
        here = {f.get("name") for f in operation.node.iterchildren(f"{W}fault")}
        yield from ((operation.node, f"{operation.name}: {name}") for name in sorted(declared ^ here, key=str))


def _document_style(document: Document) -> Iterator[BoundOperation]:
    return (operation for operation in _operations(document) if operation.style == "document")


def _messages(document: Document, *, listed: bool) -> Iterator[etree._Element]:
    """Give each message of a document/literal body once; without those whose body lists parts, unless `listed`."""
    seen: set[etree._Element] = set()
    for operation in _document_style(document):
        for body, message in operation.bodies():
            if message not in seen and (listed or body.get("parts") is None):
                seen.add(message)
                yield message
