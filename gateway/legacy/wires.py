"""The two old ways in which a message stands in an envelope: as a document inside a string, and as fields, bare or in an rpc wrapper.

A wire reads what any toolkit of its time sends and writes one form: that of the request it answers, and the bare or wrapped one where it
asks. Must not know what a message means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lxml import etree

from gateway.contract.codec import escape
from gateway.errors import CONTRACT_BROKEN, UNKNOWN_OPERATION, WRONG_ACTION
from gateway.legacy.documents import XSI, Schema, in_namespaces, read_document
from gateway.legacy.table import Mapped
from gateway.soap.faults import SOAP11, SoapFault, Version, Violation

ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
XSD = "http://www.w3.org/2001/XMLSchema"
_STRINGS = {XSD, "http://www.w3.org/1999/XMLSchema", "http://www.w3.org/2000/10/XMLSchema", ENCODING}
_NUMBER = re.compile("[0-9A-Za-z]{6,60}").fullmatch
_NAMESPACES = f'xmlns:s="{{}}" xmlns:xsi="{XSI[1:-1]}" xmlns:xsd="{XSD}"'


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as its outer form tells: which operation, in the rpc form or not, and what holds its message."""

    mapped: Mapped
    rpc: bool
    held: etree._Element


class Wire(Protocol):
    """One of the two ways."""

    def ask(self, body: etree._Element, action: str, mapped: Sequence[Mapped]) -> Asked:
        """Find the operation by the element in the Body; raises SoapFault where the outer form is broken."""

    def request(self, asked: Asked) -> etree._Element:
        """Give the old request, judged by its schema; raises SoapFault."""

    def glimpse(self, asked: Asked, name: str) -> str:
        """Give the number of a request that breaks its schema, so that the refusal can bear it; empty where there is none."""

    def write_request(self, mapped: Mapped, old: etree._Element) -> tuple[str, str]:
        """Give what stands in the Body of a message that asks, and its SOAPAction."""

    def answer(self, body: etree._Element, mapped: Mapped) -> etree._Element:
        """Give the old answer out of a Body, judged by its schema; raises SoapFault."""

    def write_answer(self, asked: Asked, old: etree._Element, version: Version) -> bytes:
        """Give the message that answers, in the form of the request."""

    @property
    def tells_refusals(self) -> bool:
        """Whether an answer can say what is wrong with a request: then it does, and no fault."""

    @property
    def ask_namespace(self) -> str | None:
        """Where the fields of a request stand."""

    @property
    def tell_namespace(self) -> str | None:
        """Where the fields of an answer stand."""


def _operation(body: etree._Element, action: str, mapped: Sequence[Mapped], accepted: frozenset[str]) -> Mapped:
    name = etree.QName(body)
    found = next((one for one in mapped if name.localname in one.names and (name.namespace or "") in accepted), None)
    if found is None:
        here, names = name.localname[:80], " ".join(one.request for one in mapped)
        line = body.sourceline or 1
        raise SoapFault(UNKNOWN_OPERATION, violations=[Violation(here, here, line, f"可用操作: {names}", f"operations here: {names}")])
    if action and action not in found.names:
        raise SoapFault(WRONG_ACTION)
    return found


def opening(version: Version) -> str:
    """Write what stands before Header and Body."""
    return f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_NAMESPACES.format(version.namespace)}>'


def envelope(version: Version, body: str, block: str = "") -> bytes:
    """Write a whole message, perhaps with a header block."""
    header = f"<s:Header>{block}</s:Header>" if block else ""
    return f"{opening(version)}{header}<s:Body>{body}</s:Body></s:Envelope>".encode()


