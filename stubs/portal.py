"""网厅: the web portal; a user orders here, confirms a second time, and sees the result later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.contract.codec import Message
from gateway.errors import OK
from stubs.kit.journal import Direction, as_dict
from stubs.kit.outbound import Letter, decided
from stubs.kit.role import Act, ActError, Call, Role, receives

ORDER_ATTEMPTS = 5


class Portal(Role):
    """Keeps the ledger "channel-result"; its acts are the user's."""

    name = "portal"
    system = "211"

    @receives
    async def subResultFromVSOP(self, request: Message, call: Call) -> Message:
        """Take the result of an order, to show it to the user."""
        self.world.record(
            "channel-result",
            number=request.ProductNo,
            order=request.OrderId,
            streaming_no=request.StreamingNo,
            results=[as_dict(result) for result in request.ResultInfo],
        )
        return call.answer(OK)

    def acts(self) -> dict[str, Act]:
        """Give the user's acts."""
        return {"order": self._order, "confirm-only": self._confirm_only}

    async def _order(self, body: dict[str, Any]) -> dict[str, Any]:
        """Order (seed 4.1.x step 1), and send the order on if the user confirms it."""
        wanted = _read_order(body)
        order, streaming_no = self._ask_again(wanted)
        given = {"order_id": order, "streaming_no": streaming_no}
        if not wanted.confirm:
            return {**given, "result_code": None, "result_desc": "not confirmed: nothing was sent"}
        letter = Letter(self.name, "vsop", "subscribeToVSOP", self._message(wanted, order, streaming_no))
        answer = await self.stage.outbound.send(letter, decided, attempts=ORDER_ATTEMPTS)
        if answer is None:
            raise ActError(502, "the gateway gave no answer; see the journal", **given)
        return {**given, "result_code": answer.ResultCode, "result_desc": answer.ResultDesc}

    async def _confirm_only(self, body: dict[str, Any]) -> dict[str, Any]:
        """Do step 1 and leave the sending to the caller, who gets the numbers to send it under."""
        order, streaming_no = self._ask_again(_read_order(body))
        return {"order_id": order, "streaming_no": streaming_no}

    def _ask_again(self, wanted: _Order) -> tuple[str, str]:
        order, streaming_no = self.stage.numbers.order(self.system), self.stage.numbers.streaming(self.system)
        fields = {
            "ProductNo": wanted.number,
            "ProductOfferID": wanted.offer,
            "ProductOfferType": wanted.offer_type,
            "ActionType": wanted.action,
            "OrderId": order,
            "StreamingNo": streaming_no,
        }
        entry = self.stage.journal.add(self.name, "confirm", Direction.USER, fields)
        entry.answer = {"confirmed": wanted.confirm}
        return order, streaming_no

    def _message(self, wanted: _Order, order: str, streaming_no: str) -> Message:
        codec = self.stage.codecs["vsop"]
        subscriber = self.world.subscriber(wanted.number)
        offer = codec["OfferInfo"](ProductOfferType=wanted.offer_type, ProductOfferID=wanted.offer)
        return codec["subscribeToVSOP"](
            StreamingNo=streaming_no,
            TimeStamp=self.stage.stamp(),
            SystemId=self.system,
            ActionType=wanted.action,
            OrderId=order,
            ProdSpecCode="003" if subscriber is None else subscriber.spec,
            ProductNo=wanted.number,
            ProductOfferInfo=[offer],
        )


@dataclass(frozen=True, slots=True)
class _Order:
    """What the user asks for; `action` is 0 subscribe or 1 unsubscribe, `offer_type` as in the contract."""

    number: str
    offer: str
    action: str = "0"
    offer_type: str = "0"
    confirm: bool = True


def _read_order(body: dict[str, Any]) -> _Order:
    known = {"number": str, "offer": str, "action": str, "offer_type": str, "confirm": bool}
    for name, value in body.items():
        if name not in known:
            raise ActError(400, f"unknown field {name}; there are {', '.join(known)}")
        if not isinstance(value, known[name]):
            raise ActError(400, f"{name}: expected {'true or false' if known[name] is bool else 'text'}")
    for name in ("number", "offer"):
        if not body.get(name):
            raise ActError(400, f"{name} is missing")
    if body.get("action", "0") not in ("0", "1"):
        raise ActError(400, "action: expected 0 (subscribe) or 1 (unsubscribe)")
    return _Order(**body)
