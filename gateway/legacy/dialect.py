"""A dialect: a wire, its tables and its codes; turns whole messages into typed ones and back.

Must not know sockets, endpoints or partners.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from gateway.contract import Contract
from gateway.errors import OK
from gateway.legacy.codes import Codes
from gateway.legacy.mapping import Source, text_of, to_old, to_typed
from gateway.legacy.table import Head, Mapped
from gateway.legacy.wires import Wire

RESULT_INFO = "ResultInfo"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One old way to speak; `mapped` are all its operations, those that are served and those that are called."""

    name: str
    wire: Wire
    head: Head
    codes: Codes
    mapped: tuple[Mapped, ...]

    def calls(self, contract: str, typed: str) -> tuple[Mapped, ...]:
        """Give what an operation of a contract can be asked by; none, where the dialect has no words for it."""
        return tuple(one for one in self.mapped if (one.contract, one.typed) == (contract, typed))

    def services(self) -> dict[str, tuple[Mapped, ...]]:
        """Give what can be served, by service."""
        served = [one for one in self.mapped if one.served]
        return {name: tuple(one for one in served if one.service == name) for name in dict.fromkeys(one.service for one in served)}

    def typed_request(self, mapped: Mapped, old: etree._Element, contract: Contract, source: Source) -> etree._Element:
        """Make the typed request; raises SoapFault where a time is none."""
        element = contract.operations[mapped.typed].request
        return to_typed(mapped.ask, old, contract.schemas.element_type(element), element, source)

    def old_request(self, mapped: Mapped, typed: etree._Element) -> etree._Element:
        """Make the old request."""
        return to_old(mapped.ask, typed, mapped.request, self.wire.ask_namespace)

    def old_answer(self, mapped: Mapped, typed: etree._Element) -> etree._Element:
        """Make the old answer: where a message is about one product, its result is the answer's."""
        code, desc = text_of(typed, "ResultCode"), text_of(typed, "ResultDesc")
        items = [node for node in typed if etree.QName(node).localname == RESULT_INFO] if mapped.each else []
        if code == str(OK.code) and len(items) == 1:
            code, desc = text_of(items[0], "OPResult"), text_of(items[0], "OPDesc")
        return self._answer(mapped, text_of(typed, "StreamingNo"), int(code), desc, typed)

    def refusal(self, mapped: Mapped, number: str, code: int, desc: str) -> etree._Element:
        """Make the old answer that says only that, and why, a request is not taken."""
        return self._answer(mapped, number, code, desc, None)

    def _answer(self, mapped: Mapped, number: str, code: int, desc: str, typed: etree._Element | None) -> etree._Element:
        namespace = self.wire.tell_namespace
        made = etree.Element(mapped.response) if typed is None else to_old(mapped.tell, typed, mapped.response, namespace)
        old_code, old_desc = self.codes.write(code, desc, mapped.failure)
        head = self.head
        for name, text in reversed([(head.number, number), (head.code, old_code), (head.desc, old_desc)]):
            if name:
                node = etree.Element(name if namespace is None else f"{{{namespace}}}{name}")
                node.text = text
                made.insert(0, node)
        return made

    def typed_answer(self, mapped: Mapped, old: etree._Element, contract: Contract, source: Source) -> etree._Element:
        """Make the typed answer."""
        element = contract.operations[mapped.typed].response
        wanted = contract.schemas.element_type(element)
        made = to_typed(mapped.tell, old, wanted, element, source)
        desc = text_of(old, self.head.desc) if self.head.desc else ""
        told = (text_of(old, self.head.number), str(self.codes.read(text_of(old, self.head.code), desc)), desc)
        for field, text in reversed(list(zip(wanted.fields, told, strict=False))):
            node = etree.Element(f"{{{field.namespace}}}{field.name}")
            node.text = text
            made.insert(0, node)
        return made
