"""serverAction, as X platforms and a VSOP above or beside the gateway answer it: at once, or "accepted" and serverActionResult later.

Also what both do with a product in test state.
"""

from __future__ import annotations

from functools import partial

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import OK, PLATFORM_REFUSED, UNKNOWN_OFFER, UNKNOWN_PRODUCT
from stubs.kit.catalogue import OBJECT_WORDS, CatalogueTarget
from stubs.kit.goods import PRODUCT
from stubs.kit.magic import CALLBACK_SECONDS, COMMON, Behaviour
from stubs.kit.outbound import Letter, succeeded
from stubs.kit.results import product_result
from stubs.kit.role import Call, receives
from stubs.kit.services import SERVICE_ACTIONS, ServiceAct


class Activating(CatalogueTarget):
    """Keeps ledgers of what was done to services (activation, ...), "test-notice" and "user-change"."""

    behaviours = COMMON | {Behaviour.CALLBACK, Behaviour.CALLBACK_FAILED, Behaviour.IN_PART}

    @receives
    async def serverAction(self, request: Message, call: Call) -> Message:
        """Answer with the final result by product, or "accepted" and report by serverActionResult."""
        if call.behaviour in (Behaviour.CALLBACK, Behaviour.CALLBACK_FAILED):
            call.after(CALLBACK_SECONDS, partial(self._report, request, call))
            return call.answer(OK)
        if call.behaviour is Behaviour.IN_PART:
            return call.answer(OK, ResultInfo=self._act_in_part(request))
        return call.answer(OK, ResultInfo=self._act(request, self.codec))

    @receives
    async def notifyProductTest(self, request: Message, call: Call) -> Message:
        """Try an object that is here in test state."""
        held = self.holds(request.ObjectType, request.ObjectID)
        if held is None:
            return call.answer(UNKNOWN_PRODUCT if request.ObjectType == PRODUCT else UNKNOWN_OFFER)
        self.world.record(
            "test-notice",
            number="",
            streaming_no=request.StreamingNo,
            role=self.name,
            object_type=OBJECT_WORDS[request.ObjectType],
            object=request.ObjectID,
            version=request.Version,
            status=held.status,
        )
        return call.answer(OK)

    async def _report(self, request: Message, call: Call) -> None:
        codec = self.stage.codecs["vsop"]
        failed = call.behaviour is Behaviour.CALLBACK_FAILED
        results = self._refuse(request, codec) if failed else self._act(request, codec)
        message = codec["ServerActionResultRequest"](
            StreamingNo=self.stage.numbers.streaming(self.system),
            TimeStamp=self.stage.stamp(),
            SystemId=self.system,
            RefStreamingNo=request.StreamingNo,
            OrderId=request.OrderId,
            ResultCode=str(OK.code),  # the result is there; how each product fared stands in ResultInfo
            ResultDesc=OK.describe(),
            ResultInfo=results,
        )
        letter = Letter(self.name, "vsop", "serverActionResult", message, call.routing)
        await self.stage.outbound.send(letter, succeeded)

    def _act(self, request: Message, codec: Codec) -> list[Message]:
        """Do what is asked to each product; what is already as asked counts as done."""
        return [self._act_on(request, item, codec) for item in request.VProductInfo]

    def _act_in_part(self, request: Message) -> list[Message]:
        """Refuse the last one of several products, and do the others."""
        *others, last = request.VProductInfo
        done = [self._act_on(request, item, self.codec) for item in others or [last]]
        return [*done, self._refused(last, self.codec)] if others else done

    def _act_on(self, request: Message, item: Message, codec: Codec) -> Message:
        act = SERVICE_ACTIONS[item.ActionType]
        result = self.why_not(item.VProductID) if act is ServiceAct.START else None
        result = result or self.world.serve(
            act,
            role=self.name,
            number=request.ProductNo,
            product=item.VProductID,
            order=request.OrderId,
            streaming_no=request.StreamingNo,
            offer=item.ProductOfferID,
            system=request.SystemId,
        )
        return product_result(codec, item.VProductID, act, result, self.stage.stamp())

    def _refuse(self, request: Message, codec: Codec) -> list[Message]:
        return [self._refused(item, codec) for item in request.VProductInfo]

    def _refused(self, item: Message, codec: Codec) -> Message:
        return product_result(
            codec, item.VProductID, SERVICE_ACTIONS[item.ActionType], PLATFORM_REFUSED, self.stage.stamp()
        )
