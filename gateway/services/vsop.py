"""The vsop contract as both tiers serve it: one coroutine per operation, named as in the contract."""

from __future__ import annotations

from functools import partial

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.services import legs, orders, relations
from gateway.services.desk import Desk, once
from gateway.soap.endpoint import Exchange


class VsopService:
    """Handler of wsdl/vsop.wsdl."""

    def __init__(self, desk: Desk, codec: Codec) -> None:
        self._desk = desk
        self._codec = codec

    async def subscribeToVSOP(self, request: Message, exchange: Exchange) -> Message:
        """Take an order of a channel (R1.1)."""
        return await once(
            self._desk, self._codec, request, "subscribeToVSOP", partial(orders.subscribe, self._desk, request)
        )

    async def orderStateQry(self, request: Message, exchange: Exchange) -> Message:
        """Tell the state of an order."""
        return await orders.order_state(self._desk, self._codec, request)

    async def serverAction(self, request: Message, exchange: Exchange) -> Message:
        """Take over an activation from a province."""
        act = partial(legs.take_over, self._desk, request, exchange.routing)
        return await once(self._desk, self._codec, request, "serverAction", act)

    async def serverActionResult(self, request: Message, exchange: Exchange) -> Message:
        """Take the result of an activation that we asked for."""
        return await once(
            self._desk, self._codec, request, "serverActionResult", partial(legs.take_result, self._desk, request)
        )

    async def subsInstSynFromISMP(self, request: Message, exchange: Exchange) -> Message:
        """Take ISMP's report of a relation (R8.4)."""
        return await once(
            self._desk, self._codec, request, "subsInstSynFromISMP", partial(relations.from_ismp, self._desk, request)
        )

    async def subsInstSynToVSOP(self, request: Message, exchange: Exchange) -> Message:
        """Take a report of relations from a province or a platform (R7.1, R7.8)."""
        return await once(
            self._desk, self._codec, request, "subsInstSynToVSOP", partial(relations.reported, self._desk, request)
        )
