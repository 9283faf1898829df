"""Changes of a user that CRM tells (seed, second 3.1): new install, stop, resume, number change, tear-down, payment change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.numbers import Number
from gateway.domain.party import PROVISIONING_SYSTEM, Address
from gateway.domain.subscriber import PayType, Subscriber, UserState


class UserAct(StrEnum):
    """What happened to a user; the wire's ActionTypes are 10, 11, 12, 13, 15, 16 in this order."""

    INSTALLED = "installed"
    STATE_CHANGED = "state changed"
    RENUMBERED = "renumbered"
    CAPABILITIES_CHANGED = "capabilities changed"
    TORN_DOWN = "torn down"
    PAYS_OTHERWISE = "pays otherwise"


@dataclass(frozen=True, slots=True)
class UserTarget:
    """A system that hears of a change, and the products that the user holds there."""

    address: Address
    product_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserChange:
    """A work order about a user, as VSOP accepted it; never changes. At the group tier, the part that a province passed on."""

    id: str
    trace_id: str
    section: str
    act: UserAct
    channel: str
    channel_order_id: str
    streaming_no: str
    user: Subscriber
    """The user afterwards."""
    province: str
    targets: tuple[UserTarget, ...]
    accepted_at: datetime
    old_number: Number | None = None
    hops: int = 0
    passed_on: bool = False
    """A notice that belongs to the group's part."""
    told_by_province: tuple[str, ...] = ()
    """At the group: what the user holds at platforms that hear of it from the province; the group keeps these relations alone."""

    @property
    def number(self) -> Number:
        """The user's number afterwards."""
        return self.user.number

    @property
    def locks(self) -> tuple[tuple[str, str], ...]:
        """One change of a user at a time; the notices of a change belong to it."""
        if not self.streaming_no:
            return ()
        numbers = [self.user.number] if self.old_number is None else [self.user.number, self.old_number]
        return tuple((number.digits, "user") for number in numbers)

    @property
    def entry(self) -> str:
        """The operation by which it came; empty for what another tier passed on."""
        return "workListFKToVSOP" if self.channel == PROVISIONING_SYSTEM else ""

    @property
    def action(self) -> str:
        """In a word."""
        return self.act.value

    @property
    def prepaid(self) -> bool:
        """Whether the user pays beforehand."""
        return self.user.pay is PayType.PREPAID

    @property
    def ends_relations(self) -> bool:
        """Whether everything that the user holds comes to an end."""
        return self.act is UserAct.TORN_DOWN or (
            self.act is UserAct.STATE_CHANGED and self.user.state is UserState.INVALID
        )

    @property
    def stops(self) -> bool:
        """Whether the user is out of service now, by will or for arrears."""
        return self.act is UserAct.STATE_CHANGED and self.user.state in (UserState.STOPPED, UserState.ARREARS)

    @property
    def resumes(self) -> bool:
        """Whether the user is back in service."""
        return self.act is UserAct.STATE_CHANGED and self.user.state is UserState.ACTIVE
