"""How a VSOP that stands above or beside the gateway takes orders of channels and answers what they ask: subscribeToVSOP and the queries.

An order ends by itself: the relations are begun or ended here, the channel, the user and billing are told where somebody listens.
"""

from __future__ import annotations

from functools import partial

from gateway.contract.codec import Message
from gateway.errors import (
    BUNDLE_BY_CRM,
    DECLINED,
    NO_BALANCE,
    NO_OFFER,
    NOTHING_TO_CONFIRM,
    NUMBER_REUSED,
    OFFER_NOT_OPEN,
    OK,
    UNKNOWN_OFFER,
    UNKNOWN_ORDER,
    UNKNOWN_USER,
    USER_NOT_ACTIVE,
    WILL_REPLACE,
    Result,
)  # fmt: skip
from stubs.kit.goods import NORMAL, OFFER, PRODUCT, REPLACES, TRADITIONAL
from stubs.kit.role import AFTERWARDS, Call, receives
from stubs.kit.services import ServiceAct
from stubs.kit.times import stamp
from stubs.kit.world import Subscriber, plain_number
from stubs.vsop_book import COMPLETED, FAILED, ORDER_ACTS, RUNNING, WAITING, VsopItem, VsopOrder, VsopOrders
from stubs.vsop_notices import MOST_OFFERS, NEVER, VsopNotices

ACTIVE = "00A"  # UserState
EVERYTHING = "2"  # SubscribeAction
ASKED_AGAIN = frozenset({"214"})
"""Channels whose users are asked by SMS before their orders begin, if an SMS hall listens: a word on the phone is soon typed."""
MOST_ROWS = 500  # maxOccurs of the contract


