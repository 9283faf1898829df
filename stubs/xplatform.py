"""X业务平台: a service platform outside ISMP; activates at once, or accepts and calls back."""

from __future__ import annotations

from functools import partial
from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import OK, PLATFORM_REFUSED
from stubs.kit.magic import CALLBACK_SECONDS, COMMON, Behaviour
from stubs.kit.outbound import Letter, succeeded
from stubs.kit.role import Call, Role, receives

SUBSCRIBE = "0"


class XPlatform(Role):
    """Keeps the ledgers "activation" and "deactivation"."""

    name = "xplatform"
    system = "303"
    behaviours = COMMON | {Behaviour.CALLBACK, Behaviour.CALLBACK_FAILED}

    @receives
    async def serverAction(self, request: Message, call: Call) -> Message:
        """Answer with the final result by product, or "accepted" and report by serverActionResult."""
        if call.behaviour in (Behaviour.CALLBACK, Behaviour.CALLBACK_FAILED):
            call.after(CALLBACK_SECONDS, partial(self._report, request, call))
            return call.answer(OK)
        return call.answer(OK, ResultInfo=self._act(request, self.codec))

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
        """Activate or deactivate each product; what is already as asked counts as done."""
        return [self._act_on(request, item, codec) for item in request.VProductInfo]

    def _act_on(self, request: Message, item: Message, codec: Codec) -> Message:
        subscribe = item.ActionType == SUBSCRIBE
        self.world.serve(
            subscribe,
            number=request.ProductNo,
            product=item.VProductID,
            order=request.OrderId,
            streaming_no=request.StreamingNo,
            role=self.name,
            system=request.SystemId,
            offer=item.ProductOfferID,
        )
        dates: dict[str, Any] = {"EffDate" if subscribe else "ExpDate": self.stage.stamp()}
        return codec["ProductResult"](ProductID=item.VProductID, OPResult=str(OK.code), OPDesc=OK.describe(), **dates)

    def _refuse(self, request: Message, codec: Codec) -> list[Message]:
        refused = {"OPResult": str(PLATFORM_REFUSED.code), "OPDesc": PLATFORM_REFUSED.describe()}
        return [codec["ProductResult"](ProductID=item.VProductID, **refused) for item in request.VProductInfo]
