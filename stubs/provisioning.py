"""服务开通: takes customer orders apart, has VSOP do what is VAS in them, and tells CRM how they ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from gateway.contract.codec import Message
from gateway.errors import NUMBER_REUSED, OK
from stubs.kit.asking import head
from stubs.kit.journal import as_dict
from stubs.kit.orders import USER_WORK, CustomerOrder
from stubs.kit.outbound import Letter, decided, succeeded
from stubs.kit.role import AFTERWARDS, Call, Role, receives


@dataclass(slots=True)
class ProvisioningOrders:
    """The customer orders in hand and done, by OrderId; `completed` once CRM is being told."""

    by_id: dict[str, CustomerOrder] = field(default_factory=dict)


class Provisioning(Role):
    """Keeps the ledger "work-receipt"."""

    name = "provisioning"
    system = "206"

    @receives
    async def submitCustomerOrder(self, request: Message, call: Call) -> Message:
        """Accept an order; the same again is confirmed and not begun twice, other content is refused."""
        orders = self.world.keep(ProvisioningOrders).by_id
        before = orders.get(request.OrderId)
        if before is not None:
            same = _content(before.work) == _content(request)
            return call.answer(OK if same else NUMBER_REUSED, "OrderId")
        order = orders[request.OrderId] = CustomerOrder(request)
        if request.ActionType in USER_WORK:  # second 3.1: step 2a, then 2b
            call.after(AFTERWARDS, partial(self._tell_crm, order, call, str(OK.code), OK.describe()))
            call.after(2 * AFTERWARDS, partial(self._tell_vsop, order, call))
        elif request.VProductInfo:  # 3.2.x: step 3
            call.after(AFTERWARDS, partial(self._tell_vsop, order, call))
        else:
            call.after(AFTERWARDS, partial(self._tell_crm, order, call, str(OK.code), OK.describe()))
        return call.answer(OK)

    @receives
    async def workListVSOPToFK(self, request: Message, call: Call) -> Message:
        """Learn how a work order ended, and pass it on to CRM if CRM waits for it (seed 3.2.x step 5)."""
        order = self.world.keep(ProvisioningOrders).by_id.get(request.OrigOrderId)
        self.world.record(
            "work-receipt",
            number="" if order is None else order.work.ProductNo,
            order=request.OrigOrderId,
            streaming_no=request.StreamingNo,
            known=order is not None,
            result_code=request.OrderResultCode,
            results=[as_dict(result) for result in request.VProductInfo],
        )
        if order is not None:
            code, text, results = request.OrderResultCode, request.OrderResultDesc, request.VProductInfo
            call.after(AFTERWARDS, partial(self._tell_crm, order, call, code, text, results))
        return call.answer(OK)

    async def _tell_vsop(self, order: CustomerOrder, call: Call) -> None:
        work = order.work
        fields = {name: getattr(work, name) for name in work.field_names}
        fields |= head(self, self.stage.numbers.streaming(self.system))
        message = self.stage.codecs["vsop"]["WorkOrder"](**fields)
        letter = Letter(self.name, "vsop", "workListFKToVSOP", message, call.routing)
        answer = await self.stage.outbound.send(letter, decided)
        if answer is not None and not succeeded(answer):
            await self._tell_crm(order, call, answer.ResultCode, answer.ResultDesc)

    async def _tell_crm(
        self, order: CustomerOrder, call: Call, code: str, text: str, results: list[Message] | None = None
    ) -> None:
        """Send the receipt, once for each order."""
        if order.completed:
            return
        order.completed = True
        message = self.stage.codecs["crm"]["WorkOrderReceipt"](
            **head(self, self.stage.numbers.streaming(self.system)),
            OrigOrderId=order.work.OrderId,
            OrderResultCode=code,
            OrderResultDesc=text,
            VProductInfo=results or [],
        )
        letter = Letter(self.name, "crm", "orderReceipt", message, call.routing)
        await self.stage.outbound.send(letter, succeeded)


def _content(work: Message) -> str:
    return work.fingerprint("StreamingNo", "TimeStamp")
