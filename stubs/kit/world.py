"""The world that the roles of one stub set share: users with their balance, active services, ledgers of what was done.

Ledgers only grow: a row says that something was done for the user, so two rows where one was due show a repetition.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.soap.http_outlet import Clock
from stubs.kit.answered import AnsweredTable
from stubs.kit.times import iso

LEDGERS = ("activation", "deactivation", "archive", "sms", "channel-result", "relation-report")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A user of the lab; balance in fen, may be below zero."""

    number: str
    spec: str
    prepaid: bool
    balance: int


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
    """State of one stub set; everything but the subscribers is empty at the start and after `reset`."""

    def __init__(self, subscribers: Mapping[str, Subscriber], clock: Clock) -> None:
        self._clock = clock
        self._subscribers = dict(subscribers)
        self.active: dict[tuple[str, str], str] = {}
        self.answered: defaultdict[str, AnsweredTable] = defaultdict(AnsweredTable)
        self._ledgers: dict[str, list[Row]] = {name: [] for name in LEDGERS}

    def subscriber(self, number: str) -> Subscriber | None:
        """Find a user by number; a country code before it does not matter."""
        return self._subscribers.get(plain_number(number))

    def serve(
        self, subscribe: bool, *, number: str, product: str, order: str, streaming_no: str, **details: Any
    ) -> None:
        """Activate or deactivate a service for an order; the row says whether that changed anything."""
        key = (plain_number(number), product)
        changed = (key in self.active) is not subscribe
        if subscribe:
            self.active.setdefault(key, iso(self._clock.seconds()))
        else:
            self.active.pop(key, None)
        self.record(
            "activation" if subscribe else "deactivation",
            number=number,
            order=order,
            streaming_no=streaming_no,
            product=product,
            changed=changed,
            **details,
        )

    def record(self, ledger: str, *, number: str, streaming_no: str, order: str | None = None, **details: Any) -> None:
        """Add a row to one of LEDGERS."""
        row = Row(iso(self._clock.seconds()), plain_number(number), order, streaming_no, details)
        self._ledgers[ledger].append(row)

    def ledger(self, name: str, *, number: str | None = None, order: str | None = None) -> list[Row]:
        """Give the rows of a ledger that match, oldest first."""
        wanted = None if number is None else plain_number(number)
        return [r for r in self._ledgers[name] if wanted in (None, r.number) and order in (None, r.order)]

    def reset(self) -> None:
        """Go back to the start."""
        self.active.clear()
        self.answered.clear()
        for rows in self._ledgers.values():
            rows.clear()


def plain_number(number: str) -> str:
    """Take a country code of China away: national numbers begin with 0 or 1, so 86 is never part of one."""
    return number.removeprefix("+").removeprefix("86")


def read_subscribers(path: Path) -> dict[str, Subscriber]:
    """Read the lab's [[subscriber]] tables; raises ValueError that names the file, the table and the field."""
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("subscriber", [])
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name}: cannot be read as TOML") from error
    found: dict[str, Subscriber] = {}
    for count, row in enumerate(tables, 1):
        for name, kind in (("number", str), ("spec", str), ("pay", str), ("balance", int)):
            if not isinstance(row.get(name), kind):
                raise ValueError(f"{path.name}: subscriber {count}: {name} is missing or has the wrong kind")
        if row["pay"] not in ("prepaid", "postpaid"):
            raise ValueError(f"{path.name}: subscriber {count}: pay is prepaid or postpaid")
        number = plain_number(row["number"])
        found[number] = Subscriber(number, row["spec"], row["pay"] == "prepaid", row["balance"])
    return found
