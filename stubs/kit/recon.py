"""What a partner tells for a reconciliation (对账): its '#'-separated file, and the acts that plant a difference silently.

Written apart from the gateway's own reader and writer, so that each is proof of the other. Columns: docs/reconciliation.md.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stubs.kit.bodies import Body, Kind, check, code_of
from stubs.kit.errors import ActError
from stubs.kit.role import Act, Role
from stubs.kit.services import Service, ServiceAct
from stubs.kit.times import stamp
from stubs.kit.world import Row, plain_number

ACTIVE, SUSPENDED, ENDED = "0", "2", "6"
WORDS = {"active": ACTIVE, "suspended": SUSPENDED, "none": ENDED}


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a file."""

    number: str
    product: str
    status: str
    since: float
    offer: str = ""
    spec: str = ""


@dataclass(slots=True)
class Billed:
    """What is charged for, as archive records and plants left it."""

    rows: dict[tuple[str, str], Told] = field(default_factory=dict)
    """By number and product."""


def file_act(role: Role, interface: str, rows: Callable[[], Iterable[Told]]) -> Act:
    """Make the act that gives a role's file: `date` is its day or, of a monthly one, its month; the caller writes it to disk."""

    async def act(body: dict[str, Any]) -> dict[str, Any]:
        check(body, {"date": Kind.TEXT, "monthly": Kind.FLAG}, ("date",))
        monthly = bool(body.get("monthly"))
        date = body["date"].replace("-", "")[: 6 if monthly else 8]
        if not date.isdigit() or len(date) != (6 if monthly else 8):
            raise ActError(400, "date: expected a day such as 2026-11-23")
        period = "I" if monthly else "A"
        now = role.stage.clock.seconds()
        chosen = [row for row in rows() if (row.status != ENDED if monthly else stamp(row.since).startswith(date))]
        head = f"H#{interface}#{role.system}#{period}#{date}#{stamp(now)}#1#1\n"
        name = f"{period}-{date}-VSOP {interface}-{role.system}-00-01.AVL"
        return {"name": name, "text": written(head, chosen)}

    return act


def written(head: str, rows: list[Told]) -> str:
    """Write head, rows and trailer."""
    body = head + "".join(map(_line, rows))
    counts = "#".join(str(sum(row.status == status for row in rows)) for status in (ACTIVE, SUSPENDED, ENDED))
    return f"{body}T#{len(rows)}#{counts}#{zlib.crc32(body.encode('ascii')):08x}\n"


def _line(row: Told) -> str:
    since = stamp(row.since)
    ends = since if row.status == ENDED else ""
    columns = (row.number, row.spec, row.product, "", row.offer, "", row.status, since, "" if ends else since, ends, "", "")
    return "#".join(columns) + "\n"


def served(role: Role) -> list[Told]:
    """Give what a platform serves at this moment, and what it served and ended; `since` is the last change."""
    services = role.world.services
    changed = {(row.number, row.details["product"]): row for row in _acts(role)}
    found = [
        Told(
            one.number, one.product, SUSPENDED if services.is_suspended(one) else ACTIVE,
            max(one.since, _seconds(changed.get((one.number, one.product)))), one.offer or "", role.world.spec_of(one.number),
        )
        for one in services.active.values() if one.role == role.name
    ]  # fmt: skip
    ended = [
        Told(number, product, ENDED, _seconds(row), row.details["offer"] or "", role.world.spec_of(number))
        for (number, product), row in changed.items()
        if (role.name, number, product) not in services.active
    ]
    return found + ended


def _acts(role: Role) -> list[Row]:
    """Give the acts of a platform in their order."""
    rows = [row for act in ServiceAct for row in role.world.ledger(act) if row.details["role"] == role.name]
    return sorted(rows, key=lambda row: row.at)


def _seconds(row: Row | None) -> float:
    return 0.0 if row is None else datetime.fromisoformat(row.at).timestamp()


def plant_service(role: Role) -> Act:
    """Make the act by which a platform holds something for a user, or nothing, without anybody having asked for it."""

    async def act(body: dict[str, Any]) -> dict[str, Any]:
        number, product, status, offer = _planted(body)
        active = role.world.services.active
        if status == ENDED:
            active.pop((role.name, number, product), None)
        else:
            since = role.stage.clock.seconds()
            active[role.name, number, product] = Service(role.name, number, product, offer, since, suspended=status == SUSPENDED)
        return {"number": number, "product": product, "status": status}

    return act


def plant_charge(role: Role) -> Act:
    """Make the act by which billing charges for something, or not, without a record that says so."""

    async def act(body: dict[str, Any]) -> dict[str, Any]:
        number, product, status, offer = _planted(body)
        rows = role.world.keep(Billed).rows
        if status == ENDED:
            rows.pop((number, product), None)
        else:
            rows[number, product] = Told(number, product, status, role.stage.clock.seconds(), offer or "", role.world.spec_of(number))
        return {"number": number, "product": product, "status": status}

    return act


def charge(role: Role, number: str, product: str, status: str, offer: str = "", *, since: float | None = None) -> None:
    """Follow an archive record; `since` in seconds of the epoch, now if it is None."""
    plain = plain_number(number)
    told = Told(plain, product, status, role.stage.clock.seconds() if since is None else since, offer, role.world.spec_of(plain))
    role.world.keep(Billed).rows[plain, product] = told


def charged(role: Role, *, prepaid_only: bool = False) -> list[Told]:
    """Give what is charged for; OCS knows of prepaid users alone."""
    rows: Mapping[tuple[str, str], Told] = role.world.keep(Billed).rows
    return [row for row in rows.values() if not prepaid_only or role.world.is_prepaid(row.number)]


def _planted(body: Body) -> tuple[str, str, str, str | None]:
    check(body, dict.fromkeys(("number", "product", "state", "offer"), Kind.TEXT), ("number", "product", "state"))
    return plain_number(body["number"]), body["product"], code_of(body, "state", WORDS), body.get("offer")
