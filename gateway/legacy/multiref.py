"""Messages of rpc/encoded senders that put values beside the call (multiRef) and refer to them: read as if they stood in their place.

Axis 1.x writes every bean so. Must not know what a message is about; the envelope is judged afterwards, like any other.
"""

from __future__ import annotations

from lxml import etree

from gateway.legacy.documents import XSI
from gateway.soap.envelope import parse_xml
from gateway.soap.xml_gate import DEFAULT, XmlLimits


def without_references(data: bytes, charset: str | None, limits: XmlLimits = DEFAULT) -> tuple[bytes, str | None]:
    """Give a message whose Body has one element, and its charset; one without references is given back as it is.

    Each value is moved to where it is first referred to, so nothing grows; what is referred to twice, or by nobody, stays where it is
    and is refused as what it is. Raises SoapFault where the message is not XML.
    """
    if b"href" not in data:
        return data, charset
    root = parse_xml(data, charset, limits)
    body = next((child for child in root if etree.QName(child).localname == "Body"), None)
    if body is None or len(body) < 2:
        return data, charset
    call, *others = body
    beside = {f"#{other.get('id')}": other for other in others if other.get("id")}
    waiting = [call]
    while waiting:
        node = waiting.pop()
        value = beside.pop(node.get("href", ""), None)
        if value is not None:
            _put(value, node)
        waiting.extend(node)
    return etree.tostring(root, encoding="utf-8"), "utf-8"


def _put(value: etree._Element, node: etree._Element) -> None:
    parent = value.getparent()
    assert parent is not None
    parent.remove(value)
    del node.attrib["href"]
    kind = value.get(f"{XSI}type")
    if kind is not None:
        node.set(f"{XSI}type", kind)
    node.text = value.text
    node.extend(list(value))
