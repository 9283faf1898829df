"""How a VSOP above or beside the gateway serves CRM and provisioning: subscribeAuth, and work orders with their receipts."""

from __future__ import annotations

from functools import partial

from gateway.contract.codec import Message
from gateway.errors import (
    NO_PRODUCTS_HERE,
    NOT_IN_OFFER,
    NUMBER_REUSED,
    OK,
    RESULTS,
    UNKNOWN_OFFER,
    WILL_REPLACE,
    Result,
)
from stubs.kit.asking import head
from stubs.kit.goods import OFFER, PRODUCT, Held
from stubs.kit.orders import USER_WORK, Work
from stubs.kit.outbound import Letter, succeeded
from stubs.kit.results import product_result
from stubs.kit.role import AFTERWARDS, Call, receives
from stubs.kit.services import PlatformUser
from stubs.kit.world import plain_number
from stubs.vsop_book import COMPLETED, FAILED, ORDER_ACTS, RUNNING, VsopItem, VsopOrder, VsopOrders
from stubs.vsop_orders import VsopChannels

PASS, CONFIRM, REFUSED = "0", "1", "2"  # AuthResult
REPLACES_ANOTHER = "-2"  # OPResult of what the user may confirm
PLATFORM_STATE = {"00A": "0", "00B": "1", "00C": "2", "00X": "3"}
"""PlatformUserState by UserState."""


class VsopWork(VsopChannels):
    """The operations of CRM and provisioning; keeps the ledger "work-order"."""

    @receives
    async def subscribeAuth(self, request: Message, call: Call) -> Message:
        """Judge each product of each user of a bundle; nothing is stored."""
        offer = self.holds(OFFER, request.ProductOfferID) if request.ProductOfferID else None
        if request.ProductOfferID and offer is None:
            return call.answer(UNKNOWN_OFFER, request.ProductOfferID, AuthResult=REFUSED)
        users, first, confirm = [], None, False
        for user in request.ProductInfo:
            reasons = self._reasons(user, offer)
            first = first or next((result for _, result in reasons if result is not WILL_REPLACE), None)
            confirm = confirm or bool(reasons)
            if reasons:
                told = [self._told(product, result) for product, result in reasons]
                users.append(self.codec["AuthUserResult"](ProdSpecCode=user.ProdSpecCode, ProductNo=user.ProductNo, VProductInfo=told))
        decided = REFUSED if first is not None else CONFIRM if confirm else PASS
        return call.answer(first or OK, AuthResult=decided, ProductInfo=users)

    @receives
    async def workListFKToVSOP(self, request: Message, call: Call) -> Message:
        """Accept a work order and send its receipt when it is done; the same again is confirmed and not begun twice."""
        orders = self.world.keep(VsopOrders).by_id
        key, content = (request.SystemId, request.OrderId), request.fingerprint("StreamingNo", "TimeStamp")
        if key in orders:
            return call.answer(OK if orders[key].content == content else NUMBER_REUSED, "OrderId")
        if request.ActionType in USER_WORK and request.VProductInfo:
            return call.answer(NO_PRODUCTS_HERE)
        bundle = request.ProductOfferID
        items = [
            VsopItem(one.ActionType, one.VProductID, bundle or one.VProductID, self.offer_type(bundle)) for one in request.VProductInfo
        ]
        action = items[0].action if items else "0"
        order = VsopOrder(content, request.ProductNo, request.ProdSpecCode, action, self.stage.stamp(), items)
        orders[key] = order
        self.world.record(
            "work-order", number=request.ProductNo, order=request.OrderId, streaming_no=request.StreamingNo,
            role=self.name, system=request.SystemId, action=request.ActionType, products=[item.product for item in items],
        )  # fmt: skip
        call.after(AFTERWARDS, partial(self._work_on, order, call))
        return call.answer(OK)

    async def _work_on(self, order: VsopOrder, call: Call) -> None:
        request = call.request
        order.state = RUNNING
        self._change_user(request)
        for item in order.items:
            act = ORDER_ACTS[item.action]
            wrong = self.why_not(item.product) if act is ORDER_ACTS["0"] else None
            done = wrong or self.carry_out(item, request.ProductNo, request.OrderId, request.StreamingNo, request.SystemId)
            item.result = done.code
        codes = [item.result for item in order.items]
        first = next((code for code in codes if code != OK.code), OK.code)
        order.state = FAILED if codes and all(code != OK.code for code in codes) else COMPLETED
        if self.listens("provisioning"):
            await self._receipt(order, RESULTS[first], call)

    def _change_user(self, request: Message) -> None:
        """Let the user be as the work order says; relations follow."""
        kind, world = Work.of(request), self.world
        if kind is Work.TEAR_DOWN:
            world.leave(request.ProductNo)
        elif request.ActionType in USER_WORK:
            world.settle(request.ProductNo, old_number=request.OldProductNo, prepaid=request.UserPayType == "1", state=request.UserState)
        for one in request.AProductInfo:
            world.equip(request.ProductNo, one.AProductID, lost=one.ActionType == "1")
        if kind in (Work.TEAR_DOWN, Work.RENUMBER, Work.STATE_CHANGE):
            told = PlatformUser(PLATFORM_STATE[request.UserState], request.UserPayType)
            old = plain_number(request.OldProductNo or request.ProductNo)
            world.services.change_user(self.name, kind, plain_number(request.ProductNo), old, told)

    async def _receipt(self, order: VsopOrder, result: Result, call: Call) -> None:
        codec, request, now = self.stage.codecs["provisioning"], call.request, self.stage.stamp()
        results = [product_result(codec, one.product, ORDER_ACTS[one.action], RESULTS[one.result], now) for one in order.items]
        message = codec["WorkOrderReceipt"](
            **head(self, self.stage.numbers.streaming(self.system)),
            OrigOrderId=request.OrderId,
            OrderResultCode=str(result.code),
            OrderResultDesc=result.describe(),
            VProductInfo=results,
        )
        letter = Letter(self.name, "provisioning", "workListVSOPToFK", message, call.routing)
        await self.stage.outbound.send(letter, succeeded)

    def _reasons(self, user: Message, offer: Held | None) -> list[tuple[str, Result]]:
        known = self.world.subscriber(user.ProductNo)
        begun = {one.VProductID for one in user.VProductInfo if one.ActionType == "0"}
        found = []
        for one in user.VProductInfo:
            if offer is not None and one.VProductID not in offer.content["ProductID"]:
                found.append((one.VProductID, NOT_IN_OFFER))
                continue
            act = ORDER_ACTS[one.ActionType]
            result = self.judge(act, known, user.ProductNo, one.VProductID, together=begun - {one.VProductID})
            if result is not None:
                found.append((one.VProductID, result))
        return found

    def _told(self, product: str, result: Result) -> Message:
        held = self.holds(PRODUCT, product)
        return self.codec["AuthProductResult"](
            VProductID=product,
            VProductName=None if held is None else held.content["PNameCN"],
            OPResult=REPLACES_ANOTHER if result is WILL_REPLACE else str(result.code),
            OPDesc=result.describe(),
        )
