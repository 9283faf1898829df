"""The catalogue as PPM tells it: VSOP keeps each object in its newest version (seed 2.1 to 2.3 and the first 3.1)."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.engine.ports import InboxRow
from gateway.services.desk import Desk, Refusal


async def product_sync(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Keep a product."""
    raise NotImplementedError


async def offer_sync(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Keep an offer."""
    raise NotImplementedError


async def test_notice(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Note that an object in test state is to be tried."""
    raise NotImplementedError
