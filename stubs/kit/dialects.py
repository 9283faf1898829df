"""A stub set in the field's old forms: it serves them beside its contracts, and calls the gateway in them where they have words for it.

Must not know what a message means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.contract.codec import Message
from gateway.legacy.calling import DialectPeer
from gateway.legacy.dialect import Dialect
from gateway.legacy.profile import ISMP_SP, LEGACY, PREFIX, Service, dialects, services
from gateway.legacy.table import Known
from gateway.soap.endpoint import Endpoint
from gateway.soap.http_outlet import Clock
from gateway.soap.peer import Peer
from stubs.kit.times import stamp

GATEWAY = "200"
"""Who asks in the ISMP dialects, whose messages do not say it."""


@dataclass(frozen=True, slots=True)
class OldForms:
    """What one set needs to speak them."""

    wsdl: Path
    clock: Clock
    dialects: Mapping[str, Dialect] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dialects", dialects(self.wsdl))

    def services(self, endpoints: list[Endpoint], reference: Callable[[], str]) -> dict[str, Service]:
        """Give the old services that lead to these endpoints, by path."""

        def source(known: Known) -> str:
            return stamp(self.clock.seconds()) if known is Known.NOW else GATEWAY

        return services(self.wsdl, {each.contract.name: each for each in endpoints}, lambda _: source, reference)

    def caller(self, typed: Peer, gateway: str) -> Spoken:
        """Give who calls the gateway: a report of ISMP goes by its own engine, all else that has a form by the string profile."""
        url = f"{gateway.rstrip('/')}{PREFIX.rstrip('/')}"
        peers = [
            DialectPeer(typed.name, url, typed.codec, typed.pool, typed.deadline, dialect=self.dialects[name]) for name in (ISMP_SP, LEGACY)
        ]
        return Spoken(typed, peers)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Calls in the first dialect that has words, else by the contract."""

    typed: Peer
    old: list[DialectPeer]

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        """Send a request and give its answer; raises Temporary or Permanent."""
        for peer in self.old:
            if peer.dialect.calls(peer.codec.contract.name, operation):
                return await peer.call(operation, request, routing)
        return await self.typed.call(operation, request, routing)
