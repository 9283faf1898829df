"""The caller that the engine uses: finds a party's configured address, sends, and judges the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.facts import Matter
from gateway.domain.party import Address, Party
from gateway.domain.routing import Place
from gateway.engine.ports import Sent
from gateway.errors import Permanent
from gateway.partners.guarding import Line
from gateway.partners.head import Head
from gateway.partners.messages import operation_of, read, write
from gateway.steps import Ask, NotifyTest, SyncObject, Tell, matter_of
from gateway.vocabulary import write_time


@dataclass(frozen=True, slots=True)
class Partner:
    """A party's endpoints by contract, and its own contract; `trace` sends the Routing header block with each message."""

    peers: Mapping[str, Line]
    contract: str
    trace: bool

    @property
    def peer(self) -> Line:
        """The endpoint of its own contract."""
        return self.peers[self.contract]


@dataclass(frozen=True, slots=True)
class Untraced:
    """The endpoint of a partner that does not take the Routing header block."""

    peer: Line

    @property
    def codec(self) -> Codec:
        """The codec of its contract."""
        return self.peer.codec

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        """Send a request without the block."""
        return await self.peer.call(operation, request)


class Directory:
    """All partners of this gateway, by address; implements the engine's Caller."""

    def __init__(self, here: Place, partners: Mapping[Address, Partner]) -> None:
        self._here = here
        self._partners = partners
        self.calling = 0
        """Steps whose message is out: they wait for their partner, and cost this process nothing."""

    def knows(self, address: Address) -> bool:
        """Whether a party is configured."""
        return address in self._partners

    def line(self, address: Address, contract: str) -> Line | None:
        """Give a party's endpoint of a contract, for a question that is no step of a flow.

        What is passed on to a VSOP bears the block whatever the configuration says: without the hop count two gateways whose number
        plans differ would pass it to and fro for ever.
        """
        partner = self._partners.get(address)
        peer = None if partner is None else partner.peers.get(contract)
        traced = partner is None or partner.trace or address.party is Party.VSOP
        return peer if peer is None or traced else Untraced(peer)

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
        by_ppm = isinstance(step.request, SyncObject | NotifyTest)
        system = self._here.ppm_system if by_ppm else self._here.system
        message = write(operation, step.request, Head(streaming_no, write_time(at), system), codec)
        routing = self._routing(matter_of(step.request), partner) if partner.trace else None
        self.calling += 1
        try:
            answer = await partner.peer.call(operation, message, routing)
        finally:
            self.calling -= 1
        return Sent(read(step, answer, at))

    def _routing(self, matter: Matter, partner: Partner) -> Message:
        return partner.peer.codec["RoutingType"](
            TraceId=matter.trace_id,
            OriginSystem=self._here.system,
            OriginProvince=self._here.province,
            HopCount=matter.hops + 1,
            Section=matter.section,
        )
