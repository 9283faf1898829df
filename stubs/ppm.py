"""PPM 产品管理 as a partner: a foreign PPM that approves at once and publishes to VSOP, without a test phase."""

from __future__ import annotations

from functools import partial

from gateway.contract.codec import Message
from gateway.errors import NUMBER_REUSED, OK, UNKNOWN_OFFER, UNKNOWN_ORDER, UNKNOWN_PRODUCT, Result
from stubs.kit.catalogue import OBJECT_WORDS
from stubs.kit.goods import OFFER, PRODUCT
from stubs.kit.objects import CANCELLED, DELETE, NORMAL
from stubs.kit.outbound import Letter
from stubs.kit.role import AFTERWARDS, Act, Call, Role, receives
from stubs.ppm_publisher import Delivery, PpmState, Publisher

_APPROVED = "1"  # AuditState


class Ppm(Role):
    """Keeps the ledger "application"; its act is that of the clerk who publishes."""

    name = "ppm"
    system = "202"

    @receives
    async def submitProductApplication(self, request: Message, call: Call) -> Message:
        """Approve a product and publish it."""
        return self._apply(call, PRODUCT, request.ProductInfo, NORMAL)

    @receives
    async def submitOfferApplication(self, request: Message, call: Call) -> Message:
        """Approve an offer and publish it."""
        return self._apply(call, OFFER, request.ProductOfferInfo, NORMAL)

    @receives
    async def submitStateChange(self, request: Message, call: Call) -> Message:
        """Approve another state of what is known here, and publish it."""
        published = self._state.published.get((request.ObjectType, request.ObjectID))
        if published is None:
            return call.answer(_unknown(request.ObjectType))
        return self._apply(call, request.ObjectType, published.content, request.Status)

    @receives
    async def prodInfoSynFromISMP(self, request: Message, call: Call) -> Message:
        """Publish a product that ISMP has configured."""
        return self._pass_on(call, PRODUCT, request.ProductInfo)

    @receives
    async def offerInfoSynFromISMP(self, request: Message, call: Call) -> Message:
        """Publish an offer that ISMP has configured."""
        return self._pass_on(call, OFFER, request.ProductOfferInfo)

    @receives
    async def auditResultQry(self, request: Message, call: Call) -> Message:
        """Tell that an application was approved: none waits here."""
        if (request.SystemId, request.ApplicationId) not in self._state.applications:
            return call.answer(UNKNOWN_ORDER)
        return call.answer(OK, AuditState=_APPROVED, Opinion="同意 / approved")

    @receives
    async def catalogSyncStatusQry(self, request: Message, call: Call) -> Message:
        """Tell what became of each version of an object at VSOP."""
        published = self._state.published.get((request.ObjectType, request.ObjectID))
        if published is None:
            return call.answer(_unknown(request.ObjectType))
        return call.answer(OK, SyncInfo=[one.as_message(self.codec) for one in published.deliveries])

    def acts(self) -> dict[str, Act]:
        """Give the clerk's act."""
        return {"publish": Publisher(self).act}

    @property
    def _state(self) -> PpmState:
        return self.world.keep(PpmState)

    def _apply(self, call: Call, object_type: str, wanted: Message, status: str) -> Message:
        """Take an application; the same again is confirmed and not published twice, other content is refused."""
        request, applications = call.request, self._state.applications
        key, content = (request.SystemId, request.ApplicationId), request.fingerprint("StreamingNo", "TimeStamp")
        if key in applications:
            return call.answer(OK if applications[key] == content else NUMBER_REUSED, "ApplicationId")
        applications[key] = content
        self.world.record(
            "application",
            number="",
            order=request.ApplicationId,
            streaming_no=request.StreamingNo,
            system=request.SystemId,
            object_type=OBJECT_WORDS[object_type],
            object=_id(object_type, wanted),
            status=status,
        )
        return self._publish(call, object_type, _in_state(wanted, status))

    def _pass_on(self, call: Call, object_type: str, wanted: Message) -> Message:
        status = CANCELLED if call.request.OPFlag == DELETE else wanted.Status
        return self._publish(call, object_type, _in_state(wanted, status))

    def _publish(self, call: Call, object_type: str, content: Message) -> Message:
        publisher = Publisher(self)
        call.after(AFTERWARDS, partial(_deliver, publisher, *publisher.prepare(object_type, content)))
        return call.answer(OK)


async def _deliver(publisher: Publisher, letter: Letter, delivery: Delivery) -> None:
    await publisher.deliver(letter, delivery)


def _in_state(content: Message, status: str) -> Message:
    fields = {name: getattr(content, name) for name in content.field_names}
    return type(content)(**{**fields, "Status": status})


def _id(object_type: str, content: Message) -> str:
    return str(content.ProductOfferID if object_type == OFFER else content.ProductID)


def _unknown(object_type: str) -> Result:
    return UNKNOWN_OFFER if object_type == OFFER else UNKNOWN_PRODUCT
