"""WS-I Basic Profile 1.1, sections 3 and 4.7, over captured messages; with contracts at hand, also what those demand of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from gateway.contract.document import Contract
from gateway.contract.lint.captured import SOAP11, SOAP12, Captured, captured
from gateway.contract.lint.findings import BINDING, PROFILE, Finding, Hit, Rules, found
from gateway.contract.lint.running import Unusable

_FAULT = {"faultcode", "faultstring", "faultactor", "detail"}
_CODES = {"VersionMismatch", "MustUnderstand", "Client", "Server"}
_UTF = {"utf-8", "utf-16", "us-ascii", "ascii"}
_XML_DECLARED = re.compile(rb"xmlns:xml\s*=")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]+)", re.I)
_ARRAY = "{http://schemas.xmlsoap.org/soap/encoding/}arrayType"
_XML_TYPES = {"text/xml": SOAP11, "application/soap+xml": SOAP12}


@dataclass(frozen=True)
class Heard:
    """A message, and the contracts it may belong to."""

    message: Captured
    contracts: Sequence[Contract]


MESSAGES: Rules[Heard] = Rules(PROFILE)
"""Over every HTTP message."""
ENVELOPES: Rules[Heard] = Rules(PROFILE)
"""Over messages that hold an envelope."""
SOAP11_ONLY: Rules[Heard] = Rules(PROFILE)
"""Over those of SOAP 1.1: the profile says nothing of SOAP 1.2."""


@MESSAGES("R1101", "须用HTTP/1.1或HTTP/1.0", "messages travel by HTTP/1.1 or HTTP/1.0")
def http_version(heard: Heard) -> Iterator[Hit]:
    """R1100, R1101."""
    if heard.message.http_version not in ("HTTP/1.1", "HTTP/1.0"):
        yield heard.message.line, heard.message.http_version


@MESSAGES("XML", "信封须是格式良好的XML", "an envelope is well-formed XML", "SOAP 1.1, 3")
def well_formed(heard: Heard) -> Iterator[Hit]:
    """What is sent as XML is XML."""
    message = heard.message
    if message.media_type in _XML_TYPES and message.body and message.root is None:
        yield message.body_line, message.media_type


@ENVELOPES("R1015", "信封命名空间须是SOAP的", "the envelope is of a namespace of SOAP")
def envelope_namespace(heard: Heard) -> Iterator[Hit]:
    """R1015."""
    if heard.message.namespace not in (SOAP11, SOAP12):
        yield heard.message.body_line, heard.message.namespace


@ENVELOPES("R1132", "请求须用POST", "a request is a POST")
def post(heard: Heard) -> Iterator[Hit]:
    """R1132, R1141: no M-POST either."""
    if not heard.message.is_answer and heard.message.method != "POST":
        yield heard.message.line, heard.message.method


@ENVELOPES("R1119", "Content-Type须与SOAP版本相符: 1.1为text/xml，1.2为application/soap+xml",
           "Content-Type is that of the version: text/xml, or application/soap+xml of SOAP 1.2")  # fmt: skip
def media_type(heard: Heard) -> Iterator[Hit]:
    """R1119; RFC 3902 for SOAP 1.2."""
    message = heard.message
    if message.namespace in (SOAP11, SOAP12) and _XML_TYPES.get(message.media_type) != message.namespace:
        yield message.line, message.media_type or "none"


@ENVELOPES("R1012", "信封编码须是UTF-8或UTF-16", "an envelope is in UTF-8 or UTF-16", BINDING)
def encoding(heard: Heard) -> Iterator[Hit]:
    """R1012: what the header line says, and the declaration."""
    message = heard.message
    charset = _CHARSET.search(message.header("content-type") or "")
    if charset is not None and charset[1].lower() not in _UTF:
        yield message.line, charset[1]
    declared = (message.root.getroottree().docinfo.encoding if message.root is not None else None) or "UTF-8"
    if declared.lower() not in _UTF:
        yield message.body_line, declared


@ENVELOPES("R1008", "信封不得有DOCTYPE", "an envelope has no DOCTYPE")
def no_doctype(heard: Heard) -> Iterator[Hit]:
    """R1008."""
    if heard.message.root is not None and heard.message.root.getroottree().docinfo.doctype:
        yield heard.message.body_line, "DOCTYPE"


@ENVELOPES("R1009", "信封不得有处理指令", "an envelope has no processing instruction")
def no_instruction(heard: Heard) -> Iterator[Hit]:
    """R1009."""
    root = heard.message.root
    if root is not None:
        for node in (*root.itersiblings(etree.PI, preceding=True), *root.iter(etree.PI), *root.itersiblings(etree.PI)):
            yield heard.message.line_of(node), "processing instruction"


@ENVELOPES("R1033", "信封不得声明xml前缀", "the prefix xml is not declared")
def xml_prefix(heard: Heard) -> Iterator[Hit]:
    """R1033."""
    for hit in _XML_DECLARED.finditer(heard.message.body):
        yield heard.message.body_line + heard.message.body.count(b"\n", 0, hit.start()), "xmlns:xml"


@ENVELOPES("R1011", "Body之后不得有元素", "nothing stands after the Body")
def body_last(heard: Heard) -> Iterator[Hit]:
    """R1011: Header, then Body, once each."""
    message, after = heard.message, False
    assert message.root is not None
    for node in message.root.iterchildren("*"):
        if after:
            yield message.line_of(node), etree.QName(node).localname
        after = after or node.tag == f"{{{message.namespace}}}Body"


@ENVELOPES("R1014", "Body的子元素须有命名空间", "children of the Body are namespace-qualified")
def qualified(heard: Heard) -> Iterator[Hit]:
    """R1014."""
    body = heard.message.root.find(f"{{{heard.message.namespace}}}Body") if heard.message.root is not None else None
    for node in [] if body is None else body.iterchildren("*"):
        if not etree.QName(node).namespace:
            yield heard.message.line_of(node), etree.QName(node).localname


@ENVELOPES("R1005", "soap元素不得有encodingStyle", "elements of SOAP have no encodingStyle")
def soap_encoding_style(heard: Heard) -> Iterator[Hit]:
    """R1005."""
    yield from _encoding_style(heard, lambda node, depth: etree.QName(node).namespace == heard.message.namespace)


@ENVELOPES("R1006", "Body的子元素不得有encodingStyle", "children of the Body have no encodingStyle")
def body_encoding_style(heard: Heard) -> Iterator[Hit]:
    """R1006."""
    yield from _encoding_style(heard, lambda node, depth: depth == 1 and etree.QName(node).namespace != heard.message.namespace)


@ENVELOPES("R1007", "Body孙元素不得有encodingStyle", "grandchildren of the Body have no encodingStyle")
def inner_encoding_style(heard: Heard) -> Iterator[Hit]:
    """R1007 says it of rpc/literal; nothing below them has it either."""
    yield from _encoding_style(heard, lambda node, depth: depth > 1 and etree.QName(node).namespace != heard.message.namespace)


@ENVELOPES("R2113", "不得有soapenc:arrayType", "soapenc:arrayType is not used")
def array_type(heard: Heard) -> Iterator[Hit]:
    """R2113."""
    for node in heard.message.root.iter("*") if heard.message.root is not None else ():
        if node.get(_ARRAY) is not None:
            yield heard.message.line_of(node), str(node.get(_ARRAY))


@ENVELOPES("R1111", "成功的应答状态须是2xx", "an answer without a fault has a status of 2xx")
def success_status(heard: Heard) -> Iterator[Hit]:
    """R1111, R1124."""
    message = heard.message
    if message.is_answer and message.fault is None and not 200 <= message.status <= 299:
        yield message.line, str(message.status)


@ENVELOPES("R2714", "单向操作的应答(202)不得有信封", "the answer to a one-way operation (202) has no envelope")
def one_way(heard: Heard) -> Iterator[Hit]:
    """R1112, R2714, R2727."""
    if heard.message.is_answer and heard.message.status == 202:
        yield heard.message.line, "202"


@SOAP11_ONLY("R1126", "Fault的状态须是500", "a fault has the status 500")
def fault_status(heard: Heard) -> Iterator[Hit]:
    """R1126."""
    message = heard.message
    if message.is_answer and message.fault is not None and message.status != 500:
        yield message.line, str(message.status)


@SOAP11_ONLY("R1000", "Fault只有faultcode、faultstring、faultactor、detail",
             "a fault holds faultcode, faultstring, faultactor and detail alone")  # fmt: skip
def fault_children(heard: Heard) -> Iterator[Hit]:
    """R1000."""
    yield from ((line, name) for line, name, _ in _fault_children(heard) if name not in _FAULT)


@SOAP11_ONLY("R1001", "Fault的子元素不得有命名空间", "children of a fault have no namespace")
def fault_unqualified(heard: Heard) -> Iterator[Hit]:
    """R1001."""
    yield from ((line, name) for line, name, namespace in _fault_children(heard) if name in _FAULT and namespace)


@SOAP11_ONLY("R1004", "faultcode须是四种之一，或自有的QName，不得带点",
             "faultcode is one of the four, or a qualified name of the sender's own; no dot form")  # fmt: skip
def fault_code(heard: Heard) -> Iterator[Hit]:
    """R1004, R1031."""
    node = None if heard.message.fault is None else heard.message.fault.find("faultcode")
    if node is not None:
        prefix, _, local = (node.text or "").strip().rpartition(":")
        namespace = node.nsmap.get(prefix or None)
        if not namespace or "." in local or (namespace == SOAP11 and local not in _CODES):
            yield heard.message.line_of(node), local or "none"


@SOAP11_ONLY("R1013", 'mustUnderstand须是"0"或"1"', 'mustUnderstand is "0" or "1"')
def must_understand(heard: Heard) -> Iterator[Hit]:
    """R1013."""
    name = f"{{{SOAP11}}}mustUnderstand"
    for node in heard.message.root.iter("*") if heard.message.root is not None else ():
        if node.get(name) not in (None, "0", "1"):
            yield heard.message.line_of(node), str(node.get(name))


@SOAP11_ONLY("R1109", "SOAPAction须加引号", "SOAPAction is quoted")
def quoted_action(heard: Heard) -> Iterator[Hit]:
    """R1109."""
    action = heard.message.header("soapaction")
    if not heard.message.is_answer and action is not None and not (len(action) > 1 and action[0] == action[-1] == '"'):
        yield heard.message.line, action


@SOAP11_ONLY("R2744", "SOAPAction须等于WSDL的soapAction", "SOAPAction is the soapAction of the WSDL")
def contract_action(heard: Heard) -> Iterator[Hit]:
    """R2744, R2745; an empty one is let pass, as every receiver of the profile must."""
    message, action = heard.message, (heard.message.header("soapaction") or "").strip('"')
    if message.is_answer or not action or message.content is None:
        return
    actions = {o.action for c in heard.contracts for o in c.operations.values() if o.request == message.content.tag}
    if actions and action not in actions:
        yield message.line, action


@ENVELOPES("R2712", "Body的子元素须是WSDL中part的元素", "the child of the Body is the element of the part")
def contract_element(heard: Heard) -> Iterator[Hit]:
    """R2712: requests hold a request's element, answers an answer's, or a fault."""
    message = heard.message
    if not heard.contracts or message.content is None or message.fault is not None or not etree.QName(message.content).namespace:
        return
    known = {o.response if message.is_answer else o.request for c in heard.contracts for o in c.operations.values()}
    if message.content.tag not in known:
        yield message.line_of(message.content), etree.QName(message.content).localname


@ENVELOPES("R2724", "信封须符合WSDL的Schema", "an envelope is as its description says")
def contract_schema(heard: Heard) -> Iterator[Hit]:
    """R2724, R2725: the child of the Body, and the detail of a fault, are valid by the contract's schema."""
    message = heard.message
    for node in () if message.content is None else _described(message):
        owners = [c for c in heard.contracts if node.tag in c.schemas.element_names]
        if owners and not any(c.validator.validate(node) for c in owners):
            yield message.line_of(node), etree.QName(node).localname


