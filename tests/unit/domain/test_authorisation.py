"""Authorisation: which rules are asked and in which order, what a decision says, and what an unsubscribe-all ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import NOON
from shelf import case, catalogue, item, product, relation

from gateway.domain.authorisation import Case, Decision, Policy, Reason, authorise, authorise_counter, endable
from gateway.domain.catalogue import OfferType, Status
from gateway.domain.order import Action
from gateway.domain.subscriber import RelationState, UserState
from gateway.errors import (
    ALREADY_SUBSCRIBED,
    DEPENDED_ON,
    EXCLUSIVE,
    IN_BUNDLE,
    NOT_SUBSCRIBED,
    PRODUCT_NOT_OPEN,
    UNKNOWN_PRODUCT,
    USER_NOT_ACTIVE,
    WILL_REPLACE,
)

SHOP = catalogue(
    product("A"), product("B", excludes=("A",)), product("C", requires=("A",)), product("D"),
    product("N", replaces=("A", "D")), product("Q", requires=("C",)),
    product("S", status=Status.SUSPENDED), product("T", status=Status.TEST),
)  # fmt: skip
TRADITIONAL = OfferType.TRADITIONAL_BUNDLE


def rules(decision: Decision):
    """What was objected, as (OPResult, product, result)."""
    return [(r.rule, r.product_id, r.result) for r in decision.reasons]


def subscribe(judged: Case, policy=Policy()) -> Decision:  # noqa: B008  a frozen value
    return authorise(Action.SUBSCRIBE, judged, policy)


def test_all_reasons_are_collected():
    """One refusal hides no other: every rule is asked about every product."""
    judged = case(SHOP, "S", "B", held=["A", "B"], state=UserState.STOPPED)
    assert rules(subscribe(judged)) == [
        (1, "S", PRODUCT_NOT_OPEN),
        (3, "S", USER_NOT_ACTIVE),
        (3, "B", USER_NOT_ACTIVE),
        (6, "B", EXCLUSIVE),
        (11, "B", ALREADY_SUBSCRIBED),
    ]


def test_policy_orders_the_rules():
    """The first reason is the one of the rule that the province puts first."""
    judged = case(SHOP, "B", held=["A", "B"], state=UserState.STOPPED)
    found = subscribe(judged, Policy(subscribe=(11, 6, 3)))
    assert [r.rule for r in found.reasons] == [11, 6, 3]


def test_policy_leaves_rules_out():
    """A rule that a province does not name is not asked."""
    judged = case(SHOP, "B", held=["A", "B"], state=UserState.STOPPED)
    assert subscribe(judged, Policy(subscribe=(1, 2))).reasons == ()


def test_rule_of_another_act_is_content():
    """A policy may name every number everywhere: 9 and 10 have nothing to say about a subscription."""
    judged = case(SHOP, "A", held=["C"])
    assert subscribe(judged, Policy(subscribe=tuple(range(1, 13)))).reasons == ()


def test_reason_says_what_it_is_about():
    """The detail of an exclusion is the other product."""
    assert subscribe(case(SHOP, "B", held=["A"])).reasons == (Reason(6, "B", "B", EXCLUSIVE, "A"),)


DECISIONS = {
    "pass": (case(SHOP, "A"), (False, False)),
    "pass when confirmed": (case(SHOP, "N", held=["A"]), (False, True)),
    "refused": (case(SHOP, "B", held=["A"]), (True, False)),
    "refused in spite of a warning": (case(SHOP, "N", "B", held=["A", "B"]), (True, False)),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_three_outcomes(name):
    """Seed 3.2.1 step 2: nothing against it passes, warnings alone need the user, any other reason refuses."""
    judged, expected = DECISIONS[name]
    found = subscribe(judged)
    assert (found.refused, found.needs_confirmation) == expected


def test_blocking_reasons():
    """Warnings are not among them; the order is kept."""
    found = subscribe(case(SHOP, "N", "S", "B", held=["A", "B"]))
    assert [(r.rule, r.product_id) for r in found.blocking] == [(1, "S"), (11, "B")]


def test_what_the_order_ends():
    """The relations that a new product replaces, each once, for the order to end."""
    held = [relation("A"), relation("C", RelationState.ENDED), relation("D", RelationState.SUSPENDED)]
    assert subscribe(case(SHOP, "N", held=held)).replaced == (held[0], held[2])


def test_what_the_order_names_is_not_ended_behind_its_back():
    """A held product that joins a bundle together with the one that replaces it stays."""
    bundle = [item(p, offer_type=TRADITIONAL) for p in ("N", "A")]
    assert subscribe(case(SHOP, *bundle, held=["A"])) == Decision()


def test_replacement_does_not_depend_on_rule_8():
    """The rule only tells of it: without it the user is not asked, and the rest is judged alike."""
    judged = case(SHOP, "N", "B", held=["A"])
    silent, telling = subscribe(judged, Policy(subscribe=(6,))), subscribe(judged, Policy(subscribe=(6, 8)))
    assert (silent.reasons, silent.replaced, rules(telling)) == ((), telling.replaced, [(-2, "N", WILL_REPLACE)])


def test_item_is_judged_by_its_own_act():
    """An order may end one product and begin another; each has the rules of its act."""
    judged = case(SHOP, "B", item("A", Action.UNSUBSCRIBE), item("D", Action.UNSUBSCRIBE), held=["A"])
    assert rules(subscribe(judged)) == [(11, "D", NOT_SUBSCRIBED)]


def test_counter_judges_what_it_sells_and_what_it_ends():
    """CRM's items are subscriptions unless they say otherwise, each by the counter's list for its act."""
    judged = case(SHOP, "S", item("T", Action.UNSUBSCRIBE), item("C", Action.UNSUBSCRIBE), state=UserState.STOPPED)
    found = authorise_counter(judged, Policy(counter=(3,), counter_unsubscribe=(1,)))
    assert rules(found) == [(3, "S", USER_NOT_ACTIVE), (1, "T", PRODUCT_NOT_OPEN)]


def test_unknown_product_is_refused_by_any_policy():
    """Nothing can be judged of it, so no list of rules lets it pass."""
    found = subscribe(case(SHOP, "gone", "A", held=["gone"]), Policy(subscribe=()))
    assert rules(found) == [(1, "gone", UNKNOWN_PRODUCT)]


# ---- unsubscribe-all ---------------------------------------------------------------------------------------------------


def sorted_out(*held, by_crm=False):
    """What ends, and what is kept as (OPResult, product, result, detail)."""
    relations = [relation(h) if isinstance(h, str) else h for h in held]
    ends, kept = endable(SHOP, relations, NOON, by_crm=by_crm)
    return [r.product_id for r in ends], [(r.rule, r.product_id, r.result, r.detail) for r in kept]


HELD = {
    "nothing": ((), ([], [])),
    "all of it, also what is suspended or not on sale": (
        ("A", relation("D", RelationState.SUSPENDED), "S"), (["A", "D", "S"], []),
    ),
    "what has ended is over": (("A", relation("D", RelationState.ENDED)), (["A"], [])),
    "what has expired too": (("A", replace(relation("D"), expires_at=NOON)), (["A"], [])),
    "what others depend on goes with them": (("A", "C"), (["A", "C"], [])),
    "a VAS bundle ends": ((relation("A", offer_type=OfferType.VAS_BUNDLE),), (["A"], [])),
    "a traditional bundle stays": (
        ("D", relation("A", offer_type=TRADITIONAL)), (["D"], [(-1, "A", IN_BUNDLE, "A")]),
    ),
    "what a product of a bundle requires stays": (
        ("A", "D", relation("C", offer_type=TRADITIONAL)),
        (["D"], [(-1, "C", IN_BUNDLE, "C"), (-1, "A", DEPENDED_ON, "C")]),
    ),
    "and what that one requires": (
        ("A", "C", relation("Q", offer_type=TRADITIONAL)),
        ([], [(-1, "Q", IN_BUNDLE, "Q"), (-1, "C", DEPENDED_ON, "Q"), (-1, "A", DEPENDED_ON, "C")]),
    ),
    "a product in test stays": (("A", "T"), (["A"], [(-1, "T", PRODUCT_NOT_OPEN, "T")])),
    "what no catalogue knows stays": (("A", "gone"), (["A"], [(-1, "gone", UNKNOWN_PRODUCT, "gone")])),
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_unsubscribe_all(name):
    """Everything that can be ended is; what stays is named with its reason, below zero."""
    held, expected = HELD[name]
    assert sorted_out(*held) == expected


def test_crm_ends_bundles_too():
    """Traditional bundles are CRM's to end."""
    assert sorted_out("A", relation("C", offer_type=TRADITIONAL), by_crm=True) == (["A", "C"], [])
