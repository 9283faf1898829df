"""What acts have in common: they send a message of the person's, and tell the person what came of it."""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from stubs.kit.errors import ActError
from stubs.kit.outbound import Letter, decided
from stubs.kit.role import Role

# A person waits: not as long as a report would.
ACT_ATTEMPTS = 5


async def ask(role: Role, contract: str, operation: str, message: Message, given: dict[str, Any]) -> Message:
    """Send until there is a decision and give the answer; raises ActError, with the numbers in `given`, if none comes."""
    letter = Letter(role.name, contract, operation, message)
    answer = await role.stage.outbound.send(letter, decided, attempts=ACT_ATTEMPTS)
    if answer is None:
        raise ActError(502, f"{operation}: no answer came; see the journal", **given)
    return answer


async def told(role: Role, contract: str, operation: str, message: Message, given: dict[str, Any]) -> dict[str, Any]:
    """Send as `ask` does, and give the numbers with result_code and result_desc."""
    answer = await ask(role, contract, operation, message, given)
    return {**given, "result_code": answer.ResultCode, "result_desc": answer.ResultDesc}


def untold(given: dict[str, Any], why: str) -> dict[str, Any]:
    """Give the numbers where nothing was sent."""
    return {**given, "result_code": None, "result_desc": f"{why}: nothing was sent"}


def head(role: Role, streaming_no: str) -> dict[str, str]:
    """Give the fields that every request begins with."""
    return {"StreamingNo": streaming_no, "TimeStamp": role.stage.stamp(), "SystemId": role.system}
