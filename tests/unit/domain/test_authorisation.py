"""Authorisation: each rule where it refuses and where it does not, and what holds for any catalogue, user and order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from playbook import NOON
from shelf import case, catalogue, item, product, relation, user

from gateway.domain.authorisation import SUBSCRIBE_RULES, UNSUBSCRIBE_RULES, Case, Reason, authorise
from gateway.domain.catalogue import Catalogue, OfferType, Status
from gateway.domain.order import Action
from gateway.domain.subscriber import RelationState, UserState
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
)

SHOP = catalogue(
    product("A"), product("B", excludes=("A",)), product("C", requires=("A",)), product("D"),
    product("S", status=Status.SUSPENDED), product("T", status=Status.TEST),
)  # fmt: skip
CLOSED = catalogue(product("A"), offer_status=Status.APPLIED)
SUSPENDED = catalogue(product("A"), partner_status=Status.SUSPENDED)
NOBODYS = replace(SHOP, partners={})


def rules(action, judged: Case):
    """What was refused, as (rule, product, result)."""
    return [(r.rule, r.product_id, r.result) for r in authorise(action, judged)]


SUBSCRIPTIONS = {
    "open product": (case(SHOP, "A"), []),
    "1 suspended product": (case(SHOP, "S"), [(1, "S", PRODUCT_NOT_OPEN)]),
    "1 product in test": (case(SHOP, "T"), [(1, "T", PRODUCT_NOT_OPEN)]),
    "1 offer that is not open": (case(CLOSED, "A"), [(1, "A", OFFER_NOT_OPEN)]),
    "2 suspended content partner": (case(SUSPENDED, "A"), [(2, "A", PARTNER_NOT_OPEN)]),
    "2 content partner whom no catalogue knows": (case(NOBODYS, "A"), [(2, "A", PARTNER_NOT_OPEN)]),
    "3 stopped user": (case(SHOP, "A", state=UserState.STOPPED), [(3, "A", USER_NOT_ACTIVE)]),
    "3 user in arrears": (case(SHOP, "A", state=UserState.ARREARS), [(3, "A", USER_NOT_ACTIVE)]),
    "3 invalid user": (case(SHOP, "A", state=UserState.INVALID), [(3, "A", USER_NOT_ACTIVE)]),
    "6 excludes what is held": (case(SHOP, "B", held=["A"]), [(6, "B", EXCLUSIVE)]),
    "6 is excluded by what is held": (case(SHOP, "A", held=["B"]), [(6, "A", EXCLUSIVE)]),
    "6 within the order": (case(SHOP, "A", "B"), [(6, "A", EXCLUSIVE), (6, "B", EXCLUSIVE)]),
    "6 not by what has ended": (case(SHOP, "B", held=[relation("A", RelationState.ENDED)]), []),
    "6 also by what is suspended": (
        case(SHOP, "B", held=[relation("A", RelationState.SUSPENDED)]),
        [(6, "B", EXCLUSIVE)],
    ),
    "6 not by a product that no catalogue knows": (case(SHOP, "A", held=["gone"]), []),
    "11 held": (case(SHOP, "A", held=["A"]), [(11, "A", ALREADY_SUBSCRIBED)]),
    "11 held and suspended": (
        case(SHOP, "A", held=[relation("A", RelationState.SUSPENDED)]),
        [(11, "A", ALREADY_SUBSCRIBED)],
    ),
    "11 not what has ended": (case(SHOP, "A", held=[relation("A", RelationState.ENDED)]), []),
    "11 twice in one order": (case(SHOP, "A", "A"), [(11, "A", PRODUCT_TWICE)] * 2),
    "two products that do not mind each other": (case(SHOP, "A", "D", held=["C"]), []),
}


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_subscription(name):
    """Rules 1, 2, 3, 6 and 11 decide a subscription."""
    judged, expected = SUBSCRIPTIONS[name]
    assert rules(Action.SUBSCRIBE, judged) == expected


UNSUBSCRIPTIONS = {
    "held product": (case(SHOP, "A", held=["A"]), []),
    "1 suspended product may go": (case(SHOP, "S", held=["S"]), []),
    "1 product in test may not": (case(SHOP, "T", held=["T"]), [(1, "T", PRODUCT_NOT_OPEN)]),
    "1 an offer that is not open does not matter": (case(CLOSED, "A", held=["A"]), []),
    "2 a content partner who is not open does not matter": (case(SUSPENDED, "A", held=["A"]), []),
    "3 a stopped user may end what he has": (case(SHOP, "A", held=["A"], state=UserState.STOPPED), []),
    "6 exclusion does not matter": (case(SHOP, "A", held=["A", "B"]), []),
    "9 another product depends on it": (case(SHOP, "A", held=["A", "C"]), [(9, "A", DEPENDED_ON)]),
    "9 the one that depends goes too": (case(SHOP, "A", "C", held=["A", "C"]), []),
    "9 the one that depended has ended": (case(SHOP, "A", held=["A", relation("C", RelationState.ENDED)]), []),
    "9 a product that no catalogue knows depends on nothing": (case(SHOP, "A", held=["A", "gone"]), []),
    "10 in a traditional bundle": (
        case(SHOP, "A", held=[relation("A", offer_type=OfferType.TRADITIONAL_BUNDLE)]), [(10, "A", BUNDLE_BY_CRM)]
    ),
    "10 a VAS bundle is no matter": (case(SHOP, "A", held=[relation("A", offer_type=OfferType.VAS_BUNDLE)]), []),
    "11 not held": (case(SHOP, "A", held=["D"]), [(11, "A", NOT_SUBSCRIBED)]),
    "11 has ended": (case(SHOP, "A", held=[relation("A", RelationState.ENDED)]), [(11, "A", NOT_SUBSCRIBED)]),
    "11 twice in one order": (case(SHOP, "A", "A", held=["A"]), [(11, "A", PRODUCT_TWICE)] * 2),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSUBSCRIPTIONS)
def test_unsubscription(name):
    """Rules 1, 9, 10 and 11 decide an unsubscription."""
    judged, expected = UNSUBSCRIPTIONS[name]
    assert rules(Action.UNSUBSCRIBE, judged) == expected


def test_all_reasons_are_collected():
    """One refusal hides no other: every rule is asked about every product."""
    judged = case(SHOP, "S", "B", held=["A", "B"], state=UserState.STOPPED)
    assert rules(Action.SUBSCRIBE, judged) == [
        (1, "S", PRODUCT_NOT_OPEN),
        (3, "S", USER_NOT_ACTIVE),
        (3, "B", USER_NOT_ACTIVE),
        (6, "B", EXCLUSIVE),
        (11, "B", ALREADY_SUBSCRIBED),
    ]


def test_reason_says_what_it_is_about():
    """The detail of an exclusion is the other product."""
    assert authorise(Action.SUBSCRIBE, case(SHOP, "B", held=["A"])) == [Reason(6, "B", "B", EXCLUSIVE, "A")]


# ---- what holds for any of them --------------------------------------------------------------------------------------

NAMES = ("A", "B", "C", "D")
SUBSETS = st.lists(st.sampled_from(NAMES), unique=True, max_size=2)
STATUSES = st.sampled_from([Status.NORMAL] * 6 + list(Status))
quick = settings(max_examples=100, deadline=None, database=None, derandomize=True)


@st.composite
def shops(draw) -> Catalogue:
    """Any catalogue of four products, most of them open."""
    products = []
    for name in NAMES:
        others = [n for n in draw(SUBSETS) if n != name]
        words = draw(st.sampled_from([(), (), ("excludes",), ("requires",)]))
        products.append(product(name, status=draw(STATUSES), **dict.fromkeys(words, tuple(others))))
    return catalogue(*products, partner_status=draw(STATUSES))


@st.composite
def cases(draw) -> Case:
    """Any order of such a catalogue by any user."""
    kinds = st.sampled_from([RelationState.ACTIVE, RelationState.SUSPENDED, RelationState.ENDED])
    offers = st.sampled_from([OfferType.PURE] * 3 + list(OfferType))
    held = [relation(name, draw(kinds), draw(offers)) for name in draw(SUBSETS)]
    ordered = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))
    state = draw(st.sampled_from([UserState.ACTIVE] * 4 + list(UserState)))
    return Case(draw(shops()), user(state), held, [item(name) for name in ordered], NOON)


@quick
@given(cases())
def test_granted_subscription_is_sound(judged):
    """A grant never holds a duplicate, an excluded pair, something held or closed, nor a user or partner who is not active."""
    assume(authorise(Action.SUBSCRIBE, judged) == [])
    ordered = [i.product_id for i in judged.items]
    products = judged.catalogue.products
    together = {*ordered, *judged.holds}
    wrong = [
        *(a for a in ordered for b in together if b in products[a].excludes or a in products[b].excludes),
        *(a for a in ordered if ordered.count(a) > 1 or a in judged.holds or products[a].status is not Status.NORMAL),
    ]
    sellers = {judged.catalogue.partners[products[a].sp].status for a in ordered}
    assert (wrong, judged.user.state, sellers) == ([], UserState.ACTIVE, {Status.NORMAL})


@quick
@given(cases())
def test_unsubscribing_what_is_not_held_is_refused(judged):
    """Each product that is not held is refused by rule 11, whatever else the order holds."""
    missing = {i.product_id for i in judged.items} - set(judged.holds)
    refused = {r.product_id for r in authorise(Action.UNSUBSCRIBE, judged) if r.rule == 11}
    assert missing <= refused


@quick
@given(cases(), st.sampled_from(Action), st.sampled_from(RelationState))
def test_unrelated_product_changes_nothing(judged, action, state):
    """Holding one more product that names nobody and that nobody names gives exactly the same reasons."""
    wider = Catalogue(
        {**judged.catalogue.products, "Z": product("Z")}, judged.catalogue.offers, judged.catalogue.partners
    )
    more = Case(wider, judged.user, [*judged.held, relation("Z", state)], judged.items, judged.at)
    assert authorise(action, more) == authorise(action, judged)


@quick
@given(cases(), st.sampled_from(Action))
def test_order_of_the_products_does_not_matter(judged, action):
    """The same products in another order are granted or refused alike."""
    turned = Case(judged.catalogue, judged.user, judged.held, judged.items[::-1], judged.at)
    plain = [
        sorted((r.rule, r.product_id, r.result.code) for r in authorise(action, each)) for each in (turned, judged)
    ]
    assert plain[0] == plain[1]


@quick
@given(cases(), st.sampled_from(Action))
def test_relation_that_ended_is_no_relation(judged, action):
    """What has ended decides nothing."""
    open_ones = [r for r in judged.held if r.state is not RelationState.ENDED]
    assert authorise(action, judged) == authorise(action, Case(judged.catalogue, judged.user, open_ones, judged.items, judged.at))


@quick
@given(cases(), st.sampled_from(Action))
def test_every_reason_names_a_rule_and_an_ordered_product(judged, action):
    """A reason can be written into OPResult: its rule is one of the field's, its product one that was ordered."""
    numbers = SUBSCRIBE_RULES if action is Action.SUBSCRIBE else UNSUBSCRIBE_RULES
    ordered = {i.product_id for i in judged.items}
    assert all(r.rule in numbers and 1 <= r.rule <= 12 and r.product_id in ordered for r in authorise(action, judged))


def test_expired_relation_is_not_held():
    """What has expired neither blocks a new order nor can be ended."""
    shop = catalogue(product("A"))
    expired = replace(relation("A"), expires_at=NOON)
    reasons = [authorise(action, case(shop, "A", held=[expired])) for action in (Action.SUBSCRIBE, Action.UNSUBSCRIBE)]
    assert [[r.result for r in each] for each in reasons] == [[], [NOT_SUBSCRIBED]]
