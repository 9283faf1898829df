"""CRM asks whether the users of a bundle may have it (seed 3.2.1 and 3.2.2, steps 1 and 2)."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.services.desk import Desk


async def subscribe_auth(desk: Desk, codec: Codec, request: Message) -> Message:
    """Judge a bundle for each of its users; nothing is stored."""
    raise NotImplementedError
