"""VSOP 订购平台 as a partner: the group's, or that of another province. A small one that keeps its rules over the set's world.

The operations of channels are in vsop_orders.py, those of CRM and provisioning in vsop_work.py, serverAction in kit/activation.py.
"""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.errors import OK, Result
from stubs.kit.activation import Activating
from stubs.kit.journal import as_dict
from stubs.kit.recon import plant_service
from stubs.kit.role import Act, Call, receives
from stubs.kit.services import ServiceAct
from stubs.kit.world import Subscription
from stubs.vsop_work import VsopWork

_REPORTED = {"0": ServiceAct.START, "1": ServiceAct.SUSPEND, "2": ServiceAct.RESUME, "3": ServiceAct.END}
"""By RelationAction, as ISMP reports."""
_BY_STATUS = {"0": ServiceAct.START, "2": ServiceAct.SUSPEND, "6": ServiceAct.END}
"""By RelationStatus, as a province reports."""


class Vsop(VsopWork, Activating):
    """Keeps the ledgers "action-result" and "relation-sync" of what it is told, and those of the services it begins and ends."""

    name = "vsop"
    system = "100"

    @receives
    async def serverActionResult(self, request: Message, call: Call) -> Message:
        """Take the result of an activation; this VSOP waits for none, so it is kept and confirmed."""
        self.world.record(
            "action-result",
            number="",
            order=request.OrderId,
            streaming_no=request.StreamingNo,
            system=request.SystemId,
            reference=request.RefStreamingNo,
            known=False,
            result_code=request.ResultCode,
            results=[as_dict(result) for result in request.ResultInfo],
        )
        return call.answer(OK)

    @receives
    async def subsInstSynFromISMP(self, request: Message, call: Call) -> Message:
        """Follow a relation that ISMP has made, changed or ended."""
        act = _REPORTED[request.OPType]
        self._follow(call, request.UserID, act, request.ProductID, request.PProductOfferID, request.StreamingNo)
        return call.answer(OK)

    @receives
    async def subsInstSynToVSOP(self, request: Message, call: Call) -> Message:
        """Follow the relations of national products that a province reports."""
        for one in request.SubsInstInfo:
            self._follow(call, request.ProductNo, _BY_STATUS[one.Status], one.VProductID, one.ProductOfferID, request.OrderId)
        return call.answer(OK)

    @receives
    async def userInfoSync(self, request: Message, call: Call) -> Message:
        """Keep the user's state; relations follow."""
        self.world.change_user(self.name, request)
        return call.answer(OK)

    def start_with(self, held: Subscription, platform: str) -> None:
        """Know all relations, whoever serves them."""
        self.hold(held)

    def acts(self) -> dict[str, Act]:
        """Give the act by which a relation is planted, or taken away, without an order."""
        return {"plant": plant_service(self)}

    def _follow(self, call: Call, number: str, act: ServiceAct, product: str, offer: str | None, order: str) -> None:
        """Do what is reported. Suspending begins a relation that nobody has told of before."""
        known = self.holds_relation(number, product)
        acts = [ServiceAct.START, act] if act in (ServiceAct.SUSPEND, ServiceAct.RESUME) and not known else [act]
        results: list[Result] = [
            self.world.serve(
                one, role=self.name, number=number, product=product, order=order, streaming_no=call.request.StreamingNo, offer=offer,
                system=call.request.SystemId,
            )
            for one in acts
        ]  # fmt: skip
        self.world.record(
            "relation-sync", number=number, order=order, streaming_no=call.request.StreamingNo, system=call.request.SystemId,
            product=product, act=act.value, result_code=str(results[-1].code),
        )  # fmt: skip
