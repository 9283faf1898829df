"""The vsop contract as both tiers serve it: one coroutine per operation, named as in the contract."""

from __future__ import annotations

from functools import partial

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.services import authorising, confirming, legs, orders, queries, relations, syncing, users, work_orders
from gateway.services.desk import Act, Desk, once
from gateway.soap.endpoint import Exchange


class VsopService:
    """Handler of wsdl/vsop.wsdl."""

    NEW_WORK = frozenset({"subscribeToVSOP", "serverAction", "workListFKToVSOP"})
    """What begins something: refused while the gateway is busy, results and reports of work under way never are."""

    def __init__(self, desk: Desk, codec: Codec) -> None:
        self._desk = desk
        self._codec = codec

    async def subscribeToVSOP(self, request: Message, exchange: Exchange) -> Message:
        """Take an order of a channel (R1.1)."""
        act = partial(orders.subscribe, self._desk, request)
        return await self._once("subscribeToVSOP", request, act)

    async def orderStateQry(self, request: Message, exchange: Exchange) -> Message:
        """Tell the state of an order."""
        return await orders.order_state(self._desk, self._codec, request)

    async def serverAction(self, request: Message, exchange: Exchange) -> Message:
        """Take over an activation from a province; the same request again gets the result, once there is one."""
        act = partial(legs.take_over, self._desk, request, exchange.routing)
        answer = await self._once("serverAction", request, act)
        return await legs.with_result(self._desk, self._codec, request, answer)

    async def serverActionResult(self, request: Message, exchange: Exchange) -> Message:
        """Take the result of an activation that we asked for."""
        return await self._once("serverActionResult", request, partial(legs.take_result, self._desk, request))

    async def subsInstSynFromISMP(self, request: Message, exchange: Exchange) -> Message:
        """Take ISMP's report of a relation (R8.4)."""
        return await self._once("subsInstSynFromISMP", request, partial(relations.from_ismp, self._desk, request))

    async def subsInstSynToVSOP(self, request: Message, exchange: Exchange) -> Message:
        """Take a report of relations from a province or a platform (R7.1, R7.8)."""
        return await self._once("subsInstSynToVSOP", request, partial(relations.reported, self._desk, request))

    async def subscribeAuth(self, request: Message, exchange: Exchange) -> Message:
        """Tell CRM whether a bundle may be sold (R2.2)."""
        return await authorising.subscribe_auth(self._desk, self._codec, request)

    async def workListFKToVSOP(self, request: Message, exchange: Exchange) -> Message:
        """Take a work order of provisioning (R5.1)."""
        act = partial(work_orders.work_list, self._desk, request)
        return await self._once("workListFKToVSOP", request, act)

    async def userInfoSync(self, request: Message, exchange: Exchange) -> Message:
        """Take what a province tells of a user."""
        act = partial(users.user_info, self._desk, request, exchange.routing)
        return await self._once("userInfoSync", request, act)

    async def subInstQryFromVSOP(self, request: Message, exchange: Exchange) -> Message:
        """Tell what a number holds (R1.2)."""
        return await queries.subscriptions(self._desk, self._codec, request, exchange.routing)

    async def subInstHisQryFromVSOP(self, request: Message, exchange: Exchange) -> Message:
        """Tell the orders of a number (R20.1)."""
        return await queries.history(self._desk, self._codec, request, exchange.routing)

    async def productInfoSync(self, request: Message, exchange: Exchange) -> Message:
        """Keep a product that PPM tells."""
        return await self._once("productInfoSync", request, partial(syncing.object_sync, self._desk, request))

    async def PPOfferInfoSync(self, request: Message, exchange: Exchange) -> Message:
        """Keep an offer that PPM tells."""
        return await self._once("PPOfferInfoSync", request, partial(syncing.object_sync, self._desk, request))

    async def notifyProductTest(self, request: Message, exchange: Exchange) -> Message:
        """Note that an object is to be tried."""
        return await self._once("notifyProductTest", request, partial(syncing.test_notice, self._desk, request))

    async def recvRQMessage(self, request: Message, exchange: Exchange) -> Message:
        """Take a user's answer to a second confirmation."""
        return await self._once("recvRQMessage", request, partial(confirming.take_reply, self._desk, request))

    async def _once(self, operation: str, request: Message, act: Act) -> Message:
        new_work = operation in self.NEW_WORK
        return await once(self._desk, self._codec, request, operation, act, new_work=new_work)
