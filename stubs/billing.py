"""计费系统: archives the relations that an order made or ended, one record for each order."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.errors import NUMBER_REUSED, OK
from stubs.kit.journal import as_dict
from stubs.kit.role import Call, Role, receives


class Billing(Role):
    """Keeps the ledger "archive"."""

    name = "billing"
    system = "209"

    @receives
    async def subsInstSynToHB(self, request: Message, call: Call) -> Message:
        """Archive an order; the same order again is confirmed and not archived twice, other content is refused."""
        content = request.fingerprint("StreamingNo", "TimeStamp")
        rows = self.world.ledger("archive", order=request.OrderId)
        before = next((row for row in rows if row.details["system"] == request.SystemId), None)
        if before is not None:
            return call.answer(OK if before.details["content"] == content else NUMBER_REUSED, "OrderId")
        self.world.record(
            "archive",
            number=request.ProductNo,
            order=request.OrderId,
            streaming_no=request.StreamingNo,
            system=request.SystemId,
            channel=request.ChannelPlayerID,
            relations=[as_dict(relation) for relation in request.SubsInstInfo],
            content=content,
        )
        return call.answer(OK)
