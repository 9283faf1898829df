"""The answer of a user to a second confirmation (二次确认), which the SMS hall passes on."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.engine.ports import InboxRow
from gateway.services.desk import Desk, Refusal


async def take_reply(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Wake the order that waits for this code; a late answer is refused."""
    raise NotImplementedError
