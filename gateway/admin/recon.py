"""Reconciliation's part of the admin API: what VSOP holds, page by page; what it did; what ISMP says; and the begin of repairs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from twisted.internet.defer import Deferred, DeferredSemaphore, gatherResults

from gateway.admin.problems import Problem, decode
from gateway.domain.numbers import Number
from gateway.domain.order import Order, OrderState
from gateway.domain.party import Address, Party
from gateway.domain.routing import archives_here, carrier
from gateway.domain.user_change import UserChange
from gateway.engine.ports import HeldRelation, OrderRow, StoreFailed
from gateway.errors import PartnerError
from gateway.recon.causes import History
from gateway.recon.holdings import Holding, OurRelation, Right
from gateway.recon.planning import Repair
from gateway.services.desk import Desk
from gateway.services.histories import pasts
from gateway.services.holdings import can_be_asked, held_at_partner
from gateway.services.repairs import Begun, Ordered, begin
from gateway.vocabulary import read_time

Act = Callable[[str, bytes], Awaitable[object]]

PAGE = 200
"""Rows of one answer: some five milliseconds, in which no order is worked on."""
MOST_ASKED = 50
"""Users that a partner is asked about for one answer: it comes within the caller's patience."""
MOST_KEYS = 50
"""Histories of one answer: each is a few look-ups, which block as well."""
MOST_REPAIRS = 50
_AT_ONCE = 8
"""Questions under way at a partner."""


