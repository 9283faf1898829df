"""Customer orders as CRM and provisioning speak of them: the contract's kinds and codes, and an order on its way."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.contract.codec import Message

# WorkOrderAction
INSTALL, STATE_CHANGE, RENUMBER, CAPABILITIES = "10", "11", "12", "13"
PRODUCTS, TEAR_DOWN, PAYMENT, PRODUCTS_AND_CAPABILITIES = "14", "15", "16", "20"
USER_KINDS = (INSTALL, STATE_CHANGE, RENUMBER, CAPABILITIES, TEAR_DOWN, PAYMENT)
PRODUCT_KINDS = (PRODUCTS, PRODUCTS_AND_CAPABILITIES)
USER_STATE = {"active": "00A", "stopped": "00B", "arrears": "00C", "torn-down": "00X"}
PAY_TYPE = {"postpaid": "0", "prepaid": "1"}


@dataclass(slots=True)
class CustomerOrder:
    """One order: the work order message that stands for it, and whether it is over."""

    work: Message
    completed: bool = False
