"""Name and version to flow. An order under way is finished by the version that it began with, so old versions stay."""

from __future__ import annotations

from collections.abc import Callable

from gateway.domain.order import Order
from gateway.flows.national_leg import national_leg
from gateway.flows.order_ismp import order_ismp
from gateway.flows.order_x import order_x
from gateway.steps import Flow

FLOWS: dict[str, Callable[[Order], Flow]] = {
    "order-x/1": order_x,
    "order-ismp/1": order_ismp,
    "national-leg/1": national_leg,
}

SECTION_FLOW = {"4.1.1": "order-x/1", "4.1.2": "order-ismp/1", "4.1.3": "order-x/1", "4.1.4": "order-ismp/1"}
"""The flow that the tier where an order begins runs for each section."""

NATIONAL_LEG = "national-leg/1"
