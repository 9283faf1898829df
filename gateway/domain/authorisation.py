"""Decides whether an order is taken (订购鉴权): the rules that a province applies, product by product, all reasons collected; pure.

Numbers are the field's own and stand in OPResult: 1 product, 2 partner, 3 user, 4 capability, 5 fee, 6 exclusion, 7 dependency,
8 replacement, 9 depended on, 10 bundle, 11 duplicate, 12 network. Below zero they do not refuse: -2 the user is asked whether a held
product may be replaced, -1 left as it is by an unsubscribe-all. The rules themselves are in rules.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.case import Asked, Case, Replacement, held_at, sort_out
from gateway.domain.catalogue import Catalogue, OfferType
from gateway.domain.order import Action
from gateway.domain.rules import KEPT, RULES
from gateway.domain.subscriber import Relation
from gateway.errors import DEPENDED_ON, IN_BUNDLE, PRODUCT_NOT_OPEN, UNKNOWN_PRODUCT, Result

__all__ = ["Case", "Decision", "Policy", "Reason", "Replacement", "authorise", "authorise_counter", "endable"]


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rules are applied, in which order, to which act; a province's own, from its configuration."""

    subscribe: tuple[int, ...] = (1, 2, 3, 4, 6, 7, 8, 11, 12)
    unsubscribe: tuple[int, ...] = (1, 9, 10, 11)
    """Also for suspending and resuming."""
    counter: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 11, 12)
    """For CRM's questions about what it sells."""
    counter_unsubscribe: tuple[int, ...] = (1,)
    replacement: Replacement = Replacement.REPLACE
    """What happens to a held product that a new one replaces, whether or not rule 8 is applied, which only tells of it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What stands against one product of an order: OPResult, result code, and what it is about."""

    rule: int
    """Number of the rule; below zero where the order is taken all the same."""
    offer_id: str
    product_id: str
    result: Result
    detail: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it refuses the order."""
        return self.rule > 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of an order: pass without reasons, pass when the user confirms with warnings alone, refused otherwise."""

    reasons: tuple[Reason, ...] = ()
    """All of them, by item, then as the policy orders its rules; products that no catalogue knows come first."""
    replaced: tuple[Relation, ...] = ()
    """What the user holds and the order ends, because a new product takes its place."""

    @property
    def blocking(self) -> tuple[Reason, ...]:
        """The reasons that refuse it."""
        return tuple(reason for reason in self.reasons if reason.blocks)

    @property
    def refused(self) -> bool:
        """Whether anything refuses it."""
        return any(reason.blocks for reason in self.reasons)

    @property
    def needs_confirmation(self) -> bool:
        """Whether the user has to agree to something first."""
        return bool(self.reasons) and not self.refused


def authorise(action: Action, case: Case, policy: Policy) -> Decision:
    """Judge a channel's order; an item with an action of its own is judged by the rules of that one."""
    rules = dict.fromkeys(Action, policy.unsubscribe) | {Action.SUBSCRIBE: policy.subscribe}
    return _decide(action, case, rules, policy.replacement, by_crm=False)


def authorise_counter(case: Case, policy: Policy) -> Decision:
    """Judge what CRM asks for one user: its items are subscriptions but where they say otherwise."""
    rules = dict.fromkeys(Action, policy.counter_unsubscribe) | {Action.SUBSCRIBE: policy.counter}
    return _decide(Action.SUBSCRIBE, case, rules, policy.replacement, by_crm=True)


def _decide(
    action: Action, case: Case, numbers: Mapping[Action, tuple[int, ...]], replacement: Replacement, *, by_crm: bool
) -> Decision:
    products = case.catalogue.products
    asked = [
        Asked(item, item.action or action, products[item.product_id])
        for item in case.items
        if item.product_id in products
    ]
    # Nothing can be judged of a product that no catalogue knows: no policy lets it pass.
    reasons = [
        Reason(1, item.offer_id, item.product_id, UNKNOWN_PRODUCT, item.product_id)
        for item in case.items
        if item.product_id not in products
    ]
    situation = sort_out(case, asked, replacement, by_crm=by_crm)
    rules = {act: [(n, RULES[act][n]) for n in numbers[act] if n in RULES[act]] for act in {a.action for a in asked}}
    for each in asked:
        for number, rule in rules[each.action]:
            for objection in rule(situation, each):
                opresult = number if objection.warning is None else objection.warning
                reasons.append(
                    Reason(opresult, each.item.offer_id, each.product.id, objection.result, objection.detail)
                )
    return Decision(tuple(reasons), tuple(situation.replaced.values()))


def endable(
    catalogue: Catalogue, held: Iterable[Relation], at: datetime, *, by_crm: bool = False
) -> tuple[list[Relation], list[Reason]]:
    """Sort what a user holds into what an unsubscribe-all ends, and what it leaves as it is (OPResult -1).

    Left are products of traditional bundles, unless CRM asks; products in a state in which nothing of them can be ended; and what one
    of those requires.
    """
    holds = held_at(held, at)
    kept: dict[str, Reason] = {}
    for product_id, relation in holds.items():
        result = _hindrance(catalogue, relation, by_crm=by_crm)
        if result is not None:
            kept[product_id] = Reason(KEPT, relation.offer_id, product_id, result, product_id)
    unseen = [catalogue.products[product_id] for product_id in kept if product_id in catalogue.products]
    while unseen:
        product = unseen.pop()
        for needed in product.requires:
            if needed in holds and needed not in kept:
                kept[needed] = Reason(KEPT, holds[needed].offer_id, needed, DEPENDED_ON, product.id)
                unseen.append(catalogue.products[needed])  # known, or it would be among the kept already
    return [relation for product_id, relation in holds.items() if product_id not in kept], list(kept.values())


def _hindrance(catalogue: Catalogue, relation: Relation, *, by_crm: bool) -> Result | None:
    product = catalogue.products.get(relation.product_id)
    if product is None:
        return UNKNOWN_PRODUCT
    if relation.offer_type is OfferType.TRADITIONAL_BUNDLE and not by_crm:
        return IN_BUNDLE
    return None if product.status.can_unsubscribe else PRODUCT_NOT_OPEN
