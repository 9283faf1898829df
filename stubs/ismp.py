"""ISMP 综合业务管理平台: checks the fee with OCS itself, activates, answers, and then reports each relation to VSOP."""

from __future__ import annotations

from functools import partial
from typing import Any

from gateway.contract.codec import Message
from gateway.errors import BUSY, NO_BALANCE, OK, RESULTS, Result
from stubs.kit.magic import COMMON, Behaviour
from stubs.kit.outbound import Letter, decided, succeeded
from stubs.kit.role import AFTERWARDS, Call, Role, receives

SUBSCRIBE, UNSUBSCRIBE = "0", "3"
FEE_CHECK_ATTEMPTS = 5


class Ismp(Role):
    """Keeps the ledgers "activation" and "deactivation", and "relation-report" of what VSOP has taken."""

    name = "ismp"
    system = "204"
    behaviours = COMMON | {Behaviour.REPORT_FIRST}

    @receives
    async def subActionFromVSOP(self, request: Message, call: Call) -> Message:
        """Subscribe products for DA, paid by FA."""
        refusal = await self._check_fee(request, call)
        if refusal is not None:
            return call.answer(refusal)
        return await self._act(call, SUBSCRIBE, request.DA, request.DAType)

    @receives
    async def unSubActionFromVSOP(self, request: Message, call: Call) -> Message:
        """End products of a user; what is not active counts as done."""
        return await self._act(call, UNSUBSCRIBE, request.UserID, request.UserIDType)

    async def _check_fee(self, request: Message, call: Call) -> Result | None:
        """Ask OCS about a prepaid payer; gives why not, or None to go on."""
        payer = self.world.subscriber(request.FA)
        if payer is None or not payer.prepaid:
            return None
        message = self.stage.codecs["ocs"]["feeCheck"](
            StreamingNo=self.stage.numbers.streaming(self.system),
            TimeStamp=self.stage.stamp(),
            SystemId=self.system,
            ProdSpecCode=payer.spec,
            ProductNo=request.FA,
            ContentType="2",
        )
        letter = Letter(self.name, "ocs", "feeCheck", message, call.routing)
        answer = await self.stage.outbound.send(letter, decided, attempts=FEE_CHECK_ATTEMPTS)
        if answer is None:
            return BUSY
        if not succeeded(answer):
            return RESULTS.get(int(answer.ResultCode), BUSY)
        return None if (answer.Balance or 0) > 0 else NO_BALANCE

    async def _act(self, call: Call, action: str, number: str, number_type: str) -> Message:
        now = self.stage.stamp()
        results, reports = [], []
        for item in call.request.ProductInfo:
            self.world.serve(
                action == SUBSCRIBE,
                number=number,
                product=item.ProductID,
                order=call.request.OrderId,
                streaming_no=call.request.StreamingNo,
                role=self.name,
                system=call.request.SystemId,
                offer=item.PProductOfferID,
            )
            date: dict[str, Any] = {"EffDate" if action == SUBSCRIBE else "ExpDate": now}
            code, text = str(OK.code), OK.describe()
            results.append(self.codec["ProductResult"](ProductID=item.ProductID, OPResult=code, OPDesc=text, **date))
            user = {"UserID": number, "UserIDType": number_type}
            reports.append(self._report(call, action, item, user | date))
        if call.behaviour is Behaviour.REPORT_FIRST:
            reports = [report for report in reports if not await self._send(report, call, attempts=1)]
        call.after(AFTERWARDS, partial(self._send_all, reports, call))
        return call.answer(OK, ResultInfo=results)

    def _report(self, call: Call, action: str, item: Message, more: dict[str, Any]) -> Letter:
        message = self.stage.codecs["vsop"]["subsInstSynFromISMP"](
            StreamingNo=self.stage.numbers.streaming(self.system),
            TimeStamp=self.stage.stamp(),
            SystemId=self.system,
            ProductID=item.ProductID,
            PProductOfferID=item.PProductOfferID,
            OPType=action,
            ChannelPlayerID=call.request.SrcDeviceType,
            **more,
        )
        return Letter(self.name, "vsop", "subsInstSynFromISMP", message, call.routing)

    async def _send_all(self, reports: list[Letter], call: Call) -> None:
        for report in reports:
            await self._send(report, call)

    async def _send(self, report: Letter, call: Call, **how: int) -> bool:
        answer = await self.stage.outbound.send(report, succeeded, **how)
        if answer is None or not succeeded(answer):
            return False
        message = report.message
        self.world.record(
            "relation-report",
            number=message.UserID,
            order=call.request.OrderId,
            streaming_no=message.StreamingNo,
            product=message.ProductID,
            action=message.OPType,
        )
        return True
