"""What is changed about a partner while the gateway runs, laid over what the file says. Values are JSON; knows no store.

`state`: running, suspended or isolated. `rate`, `day`, `connections`: a quota, or null for none. `password`: a file, and until when the
former password is good as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from gateway.access.partner import Connections, Day, Partner, Partners, Rate, State
from gateway.config.forms import Unfit
from gateway.engine.ports import PartnerChanged


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new password: its file, as the file of partners would name it, and until when the former is good as well."""

    file: str
    until: datetime


Value = State | Rate | Day | Connections | Rotation | None
_KINDS: dict[str, object] = {
    "state": State, "rate": Rate | None, "day": Day | None, "connections": Connections | None, "password": Rotation,
}  # fmt: skip
WHAT = tuple(_KINDS)
"""What can be changed."""


def written(value: Value) -> str:
    """Write a value."""
    return msgspec.json.encode(value).decode()


def read(change: PartnerChanged) -> Value:
    """Read a value; raises msgspec.MsgspecError or KeyError for one of another version of this program."""
    value: Value = msgspec.json.decode(change.value, type=_KINDS[change.what])
    return value


def laid_over(
    partners: Partners, changes: Iterable[PartnerChanged], now: datetime, password: Callable[[Path], bytes],
    failed: Callable[[PartnerChanged, str], None],
) -> Partners:  # fmt: skip
    """Give the partners as they are now; `failed` is told of each change that cannot be had here, and what it was about stays as it is.

    A change of a partner that the file does not have any more changes nothing.
    """
    found = dict(partners.all)
    for change in changes:
        partner = found.get(change.partner)
        if partner is None:
            continue
        try:
            value = read(change)
            if isinstance(value, Rotation):
                found[change.partner], problem = _rotated(partner, value, now, password)
                if problem:
                    failed(change, problem)
            else:
                found[change.partner] = _changed(partner, change.what, value)
        except (msgspec.MsgspecError, KeyError):
            failed(change, "is not known to this version of the program")
    return Partners.of(found)


def _rotated(partner: Partner, value: Rotation, now: datetime, password: Callable[[Path], bytes]) -> tuple[Partner, str]:
    """Give the partner with the new password, and what is wrong with that: then only the former one is left, for as long as it is good."""
    former, problem = partner.passwords if now < value.until else (), ""
    try:
        former = (password(Path(value.file)), *former)
    except Unfit as unfit:
        problem = str(unfit)
    return replace(partner, passwords=former), problem


def _changed(partner: Partner, what: str, value: State | Rate | Day | Connections | None) -> Partner:
    if isinstance(value, State):
        return replace(partner, state=value)
    if isinstance(value, Rate):
        return replace(partner, rate=value)
    if isinstance(value, Day):
        return replace(partner, day=value)
    if isinstance(value, Connections):
        return replace(partner, connections=value)
    if what == "rate":
        return replace(partner, rate=None)
    return replace(partner, day=None) if what == "day" else replace(partner, connections=None)
