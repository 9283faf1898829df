"""Work orders of provisioning: bundles (seed 3.2) and changes of users (seed, second 3.1), and what a province tells the group."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.engine.ports import InboxRow
from gateway.services.desk import Desk, Refusal
from gateway.soap.endpoint import Exchange


async def work_list(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Take a work order; the receipt follows."""
    raise NotImplementedError


async def user_info(desk: Desk, request: Message, routing: Message | None, inbox: InboxRow) -> Refusal | None:
    """Take what a province tells of a user with national products."""
    raise NotImplementedError
