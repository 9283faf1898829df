"""短信营业厅: delivers messages to the user's phone, and passes on what the user answers."""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from gateway.errors import OK
from stubs.kit.asking import head, told
from stubs.kit.bodies import Kind, check
from stubs.kit.errors import ActError
from stubs.kit.journal import Direction
from stubs.kit.role import Act, Call, Role, receives

_REPLY = {"number": Kind.TEXT, "yes": Kind.FLAG, "offers": Kind.TEXTS, "code": Kind.TEXT, "send": Kind.FLAG}


class SmsHall(Role):
    """Keeps the ledgers "sms" and "reconfirm": what the user has on the phone; its act is the user's reply."""

    name = "smshall"
    system = "214"

    @receives
    async def subResultToUser(self, request: Message, call: Call) -> Message:
        """Send one SMS."""
        self.world.record("sms", number=request.ProductNo, streaming_no=request.StreamingNo, text=request.SubResult)
        return call.answer(OK)

    @receives
    async def sendRQMessage(self, request: Message, call: Call) -> Message:
        """Send one SMS that asks for a second confirmation."""
        self.world.record(
            "reconfirm",
            number=request.ProductNo,
            streaming_no=request.StreamingNo,
            code=request.RQCode,
            content=request.RQContent,
        )
        return call.answer(OK)

    def acts(self) -> dict[str, Act]:
        """Give the user's act."""
        return {"reply": self._reply}

    async def _reply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer yes, to all offers or some, or no; to the newest question unless the body names a code."""
        check(body, _REPLY, ("number", "yes"))
        number, code = body["number"], body.get("code") or self._newest_code(body["number"])
        message = self.stage.codecs["vsop"]["recvRQMessage"](
            **head(self, self.stage.numbers.streaming(self.system)),
            ProdSpecCode=self.world.spec_of(number),
            ProductNo=number,
            RQCode=code,
            RQResult="1" if body["yes"] else "0",
            ProductOfferID=body.get("offers", []),
        )
        fields = {name: getattr(message, name) for name in ("ProductNo", "RQCode", "RQResult", "StreamingNo")}
        self.stage.journal.add(self.name, "reply", Direction.USER, fields)
        given = {"streaming_no": message.StreamingNo, "code": code}
        return await told(self, "vsop", "recvRQMessage", message, given) if body.get("send", True) else given

    def _newest_code(self, number: str) -> str:
        rows = self.world.ledger("reconfirm", number=number)
        if not rows:
            raise ActError(404, "this number was not asked for a confirmation")
        return str(rows[-1].details["code"])
