"""What a stub does with a request: by the last four digits of the user's number, else by the mode that was set.

The table MAGIC is the only place where digits get a meaning; the one in stubs/README.md is checked against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.contract.codec import Message


class Behaviour(StrEnum):
    """A way of answering; the value is its name as a mode in the admin API."""

    FINAL = "final"
    REFUSE = "refuse"
    SLOW = "slow"
    BUSY_ONCE = "busy-once"
    LOST = "lost"
    AWAY = "away"
    CALLBACK = "callback"
    CALLBACK_FAILED = "callback-failed"
    NO_BALANCE = "no-balance"
    REPORT_FIRST = "report-first"
    IN_PART = "in-part"


# What every role can do; a role's class adds its own.
COMMON = frozenset(
    {Behaviour.FINAL, Behaviour.REFUSE, Behaviour.SLOW, Behaviour.BUSY_ONCE, Behaviour.LOST, Behaviour.AWAY}
)

SLOW_SECONDS = 3.0
CALLBACK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class MagicRow:
    """Numbers that end in `digits` get `behaviour` from `roles`; other roles treat them as any number."""

    digits: str
    roles: tuple[str, ...]
    behaviour: Behaviour
    meaning: str


_PLATFORMS = ("xplatform", "ismp", "vsop")
_BUSY = "ResultCode 9001 on the first attempt of a StreamingNo, then as usual"
_CALLS_BACK = "accepts; 0.2 s later activates and reports by `serverActionResult`"
_FAILS_LATER = "accepts; 0.2 s later `serverActionResult` reports OPResult 8001 for each product"
_LOSES = "acts, but drops the connection instead of its first answer to a StreamingNo"

MAGIC = (
    MagicRow("9001", _PLATFORMS, Behaviour.REFUSE, "refuses: ResultCode 8001, nothing is activated"),
    MagicRow("9002", ("xplatform", "vsop"), Behaviour.CALLBACK, _CALLS_BACK),
    MagicRow("9003", _PLATFORMS, Behaviour.SLOW, "acts at once, answers after 3 s"),
    MagicRow("9004", _PLATFORMS, Behaviour.BUSY_ONCE, _BUSY),
    MagicRow("9005", ("xplatform", "vsop"), Behaviour.CALLBACK_FAILED, _FAILS_LATER),
    MagicRow("9006", ("ocs",), Behaviour.NO_BALANCE, "the balance is 0"),
    MagicRow("9007", ("ocs",), Behaviour.BUSY_ONCE, _BUSY),
    MagicRow("9008", ("ismp",), Behaviour.REPORT_FIRST, "`subsInstSynFromISMP` goes out before the answer"),
    MagicRow("9009", _PLATFORMS, Behaviour.LOST, _LOSES),
)
_BY_DIGITS = {(row.digits, role): row.behaviour for row in MAGIC for role in row.roles}


SHORTHANDS: Mapping[Behaviour, tuple[Mapping[str, str | float | bool], ...]] = {
    Behaviour.SLOW: ({"fault": "delay", "seconds": SLOW_SECONDS},),
    Behaviour.LOST: ({"fault": "reset"},),
    Behaviour.AWAY: ({"fault": "reset", "acts": False},),
    Behaviour.REPORT_FIRST: ({"fault": "callback-before-answer"},),
}
"""Modes that are short for faults of the catalogue (stubs/faults); `lost` and `report-first` are so for each StreamingNo once."""


def behaviour_of(role: str, number: str, mode: Behaviour) -> Behaviour:
    """Give what the digits of the number say, else the mode; a partner that is away reads no digits."""
    return mode if mode is Behaviour.AWAY else _BY_DIGITS.get((number[-4:], role), mode)


def number_of(message: Message) -> str:
    """Give the number of the user, or the id of the product or offer, that a request is about; "" if it names none."""
    for name in ("ProductNo", "UserID", "DA", "ObjectID"):
        if name in message.field_names:
            return str(getattr(message, name))
    for part, names in (("ProductInfo", ("ProductID", "ProductNo")), ("ProductOfferInfo", ("ProductOfferID",))):
        inner = getattr(message, part) if part in message.field_names else None
        for one in inner[:1] if isinstance(inner, list) else [inner]:  # of a family bundle the first user decides
            for name in names:
                if one is not None and name in one.field_names:
                    return str(getattr(one, name))
    return ""


def table() -> str:
    """Write MAGIC as the table of the README."""
    rows = [f"| {row.digits} | {', '.join(row.roles)} | `{row.behaviour}` | {row.meaning} |" for row in MAGIC]
    return "\n".join(["| last four | by | mode | what happens |", "|---|---|---|---|", *rows])
