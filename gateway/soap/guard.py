"""What an endpoint asks before it takes a message: who sent it, and whether he may. The rules themselves are gateway/access."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Protocol

from gateway.contract.codec import Message
from gateway.soap.envelope import Envelope

if TYPE_CHECKING:
    from gateway.soap.endpoint import Exchange


class Guard(Protocol):
    """Stands before dispatch. Each act is called once for each message, in this order, and raises SoapFault to refuse it."""

    @property
    def understood(self) -> frozenset[str]:
        """Return the header blocks, as {namespace}name, that it processes: they may be mustUnderstand."""

    def admit(self, envelope: Envelope, exchange: Exchange, contract: str) -> None:
        """Judge a message whose operation is known, before its schema is looked at; puts the sender into `exchange.caller`."""

    def judge(self, request: Message, exchange: Exchange) -> Awaitable[None] | None:
        """Judge what the message asks for, now that it is valid.

        Where something is given, the message may be dispatched when that is fulfilled; it may raise SoapFault as well.
        """
