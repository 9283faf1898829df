"""Compares two sides: what only VSOP has, what only the other has, and what differs (the field's classes 0, 1 and 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from gateway.domain.numbers import Number
from gateway.recon.holdings import Holding, Key


class Kind(IntEnum):
    """The field's class of a difference."""

    EXTRA = 0
    """VSOP has it, the other side does not."""
    MISSING = 1
    """The other side has it, VSOP does not."""
    DIFFERENT = 2
    """Both have something for this user, and not the same."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One user's product on which the sides do not agree; a side that never heard of it is None, one where it ended says so."""

    kind: Kind
    field: str
    """What differs: presence, status, offer or product."""
    ours: Holding | None
    theirs: Holding | None

    @property
    def number(self) -> Number:
        """The user."""
        return self._either.number

    @property
    def product_id(self) -> str:
        """VSOP's product where it has one, else the other side's."""
        return self._either.product_id

    @property
    def keys(self) -> tuple[Key, ...]:
        """The one or two (number, product) that it is about."""
        return tuple(dict.fromkeys(side.key for side in (self.ours, self.theirs) if side is not None))

    @property
    def _either(self) -> Holding:
        either = self.ours or self.theirs
        assert either is not None
        return either


def compare(ours: Iterable[Holding], theirs: Mapping[Key, Holding], *, daily: bool = False) -> list[Difference]:
    """Give every difference, by number and product.

    `ours` may be a stream: only the other side is held in memory. A product that one side ended and the other never had is no
    difference. With `daily` both sides tell what changed in a day: what ended here, and there is not told of, is one.
    """
    left_over = dict(theirs)
    found: list[Difference] = []
    for one in ours:
        difference = _differ(one, left_over.pop(one.key, None), daily=daily)
        if difference is not None:
            found.append(difference)
    found += [Difference(Kind.MISSING, "presence", None, other) for other in left_over.values() if other.held]
    return sorted(_paired(found), key=lambda d: (d.number.digits, d.product_id))


def _differ(one: Holding, other: Holding | None, *, daily: bool) -> Difference | None:
    if not one.held:
        still_there = daily if other is None else other.held
        return Difference(Kind.MISSING, "presence", one, other) if still_there else None
    if other is None or not other.held:
        return Difference(Kind.EXTRA, "presence", one, other)
    if one.standing is not other.standing:
        return Difference(Kind.DIFFERENT, "status", one, other)
    if one.offer_id and other.offer_id and one.offer_id != other.offer_id:
        return Difference(Kind.DIFFERENT, "offer", one, other)
    return None


def _paired(found: list[Difference]) -> list[Difference]:
    """Join what VSOP alone and what the other alone has of one user, where it must be one product taken for another.

    That is so under one offer, or where each side has exactly one such product.
    """
    users: defaultdict[str, list[Difference]] = defaultdict(list)
    for difference in found:
        users[difference.number.digits].append(difference)
    return [one for differences in users.values() for one in _of_user(differences)]


def _of_user(differences: list[Difference]) -> list[Difference]:
    extra = [d for d in differences if d.kind is Kind.EXTRA]
    missing = [d for d in differences if d.kind is Kind.MISSING and d.theirs is not None]
    pairs: list[tuple[Difference, Difference]] = []
    for mine in extra:
        fits = [d for d in missing if _one_for_another(mine, d, alone=len(extra) == len(missing) == 1)]
        if len(fits) == 1:
            pairs.append((mine, fits[0]))
            missing.remove(fits[0])
    joined = {id(one) for pair in pairs for one in pair}
    wrong = [Difference(Kind.DIFFERENT, "product", mine.ours, theirs.theirs) for mine, theirs in pairs]
    return [d for d in differences if id(d) not in joined] + wrong


def _one_for_another(mine: Difference, theirs: Difference, *, alone: bool) -> bool:
    assert mine.ours is not None
    assert theirs.theirs is not None
    same_offer = bool(theirs.theirs.offer_id) and theirs.theirs.offer_id == mine.ours.offer_id
    return same_offer or alone
