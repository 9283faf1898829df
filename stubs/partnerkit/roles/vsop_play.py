"""What the cases of both tiers of VSOP need: the kit plays the partners round a VSOP, and asks it as they do."""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from stubs.partnerkit.listener import Received
from stubs.partnerkit.probe import Probe

ORDER, STATE, RELATIONS, ACTION, RESULT = "subscribeToVSOP", "orderStateQry", "subInstQryFromVSOP", "serverAction", "serverActionResult"
START, END, SUSPEND, RESUME = "0", "1", "3", "4"
"""ActionType of an order."""
X_START, X_END, X_SUSPEND, X_RESUME = "0", "3", "5", "6"
"""ActionType of an activation."""
DONE, FAILED = "10F", "10E"
NORMAL, SUSPENDED, CANCELLED = "0", "2", "6"
"""Status of a relation."""
PLATFORM, CRM, PPM, ISMP, PROVISIONING, HALL = "303", "201", "202", "204", "206", "214"
QUIET = 0.5
"""Seconds of silence after which nothing is expected to come any more."""


def about(name: str, value: object) -> Any:
    """Make a match for callbacks by one field."""
    return lambda message: name in message.field_names and str(getattr(message, name)) == str(value)


async def activation(probe: Probe, number: str, action: str) -> Received:
    """Wait until the VSOP asks the platform to act for a user."""
    return await probe.wait_callback(
        ACTION, lambda one: str(one.ProductNo) == number and one.VProductInfo[0].ActionType == action
    )


async def tell_result(probe: Probe, asked: Message, code: str = "0") -> None:
    """Report how an activation ended, as a platform does that has only accepted it."""
    parts = [probe.samples.part("ProductResult", ProductID=one.VProductID, OPResult=code) for one in asked.VProductInfo]
    await probe.do(
        RESULT, SystemId=PLATFORM, RefStreamingNo=asked.StreamingNo, OrderId=asked.OrderId, ResultCode="0", ResultInfo=parts
    )


async def relations(probe: Probe, number: str) -> dict[str, str]:
    """Ask for a user's relations: product to status, without those that have ended."""
    answer = await probe.do(RELATIONS, ProductNo=number)
    assert answer.message is not None
    return {str(one.VProductID): str(one.Status) for one in answer.message.ResultInfo or [] if one.Status != CANCELLED}
