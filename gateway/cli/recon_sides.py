"""The two sides of a reconciliation as rows: VSOP's from its admin API, the other's by query or from its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from gateway.admin.recon import (
    MOST_ASKED,
    MOST_KEYS,
    About,
    Asked,
    Changes,
    HistoryRequest,
    PartnerHoldings,
    Relations,
    Users,
)
from gateway.cli.admin_client import AdminClient
from gateway.cli.errors import UsageFailed
from gateway.domain.party import BILLING, GROUP_VSOP, OCS, Address, Party
from gateway.recon.causes import History
from gateway.recon.files import FileDamaged, FileHead, Period, beginning, by_key, read_file, together
from gateway.recon.holdings import Holding, Key, OurRelation, Right
from gateway.vocabulary import system_of, write_time

T = TypeVar("T")

INTERFACE = {Right.XPLATFORM: "R7.2", Right.ISMP: "R8.2.1", Right.OCS: "R7.2", Right.BILLING: "R7.2", Right.GROUP: "R9.3"}
"""The field's number of the file that comes from each."""
EXPORTED = {**INTERFACE, Right.ISMP: "R8.2.2"}
"""And of the one that goes there; `system` in its name is then VSOP's."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """One VSOP, through its admin API."""

    client: AdminClient
    about: About

    @classmethod
    def of(cls, client: AdminClient) -> Gateway:
        """Ask a gateway who it is."""
        return cls(client, _converted(client.get("recon"), About))

    def relations(self) -> Iterator[OurRelation]:
        """Give all relations, by number and product, page by page."""
        path: str | None = "recon/relations"
        while path is not None:
            page = _converted(self.client.get(path), Relations)
            yield from page.rows
            path = None if page.next is None else f"recon/relations/{page.next[0]}/{page.next[1]}"

    def users(self) -> Iterator[str]:
        """Give the numbers of all users."""
        path: str | None = "recon/users"
        while path is not None:
            page = _converted(self.client.get(path), Users)
            yield from page.rows
            path = None if page.next is None else f"recon/users/{page.next}"

    def changes(self, day: datetime) -> Changed:
        """Give what changed on a day."""
        changed = Changed(day)
        between = f"recon/changes/{write_time(day)}/{write_time(day + timedelta(days=1))}"
        path: str | None = between
        while path is not None:
            page = _converted(self.client.get(path), Changes)
            for row in page.rows:
                changed.numbers.add(row.number)
                if row.done:
                    changed.keys.update((row.number, product) for product in row.products)
            path = None if page.next is None else f"{between}/{page.next}"
        return changed

    def ask(self, party: str, numbers: Iterable[str]) -> tuple[list[Holding], set[str]]:
        """Have the gateway ask a partner what it holds for users; gives also those of whom it gave no answer."""
        found: list[Holding] = []
        untold: set[str] = set()
        for page in _pages(list(numbers), MOST_ASKED):
            answer = self.client.post(f"recon/holdings/{party}", msgspec.json.encode(page))
            told = _converted(answer, PartnerHoldings)
            found += told.rows
            untold.update(told.untold)
        return found, untold

    def histories(self, right: Right, keys: Iterable[tuple[Key, str]]) -> dict[Key, History]:
        """Give what VSOP did about products of users; each key comes with the party that is compared."""
        found: dict[Key, History] = {}
        for page in _pages(list(keys), MOST_KEYS):
            asked = [Asked(number, product, carrier) for (number, product), carrier in page]
            answer = self.client.post("recon/history", msgspec.json.encode(HistoryRequest(right, asked)))
            histories = _converted(answer, list[History])
            found |= {key: history for (key, _), history in zip(page, histories, strict=True)}
        return found


@dataclass(slots=True)
class Changed:
    """What changed at VSOP on a day: users that anything happened to, and products whose relation an order changed."""

    day: datetime
    numbers: set[str] = field(default_factory=set)
    keys: set[Key] = field(default_factory=set)

    def has(self, holding: Holding) -> bool:
        """Whether a relation changed on that day, by an order or by its own times."""
        at = holding.changed_at
        return holding.key in self.keys or (at is not None and self.day <= at < self.day + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Side:
    """What the other system holds: rows by number and product, and as of when."""

    rows: dict[Key, Holding]
    as_of: datetime
    source: str
    """Where it comes from, for the report."""
    untold: frozenset[str] = frozenset()
    """Users of whom it does not tell: nothing of them is compared."""


# ---- files -----------------------------------------------------------------------------------------------------------


def side_of_file(directory: Path, right: Right, carrier: str, period: Period, day: datetime) -> Side:
    """Read the file of a day or month, the newest resend, all its parts; exit 2 where it is missing or damaged."""
    system = system_of(_address(right, carrier))
    start = beginning(period, day, INTERFACE[right], system)
    names = _newest(directory, start)
    if not names:
        raise UsageFailed(f"{directory}: no file {start}NN-01.AVL")
    try:
        head, rows = together([(name, read_file(name, _content(directory / name))) for name in names])
    except FileDamaged as damaged:
        raise UsageFailed(f"{directory / str(damaged)}: nothing of it is used") from None
    return Side(rows, head.made_at, ", ".join(names))


def _newest(directory: Path, start: str) -> list[str]:
    form = re.compile(rf"{re.escape(start)}([0-9]{{2}})-([0-9]{{2}})\.AVL")
    try:
        found = [match for path in directory.iterdir() if (match := form.fullmatch(path.name))]
    except OSError as error:
        raise UsageFailed(f"{directory}: cannot be read ({error.strerror})") from None
    last = max((match[1] for match in found), default="")
    return sorted(match[0] for match in found if match[1] == last)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageFailed(f"{path}: cannot be read ({error.strerror})") from None


def _address(right: Right, carrier: str) -> Address:
    party, _, code = carrier.partition(":")
    return {Right.OCS: OCS, Right.BILLING: BILLING, Right.GROUP: GROUP_VSOP}.get(right) or Address(Party(party), code)


# ---- queries ---------------------------------------------------------------------------------------------------------


def side_of_ismp(gateway: Gateway, carrier: str, changed: Changed | None) -> Side:
    """Ask ISMP for every user, or for those that something happened to."""
    at = gateway.about.now
    numbers = gateway.users() if changed is None else sorted(changed.numbers)
    rows, untold = gateway.ask(carrier, numbers)
    return Side(by_key(rows), at, f"getSubscription of {carrier}", frozenset(untold))


def side_of_group(group: Gateway, province: str, changed: Changed | None) -> Side:
    """Read the group's view of a province's users through the group's own admin API."""
    at = group.about.now
    rows = (
        relation.holding(Right.GROUP, at)
        for relation in group.relations()
        if relation.national and relation.province == province
        and (changed is None or relation.relation.number.digits in changed.numbers)
    )  # fmt: skip
    return Side(by_key(rows), at, f"admin API of {group.about.name}")


def exported_head(right: Right, about: About, period: Period, date: str) -> FileHead:
    """Give the head of a file that VSOP makes for another system."""
    return FileHead(EXPORTED[right], about.system, period, date, about.now)


def _pages(rows: list[T], most: int) -> Iterator[list[T]]:
    return (rows[at : at + most] for at in range(0, len(rows), most))


def _converted(answer: object, kind: Callable[..., T] | type[T]) -> T:
    found: T = msgspec.convert(answer, type=kind)
    return found
