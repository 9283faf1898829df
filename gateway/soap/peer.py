"""The calling side: one operation of a partner's contract, written and read by the compiled codec over the pooled HTTP client.

Every answer is judged before use: HTTP status, size, XML, envelope, schema, and that it answers this request. What is not a
business answer is Temporary (outcome unknown, or nothing was done) or Permanent (our message was refused).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.document import CONTRACT_FAULT, ROUTING
from gateway.errors import NotTried, Permanent, Temporary
from gateway.soap.envelope import parse_envelope
from gateway.soap.faults import SOAP11, SoapFault, Version
from gateway.soap.http_client import HttpCallFailed, HttpPool, HttpReply, Reason, SendOutcome
from gateway.soap.xml_gate import XmlLimits

if TYPE_CHECKING:
    from lxml import etree

LONGEST_WAIT: Final = timedelta(hours=1)
"""What is believed of a Retry-After: a partner that names a day has an error, and its orders would sleep through its return."""

ANSWER_LIMITS: Final = XmlLimits(tags=40_000)
"""An answer may list 500 relations, which is more than any request holds; its bytes are bounded by the pool."""


class Seal(Protocol):
    """Shows that a message is ours, in its header."""

    def __call__(self, opening: str, blocks: str, content: str) -> str:
        """Give the whole message, of the declaration with the Envelope's start tag, its header blocks, and what is in its Body."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One partner's endpoint; `deadline` is the total time of a call in seconds, `deadlines` that of single operations.

    Without a `seal` messages bear no credentials.
    """

    name: str
    url: str
    codec: Codec
    pool: HttpPool
    deadline: float
    deadlines: Mapping[str, float] = field(default_factory=dict)
    seal: Seal | None = None

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        """Send a request and give the typed answer; raises Permanent, Temporary, or NotTried where the line is full."""
        described = self.codec.contract.operations[operation]
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{described.action}"'}
        body = self._write(described.request, request, routing)
        deadline = self.deadlines.get(operation, self.deadline)
        try:
            reply = await self.pool.post(self.url, body, headers, deadline=deadline)
        except HttpCallFailed as failed:
            raise self._unanswered(operation, failed, deadline) from None
        answer = self._read(operation, described.response, reply)
        if answer.StreamingNo != request.StreamingNo:
            self.pool.renew(self.url)  # one answer too many on a connection would give each later call the one before it
            raise Temporary(self.name, f"{operation}: the answer belongs to another request")
        return answer

    def _write(self, element: str, request: Message, routing: Message | None) -> bytes:
        opening = f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP11}"{self.codec.namespace_declarations()}>'
        blocks = "" if routing is None else self.codec.by_element[ROUTING].encode(routing)
        content = self.codec.by_element[element].encode(request)
        if self.seal is not None:
            return self.seal(opening, blocks, content).encode()
        header = blocks and f"<s:Header>{blocks}</s:Header>"
        return f"{opening}{header}<s:Body>{content}</s:Body></s:Envelope>".encode()

    def _unanswered(self, operation: str, failed: HttpCallFailed, deadline: float) -> Temporary:
        reason = f"{operation}: {failed.reason}"
        if failed.reason is Reason.CROWDED:  # half a deadline on, many of those that wait now have been served or given up
            return NotTried(self.name, reason, timedelta(seconds=deadline / 2))
        if failed.reason is Reason.CLOSED and failed.outcome is SendOutcome.NOT_SENT:  # this gateway ends
            return NotTried(self.name, reason)
        return Temporary(self.name, reason)

    def _body(self, operation: str, reply: HttpReply) -> etree._Element:
        """Give what stands in the Body of an answer; raises Temporary where there is none, and what a fault means."""
        if reply.status not in (200, 500):
            # Also 4xx: a wrong path or a missing right is mended by people, and the order waits for them.
            raise Temporary(self.name, f"{operation}: HTTP {reply.status}", _retry_after(reply))
        content_type = reply.headers.get("content-type", "").lower()
        if "xml" not in content_type:
            raise Temporary(self.name, f"{operation}: the answer is not SOAP")
        # Only a Chinese charset is believed: without a declaration in the bytes nothing else would tell it.
        charset = content_type.partition("charset=")[2].split(";")[0].strip(" \"'")
        charset = charset if charset.startswith("gb") else ""
        try:
            envelope = parse_envelope(reply.body, charset or None, frozenset({ROUTING}), ANSWER_LIMITS, Version.V11)
        except SoapFault:
            raise Temporary(self.name, f"{operation}: the answer is not SOAP") from None
        if envelope.body.tag == f"{{{SOAP11}}}Fault":
            raise self._fault(operation, envelope.body)
        if reply.status != 200:
            raise Temporary(self.name, f"{operation}: the answer breaks the contract")
        return envelope.body

    def _read(self, operation: str, element: str, reply: HttpReply) -> Message:
        body = self._body(operation, reply)
        if body.tag != element:
            self.pool.renew(self.url)
        if body.tag != element or not self.codec.contract.validator.validate(body):
            raise Temporary(self.name, f"{operation}: the answer breaks the contract")
        return self.codec.by_element[element].decode(body)

    def _fault(self, operation: str, fault: etree._Element) -> Permanent | Temporary:
        """A Client fault is about our message and final; any other leaves the outcome open (docs/decisions/0006)."""
        code = (fault.findtext("faultcode") or "").strip().rpartition(":")[2]
        number = fault.findtext(f"detail/{CONTRACT_FAULT}/{{{CONTRACT_FAULT[1:].partition('}')[0]}}}Code") or "no code"
        reason = f"{operation}: fault {code[:20]} ({number[:8]})"
        return Permanent(self.name, reason) if code.partition(".")[0] == "Client" else Temporary(self.name, reason)


def _retry_after(reply: HttpReply) -> timedelta:
    """Read Retry-After (RFC 9110 10.2.3), a number of seconds or a date, which is judged by the partner's own Date."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(LONGEST_WAIT, timedelta(seconds=int(text[:9])))
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(reply.headers.get("date", ""))
    except (TypeError, ValueError):  # there is none, or it is no date
        return timedelta()
    return min(LONGEST_WAIT, max(timedelta(), wait))
