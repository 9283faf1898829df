"""The caller that the engine uses: finds a party's configured address, sends, and judges the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.contract.codec import Message
from gateway.domain.order import Order
from gateway.domain.party import Address
from gateway.domain.routing import Place
from gateway.engine.ports import Sent
from gateway.errors import Permanent
from gateway.partners.messages import Head, operation_of, read, write
from gateway.soap.peer import Peer
from gateway.steps import Ask, Tell
from gateway.vocabulary import write_time


@dataclass(frozen=True, slots=True)
class Partner:
    """A party's endpoint; `trace` sends the Routing header block with each message."""

    peer: Peer
    trace: bool


class Directory:
    """All partners of this gateway, by address; implements the engine's Caller."""

    def __init__(self, here: Place, partners: Mapping[Address, Partner]) -> None:
        self._here = here
        self._partners = partners

    def knows(self, address: Address) -> bool:
        """Whether a party is configured."""
        return address in self._partners

    def operation(self, step: Ask | Tell) -> str:
        """Name the wire operation that carries a step."""
        return operation_of(step)

    async def send(self, step: Ask | Tell, streaming_no: str, at: datetime) -> Sent:
        """Send a step's request; raises Temporary or Permanent where no business answer comes."""
        partner = self._partners.get(step.to)
        if partner is None:
            raise Permanent(str(step.to), "no address is configured")
        operation = operation_of(step)
        codec = partner.peer.codec
        message = write(operation, step.request, Head(streaming_no, write_time(at), self._here.system), codec)
        routing = self._routing(step.request.order, partner) if partner.trace else None
        answer = await partner.peer.call(operation, message, routing)
        return Sent(read(step, answer, at))

    def _routing(self, order: Order, partner: Partner) -> Message:
        return partner.peer.codec["RoutingType"](
            TraceId=order.trace_id,
            OriginSystem=self._here.system,
            OriginProvince=self._here.province,
            HopCount=order.hops + 1,
        )
