"""Subscribers: who may order, how they pay, and what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number


class PayType(StrEnum):
    """How a user pays; the wire's digits are 0 and 1 in this order."""

    POSTPAID = "postpaid"
    PREPAID = "prepaid"


class UserState(StrEnum):
    """State of a user; CRM's codes are 00A, 00B, 00C, 00X in this order."""

    ACTIVE = "active"
    STOPPED = "stopped"
    ARREARS = "arrears"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A user as VSOP knows it from CRM; `spec` is the access product (003 mobile, 001 fixed line)."""

    number: Number
    spec: str
    pay: PayType
    state: UserState = UserState.ACTIVE
    capabilities: tuple[str, ...] = ()
    """Capabilities (业务能力) that the user has, such as 1 SMS."""


class RelationState(StrEnum):
    """State of a subscription relation; the wire does not tell the two ways of being suspended apart (both are 2)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    """For itself: by an order, by its platform, or by the network."""
    STOPPED = "stopped"
    """With its user, and active again when he is."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Relation:
    """A subscription relation (订购关系): one user holds one product; times in Asia/Shanghai, `expires` None means never."""

    number: Number
    product_id: str
    offer_id: str
    offer_type: OfferType
    channel: str
    state: RelationState
    subscribed_at: datetime
    effective_at: datetime
    expires_at: datetime | None = None
