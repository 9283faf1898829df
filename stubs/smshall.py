"""短信营业厅: delivers messages to the user's phone."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.errors import OK
from stubs.kit.role import Call, Role, receives


class SmsHall(Role):
    """Keeps the ledger "sms": what the user has read on the phone."""

    name = "smshall"
    system = "214"

    @receives
    async def subResultToUser(self, request: Message, call: Call) -> Message:
        """Send one SMS."""
        self.world.record("sms", number=request.ProductNo, streaming_no=request.StreamingNo, text=request.SubResult)
        return call.answer(OK)
