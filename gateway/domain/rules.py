"""The twelve numbered rules of authorisation (订购鉴权), each for the acts that it has something to say about.

A rule gives its objections to one item, none where it is content. It knows nothing of the other rules, and nothing of which rules
a province applies: that is the policy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.case import Asked, Situation
from gateway.domain.catalogue import OfferType, Scope, Status
from gateway.domain.order import Action
from gateway.domain.subscriber import PayType, RelationState, UserState
from gateway.errors import (
    ALREADY_SUBSCRIBED,
    BUNDLE_BY_CRM,
    DEPENDED_ON,
    EXCLUSIVE,
    LACKS_CAPABILITY,
    NO_BALANCE,
    NOT_SUBSCRIBED,
    OFFER_NOT_OPEN,
    PARTNER_NOT_OPEN,
    PRODUCT_NOT_OPEN,
    PRODUCT_TWICE,
    REQUIRED_MISSING,
    USER_NOT_ACTIVE,
    WILL_REPLACE,
    WRONG_NETWORK,
    WRONG_RELATION_STATE,
    Result,
)

KEPT = -1
"""OPResult of what an unsubscribe-all leaves as it is."""

REPLACES = -2
"""OPResult of what goes on if the user agrees that a held product is replaced."""

PHS = "002"
"""Access product of PHS (小灵通)."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What a rule has against an item; `warning`, below zero, stands for the rule's number where the user may confirm it."""

    result: Result
    detail: str
    warning: int | None = None


Objections = Sequence[Objection]
Rule = Callable[[Situation, Asked], Objections]
CONTENT: Objections = ()


def _on_sale(s: Situation, asked: Asked) -> Objections:
    """Rule 1: offer and product are published. An offer that no catalogue knows is the caller's matter."""
    offer = s.case.catalogue.offers.get(asked.item.offer_id)
    found = [Objection(OFFER_NOT_OPEN, offer.id)] if offer is not None and not offer.status.can_subscribe else []
    if not asked.product.status.can_subscribe:
        found.append(Objection(PRODUCT_NOT_OPEN, asked.product.id))
    return found


def _in_use(s: Situation, asked: Asked) -> Objections:
    """Rule 1 for what is held: the product is not cancelled, and was published once."""
    return CONTENT if asked.product.status.can_unsubscribe else (Objection(PRODUCT_NOT_OPEN, asked.product.id),)


def _partner_open(s: Situation, asked: Asked) -> Objections:
    """Rule 2: the content partner is in service."""
    partner = s.case.catalogue.partners.get(asked.product.sp)
    open_now = partner is not None and partner.status is Status.NORMAL
    return CONTENT if open_now else (Objection(PARTNER_NOT_OPEN, asked.product.sp),)


def _user_active(s: Situation, asked: Asked) -> Objections:
    """Rule 3: the user is active."""
    state = s.case.user.state
    return CONTENT if state is UserState.ACTIVE else (Objection(USER_NOT_ACTIVE, state),)


def _capable(s: Situation, asked: Asked) -> Objections:
    """Rule 4: the user has every capability that the product needs."""
    has = s.case.user.capabilities
    return [Objection(LACKS_CAPABILITY, needed) for needed in asked.product.capabilities if needed not in has]


def _solvent(s: Situation, asked: Asked) -> Objections:
    """Rule 5: a prepaid user has money; a balance that nobody asked for is not judged here."""
    balance = s.case.balance
    empty = s.case.user.pay is PayType.PREPAID and balance is not None and balance <= 0
    return (Objection(NO_BALANCE, ""),) if empty else CONTENT


def _exclusive(s: Situation, asked: Asked) -> Objections:
    """Rule 6: nothing that the user will have excludes it, in either direction; what goes with this order is no hindrance."""
    mine = asked.product
    others = dict.fromkeys(s.excluded_by.get(mine.id, ()))
    others.update((other, None) for other in mine.excludes if other in s.present)
    return [Objection(EXCLUSIVE, other) for other in others if other != mine.id]


def _dependent(s: Situation, asked: Asked) -> Objections:
    """Rule 7: each product that it requires is held and stays, or comes with this order."""
    return [Objection(REQUIRED_MISSING, other) for other in asked.product.requires if other not in s.present]


