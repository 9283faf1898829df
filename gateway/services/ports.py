"""ISMP and OCS as routed ports: a caller sends any operation to the gateway of its tier, which passes it on to the right system."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.services.desk import Desk
from gateway.soap.endpoint import Exchange


class RoutedPort:
    """Handler of all operations of a contract that is only passed on."""

    def __init__(self, desk: Desk, codec: Codec) -> None:
        self._desk = desk
        self._codec = codec

    def __getattr__(self, operation: str) -> object:
        if operation not in self._codec.contract.operations:
            raise AttributeError(operation)

        async def pass_on(request: Message, exchange: Exchange) -> Message:
            raise NotImplementedError

        return pass_on
