"""What one system holds for one user: the row that both sides of a reconciliation are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.case import held_at
from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.subscriber import PayType, Relation, RelationState

Key = tuple[str, str]
"""Digits of the number, and product."""


class Standing(StrEnum):
    """State of a holding, in the wire's digits (Status)."""

    ACTIVE = "0"
    SUSPENDED = "2"
    ENDED = "6"


class Right(StrEnum):
    """Who VSOP is compared with."""

    XPLATFORM = "xplatform"
    ISMP = "ismp"
    OCS = "ocs"
    BILLING = "billing"
    GROUP = "group"

    @property
    def charges(self) -> bool:
        """Whether it holds what is charged for: a user who is stopped keeps what he is charged for."""
        return self in (Right.OCS, Right.BILLING)


@dataclass(frozen=True, slots=True)
class Holding:
    """One product of one user at one system; what that system does not tell is empty. Times in Asia/Shanghai."""

    number: Number
    product_id: str
    standing: Standing
    offer_id: str = ""
    offer_type: OfferType | None = None
    spec: str = ""
    sp: str = ""
    channel: str = ""
    order_id: str = ""
    """The order that made it so, in that system's words."""
    subscribed_at: datetime | None = None
    effective_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What it is compared by."""
        return self.number.digits, self.product_id

    @property
    def held(self) -> bool:
        """Whether the user has it: active or suspended."""
        return self.standing is not Standing.ENDED

    @property
    def changed_at(self) -> datetime | None:
        """The last change that its own times tell; a suspension leaves none."""
        times = (self.subscribed_at, self.effective_at, None if self.held else self.expires_at)
        return max((time for time in times if time is not None), default=None)


@dataclass(frozen=True, slots=True)
class OurRelation:
    """A relation of VSOP with what decides who is to hold it as well."""

    relation: Relation
    spec: str
    pay: PayType | None
    """None where the user is unknown."""
    sp: str
    carrier: str
    """Who carries it out, such as xplatform:303; empty where that is nobody of this gateway's."""
    national: bool
    province: str
    """Province of the number; empty if no plan knows it."""

    def concerns(self, right: Right, carrier: str) -> bool:
        """Whether a system is to hold it too; `carrier` is the platform that is compared, and empty for the others."""
        match right:
            case Right.GROUP:
                return self.national
            case Right.OCS:
                return self.pay is PayType.PREPAID
            case Right.BILLING:
                return True
        return self.carrier == carrier

    def holding(self, right: Right, at: datetime) -> Holding:
        """Give the row as it should stand at a system; what has expired has ended."""
        r = self.relation
        standing = _STANDING[r.state]
        if not held_at((r,), at):
            standing = Standing.ENDED
        elif right.charges and r.state is RelationState.STOPPED:
            standing = Standing.ACTIVE
        return Holding(
            r.number, r.product_id, standing, r.offer_id, r.offer_type, self.spec, self.sp, r.channel,
            subscribed_at=r.subscribed_at, effective_at=r.effective_at, expires_at=r.expires_at,
        )  # fmt: skip


_STANDING = {
    RelationState.ACTIVE: Standing.ACTIVE, RelationState.SUSPENDED: Standing.SUSPENDED, RelationState.STOPPED: Standing.SUSPENDED,
    RelationState.ENDED: Standing.ENDED,
}  # fmt: skip
