"""ISMP 综合业务管理平台: checks the fee with OCS itself, activates, answers, and then reports each relation to VSOP.

There are three of them, ISMP-B, ISMP-M and ISMP-W, of one contract: each has a system code, an address and relations of its own.
"""

from __future__ import annotations

from functools import partial

from gateway.contract.codec import Message
from gateway.errors import BUSY, NO_BALANCE, OK, PRODUCT_NOT_OPEN, RESULTS, UNKNOWN_PRODUCT, Result
from stubs.ismp_acts import Configured, IsmpClerk
from stubs.kit.asking import head
from stubs.kit.goods import CANCELLED, PRODUCT
from stubs.kit.magic import COMMON, Behaviour
from stubs.kit.orders import Work
from stubs.kit.outbound import Letter, decided, succeeded
from stubs.kit.recon import file_act, plant_service, served
from stubs.kit.results import act_date, product_result
from stubs.kit.role import AFTERWARDS, Act, Call, Role, receives
from stubs.kit.services import STOPPED, ServiceAct
from stubs.kit.times import stamp
from stubs.kit.world import Subscription, plain_number

FEE_CHECK_ATTEMPTS = 5
OP_TYPE = {ServiceAct.START: "0", ServiceAct.SUSPEND: "1", ServiceAct.RESUME: "2", ServiceAct.END: "3"}
ID_TYPE = {"002": "1", "001": "2"}  # UserIDType by ProdSpecCode: PHS, fixed line; all others are mobile
NORMAL, SUSPENDED = "0", "2"  # RelationStatus
ISMP_SYSTEMS = ("203", "204", "205")
"""System codes of ISMP-B, ISMP-M and ISMP-W."""


class Ismp(Role):
    """Keeps ledgers of what was done to services (activation, ...), "user-change", and "relation-report" of what VSOP has taken."""

    name = "ismp"
    system = "204"
    behaviours = COMMON | {Behaviour.REPORT_FIRST}

    @receives
    async def subActionFromVSOP(self, request: Message, call: Call) -> Message:
        """Subscribe products for DA, paid by FA."""
        refusal = await self._check_fee(request, call)
        if refusal is not None:
            return call.answer(refusal)
        return await self._act(call, ServiceAct.START, request.DA, request.DAType)

    @receives
    async def unSubActionFromVSOP(self, request: Message, call: Call) -> Message:
        """End products of a user; what is not active counts as done."""
        return await self._act(call, ServiceAct.END, request.UserID, request.UserIDType)

    @receives
    async def suspendSubscription(self, request: Message, call: Call) -> Message:
        """Suspend products of a user."""
        return await self._act(call, ServiceAct.SUSPEND, request.UserID, request.UserIDType)

    @receives
    async def resumeSubscription(self, request: Message, call: Call) -> Message:
        """Resume products of a user."""
        return await self._act(call, ServiceAct.RESUME, request.UserID, request.UserIDType)

    @receives
    async def getSubscription(self, request: Message, call: Call) -> Message:
        """Tell what ISMP itself holds for a user."""
        services = self.world.services
        found = [
            self.codec["SubInfo"](
                ProductID=service.product,
                Status=SUSPENDED if services.is_suspended(service) else NORMAL,
                SubscribeTime=stamp(service.since),
                EffDate=stamp(service.since),
            )
            for service in services.of(self.name, plain_number(request.UserID))
            if request.ProductID in (None, service.product)
        ]
        return call.answer(OK, SubInfo=found)

    @receives
    async def userInfoSync(self, request: Message, call: Call) -> Message:
        """Keep the user's state, let relations follow, and report those that ended, stopped or go on (seed 3.1b step 4)."""
        changed = self.world.change_user(self.name, request)
        stopped = ServiceAct.SUSPEND if request.UserState in STOPPED else ServiceAct.RESUME
        act = {Work.TEAR_DOWN: ServiceAct.END, Work.STATE_CHANGE: stopped}.get(Work.of(request))
        if act is not None:
            number, kind = request.ProductNo, ID_TYPE.get(request.ProdSpecCode, "0")
            reports = [self._report(call, act, one.product, one.offer, (number, kind)) for one in changed]
            call.after(AFTERWARDS, partial(self._send_all, reports, call))
        return call.answer(OK)

    def start_with(self, held: Subscription, platform: str) -> None:
        """Serve what is this ISMP's."""
        if platform == self.system:
            self.hold(held)

    def acts(self) -> dict[str, Act]:
        """Give the clerk's acts, its file for a reconciliation, and a difference planted without an order or a report."""
        planted = {"recon-file": file_act(self, "R8.2.1", lambda: served(self)), "plant": plant_service(self)}
        return {**IsmpClerk(self).acts(), **planted}

    async def _check_fee(self, request: Message, call: Call) -> Result | None:
        """Ask OCS about a prepaid payer; gives why not, or None to go on."""
        if not self.world.is_prepaid(request.FA):
            return None
        message = self.stage.codecs["ocs"]["feeCheck"](
            **head(self, self.stage.numbers.streaming(self.system)),
            ProdSpecCode=self.world.spec_of(request.FA),
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

    def _why_not(self, product: str) -> Result | None:
        """Give why a product cannot be begun here, None if it can: it must be this ISMP's, by the world's file or its own clerk."""
        goods = self.world.goods
        if not goods.products or (self.name, PRODUCT, product) in self.world.keep(Configured).content:
            return None
        held = goods.find(PRODUCT, product)
        if held is None or held.content.get("PlatForm") != self.system:
            return UNKNOWN_PRODUCT
        return PRODUCT_NOT_OPEN if held.status == CANCELLED else None

    async def _act(self, call: Call, act: ServiceAct, number: str, number_type: str) -> Message:
        request, now = call.request, self.stage.stamp()
        results, reports = [], []
        for item in request.ProductInfo:
            result = self._why_not(item.ProductID) if act is ServiceAct.START else None
            result = result or self.world.serve(
                act,
                role=self.name,
                number=number,
                product=item.ProductID,
                order=request.OrderId,
                streaming_no=request.StreamingNo,
                offer=item.PProductOfferID,
                system=request.SystemId,
            )
            results.append(product_result(self.codec, item.ProductID, act, result, now))
            if result is OK:
                reports.append(self._report(call, act, item.ProductID, item.PProductOfferID, (number, number_type)))
        if call.behaviour is Behaviour.REPORT_FIRST:
            reports = [report for report in reports if not await self._send(report, call, attempts=1)]
        call.after(AFTERWARDS, partial(self._send_all, reports, call))
        return call.answer(OK, ResultInfo=results)

    def _report(self, call: Call, act: ServiceAct, product: str, offer: str | None, user: tuple[str, str]) -> Letter:
        message = self.stage.codecs["vsop"]["subsInstSynFromISMP"](
            **head(self, self.stage.numbers.streaming(self.system)),
            UserID=user[0],
            UserIDType=user[1],
            ProductID=product,
            PProductOfferID=offer,
            OPType=OP_TYPE[act],
            ChannelPlayerID=getattr(call.request, "SrcDeviceType", None),
            **act_date(act, self.stage.stamp()),
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


class IsmpB(Ismp):
    """业务领航: the ISMP of enterprises."""

    name = "ismp-b"
    system = "203"


class IsmpM(Ismp):
    """The ISMP of mobile users, under its own name; `ismp` is the same party at the contract's address."""

    name = "ismp-m"
    system = "204"


class IsmpW(Ismp):
    """The ISMP of WAP."""

    name = "ismp-w"
    system = "205"
