"""CRM 客户管理: takes in customer orders, learns how they ended, completes them and has bundles archived; knows the catalogue."""

from __future__ import annotations

from functools import partial

from gateway.contract.codec import Message
from gateway.errors import OK
from stubs.crm_catalogue import CatalogueClerk
from stubs.crm_counter import CounterClerk, CrmOrders
from stubs.kit.asking import head
from stubs.kit.catalogue import CatalogueTarget
from stubs.kit.journal import as_dict
from stubs.kit.orders import PAY_TYPE, USER_WORK, CustomerOrder, Work
from stubs.kit.outbound import Letter, succeeded
from stubs.kit.role import AFTERWARDS, Act, Call, receives


class Crm(CatalogueTarget):
    """Keeps the ledger "receipt"; its acts are those of the clerks who file the catalogue and who serve customers."""

    name = "crm"
    system = "201"

    @receives
    async def orderReceipt(self, request: Message, call: Call) -> Message:
        """Learn how a customer order ended; one that went well is completed, once (seed 3.2.x step 6)."""
        order = self.world.keep(CrmOrders).by_id.get(request.OrigOrderId)
        self.world.record(
            "receipt",
            number="" if order is None else order.work.ProductNo,
            order=request.OrigOrderId,
            streaming_no=request.StreamingNo,
            known=order is not None,
            result_code=request.OrderResultCode,
            results=[as_dict(result) for result in request.VProductInfo],
        )
        if order is not None and request.OrderResultCode == str(OK.code) and not order.completed:
            order.completed = True
            self._complete(order, call)
        return call.answer(OK)

    def acts(self) -> dict[str, Act]:
        """Give the clerks' acts."""
        return {**CatalogueClerk(self).acts(), **CounterClerk(self).acts()}

    def _complete(self, order: CustomerOrder, call: Call) -> None:
        work = order.work
        if work.ActionType not in USER_WORK or work.ProductOfferID is not None:
            call.after(AFTERWARDS, partial(self._archive, order, call))
        kind, prepaid = Work.of(work), work.UserPayType == PAY_TYPE["prepaid"]
        if kind in (Work.INSTALL, Work.RENUMBER, Work.PAYMENT):
            self.world.settle(work.ProductNo, old_number=work.OldProductNo, prepaid=prepaid)
        elif kind is Work.TEAR_DOWN:
            self.world.leave(work.ProductNo)

    async def _archive(self, order: CustomerOrder, call: Call) -> None:
        """Have billing archive the order with the products that were done."""
        work = order.work
        failed = {item.ProductID for item in call.request.VProductInfo if item.OPResult != str(OK.code)}
        message = self.stage.codecs["billing"]["archiveOrder"](
            **head(self, self.stage.numbers.streaming(self.system)),
            OrderId=work.OrderId,
            ActionType=work.ActionType,
            ProdSpecCode=work.ProdSpecCode,
            ProductNo=work.ProductNo,
            ProductOfferID=work.ProductOfferID,
            VProductInfo=[item for item in work.VProductInfo if item.VProductID not in failed],
        )
        letter = Letter(self.name, "billing", "archiveOrder", message, call.routing)
        await self.stage.outbound.send(letter, succeeded)
