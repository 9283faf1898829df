"""Services and users as the platforms of one stub set hold them; pure state, the ledgers are the world's."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from stubs.kit.orders import Work

STOPPED = frozenset({"1", "2"})  # PlatformUserState: stopped, and stopped for arrears


class ServiceAct(StrEnum):
    """What can be done to a service; the value is the ledger that it is written into."""

    START = "activation"
    END = "deactivation"
    SUSPEND = "suspension"
    RESUME = "resumption"


# ServiceAction, the activation dialect of the contracts.
SERVICE_ACTIONS = {"0": ServiceAct.START, "3": ServiceAct.END, "5": ServiceAct.SUSPEND, "6": ServiceAct.RESUME}


@dataclass(slots=True)
class Service:
    """One active service; `suspended` for itself, which lasts also when its user is stopped and resumed meanwhile."""

    role: str
    number: str
    product: str
    offer: str | None
    since: float
    suspended: bool = False


@dataclass(slots=True)
class PlatformUser:
    """A user as a platform knows it: state and pay type in the contract's codes."""

    state: str
    pay: str


@dataclass(slots=True)
class Services:
    """The active services of each platform by (role, number, product), and its users by (role, number)."""

    active: dict[tuple[str, str, str], Service] = field(default_factory=dict)
    users: dict[tuple[str, str], PlatformUser] = field(default_factory=dict)
    ended_by: set[tuple[str, str, str, str]] = field(default_factory=set)
    """Tombstones: (role, number, product, order) of what an order has ended, whether or not it was active."""

    def may(self, act: ServiceAct, wanted: Service, order: str) -> bool:
        """Say whether an order may do this; one that has ended a product never begins it."""
        key = (wanted.role, wanted.number, wanted.product, order)
        if act is ServiceAct.END:
            self.ended_by.add(key)
        return act is not ServiceAct.START or key not in self.ended_by

    def do(self, act: ServiceAct, wanted: Service) -> bool | None:
        """Do an act; tells whether that changed anything, None if there is no service to suspend or resume."""
        key = (wanted.role, wanted.number, wanted.product)
        held = self.active.get(key)
        if act is ServiceAct.START:
            if held is None:
                self.active[key] = wanted
                return True
            was_suspended, held.suspended = held.suspended, False  # who orders what he has suspended wants it again
            return was_suspended
        if act is ServiceAct.END:
            return self.active.pop(key, None) is not None
        if held is None:
            return None
        before, held.suspended = held.suspended, act is ServiceAct.SUSPEND
        return held.suspended is not before

    def serves(self, number: str, product: str) -> bool:
        """Say whether any platform serves a number with a product."""
        return any((one.number, one.product) == (number, product) for one in self.active.values())

    def of(self, role: str, number: str) -> list[Service]:
        """Give what a platform serves a number with, oldest first."""
        return [service for service in self.active.values() if (service.role, service.number) == (role, number)]

    def is_suspended(self, service: Service) -> bool:
        """Say whether a service is suspended, for itself or with its user."""
        user = self.users.get((service.role, service.number))
        return service.suspended or (user is not None and user.state in STOPPED)

    def change_user(self, role: str, work: Work, number: str, old_number: str, told: PlatformUser) -> list[Service]:
        """Keep what a platform is told of a user, and let its services follow; gives those that changed."""
        if work is Work.RENUMBER:
            return self._renumber(role, old_number, number, told)
        if work is Work.TEAR_DOWN:
            self.users[role, number] = told
            return [self.active.pop((role, number, service.product)) for service in self.of(role, number)]
        held = self.of(role, number)
        before = [self.is_suspended(service) for service in held]
        self.users[role, number] = told
        return [one for one, was in zip(held, before, strict=True) if self.is_suspended(one) is not was]

    def _renumber(self, role: str, old: str, new: str, told: PlatformUser) -> list[Service]:
        moved = self.of(role, old)
        for service in moved:
            del self.active[role, old, service.product]
            service.number = new
            self.active[role, new, service.product] = service
        self.users.pop((role, old), None)
        self.users[role, new] = told
        return moved