class VsopChannels(VsopNotices):
    """The operations of channels; keeps the ledger "order"."""

    @receives
    async def subscribeToVSOP(self, request: Message, call: Call) -> Message:
        """Accept an order, or refuse it with what is wrong with each offer; the same order again is confirmed."""
        orders = self.world.keep(VsopOrders).by_id
        key, content = (request.SystemId, request.OrderId), request.fingerprint("StreamingNo", "TimeStamp")
        if key in orders:
            return call.answer(OK if orders[key].content == content else NUMBER_REUSED, "OrderId")
        user = self.world.subscriber(request.ProductNo)
        if user is None or user.state != ACTIVE:
            return call.answer(UNKNOWN_USER if user is None else USER_NOT_ACTIVE)
        if not request.ProductOfferInfo and request.ActionType != EVERYTHING:
            return call.answer(NO_OFFER)
        items = self._items(request)
        wrong = self._wrong(request, items, user)
        if wrong:
            results = [self.result(self.codec, offer, result.code) for offer, result in list(wrong.items())[:MOST_OFFERS]]
            return call.answer(next(iter(wrong.values())), ResultInfo=results)
        order = VsopOrder(content, request.ProductNo, request.ProdSpecCode, request.ActionType, self.stage.stamp(), items)
        orders[key] = order
        self.world.record(
            "order", number=request.ProductNo, order=request.OrderId, streaming_no=request.StreamingNo,
            role=self.name, system=request.SystemId, action=request.ActionType, products=[item.product for item in items],
        )  # fmt: skip
        self._begin(key, order, call)
        return call.answer(OK)

    @receives
    async def orderStateQry(self, request: Message, call: Call) -> Message:
        """Tell how an order of the caller stands, and of one that has ended how each offer fared."""
        order = self.world.keep(VsopOrders).by_id.get((request.SystemId, request.OrderId))
        if order is None:
            return call.answer(UNKNOWN_ORDER, request.OrderId)
        ended = order.state in (COMPLETED, FAILED)
        results = self.results(self.codec, order) if ended else []
        return call.answer(OK, OrderState=order.state, ResultInfo=results)

    @receives
    async def subInstQryFromVSOP(self, request: Message, call: Call) -> Message:
        """Tell all that a user holds here."""
        if self.world.subscriber(request.ProductNo) is None:
            return call.answer(UNKNOWN_USER)
        services = self.world.services
        held = [(one, self.holds(PRODUCT, one.product)) for one in services.of(self.name, plain_number(request.ProductNo))]
        rows = [
            self.codec["SubsInstance"](
                VProductID=one.product,
                VProductName=one.product if product is None else product.content["PNameCN"],
                SPID="00000000" if product is None else product.content["SPID"],
                ProductOfferType=self.offer_type(one.offer),
                ProductOfferID=one.offer or one.product,
                PlatForm=self.system if product is None else product.content["PlatForm"],
                Status="2" if services.is_suspended(one) else "0",
                SubscribeTime=stamp(one.since),
                EffDate=stamp(one.since),
                ExpDate=NEVER,
                ChannelPlayerID=self.system,
            )
            for one, product in held
        ]
        return call.answer(OK, ResultInfo=rows[:MOST_ROWS])

    @receives
    async def subInstHisQryFromVSOP(self, request: Message, call: Call) -> Message:
        """Tell the orders of a user between two days, product by product."""
        if self.world.subscriber(request.ProductNo) is None:
            return call.answer(UNKNOWN_USER)
        number = plain_number(request.ProductNo)
        rows = [
            self.codec["SubsHistory"](
                ActionType=item.action, VProductID=item.product, ProductOfferType=item.offer_type, ProductOfferID=item.offer,
                OrderId=identity, OrderState=order.state, OPResult=str(item.result), SubscribeTime=order.at, ChannelPlayerID=system,
            )
            for (system, identity), order in self.world.keep(VsopOrders).by_id.items()
            if plain_number(order.number) == number and request.BeginTime <= order.at[:8] <= request.EndTime
            for item in order.items
        ]  # fmt: skip
        return call.answer(OK, ResultInfo=rows[:MOST_ROWS])

    @receives
    async def recvRQMessage(self, request: Message, call: Call) -> Message:
        """Let an order that waits for its user go on, or end."""
        waiting = [
            (key, order)
            for key, order in self.world.keep(VsopOrders).by_id.items()
            if order.state == WAITING and order.confirmation == request.RQCode
        ]
        if not waiting:
            return call.answer(NOTHING_TO_CONFIRM)
        for key, order in waiting:
            order.state = RUNNING
            if request.RQResult == "1":
                declined = set(request.ProductOfferID) and {item.offer for item in order.items} - set(request.ProductOfferID)
                call.after(AFTERWARDS, partial(self._run, key, order, call, frozenset(declined)))
            else:
                call.after(AFTERWARDS, partial(self._run, key, order, call, frozenset(item.offer for item in order.items)))
        return call.answer(OK)

    def _items(self, request: Message) -> list[VsopItem]:
        """Take an order apart into products; one that ends everything names what the user has."""
        if request.ActionType == EVERYTHING:
            held = self.world.services.of(self.name, plain_number(request.ProductNo))
            return [VsopItem("1", one.product, one.offer or one.product, self.offer_type(one.offer)) for one in held]
        found = []
        for info in request.ProductOfferInfo:
            offer = self.holds(OFFER, info.ProductOfferID)
            chosen = [one.VProductID for one in info.VSubProdInfo if one.VProductID != "0"]
            products = chosen or ([] if offer is None else offer.content["ProductID"])
            found += [VsopItem(request.ActionType, one, info.ProductOfferID, info.ProductOfferType) for one in products]
        return found

    def _wrong(self, request: Message, items: list[VsopItem], user: Subscriber) -> dict[str, Result]:
        """Give why offers are refused, by id."""
        wrong: dict[str, Result] = {}
        for info in request.ProductOfferInfo:
            offer = self.holds(OFFER, info.ProductOfferID)
            if offer is None:
                wrong[info.ProductOfferID] = UNKNOWN_OFFER
            elif offer.content["ProductOfferType"] == TRADITIONAL:
                wrong[info.ProductOfferID] = BUNDLE_BY_CRM
            elif offer.status != NORMAL and ORDER_ACTS[request.ActionType] is ServiceAct.START:
                wrong[info.ProductOfferID] = OFFER_NOT_OPEN
        together = {item.product for item in items}
        for item in items:
            result = self.judge(ORDER_ACTS[item.action], user, request.ProductNo, item.product, together=together - {item.product})
            if result is not None and result is not WILL_REPLACE:
                wrong.setdefault(item.offer, result)
        return wrong

    def _begin(self, key: tuple[str, str], order: VsopOrder, call: Call) -> None:
        if key[0] in ASKED_AGAIN and order.action == "0" and self.listens("smshall"):
            order.state, order.confirmation = WAITING, self.stage.numbers.order(self.system)[-6:]
            call.after(AFTERWARDS, partial(self.ask_user, order, call))
        else:
            call.after(AFTERWARDS, partial(self._run, key, order, call))

    async def _run(self, key: tuple[str, str], order: VsopOrder, call: Call, declined: frozenset[str] = frozenset()) -> None:
        """Carry an order out, and tell everybody."""
        order.state = RUNNING
        user = self.world.subscriber(order.number)
        poor = order.action == "0" and user is not None and user.prepaid and user.balance <= 0
        for item in order.items:
            refused = DECLINED if item.offer in declined else NO_BALANCE if poor else None
            item.result = (refused or self.carry_out(item, order.number, key[1], call.request.StreamingNo, key[0])).code
        order.state = COMPLETED if all(item.result == OK.code for item in order.items) else FAILED
        await self.tell(key, order, call)

    def carry_out(self, item: VsopItem, number: str, order: str, streaming_no: str, system: str) -> Result:
        """Begin, end, suspend or resume one relation; what it replaces ends."""
        act = ORDER_ACTS[item.action]
        held = self.holds(PRODUCT, item.product)
        replaced = [] if held is None or act is not ServiceAct.START else list(held.related(REPLACES))
        done = [(act, item.product), *((ServiceAct.END, other) for other in replaced if self.holds_relation(number, other))]
        results = [
            self.world.serve(
                one, role=self.name, number=number, product=product, order=order, streaming_no=streaming_no, offer=item.offer,
                system=system,
            )
            for one, product in done
        ]  # fmt: skip
        return results[0]
