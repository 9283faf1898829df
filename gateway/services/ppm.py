"""The ppm contract: one coroutine per operation, named as in the contract."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.services.desk import Desk
from gateway.soap.endpoint import Exchange


class PpmService:
    """Handler of wsdl/ppm.wsdl."""

    def __init__(self, desk: Desk, codec: Codec) -> None:
        self._desk = desk
        self._codec = codec

    async def submitProductApplication(self, request: Message, exchange: Exchange) -> Message:
        """To come."""
        raise NotImplementedError

    async def submitOfferApplication(self, request: Message, exchange: Exchange) -> Message:
        """To come."""
        raise NotImplementedError

    async def submitStateChange(self, request: Message, exchange: Exchange) -> Message:
        """To come."""
        raise NotImplementedError

    async def auditResultQry(self, request: Message, exchange: Exchange) -> Message:
        """To come."""
        raise NotImplementedError

    async def prodInfoSynFromISMP(self, request: Message, exchange: Exchange) -> Message:
        """To come."""
        raise NotImplementedError

    async def offerInfoSynFromISMP(self, request: Message, exchange: Exchange) -> Message:
        """To come."""
        raise NotImplementedError

    async def catalogSyncStatusQry(self, request: Message, exchange: Exchange) -> Message:
        """To come."""
        raise NotImplementedError