def lint_messages(paths: Iterable[Path], contracts: Sequence[Contract] = ()) -> tuple[int, list[Finding]]:
    """Judge captured messages in files, or in the *.http files of directories; gives how many, and what was found.

    Raises Unusable for a path that is not there, or does not hold whole HTTP messages.
    """
    count = 0
    findings: list[Finding] = []
    for path in paths:
        files = sorted(path.rglob("*.http")) if path.is_dir() else [path]
        if not files:
            raise Unusable(f"{path}: no file named *.http in it")
        for file in files:
            for message in captured(file):
                count += 1
                findings += lint_message(message, contracts)
    return count, sorted(findings)


def lint_message(message: Captured, contracts: Sequence[Contract] = ()) -> Iterator[Finding]:
    """Judge one message."""
    rules = list(MESSAGES.all)
    if message.namespace:
        rules += ENVELOPES.all
    if message.namespace == SOAP11:
        rules += SOAP11_ONLY.all
    heard = Heard(message, contracts)
    for rule in rules:
        yield from found(rule, heard, message.path)


def _encoding_style(heard: Heard, chosen: Callable[[etree._Element, int], bool]) -> Iterator[Hit]:
    """Give the elements with encodingStyle that are chosen by themselves and by their depth below the Body."""
    message = heard.message
    for node in message.root.iter("*") if message.root is not None else ():
        style = node.get(f"{{{message.namespace}}}encodingStyle")
        depth = next((n for n, above in enumerate(node.iterancestors(), 1) if above.tag == f"{{{message.namespace}}}Body"), 0)
        if style is not None and chosen(node, depth):
            yield message.line_of(node), etree.QName(node).localname


def _fault_children(heard: Heard) -> Iterator[tuple[int, str, str]]:
    for node in [] if heard.message.fault is None else heard.message.fault.iterchildren("*"):
        name = etree.QName(node)
        yield heard.message.line_of(node), name.localname, str(name.namespace or "")


def _described(message: Captured) -> list[etree._Element]:
    """Give what a schema may describe: the element in the Body, or what stands in the detail of a fault."""
    if message.fault is None:
        return [] if message.content is None else [message.content]
    detail = message.fault.find("detail") if message.namespace == SOAP11 else message.fault.find(f"{{{SOAP12}}}Detail")
    return [] if detail is None else list(detail.iterchildren("*"))