def _told(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def _is_rpc(node: etree._Element) -> bool:
    return node.get(f"{XSI}type") is not None


def _wrong(node: etree._Element, zh: str, en: str) -> SoapFault:
    name = etree.QName(node).localname[:80]
    return SoapFault(CONTRACT_BROKEN, violations=[Violation(name, name, node.sourceline or 1, zh, en)])


# ---- a document inside a string --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StringWire:
    """One string in, one string out; the string is CDATA or escaped, bare, in a named child, or an rpc parameter."""

    namespace: str
    documents: Schema
    tells_refusals: bool = field(default=True, init=False)
    ask_namespace: None = field(default=None, init=False)
    tell_namespace: None = field(default=None, init=False)

    def ask(self, body: etree._Element, action: str, mapped: Sequence[Mapped]) -> Asked:
        """Find the operation, and the element that holds the string."""
        found = _operation(body, action, mapped, frozenset({self.namespace, ""}))
        held = self._held(body)
        return Asked(found, held is not body and _is_rpc(held), held)

    def _held(self, body: etree._Element) -> etree._Element:
        if len(body) > 1:
            raise _wrong(body, "应只含一个字符串", "expected one string")
        held = body[0] if len(body) else body
        if len(held):
            raise _wrong(held, "此处应为字符串: 请用CDATA或转义", "expected a string here: put the document into CDATA, or escape it")
        kind = held.get(f"{XSI}type")
        if kind is not None:
            prefix, _, local = kind.strip().rpartition(":")
            if local != "string" or held.nsmap.get(prefix or None) not in _STRINGS:
                raise _wrong(held, "xsi:type应为xsd:string", "expected xsi:type xsd:string")
        return held

    def request(self, asked: Asked) -> etree._Element:
        """Read the document; `SessionHeader`, `SessionBody` and even the root may be left out."""
        return self._message(asked.held.text or "", asked.mapped.request)

    def _message(self, text: str, name: str) -> etree._Element:
        root = read_document(text)
        self.documents.judge(root)
        message = root
        while message.tag in ("Request", "Response", "SessionBody"):
            message = message[-1]
        if message.tag != name:
            raise _wrong(message, f"应为 {name}", f"expected {name}")
        return message

    def glimpse(self, asked: Asked, name: str) -> str:
        """Look for the number in a document that is XML at least."""
        try:
            found = next(read_document(asked.held.text or "").iter(name), None)
        except SoapFault:
            return ""
        text = "" if found is None else (found.text or "").strip()
        return text if _NUMBER(text) else ""

    def write_request(self, mapped: Mapped, old: etree._Element) -> tuple[str, str]:
        """Write it wrapped, as the field's WSDL files describe it; raises SoapFault for what the schema does not take."""
        self.documents.judge(old)
        inner = f"<Request><SessionBody>{_told(old)}</SessionBody></Request>"
        body = f'<m:{mapped.request} xmlns:m="{self.namespace}"><m:request>{escape(inner)}</m:request></m:{mapped.request}>'
        return body, f'"{mapped.operation}"'

    def answer(self, body: etree._Element, mapped: Mapped) -> etree._Element:
        """Read the string of an answer, whatever its element is called."""
        return self._message(self._held(body).text or "", mapped.response)

    def write_answer(self, asked: Asked, old: etree._Element, version: Version) -> bytes:
        """Write the string as CDATA, as the field does: no value can end it, for `>` is escaped inside."""
        text, mapped = f"<![CDATA[<Response>{_told(old)}</Response>]]>", asked.mapped
        if asked.rpc:
            return envelope(
                version,
                f'<m:{mapped.operation}Response xmlns:m="{self.namespace}" s:encodingStyle="{ENCODING}">'
                f'<{mapped.operation}Return xsi:type="xsd:string">{text}</{mapped.operation}Return></m:{mapped.operation}Response>',
            )
        return envelope(
            version, f'<m:{mapped.response} xmlns:m="{self.namespace}"><m:response>{text}</m:response></m:{mapped.response}>'
        )


# ---- fields ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldWire:
    """Document/literal bare as the WSDL says, or the rpc wrapper with xsi:type that deployed servers speak."""

    namespace: str
    ask_namespace: str
    tell_namespace: str
    schema: Schema
    tells_refusals: bool = field(default=False, init=False)

    def ask(self, body: etree._Element, action: str, mapped: Sequence[Mapped]) -> Asked:
        """Find the operation, and the element that holds its fields."""
        found = _operation(body, action, mapped, self._accepted(self.ask_namespace))
        rpc = etree.QName(body).localname == found.operation
        return Asked(found, rpc, _fields_of(body))

    def _accepted(self, fields: str) -> frozenset[str]:
        return frozenset({"", self.namespace, fields})

    def request(self, asked: Asked) -> etree._Element:
        """Put the fields where the schema has them, and judge them."""
        return self._judged(asked.held, asked.mapped.request, self.ask_namespace)

    def _judged(self, held: etree._Element, name: str, namespace: str) -> etree._Element:
        in_namespaces(held, f"{{{self.namespace}}}{name}", namespace, self._accepted(namespace))
        self.schema.judge(held)
        return held

    def glimpse(self, asked: Asked, name: str) -> str:
        """Give none: what is refused here gets a fault."""
        return ""

    def write_request(self, mapped: Mapped, old: etree._Element) -> tuple[str, str]:
        """Write it bare; all these operations have an empty SOAPAction. Raises SoapFault for what the schema does not take."""
        self._judged(old, mapped.request, self.ask_namespace)
        return self._bare(mapped.request, old), '""'

    def _bare(self, name: str, old: etree._Element) -> str:
        old.tag = f"{{{self.namespace}}}{name}"
        return _told(old)

    def answer(self, body: etree._Element, mapped: Mapped) -> etree._Element:
        """Read an answer, bare or wrapped."""
        return self._judged(_fields_of(body), mapped.response, self.tell_namespace)

    def write_answer(self, asked: Asked, old: etree._Element, version: Version) -> bytes:
        """Write it bare, or wrapped with a type at each field."""
        mapped = asked.mapped
        if not asked.rpc:
            return envelope(version, self._bare(mapped.response, old))
        fields = "".join(_typed_field(node) for node in old)
        return envelope(
            version,
            f'<m:{mapped.operation}Response xmlns:m="{self.namespace}" s:encodingStyle="{ENCODING}">'
            f"<{mapped.response}>{fields}</{mapped.response}></m:{mapped.operation}Response>",
        )


def _typed_field(node: etree._Element) -> str:
    """Write a field as the rpc form does: no namespace, its type beside it."""
    name = etree.QName(node).localname
    if len(node):
        return f"<{name}>{''.join(_typed_field(child) for child in node)}</{name}>"
    return f'<{name} xsi:type="xsd:{"int" if name == "resultCode" else "string"}">{escape(node.text or "")}</{name}>'


def _fields_of(body: etree._Element) -> etree._Element:
    """Find what holds the fields: the Body's element, or the one child of an rpc wrapper."""
    return body[0] if len(body) == 1 and len(body[0]) else body


def is_fault(body: etree._Element) -> bool:
    """Whether a Body holds a SOAP 1.1 fault."""
    return bool(body.tag == f"{{{SOAP11}}}Fault")
