"""The calling side of a dialect: a typed request goes out in old words, and the old answer comes back typed.

It is a Peer in all else: same pool, deadlines and outcomes. Where an old message holds one product and a request several, it is asked
once for each, under numbers made from the request's; asked again, they are the same. Must not know who the partner is.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace

from lxml import etree

from gateway.contract.codec import Message
from gateway.contract.document import ROUTING
from gateway.errors import OK, RESULTS, Permanent, Temporary
from gateway.legacy.dialect import RESULT_INFO, Dialect
from gateway.legacy.mapping import text_of
from gateway.legacy.multiref import without_references
from gateway.legacy.table import Known, Mapped
from gateway.legacy.wires import envelope, opening
from gateway.soap.envelope import parse_xml
from gateway.soap.faults import SoapFault, Version
from gateway.soap.http_client import HttpCallFailed, HttpReply
from gateway.soap.peer import Peer

_NUMBER = "StreamingNo"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectPeer(Peer):
    """A partner who speaks a dialect; `url` is where its services stand, or the whole address of the only one."""

    dialect: Dialect

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        """Send a request and give the typed answer; raises Permanent also for what the dialect has no words for."""
        mapped = self._words(operation, request)
        typed = self._tree(operation, request)
        block = "" if routing is None else self._block(routing)
        answers = [await self._ask(operation, mapped, part, block) for part in _parts(typed, mapped)]
        return self._whole(operation, request, mapped, answers)

    def _words(self, operation: str, request: Message) -> Mapped:
        action = getattr(request, "ActionType", "")
        for mapped in self.dialect.calls(self.codec.contract.name, operation):
            if not mapped.when or action in mapped.when:
                return mapped
        raise Permanent(self.name, f"{operation}: the dialect {self.dialect.name} has no words for it")

    def _block(self, routing: Message) -> str:
        """Write the Routing block with all that it needs: a header block does no harm to who does not know it."""
        around = self._declared(self.codec.by_element[ROUTING].encode(routing))
        return etree.tostring(around[0], encoding="unicode")

    def _declared(self, text: str) -> etree._Element:
        return parse_xml(f"<m{self.codec.namespace_declarations()}>{text}</m>".encode(), "utf-8")

    def _tree(self, operation: str, request: Message) -> etree._Element:
        element = self.codec.contract.operations[operation].request
        return self._declared(self.codec.by_element[element].encode(request))[0]

    async def _ask(self, operation: str, mapped: Mapped, typed: etree._Element, block: str) -> Message:
        try:
            content, action = self.dialect.wire.write_request(mapped, self.dialect.old_request(mapped, typed))
        except SoapFault:
            raise Permanent(self.name, f"{operation}: cannot be said in the dialect {self.dialect.name}") from None
        deadline = self.deadlines.get(operation, self.deadline)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
        try:
            reply = await self.pool.post(self._address(mapped), self._enveloped(content, block), headers, deadline=deadline)
        except HttpCallFailed as failed:
            raise self._unanswered(operation, failed, deadline) from None
        answer = self._typed(operation, mapped, self._body(operation, _in_place(reply)))
        if answer.StreamingNo != text_of(typed, _NUMBER):
            self.pool.renew(self._address(mapped))  # as Peer does
            raise Temporary(self.name, f"{operation}: the answer belongs to another request")
        return answer

    def _enveloped(self, content: str, block: str) -> bytes:
        if self.seal is None:
            return envelope(Version.V11, content, block)
        return self.seal(opening(Version.V11), block, content).encode()

    def _address(self, mapped: Mapped) -> str:
        base = self.url.rstrip("/")
        return base if base.endswith(f"/{mapped.service}") else f"{base}/{mapped.service}"

    def _typed(self, operation: str, mapped: Mapped, body: etree._Element) -> Message:
        contract = self.codec.contract
        element = contract.operations[operation].response
        try:
            old = self.dialect.wire.answer(body, mapped)
            typed = self.dialect.typed_answer(mapped, old, contract, _nothing)
        except SoapFault:
            raise Temporary(self.name, f"{operation}: the answer breaks the contract") from None
        if not contract.validator.validate(typed):
            raise Temporary(self.name, f"{operation}: the answer breaks the contract")
        return self.codec.by_element[element].decode(typed)

    def _whole(self, operation: str, request: Message, mapped: Mapped, answers: list[Message]) -> Message:
        """Make one answer of several: a result for each product where the contract has them, else the first that is no success."""
        later = next((a for a in answers if _is_later(a)), None)
        first = later or next((a for a in answers if a.ResultCode != str(OK.code)), answers[-1])
        first.StreamingNo = request.StreamingNo
        if later is not None or not mapped.each or RESULT_INFO not in first.field_names:
            return first
        items = [
            self.codec["ProductResult"](ProductID=_product(item), OPResult=answer.ResultCode, OPDesc=answer.ResultDesc)
            for item, answer in zip(getattr(request, mapped.each), answers, strict=True)
        ]
        answer_type = type(first)
        return answer_type(StreamingNo=request.StreamingNo, ResultCode=str(OK.code), ResultDesc=OK.describe(), ResultInfo=items)


def _parts(typed: etree._Element, mapped: Mapped) -> list[etree._Element]:
    count = sum(1 for child in typed if etree.QName(child).localname == mapped.each)
    if count < 2:
        return [typed]
    return [_part(typed, mapped.each, place) for place in range(count)]


def _part(typed: etree._Element, each: str, place: int) -> etree._Element:
    """Copy a request with one of its items, under the request's number and the item's place: 60 characters hold both."""
    part = deepcopy(typed)
    items = [child for child in part if etree.QName(child).localname == each]
    for item in items[:place] + items[place + 1 :]:
        part.remove(item)
    number = next(child for child in part if etree.QName(child).localname == _NUMBER)
    number.text = f"{number.text}{place + 1:02d}"
    return part


def _in_place(reply: HttpReply) -> HttpReply:
    """Read an rpc/encoded answer as if its values stood in their place; what is no XML stays for the next reader to refuse."""
    try:
        body, charset = without_references(reply.body, None)
    except SoapFault:
        return reply
    return reply if charset is None else replace(reply, body=body, headers={**reply.headers, "content-type": "text/xml; charset=utf-8"})


def _product(item: Message) -> str:
    return str(item.VProductID if "VProductID" in item.field_names else item.ProductID)


def _is_later(answer: Message) -> bool:
    known = RESULTS.get(int(answer.ResultCode))
    return known is not None and known.retryable


def _nothing(known: Known) -> str:
    """Answers carry everything themselves."""
    raise LookupError(known)
