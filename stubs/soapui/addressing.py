"""WS-Addressing: the header blocks that a request gets, and what the two assertions ask of them.

SoapUI's defaults: the action of an answer is compared only where the WSDL names it (wsam:Action); reference parameters are not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from gateway.soap.faults import SOAP11, SOAP12
from stubs.soapui.definitions import Definition
from stubs.soapui.documents import NotXml, as_text, local, parse_text
from stubs.soapui.exchange import Exchange
from stubs.soapui.model import Addressing
from stubs.soapui.results import Broken, CannotRun, Said

_NAMESPACES = ("http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing")


def add_headers(body: str, wanted: Addressing, *, action: str, url: str, message_id: str, expand: Callable[[str], str]) -> str:
    """Put the blocks in front of a request's other header blocks; raises Broken where it is no envelope."""
    try:
        root = parse_text(body)
    except NotXml as error:
        raise Broken(Said("请求不是XML, 无法加WS-Addressing头部", f"the request is not XML: {error.reason}")) from None
    namespace = etree.QName(root).namespace
    if namespace not in (SOAP11, SOAP12):
        raise Broken(Said("请求不是SOAP信封", "the request is no SOAP envelope"))
    header = root.find(f"{{{namespace}}}Header")
    if header is None:
        header = etree.Element(f"{{{namespace}}}Header")
        root.insert(0, header)
    blocks = {
        "Action": expand(wanted.action) or (action if wanted.default_action else ""),
        "MessageID": expand(wanted.message_id) or (message_id if wanted.make_message_id else ""),
        "ReplyTo": expand(wanted.reply_to),
        "To": expand(wanted.to) or (url if wanted.default_to else ""),
    }
    for place, (name, value) in enumerate((name, value) for name, value in blocks.items() if value):
        block = etree.Element(f"{{{wanted.namespace}}}{name}", nsmap={"wsa": wanted.namespace})
        if wanted.must_understand is not None:
            block.set(f"{{{namespace}}}mustUnderstand", "1" if wanted.must_understand else "0")
        inner = etree.SubElement(block, f"{{{wanted.namespace}}}Address") if name == "ReplyTo" else block
        inner.text = value
        header.insert(place, block)
    return as_text(root)


def judge_response(exchange: Exchange, asked: Mapping[str, str], definition: Callable[[], Definition]) -> Said | None:
    """Say what is wrong with the header blocks of an answer; None if nothing is. Raises CannotRun for what is not judged."""
    if _on(asked, "assertReplyToRefParams") or _on(asked, "assertFaultToRefParams"):
        raise CannotRun(Said("不检查WS-Addressing的引用参数", "reference parameters of WS-Addressing are not judged"))
    found = _blocks(exchange.headers())
    wanted = [name for key, name, default in _ASKED if _on(asked, key, default)]
    missing = _missing(wanted, found)
    if missing is not None:
        return missing
    if "Action" in wanted and exchange.fault() is None:
        try:
            action = definition().operations[exchange.operation].output_action
        except (CannotRun, KeyError):
            action = ""  # nothing to compare it with
        if action and found["Action"] != action:
            return Said(f"wsa:Action应为 {action}", f"wsa:Action must be {action}, it is {found['Action'][:200]}")
    if "RelatesTo" in wanted:
        sent = _blocks(_request_headers(exchange)).get("MessageID", "")
        if found["RelatesTo"] != sent:
            return Said("wsa:RelatesTo不是请求的MessageID", "wsa:RelatesTo is not the request's MessageID")
    return None


_ASKED = (("asertWsaAction", "Action", True), ("asertWsaTo", "To", False), ("asertWsaRelatesTo", "RelatesTo", False))  # SoapUI's spelling


def judge_request(exchange: Exchange, asked: Mapping[str, str]) -> Said | None:
    """Say which header block a request lacks; None if none."""
    names = (("Action", "Action", True), ("To", "To", True), ("ReplyTo", "ReplyTo", False), ("MessageId", "MessageID", False))
    wanted = [name for key, name, default in names if _on(asked, f"asertWsa{key}", default) or _on(asked, f"assertWsa{key}")]
    return _missing(wanted, _blocks(_request_headers(exchange)))


def _missing(wanted: list[str], found: Mapping[str, str]) -> Said | None:
    missing = [name for name in wanted if not found.get(name)]
    return Said(f"缺少头部 wsa:{missing[0]}", f"the header block wsa:{missing[0]} is missing or empty") if missing else None


def _blocks(headers: list[etree._Element]) -> dict[str, str]:
    """Header blocks of WS-Addressing by name; of an endpoint reference, its address."""
    return {
        local(block): "".join(map(str, block.itertext())).strip()
        for block in headers
        if etree.QName(block).namespace in _NAMESPACES
    }


def _request_headers(exchange: Exchange) -> list[etree._Element]:
    try:
        root = parse_text(exchange.request)
    except NotXml:
        return []
    header = next((node for node in root if isinstance(node.tag, str) and local(node) == "Header"), None)
    return [] if header is None else list(header.iterchildren(etree.Element))


def _on(asked: Mapping[str, str], name: str, default: bool = False) -> bool:
    value = asked.get(name)
    return default if value is None else value.strip().lower() == "true"
