"""One run of a reconciliation: both sides read, compared, judged and planned; nothing is changed by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway.cli.errors import UsageFailed
from gateway.cli.recon_sides import Changed, Gateway, Side, side_of_file, side_of_group, side_of_ismp
from gateway.recon.comparing import Difference, compare
from gateway.recon.files import Period
from gateway.recon.holdings import Holding, Right
from gateway.recon.judging import Cut, Judged, judge
from gateway.recon.planning import Plan, Reach, Trust, plan

NO_QUERY = "has no query that lists what it holds: give --files DIR"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared."""

    day: datetime
    """Midnight, China time."""
    right: Right
    code: str
    """One system of a kind, such as 303 of the X platforms; empty: all of them."""
    full: bool
    files: Path | None
    trust: Trust

    @property
    def period(self) -> Period:
        """The kind of file that tells of it."""
        return Period.MONTHLY if self.full else Period.DAILY


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found; `by_hand` says by place, from 1, why a difference has no repair."""

    asked: Asked
    sources: tuple[str, ...]
    compared: int
    """Rows of VSOP that were looked at."""
    judged: tuple[Judged, ...]
    untold: tuple[str, ...]
    """Users of whom the other side gave no answer: nothing of them was compared."""
    plan: Plan
    by_hand: dict[int, str]

    @property
    def differences(self) -> int:
        """How many differ; what is in flight is not among them."""
        return sum(not one.in_flight for one in self.judged)

    @property
    def agreed(self) -> bool:
        """Whether everything was compared and nothing differs."""
        return not self.differences and not self.untold


def reconcile(asked: Asked, gateway: Gateway, group: Gateway | None) -> Found:
    """Compare VSOP with one kind of system; exit 2 where the other side cannot be had, 3 where nobody answers."""
    changed = None if asked.full else gateway.changes(asked.day)
    judged: list[Judged] = []
    sources: list[str] = []
    untold: set[str] = set()
    compared = 0
    for carrier in _carriers(asked, gateway):
        side = _other_side(asked, carrier, gateway, group, changed)
        ours = [h for h in _ours(asked, carrier, gateway, side, changed) if h.held or h.key in side.rows or changed is not None]
        found = compare(ours, side.rows, daily=changed is not None and asked.files is not None)
        judged += _judged(asked, carrier, gateway, side, found)
        sources.append(side.source)
        untold |= side.untold
        compared += len(ours)
    about = gateway.about
    planned, by_hand = plan(judged, asked.right, asked.trust, Reach(about.archives, frozenset(about.national)), about.now)
    return Found(asked, tuple(sources), compared, tuple(judged), tuple(sorted(untold)), planned, by_hand)


def _carriers(asked: Asked, gateway: Gateway) -> list[str]:
    """List the systems to compare with; the kinds that there is one of have no name."""
    if asked.right not in (Right.XPLATFORM, Right.ISMP):
        return [""]
    kind = f"{asked.right}:"
    known = [carrier for carrier in gateway.about.carriers if carrier.startswith(kind)]
    chosen = [carrier for carrier in known if asked.code in ("", carrier.removeprefix(kind))]
    if not chosen:
        there = ", ".join(known) or "none"
        raise UsageFailed(f"{gateway.about.name} has products of no {asked.right} {asked.code}; there are: {there}")
    return chosen


def _other_side(asked: Asked, carrier: str, gateway: Gateway, group: Gateway | None, changed: Changed | None) -> Side:
    if asked.files is not None:
        return side_of_file(asked.files, asked.right, carrier, asked.period, asked.day)
    if asked.right is Right.ISMP:
        return side_of_ismp(gateway, carrier, changed)
    if asked.right is Right.GROUP and group is not None:
        return side_of_group(group, gateway.about.province, changed)
    raise UsageFailed(f"the contract of {carrier or asked.right} {NO_QUERY}")


def _ours(asked: Asked, carrier: str, gateway: Gateway, side: Side, changed: Changed | None) -> Iterator[Holding]:
    """Give VSOP's rows that are to be compared: all, or what changed on the day on either side."""
    for relation in gateway.relations():
        holding = relation.holding(asked.right, side.as_of)
        # What OCS charges a user for who pays otherwise by now is held all the same: it is never told as ended.
        charged = asked.right is Right.OCS and holding.key in side.rows
        if (not charged and not relation.concerns(asked.right, carrier)) or holding.number.digits in side.untold:
            continue
        if changed is None:
            yield holding
        elif asked.files is None:  # the other side tells of its present state, for the users that were asked for
            if holding.number.digits in changed.numbers:
                yield holding
        elif changed.has(holding) or holding.key in side.rows:
            yield holding


def _judged(asked: Asked, carrier: str, gateway: Gateway, side: Side, found: list[Difference]) -> list[Judged]:
    settle = timedelta(seconds=gateway.about.settle_seconds)
    day = (asked.day, asked.day + timedelta(days=1)) if asked.files is not None and not asked.full else None
    cut = Cut(side.as_of - settle, day, settle)
    keys = dict.fromkeys(key for difference in found for key in difference.keys)
    histories = gateway.histories(asked.right, [(key, carrier) for key in keys])
    return [judge(difference, histories, asked.right, cut) for difference in found]
