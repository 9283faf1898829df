"""What the faults of message and XML make of a SOAP message: edits of its text and of its tree.

A message that is no SOAP envelope, or that has nothing of what a fault spoils, is left as it is. Must not know sockets or any framework.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from lxml import etree

from gateway.contract.codec import escape
from gateway.soap.envelope import parse_xml
from gateway.soap.faults import SOAP11, SOAP12, SoapFault
from gateway.soap.peer import ANSWER_LIMITS
from stubs.faults.rules import Met

Edit = Callable[[bytes, Met], bytes]
_TreeEdit = Callable[[etree._Element, Met], None]


def _on_tree(edit: _TreeEdit) -> Edit:
    """Make an edit of the element in the Body one of the message."""

    def edited(message: bytes, met: Met) -> bytes:
        payload = _payload(message)
        if payload is None:
            return message
        root = payload.getroottree()
        edit(payload, met)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    return edited


def _payload(message: bytes) -> etree._Element | None:
    """Give the element in the Body, if there is one."""
    try:
        root = parse_xml(message, None, ANSWER_LIMITS)
    except SoapFault:
        return None
    for namespace in (SOAP11, SOAP12):
        body = root.find(f"{{{namespace}}}Body")
        if body is not None and len(body):
            return body[0]
    return None


def _first(payload: etree._Element, name: str) -> etree._Element | None:
    return next((one for one in payload.iter("{*}" + name) if one is not payload), None)


# ---- message ---------------------------------------------------------------------------------------------------------


def _other_number(payload: etree._Element, met: Met) -> None:
    field = _first(payload, "StreamingNo")
    if field is not None and field.text:
        field.text = other_number(field.text)


def other_number(number: str) -> str:
    """Give a StreamingNo of the same form that is another one."""
    digit = str((int(number[-1]) + 1) % 10) if number[-1].isdecimal() else "0"
    return number[:-1] + digit


def _code(payload: etree._Element, met: Met) -> None:
    field = _first(payload, "ResultCode")
    if field is not None:
        field.text = met.text("code")


def _half(payload: etree._Element, met: Met) -> None:
    """Keep the first part of each list: of several elements of a name beside each other, or of one that may repeat, as results do."""
    for parent in list(payload.iter("*")):
        lists: dict[str, list[etree._Element]] = defaultdict(list)
        for child in parent:
            lists[str(child.tag)].append(child)
        for name, items in lists.items():
            if len(items) > 1 or name.endswith("Info"):
                for item in items[int(len(items) * met.number("keep") / 100) :]:
                    parent.remove(item)


def soap_fault(met: Met) -> bytes:
    """Write a SOAP 1.1 fault as a partner's own framework would: no detail of our contract."""
    side = "Client" if met.text("side") == "client" else "Server"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP11}"><s:Body><s:Fault><faultcode>s:{side}</faultcode>'
        f"<faultstring>{escape(met.text('text'))}</faultstring></s:Fault></s:Body></s:Envelope>"
    ).encode()


# ---- XML -------------------------------------------------------------------------------------------------------------


def _namespace(payload: etree._Element, met: Met) -> None:
    for one in payload.iter("*"):
        one.tag = f"{{{met.text('namespace')}}}{etree.QName(one).localname}"


def _root(payload: etree._Element, met: Met) -> None:
    payload.tag = f"{{{etree.QName(payload).namespace}}}{met.text('name')}"


def _extra(payload: etree._Element, met: Met) -> None:
    etree.SubElement(payload, f"{{{etree.QName(payload).namespace}}}{met.text('name')}").text = "0"


def _missing(payload: etree._Element, met: Met) -> None:
    field = _first(payload, met.text("field"))
    if field is not None:
        parent = field.getparent()
        assert parent is not None
        parent.remove(field)


def _malformed(message: bytes, met: Met) -> bytes:
    end = message.rstrip()
    last = end.rfind(b"</")
    if last < 0:
        return message + b"<"
    match met.text("how"):
        case "unclosed":
            return end[:last]
        case "ampersand":
            return end[:last] + b"R&D" + end[last:]
        case "crossed":
            before = end.rfind(b"</", 0, last)
            return end[:before] + end[last:] + end[before:last]
        case _:
            return end[:last] + b"\x01" + end[last:]


def _doctype(message: bytes, met: Met) -> bytes:
    declaration, _, rest = message.partition(b"?>") if message.startswith(b"<?xml") else (b"", b"", message)
    head = declaration + b"?>" if declaration else b""
    return head + b'<!DOCTYPE Envelope [<!ENTITY lol "lol">]>' + rest


def _version(message: bytes, met: Met) -> bytes:
    old, new = (SOAP11, SOAP12) if SOAP11.encode() in message else (SOAP12, SOAP11)
    return message.replace(old.encode(), new.encode())


EDITS: Mapping[str, Edit] = {
    "wrong-streaming-no": _on_tree(_other_number), "wrong-code": _on_tree(_code), "half-a-list": _on_tree(_half),
    "soap-fault": lambda _, met: soap_fault(met), "ok-with-fault": lambda _, met: soap_fault(met),
    "malformed-xml": _malformed, "doctype": _doctype, "wrong-namespace": _on_tree(_namespace), "wrong-root": _on_tree(_root),
    "extra-element": _on_tree(_extra), "missing-field": _on_tree(_missing), "wrong-soap-version": _version,
}  # fmt: skip
"""What each fault of these layers does to a message, an answer or a callback."""
