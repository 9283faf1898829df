"""The world that the roles of one stub set share: users with their balance, active services, ledgers of what was done.

Ledgers only grow: a row says that something was done for the user, so two rows where one was due show a repetition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from gateway.contract.codec import Message
from gateway.errors import NOT_SUBSCRIBED, OK, ORDER_UNDONE, Result
from gateway.soap.http_outlet import Clock
from stubs.kit.answered import AnsweredTable
from stubs.kit.goods import Goods
from stubs.kit.orders import Work
from stubs.kit.services import PlatformUser, Service, ServiceAct, Services
from stubs.kit.times import iso

LEDGERS = (
    "activation", "deactivation", "suspension", "resumption", "user-change", "relation-report", "archive", "sms", "reconfirm",
    "channel-result", "catalogue", "test-notice", "configuration", "application", "work-receipt", "receipt",
    "order", "work-order", "action-result", "relation-sync",
)  # fmt: skip
MOBILE, FIXED = "003", "001"  # ProdSpecCode
USER_ACTIVE = "00A"  # UserState
NEW_USER_BALANCE = 5000  # fen: what most users of the lab have
_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A user; balance in fen, may be below zero; state as CRM writes it (00A active); capabilities by the catalogue's codes."""

    number: str
    spec: str
    prepaid: bool
    balance: int
    state: str = USER_ACTIVE
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A product that a user holds from the start; `since` in seconds of the epoch."""

    number: str
    product: str
    offer: str | None
    since: float
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Seed:
    """What a world begins with, and goes back to."""

    subscribers: Mapping[str, Subscriber] = field(default_factory=dict)
    """By plain number."""
    goods: Goods = field(default_factory=Goods)
    subscriptions: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One act in a ledger; `order` is None where the message names none."""

    at: str
    number: str
    order: str | None
    streaming_no: str
    details: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Give the row as the admin API shows it: details stand beside the common fields."""
        common = {"at": self.at, "number": self.number, "order": self.order, "streaming_no": self.streaming_no}
        return {**common, **self.details}


class World:
    """State of one stub set; everything is as its seed says at the start and after `reset`."""

    def __init__(self, seed: Seed, clock: Clock) -> None:
        self._clock = clock
        self.seed = seed
        self._beginnings: list[Callable[[], None]] = []
        self._subscribers = dict(seed.subscribers)
        self.goods = seed.goods.copy()
        self._kept: dict[type[Any], Any] = {}
        self.answered: defaultdict[str, AnsweredTable] = defaultdict(AnsweredTable)
        self._ledgers: dict[str, list[Row]] = {name: [] for name in LEDGERS}
        self._by_order: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        """The rows of a ledger that name an order."""
        self._in_turn: list[tuple[str, Row]] = []
        """The rows of all ledgers, as they came."""

    def keep(self, kind: type[_K]) -> _K:
        """Give the set's one store of a kind; made empty when it is first asked for, and anew after `reset`."""
        kept = self._kept.get(kind)
        if kept is None:
            kept = self._kept[kind] = kind()
        return cast(_K, kept)

    def begin(self, do: Callable[[], None]) -> None:
        """Do something now, and again after every reset: what a party holds from the start."""
        self._beginnings.append(do)
        do()

    @property
    def services(self) -> Services:
        """Active services, and what the platforms know of their users."""
        return self.keep(Services)

    def subscriber(self, number: str) -> Subscriber | None:
        """Find a user by number; a country code before it does not matter."""
        return self._subscribers.get(plain_number(number))

    def spec_of(self, number: str) -> str:
        """Give the access product of a number: its user's, else what the number looks like."""
        subscriber = self.subscriber(number)
        looks_like = FIXED if plain_number(number).startswith("0") else MOBILE
        return looks_like if subscriber is None else subscriber.spec

    def is_prepaid(self, number: str) -> bool:
        """Say whether a number pays before; an unknown one does not."""
        subscriber = self.subscriber(number)
        return subscriber is not None and subscriber.prepaid

    def settle(self, number: str, *, old_number: str | None = None, prepaid: bool, state: str | None = None) -> None:
        """Let a user be there, under this number instead of an old one, and pay so; `state` is UserState, None leaves it."""
        new = plain_number(number)
        before = self._subscribers.pop(plain_number(old_number or number), None) or self._subscribers.get(new)
        if before is None:
            self._subscribers[new] = Subscriber(new, self.spec_of(new), prepaid, NEW_USER_BALANCE, state or USER_ACTIVE)
        else:
            self._subscribers[new] = replace(before, number=new, prepaid=prepaid, state=state or before.state)

    def equip(self, number: str, capability: str, *, lost: bool) -> None:
        """Let a user have a capability, or no more; nothing happens if there is no such user."""
        before = self.subscriber(number)
        if before is not None:
            rest = tuple(one for one in before.capabilities if one != capability)
            self._subscribers[before.number] = replace(before, capabilities=rest if lost else (*rest, capability))

    def leave(self, number: str) -> None:
        """Let a user be gone."""
        self._subscribers.pop(plain_number(number), None)

    def serve(
        self,
        act: ServiceAct,
        *,
        role: str,
        number: str,
        product: str,
        order: str,
        streaming_no: str,
        offer: str | None = None,
        **details: Any,
    ) -> Result:
        """Do something to a service for an order; the row says whether that changed anything.

        Refuses, and writes no row, if there is no service to suspend or resume, or if this order has ended the product: an order
        that was taken back stays so, however late its activation comes.
        """
        wanted = Service(role, plain_number(number), product, offer, self._clock.seconds())
        if not self.services.may(act, wanted, order):
            return ORDER_UNDONE
        changed = self.services.do(act, wanted)
        if changed is None:
            return NOT_SUBSCRIBED
        self.record(
            act.value,
            number=number,
            order=order,
            streaming_no=streaming_no,
            role=role,
            product=product,
            offer=offer,
            changed=changed,
            **details,
        )
        return OK

    def change_user(self, role: str, request: Message) -> list[Service]:
        """Let a platform follow a userInfoSync; gives the services that changed with the user."""
        number, told = plain_number(request.ProductNo), PlatformUser(request.UserState, request.UserPayType)
        old_number = plain_number(request.OldProductNo or request.ProductNo)
        changed = self.services.change_user(role, Work.of(request), number, old_number, told)
        self.record(
            "user-change",
            number=number,
            order=request.OrderId,
            streaming_no=request.StreamingNo,
            role=role,
            system=request.SystemId,
            action=request.ActionType,
            state=request.UserState,
            old_number=request.OldProductNo,
            changed=len(changed),
            products=[service.product for service in changed],
        )
        return changed

    def record(self, ledger: str, *, number: str, streaming_no: str, order: str | None = None, **details: Any) -> None:
        """Add a row to one of LEDGERS."""
        self._add(ledger, Row(iso(self._clock.seconds()), plain_number(number), order, streaming_no, details))

    def _add(self, ledger: str, row: Row) -> None:
        self._ledgers[ledger].append(row)
        if row.order is not None:
            self._by_order[ledger, row.order].append(row)
        self._in_turn.append((ledger, row))

    def ledger(self, name: str, *, number: str | None = None, order: str | None = None) -> list[Row]:
        """Give the rows of a ledger that match, oldest first."""
        wanted = None if number is None else plain_number(number)
        rows = self._ledgers[name] if order is None else self._by_order.get((name, order), [])
        return [row for row in rows if wanted in (None, row.number)]

    def ledgers(self, after: int = 0) -> list[tuple[str, Row]]:
        """Give the rows of all ledgers, as they came, without the first `after`; each with its ledger's name."""
        return self._in_turn[after:]

    @property
    def subscribers(self) -> dict[str, Subscriber]:
        """All users by plain number."""
        return dict(self._subscribers)

    def replace(
        self, *, subscribers: Mapping[str, Subscriber], goods: Goods, kept: Mapping[type[Any], Any], rows: Iterable[tuple[str, Row]] = ()
    ) -> None:
        """Put other state in place of all there is; no number is answered any more."""
        self._subscribers = dict(subscribers)
        self.goods = goods
        self._kept = dict(kept)
        self.answered.clear()
        self._in_turn.clear()
        self._by_order.clear()
        for known in self._ledgers.values():
            known.clear()
        for ledger, row in rows:
            self._add(ledger, row)

    def reset(self) -> None:
        """Go back to the start."""
        self.replace(subscribers=self.seed.subscribers, goods=self.seed.goods.copy(), kept={})
        for do in self._beginnings:
            do()


def plain_number(number: str) -> str:
    """Take a country code of China away: national numbers begin with 0 or 1, so 86 is never part of one."""
    return number.removeprefix("+").removeprefix("86")
