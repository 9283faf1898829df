"""Customer orders as CRM and provisioning speak of them: the contract's kinds and codes, and an order on its way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from gateway.contract.codec import Message


class Work(IntEnum):
    """What a work order is about: WorkOrderAction of the contract, whose codes are these numbers written out."""

    INSTALL = 10
    STATE_CHANGE = 11
    RENUMBER = 12
    CAPABILITIES = 13
    PRODUCTS = 14
    TEAR_DOWN = 15
    PAYMENT = 16
    PRODUCTS_AND_CAPABILITIES = 20

    @classmethod
    def of(cls, message: Message) -> Work:
        """Read the ActionType of a message."""
        return cls(int(message.ActionType))


USER_WORK = {str(work.value): work for work in Work if work not in (Work.PRODUCTS, Work.PRODUCTS_AND_CAPABILITIES)}
"""What becomes of a user, by its code; the rest is about products."""
USER_STATE = {"active": "00A", "stopped": "00B", "arrears": "00C", "torn-down": "00X"}
PAY_TYPE = {"postpaid": "0", "prepaid": "1"}


@dataclass(slots=True)
class CustomerOrder:
    """One order: the work order message that stands for it, and whether it is over."""

    work: Message
    completed: bool = False
