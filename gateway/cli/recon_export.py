"""Writes VSOP's side as the field's files: the changes of a day, or all that stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway.cli.errors import UsageFailed
from gateway.cli.recon_apply import write_private
from gateway.cli.recon_sides import Gateway, exported_head
from gateway.domain.party import BILLING, GROUP_VSOP, OCS
from gateway.recon.files import Period, date_of, write_files
from gateway.recon.holdings import Holding, Right
from gateway.vocabulary import system_of

_OTHERS = {Right.OCS: OCS, Right.BILLING: BILLING, Right.GROUP: GROUP_VSOP}


def export_files(gateway: Gateway, right: Right, code: str, period: Period, day: datetime, out: Path) -> Iterator[Path]:
    """Write the files for every system of a kind, or for the one of that code; gives where they stand."""
    head = exported_head(right, gateway.about, period, date_of(period, day))
    for carrier, system in _receivers(gateway, right, code):
        rows = _rows(gateway, right, carrier, code if right is Right.GROUP else "", period, day)
        directory = out / system
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageFailed(f"{directory}: cannot be made ({error.strerror})") from None
        for name, content in write_files(head, rows):
            write_private(directory / name, content)
            yield directory / name


def _receivers(gateway: Gateway, right: Right, code: str) -> list[tuple[str, str]]:
    """List (party that is compared, system code whose directory it is)."""
    if right in _OTHERS:
        return [("", code or system_of(_OTHERS[right]))]
    kind = f"{right}:"
    known = [carrier for carrier in gateway.about.carriers if carrier.startswith(kind)]
    chosen = [(carrier, carrier.removeprefix(kind)) for carrier in known if code in ("", carrier.removeprefix(kind))]
    if not chosen:
        raise UsageFailed(f"{gateway.about.name} has products of no {right} {code}; there are: {', '.join(known) or 'none'}")
    return chosen


def _rows(gateway: Gateway, right: Right, carrier: str, province: str, period: Period, day: datetime) -> list[Holding]:
    changed = gateway.changes(day) if period is Period.DAILY else None
    concerned = (
        relation.holding(right, gateway.about.now)
        for relation in gateway.relations()
        if relation.concerns(right, carrier) and province in ("", relation.province)
    )
    return [row for row in concerned if (row.held if changed is None else changed.has(row))]