def _replacing(s: Situation, asked: Asked) -> Objections:
    """Rule 8: a held product that this one takes the place of goes, if the user agrees, and if it may go.

    It may not where the province refuses replacements, where it is part of a traditional bundle and CRM is not the one who asks, or
    where something that stays requires it. What the order names itself is not replaced: other rules judge that.
    """
    found: list[Objection] = []
    for other in asked.product.replaces:
        relation = s.holds.get(other)
        if relation is None or other in s.named:
            continue
        if other not in s.replaced:
            found.append(Objection(WILL_REPLACE, other))
        elif relation.offer_type is OfferType.TRADITIONAL_BUNDLE and not s.by_crm:
            found.append(Objection(BUNDLE_BY_CRM, other))
        elif other in s.needed_by:
            found += [Objection(DEPENDED_ON, f"{other} ({dependent})") for dependent in s.needed_by[other]]
        else:
            found.append(Objection(WILL_REPLACE, other, REPLACES))
    return found


def _depended_on(s: Situation, asked: Asked) -> Objections:
    """Rule 9: nothing that stays requires it."""
    return [Objection(DEPENDED_ON, other) for other in s.needed_by.get(asked.product.id, ())]


def _bundled(s: Situation, asked: Asked) -> Objections:
    """Rule 10: what belongs to a traditional bundle is ended by CRM alone."""
    relation = s.holds.get(asked.product.id)
    bundled = relation is not None and relation.offer_type is OfferType.TRADITIONAL_BUNDLE
    return (Objection(BUNDLE_BY_CRM, asked.product.id),) if bundled and not s.by_crm else CONTENT


def _duplicate(s: Situation, asked: Asked) -> Objections:
    """Rule 11: named once, and not held; what is held alone may still join a traditional bundle."""
    product_id = asked.product.id
    relation = s.holds.get(product_id)
    if s.named[product_id] > 1:
        return (Objection(PRODUCT_TWICE, product_id),)
    if relation is None:
        return CONTENT
    joins = relation.offer_type is OfferType.PURE and asked.item.offer_type is OfferType.TRADITIONAL_BUNDLE
    return CONTENT if joins else (Objection(ALREADY_SUBSCRIBED, product_id),)


def _held_in(*states: RelationState) -> Rule:
    """Make rule 11 for what is held: named once, held, and in one of these states."""

    def held(s: Situation, asked: Asked) -> Objections:
        product_id = asked.product.id
        relation = s.holds.get(product_id)
        if s.named[product_id] > 1:
            return (Objection(PRODUCT_TWICE, product_id),)
        if relation is None:
            return (Objection(NOT_SUBSCRIBED, product_id),)
        return CONTENT if relation.state in states else (Objection(WRONG_RELATION_STATE, relation.state),)

    return held


def _fitting_network(s: Situation, asked: Asked) -> Objections:
    """Rule 12: the product works on the user's access product; a PHS user takes no national product."""
    product, spec = asked.product, s.case.user.spec
    fits = (not product.specs or spec in product.specs) and not (spec == PHS and product.scope is Scope.NATIONAL)
    return CONTENT if fits else (Objection(WRONG_NETWORK, spec),)


RULES: Mapping[Action, Mapping[int, Rule]] = {
    Action.SUBSCRIBE: {
        1: _on_sale, 2: _partner_open, 3: _user_active, 4: _capable, 5: _solvent, 6: _exclusive, 7: _dependent, 8: _replacing,
        11: _duplicate, 12: _fitting_network,
    },
    Action.UNSUBSCRIBE: {
        1: _in_use, 2: _partner_open, 3: _user_active, 9: _depended_on, 10: _bundled,
        11: _held_in(RelationState.ACTIVE, RelationState.SUSPENDED, RelationState.STOPPED),
    },
    Action.SUSPEND: {1: _in_use, 2: _partner_open, 3: _user_active, 11: _held_in(RelationState.ACTIVE)},
    Action.RESUME: {1: _in_use, 2: _partner_open, 3: _user_active, 11: _held_in(RelationState.SUSPENDED)},
}  # fmt: skip
"""By act and number. A policy may name a number that an act does not have: that rule is then content."""
