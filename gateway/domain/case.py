"""What the rules of authorisation look at: the case as it is asked, and the same sorted once, so that no rule searches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.catalogue import Catalogue, Product
from gateway.domain.order import Action, OrderItem
from gateway.domain.subscriber import Relation, RelationState, Subscriber


class Replacement(StrEnum):
    """What happens to a held product that a new one replaces."""

    REPLACE = "replace"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Case:
    """All that the rules look at."""

    catalogue: Catalogue
    user: Subscriber
    held: Sequence[Relation]
    items: Sequence[OrderItem]
    """What is asked for; an item may bear an action of its own."""
    at: datetime
    balance: int | None = None
    """Balance of a prepaid user in fen; None where it was not asked for."""

    @property
    def holds(self) -> dict[str, Relation]:
        """What the user holds, by product."""
        return held_at(self.held, self.at)


def held_at(relations: Iterable[Relation], at: datetime) -> dict[str, Relation]:
    """Give the relations that have neither ended nor expired, by product; suspended ones are held."""
    return {
        relation.product_id: relation
        for relation in relations
        if relation.state is not RelationState.ENDED and (relation.expires_at is None or relation.expires_at > at)
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """One item with what is asked for it, and its product."""

    item: OrderItem
    action: Action
    product: Product


@dataclass(frozen=True, slots=True)
class Situation:
    """A case sorted for the rules: what is held, what comes, what goes, and who minds whom."""

    case: Case
    by_crm: bool
    """Whether CRM asks, which may sell and end traditional bundles."""
    holds: Mapping[str, Relation]
    named: Mapping[str, int]
    """How often the items name a product."""
    replaced: Mapping[str, Relation]
    """What the user holds and gives up because a new product takes its place; what the items name themselves is not among it."""
    present: frozenset[str]
    """What the user will have: held and not going, or subscribed by an item."""
    excluded_by: Mapping[str, Sequence[str]]
    """For a product, what is present and excludes it."""
    needed_by: Mapping[str, Sequence[str]]
    """For a product, what is held, is not going and requires it."""


def sort_out(case: Case, asked: Sequence[Asked], replacement: Replacement, *, by_crm: bool) -> Situation:
    """Sort a case; its cost grows with the number of items and of relations, not with their product."""
    products, holds = case.catalogue.products, case.holds
    named = Counter(item.product_id for item in case.items)
    joining = [each for each in asked if each.action is Action.SUBSCRIBE]
    leaving = {each.product.id for each in asked if each.action is Action.UNSUBSCRIBE}
    replaced = {
        other: holds[other]
        for each in joining
        if replacement is Replacement.REPLACE
        for other in each.product.replaces
        if other in holds and other not in named and other in products
    }
    staying = [product_id for product_id in holds if product_id not in leaving and product_id not in replaced]
    present = dict.fromkeys([*staying, *(each.product.id for each in joining)])
    known = {product_id: products[product_id] for product_id in present if product_id in products}
    return Situation(
        case, by_crm, holds, named, replaced, frozenset(present),
        excluded_by=_turned_round((product_id, product.excludes) for product_id, product in known.items()),
        needed_by=_turned_round((product_id, known[product_id].requires) for product_id in staying if product_id in known),
    )  # fmt: skip


def _turned_round(pairs: Iterable[tuple[str, Sequence[str]]]) -> dict[str, list[str]]:
    """Turn "A names B and C" into "B is named by A, C is named by A"."""
    found: dict[str, list[str]] = {}
    for one, others in pairs:
        for other in others:
            found.setdefault(other, []).append(one)
    return found
