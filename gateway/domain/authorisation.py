"""The numbered rules that decide whether an order is taken (订购鉴权); pure, all reasons collected, product by product.

Numbers are the field's own and stand in OPResult: 1 product, 2 partner, 3 user, 4 capability, 5 fee, 6 exclusion, 7 dependency,
8 replacement, 9 depended on, 10 bundle, 11 duplicate, 12 network. Rules 4, 7, 8 and 12 come with
the bundles; rule 5 is the fee check, a step after acceptance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.catalogue import Catalogue, OfferType, Status
from gateway.domain.order import Action, OrderItem
from gateway.domain.subscriber import Relation, RelationState, Subscriber, UserState
from gateway.errors import (
    ALREADY_SUBSCRIBED,
    BUNDLE_BY_CRM,
    DEPENDED_ON,
    EXCLUSIVE,
    NOT_SUBSCRIBED,
    OFFER_NOT_OPEN,
    PARTNER_NOT_OPEN,
    PRODUCT_NOT_OPEN,
    PRODUCT_TWICE,
    USER_NOT_ACTIVE,
    Result,
)


class Replacement(StrEnum):
    """What happens to a held product that a new one replaces."""

    REPLACE = "replace"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rules are applied, in which order, to which act; a province's own, from its configuration."""

    subscribe: tuple[int, ...] = (1, 2, 3, 4, 6, 7, 8, 11, 12)
    unsubscribe: tuple[int, ...] = (1, 9, 10, 11)
    counter: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 11, 12)
    """For CRM's questions about what it sells."""
    counter_unsubscribe: tuple[int, ...] = (1,)
    replacement: Replacement = Replacement.REPLACE


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one product of an order is refused: rule number, result code, and what it is about."""

    rule: int
    offer_id: str
    product_id: str
    result: Result
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """All that the rules look at."""

    catalogue: Catalogue
    user: Subscriber
    held: Sequence[Relation]
    items: Sequence[OrderItem]
    at: datetime

    @property
    def holds(self) -> dict[str, Relation]:
        """What the user holds, by product: neither ended nor expired."""
        return {
            r.product_id: r
            for r in self.held
            if r.state is not RelationState.ENDED and (r.expires_at is None or r.expires_at > self.at)
        }


Verdict = tuple[Result, str]
Rule = Callable[[Case, OrderItem], Verdict | None]


def authorise(action: Action, case: Case) -> list[Reason]:
    """Apply the rules of an action to every product; an empty list grants the order."""
    rules = SUBSCRIBE_RULES if action is Action.SUBSCRIBE else UNSUBSCRIBE_RULES
    reasons: list[Reason] = []
    for item in case.items:
        for number, rule in rules.items():
            verdict = rule(case, item)
            if verdict is not None:
                reasons.append(Reason(number, item.offer_id, item.product_id, *verdict))
    return reasons


def _open_to_subscribe(case: Case, item: OrderItem) -> Verdict | None:
    if not case.catalogue.offers[item.offer_id].status.can_subscribe:
        return OFFER_NOT_OPEN, item.offer_id
    return (
        None if case.catalogue.products[item.product_id].status.can_subscribe else (PRODUCT_NOT_OPEN, item.product_id)
    )


def _open_to_unsubscribe(case: Case, item: OrderItem) -> Verdict | None:
    return (
        None if case.catalogue.products[item.product_id].status.can_unsubscribe else (PRODUCT_NOT_OPEN, item.product_id)
    )


def _partner_open(case: Case, item: OrderItem) -> Verdict | None:
    partner = case.catalogue.partners.get(case.catalogue.products[item.product_id].sp)
    open_now = partner is not None and partner.status is Status.NORMAL
    return None if open_now else (PARTNER_NOT_OPEN, case.catalogue.products[item.product_id].sp)


def _user_active(case: Case, item: OrderItem) -> Verdict | None:
    return None if case.user.state is UserState.ACTIVE else (USER_NOT_ACTIVE, case.user.state)


def _exclusive(case: Case, item: OrderItem) -> Verdict | None:
    """Either direction excludes, against what is held and against the rest of the order."""
    mine = case.catalogue.products[item.product_id]
    others = [i.product_id for i in case.items if i is not item]
    for other_id in dict.fromkeys([*case.holds, *others]):
        other = case.catalogue.products.get(other_id)
        if other_id in mine.excludes or (other is not None and item.product_id in other.excludes):
            return EXCLUSIVE, other_id
    return None


def _duplicate(case: Case, item: OrderItem) -> Verdict | None:
    if sum(i.product_id == item.product_id for i in case.items) > 1:
        return PRODUCT_TWICE, item.product_id
    return (ALREADY_SUBSCRIBED, item.product_id) if item.product_id in case.holds else None


def _depended_on(case: Case, item: OrderItem) -> Verdict | None:
    leaving = {i.product_id for i in case.items}
    for other_id in case.holds:
        other = case.catalogue.products.get(other_id)
        if other_id not in leaving and other is not None and item.product_id in other.requires:
            return DEPENDED_ON, other_id
    return None


def _bundled(case: Case, item: OrderItem) -> Verdict | None:
    relation = case.holds.get(item.product_id)
    bundled = relation is not None and relation.offer_type is OfferType.TRADITIONAL_BUNDLE
    return (BUNDLE_BY_CRM, item.product_id) if bundled else None


def _held(case: Case, item: OrderItem) -> Verdict | None:
    if sum(i.product_id == item.product_id for i in case.items) > 1:
        return PRODUCT_TWICE, item.product_id
    return None if item.product_id in case.holds else (NOT_SUBSCRIBED, item.product_id)


SUBSCRIBE_RULES: dict[int, Rule] = {
    1: _open_to_subscribe,
    2: _partner_open,
    3: _user_active,
    6: _exclusive,
    11: _duplicate,
}
UNSUBSCRIBE_RULES: dict[int, Rule] = {1: _open_to_unsubscribe, 9: _depended_on, 10: _bundled, 11: _held}
