"""网厅: the web portal; a user orders here, confirms a second time, and sees the result later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.contract.codec import Message
from gateway.errors import OK
from stubs.kit.asking import head, told, untold
from stubs.kit.bodies import Kind, check
from stubs.kit.errors import ActError
from stubs.kit.journal import Direction, as_dict
from stubs.kit.role import Act, Call, Role, receives

ACTIONS = {"0": "subscribe", "1": "unsubscribe", "2": "unsubscribe all", "3": "suspend", "4": "resume"}
UNSUBSCRIBE_ALL = "2"


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
            return untold(given, "not confirmed")
        return await told(self, "vsop", "subscribeToVSOP", self._message(wanted, order, streaming_no), given)

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
        offers = [] if wanted.offer is None else [(wanted.offer_type, wanted.offer)]
        return codec["subscribeToVSOP"](
            **head(self, streaming_no),
            ActionType=wanted.action,
            OrderId=order,
            ProdSpecCode=self.world.spec_of(wanted.number),
            ProductNo=wanted.number,
            ProductOfferInfo=[codec["OfferInfo"](ProductOfferType=kind, ProductOfferID=one) for kind, one in offers],
        )


@dataclass(frozen=True, slots=True)
class _Order:
    """What the user asks for; `action` is among ACTIONS, `offer_type` as in the contract."""

    number: str
    offer: str | None = None
    action: str = "0"
    offer_type: str = "0"
    confirm: bool = True


def _read_order(body: dict[str, Any]) -> _Order:
    known = {**dict.fromkeys(("number", "offer", "action", "offer_type"), Kind.TEXT), "confirm": Kind.FLAG}
    everything = body.get("action") == UNSUBSCRIBE_ALL
    check(body, known, ("number",) if everything else ("number", "offer"))
    if body.get("action", "0") not in ACTIONS:
        raise ActError(400, f"action: expected {', '.join(f'{code} ({word})' for code, word in ACTIONS.items())}")
    if everything and "offer" in body:
        raise ActError(400, "offer: action 2 ends everything and names none")
    return _Order(**body)
