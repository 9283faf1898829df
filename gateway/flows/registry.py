"""Name and version to flow. A matter under way is finished by the version that it began with, so old versions stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.flows.bundle import bundle
from gateway.flows.national_leg import national_leg
from gateway.flows.order_ismp import order_ismp
from gateway.flows.order_parts import order_parts
from gateway.flows.order_x import order_x
from gateway.flows.publication import DELIVERY, delivery, publication
from gateway.flows.repair import repair
from gateway.flows.user_change import NOTICE, user_change, user_notice
from gateway.steps import Flow

NATIONAL_LEG = "national-leg/1"
USER_CHANGE = "user-change/1"
PUBLICATION = "publication/1"
REPAIR = "repair/1"

FLOWS: dict[str, Callable[[Any], Flow]] = {
    "order-x/1": order_x,
    "order-ismp/1": order_ismp,
    "order-parts/1": order_parts,
    "bundle/1": bundle,
    NATIONAL_LEG: national_leg,
    USER_CHANGE: user_change,
    NOTICE: user_notice,
    PUBLICATION: publication,
    DELIVERY: delivery,
    REPAIR: repair,
}

SECTION_FLOW = {
    "4.1.1": "order-x/1", "4.1.2": "order-ismp/1", "4.1.3": "order-x/1", "4.1.4": "order-ismp/1", "4.1": "order-parts/1",
    "3.2.1": "bundle/1", "3.2.2": "bundle/1", "3.2.3": "bundle/1", "3.2.4": "bundle/1", "3.1b": USER_CHANGE,
    "2.1": PUBLICATION, "2.2": PUBLICATION, "3.1": PUBLICATION, "2.2b": PUBLICATION, "2.3": PUBLICATION,
    "5.1": REPAIR,
}  # fmt: skip
"""The flow that the tier where a matter begins runs for each section."""