@dataclass(frozen=True, slots=True)
class About:
    """What a reconciliation must know of the gateway."""

    name: str
    province: str
    system: str
    settle_seconds: float
    archives: bool
    carriers: tuple[str, ...]
    """Who carries products out for it."""
    national: tuple[str, ...]
    """Products whose relations the group keeps as well."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Relations:
    """A page of relations; `next` is where the following one begins, None after the last."""

    rows: tuple[OurRelation, ...]
    next: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Users:
    """A page of users' numbers."""

    rows: tuple[str, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """An order that ended, or a change of a user, and the products that it touched; none: all that the user holds."""

    number: str
    products: tuple[str, ...]
    done: bool
    """Whether it changed what the user holds: not so a failed order, or a repair at the other side alone."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of what changed."""

    rows: tuple[Change, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose history is wanted: number, product, and the party that is compared."""

    number: str
    product: str
    carrier: str


@dataclass(frozen=True, slots=True)
class PartnerHoldings:
    """What a partner holds for the users that it was asked about; of the untold ones it gave no answer."""

    rows: tuple[Holding, ...]
    untold: tuple[str, ...]


class HistoryRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Body of POST /v1/recon/history."""

    right: Right
    asked: list[Asked]


class RepairRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Body of POST /v1/recon/repairs: lines of a plan, who has them applied and why."""

    plan: str
    right: Right
    by: str
    why: str
    repairs: list[Repair]


def resources(desk: Desk) -> Mapping[tuple[str, str], Act]:
    """Give the resources by method and first part of the path."""
    recon = _ReconResources(desk)
    return {("GET", "recon"): recon.get, ("POST", "recon"): recon.post}


class _ReconResources:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def get(self, path: str, body: bytes) -> object:
        """Read a resource by the rest of its path."""
        what, *rest = path.split("/")
        act: Callable[[list[str]], Awaitable[object]] | None = {
            "": self._about, "relations": self._relations, "users": self._users, "changes": self._changes,
        }.get(what)  # fmt: skip
        if act is None:
            raise Problem(404, "no such resource")
        return await act(rest)

    async def post(self, path: str, body: bytes) -> object:
        """Ask for histories or holdings, or have repairs begun."""
        what, _, name = path.partition("/")
        if what == "history":
            return await self._history(decode(body, HistoryRequest))
        if what == "holdings":
            return await self._holdings(name, decode(body, list[str]))
        if what == "repairs":
            return await self._repairs(decode(body, RepairRequest))
        raise Problem(404, "no such resource")

    # ---- what VSOP holds and did ---------------------------------------------------------------------------------------

    async def _about(self, rest: list[str]) -> About:
        desk = self._desk
        products = desk.catalogue.products.values()
        carriers = {str(address) for product in products if (address := carrier(desk.here, product)) is not None}
        return About(
            str(Address(Party.VSOP, desk.here.province)), desk.here.province, desk.here.system, desk.settle.total_seconds(),
            archives_here(desk.here), tuple(sorted(carriers)), tuple(sorted(p.id for p in products if p.national)), desk.clock.now(),
        )  # fmt: skip

    async def _relations(self, rest: list[str]) -> Relations:
        number, product = (rest or ["", ""]) if len(rest) in (0, 2) else ["", ""]
        rows = await self._desk.store.relations_after(number, product, PAGE)
        last = rows[-1].relation if len(rows) == PAGE else None
        following = None if last is None else (last.number.digits, last.product_id)
        return Relations(tuple(self._ours(row) for row in rows), following)

    def _ours(self, row: HeldRelation) -> OurRelation:
        desk, relation = self._desk, row.relation
        product = desk.catalogue.products.get(relation.product_id)
        by = None if product is None else carrier(desk.here, product)
        return OurRelation(
            relation, row.spec, row.pay, "" if product is None else product.sp, "" if by is None else str(by),
            product is not None and product.national, desk.plan.province(relation.number) or "",
        )  # fmt: skip

    async def _users(self, rest: list[str]) -> Users:
        rows = [user.number.digits for user in await self._desk.store.subscribers_after("".join(rest[:1]), PAGE)]
        return Users(tuple(rows), rows[-1] if len(rows) == PAGE else None)

    async def _changes(self, rest: list[str]) -> Changes:
        try:
            since, until = (read_time(text) for text in rest[:2])
        except ValueError:
            since = until = None
        if since is None or until is None:
            raise Problem(400, "not of the form SINCE/UNTIL or SINCE/UNTIL/ORDER, times as yyyyMMddHHmmss")
        rows = await self._desk.store.orders_ended(since, until, "".join(rest[2:3]), PAGE)
        found = [change for row in rows for change in _changes(row)]
        return Changes(tuple(found), rows[-1].order.id if len(rows) == PAGE else None)

    async def _history(self, wanted: HistoryRequest) -> list[History]:
        _at_most(wanted.asked, MOST_KEYS, "histories")
        return [await self._one_history(wanted.right, asked) for asked in wanted.asked]

    async def _one_history(self, right: Right, asked: Asked) -> History:
        desk, number = self._desk, _number(asked.number)
        product, user = desk.catalogue.products.get(asked.product), await desk.store.subscriber(number)
        by = None if product is None else carrier(desk.here, product)
        ours = {Right.GROUP: product is not None and product.national, Right.OCS: True, Right.BILLING: True}
        return History(
            "" if user is None else str(user.state), product is not None,
            ours.get(right, by is not None and str(by) == asked.carrier), tuple(await pasts(desk, number, asked.product)),
        )  # fmt: skip

    # ---- the other side, and repairs -----------------------------------------------------------------------------------

    async def _holdings(self, name: str, numbers: Sequence[str]) -> PartnerHoldings:
        """Ask a partner what it holds for these users, a few at a time; where half of them bring no answer it counts as away."""
        _at_most(numbers, MOST_ASKED, "users")
        kind, _, code = name.partition(":")
        party = Address(Party(kind), code) if kind in list(Party) else None
        if party is None or not can_be_asked(party):
            raise Problem(409, f"the contract of {name[:40]} has no query for what a user holds: give its file")
        room = DeferredSemaphore(_AT_ONCE)
        asked = [room.run(_asking, self._desk, party, _number(number)) for number in numbers]
        answers: list[list[Holding] | PartnerError] = await gatherResults(asked)
        failures = [answer for answer in answers if isinstance(answer, PartnerError)]
        if 2 * len(failures) > len(answers):
            raise Problem(502, f"{failures[0].party} gave no answer: {failures[0].reason}")
        pairs = list(zip(numbers, answers, strict=True))
        return PartnerHoldings(
            tuple(row for _, answer in pairs if not isinstance(answer, PartnerError) for row in answer),
            tuple(number for number, answer in pairs if isinstance(answer, PartnerError)),
        )

    async def _repairs(self, wanted: RepairRequest) -> list[Begun]:
        _at_most(wanted.repairs, MOST_REPAIRS, "repairs")
        if not wanted.by.strip() or not wanted.why.strip():
            raise Problem(400, "a repair needs who orders it and why")
        ordered = Ordered(wanted.plan, wanted.right, wanted.by.strip(), wanted.why.strip())
        try:
            return [await begin(self._desk, ordered, repair) for repair in wanted.repairs]
        except StoreFailed as failure:  # what was begun before is begun: the same plan may be applied again
            self._desk.events("store.failed", error=failure)
            raise Problem(503, "the store failed: apply the same plan again") from None


def _asking(desk: Desk, party: Address, number: Number) -> Deferred[list[Holding] | PartnerError]:
    async def asking() -> list[Holding] | PartnerError:
        try:
            return await held_at_partner(desk, party, number)
        except PartnerError as failure:
            desk.events("partner.failed", party=failure.party, streaming_no="", reason=failure.reason)
            return failure

    return Deferred.fromCoroutine(asking())


def _changes(row: OrderRow) -> list[Change]:
    matter = row.order
    if isinstance(matter, Order):
        done = row.state is OrderState.COMPLETED and (matter.repair is None or matter.repair.keeps)
        return [Change(matter.number.digits, tuple(item.product_id for item in matter.items), done)]
    if isinstance(matter, UserChange):
        numbers = [matter.number] if matter.old_number is None else [matter.number, matter.old_number]
        return [Change(number.digits, (), done=True) for number in numbers]
    return []


def _number(text: str) -> Number:
    try:
        return Number.parse(text)
    except ValueError:
        raise Problem(400, "not a subscriber number") from None


def _at_most(rows: Sequence[object], most: int, what: str) -> None:
    if len(rows) > most:
        raise Problem(400, f"at most {most} {what} in one request")
