"""What a number holds and held (一点查询), asked at either tier; a number of another province is asked for there."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.services.desk import Desk


async def subscriptions(desk: Desk, codec: Codec, request: Message, routing: Message | None) -> Message:
    """List what a number holds (R1.2)."""
    raise NotImplementedError


async def history(desk: Desk, codec: Codec, request: Message, routing: Message | None) -> Message:
    """List the orders of a number between two days (R20.1)."""
    raise NotImplementedError
