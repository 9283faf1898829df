"""The twelve rules, each where it objects and where it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import NOON
from shelf import case, catalogue, item, national, product, relation

from gateway.domain.authorisation import Case, Policy, Replacement, authorise, authorise_counter
from gateway.domain.catalogue import OfferType, Status
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
    UNKNOWN_PRODUCT,
    USER_NOT_ACTIVE,
    WILL_REPLACE,
    WRONG_NETWORK,
    WRONG_RELATION_STATE,
)

SHOP = catalogue(
    product("A"), product("B", excludes=("A",)), product("C", requires=("A",)), product("D"),
    product("S", status=Status.SUSPENDED), product("T", status=Status.TEST), product("P", status=Status.PRE_CANCELLED),
    product("K", capabilities=("1", "8")), product("M", specs=("003", "004")), product("N", replaces=("A",)),
    product("E", requires=("A", "D")), product("X", replaces=("A",), excludes=("A",)), national("W"), product("R", requires=("N",)),
    product("G", replaces=("gone",)), product("I", excludes=("I",), requires=("I",), replaces=("I",)),
)  # fmt: skip
CLOSED = catalogue(product("A"), offer_status=Status.APPLIED)
SUSPENDED = catalogue(product("A"), partner_status=Status.SUSPENDED)
NOBODYS = replace(SHOP, partners={})
OFFERLESS = replace(SHOP, offers={})
ENDED, ON_HOLD, STOPPED_WITH_USER = RelationState.ENDED, RelationState.SUSPENDED, RelationState.STOPPED
VAS, TRADITIONAL = OfferType.VAS_BUNDLE, OfferType.TRADITIONAL_BUNDLE
END = Action.UNSUBSCRIBE


def objections(action, judged: Case, policy=Policy()):  # noqa: B008  a frozen value
    """What was objected, as (OPResult, product, result, detail)."""
    return [(r.rule, r.product_id, r.result, r.detail) for r in authorise(action, judged, policy).reasons]


SUBSCRIPTIONS = {
    "open product": (case(SHOP, "A"), []),
    "a product that no catalogue knows": (case(SHOP, "gone"), [(1, "gone", UNKNOWN_PRODUCT, "gone")]),
    "1 suspended product": (case(SHOP, "S"), [(1, "S", PRODUCT_NOT_OPEN, "S")]),
    "1 product in test": (case(SHOP, "T"), [(1, "T", PRODUCT_NOT_OPEN, "T")]),
    "1 offer that is not open": (case(CLOSED, "A"), [(1, "A", OFFER_NOT_OPEN, "A")]),
    "1 a product that is sold without an offer": (case(OFFERLESS, "A"), []),
    "2 suspended content partner": (case(SUSPENDED, "A"), [(2, "A", PARTNER_NOT_OPEN, "SP1")]),
    "2 content partner whom no catalogue knows": (case(NOBODYS, "A"), [(2, "A", PARTNER_NOT_OPEN, "SP1")]),
    "3 stopped user": (case(SHOP, "A", state=UserState.STOPPED), [(3, "A", USER_NOT_ACTIVE, "stopped")]),
    "3 user in arrears": (case(SHOP, "A", state=UserState.ARREARS), [(3, "A", USER_NOT_ACTIVE, "arrears")]),
    "3 invalid user": (case(SHOP, "A", state=UserState.INVALID), [(3, "A", USER_NOT_ACTIVE, "invalid")]),
    "4 no capability": (case(SHOP, "K"), [(4, "K", LACKS_CAPABILITY, "1"), (4, "K", LACKS_CAPABILITY, "8")]),
    "4 one capability is missing": (case(SHOP, "K", capabilities=["8", "2"]), [(4, "K", LACKS_CAPABILITY, "1")]),
    "4 all capabilities": (case(SHOP, "K", capabilities=["8", "2", "1"]), []),
    "5 is not among the channels' rules": (case(SHOP, "A", balance=0), []),
    "6 excludes what is held": (case(SHOP, "B", held=["A"]), [(6, "B", EXCLUSIVE, "A")]),
    "6 is excluded by what is held": (case(SHOP, "A", held=["B"]), [(6, "A", EXCLUSIVE, "B")]),
    "6 within the order": (case(SHOP, "A", "B"), [(6, "A", EXCLUSIVE, "B"), (6, "B", EXCLUSIVE, "A")]),
    "6 not by what has ended": (case(SHOP, "B", held=[relation("A", ENDED)]), []),
    "6 also by what is suspended": (case(SHOP, "B", held=[relation("A", ON_HOLD)]), [(6, "B", EXCLUSIVE, "A")]),
    "6 not by a product that no catalogue knows": (case(SHOP, "A", held=["gone"]), []),
    "6 not by what the same order ends": (case(SHOP, "B", item("A", END), held=["A"]), []),
    "6 not by what it replaces": (case(SHOP, "X", held=["A"]), [(-2, "X", WILL_REPLACE, "A")]),
    "6 not by what another product of the order replaces": (case(SHOP, "B", "N", held=["A"]), [(-2, "N", WILL_REPLACE, "A")]),
    "6 not by itself": (case(SHOP, "I"), []),
    "6 not by itself, when it is held": (case(SHOP, "I", held=["I"]), [(11, "I", ALREADY_SUBSCRIBED, "I")]),
    "7 the required product is missing": (case(SHOP, "C"), [(7, "C", REQUIRED_MISSING, "A")]),
    "7 one of two is missing": (case(SHOP, "E", held=["A"]), [(7, "E", REQUIRED_MISSING, "D")]),
    "7 it is held": (case(SHOP, "C", held=["A"]), []),
    "7 it is held and suspended": (case(SHOP, "C", held=[relation("A", ON_HOLD)]), []),
    "7 it has ended": (case(SHOP, "C", held=[relation("A", ENDED)]), [(7, "C", REQUIRED_MISSING, "A")]),
    "7 it comes with the order": (case(SHOP, "C", "A"), []),
    "7 it goes with the order": (case(SHOP, "C", item("A", END), held=["A"]), [(7, "C", REQUIRED_MISSING, "A")]),
    "7 it is replaced by the order": (
        case(SHOP, "C", "N", held=["A"]), [(7, "C", REQUIRED_MISSING, "A"), (-2, "N", WILL_REPLACE, "A")],
    ),
    "8 replaces what is held": (case(SHOP, "N", held=["A"]), [(-2, "N", WILL_REPLACE, "A")]),
    "8 replaces what is suspended": (case(SHOP, "N", held=[relation("A", ON_HOLD)]), [(-2, "N", WILL_REPLACE, "A")]),
    "8 nothing of it is held": (case(SHOP, "N", held=["D"]), []),
    "8 it has ended": (case(SHOP, "N", held=[relation("A", ENDED)]), []),
    "8 what is ordered anew is not replaced": (case(SHOP, "N", "A", held=["A"]), [(11, "A", ALREADY_SUBSCRIBED, "A")]),
    "8 what the order ends itself is not replaced": (case(SHOP, "N", item("A", END), held=["A"]), []),
    "8 what no catalogue knows cannot be ended": (case(SHOP, "G", held=["gone"]), [(8, "G", WILL_REPLACE, "gone")]),
    "8 it belongs to a traditional bundle": (
        case(SHOP, "N", held=[relation("A", offer_type=TRADITIONAL)]), [(8, "N", BUNDLE_BY_CRM, "A")],
    ),
    "8 it belongs to a VAS bundle": (case(SHOP, "N", held=[relation("A", offer_type=VAS)]), [(-2, "N", WILL_REPLACE, "A")]),
    "8 something that stays requires it": (case(SHOP, "N", held=["A", "C"]), [(8, "N", DEPENDED_ON, "A (C)")]),
    "8 what requires it goes too": (case(SHOP, "N", item("C", END), held=["A", "C"]), [(-2, "N", WILL_REPLACE, "A")]),
    "11 held": (case(SHOP, "A", held=["A"]), [(11, "A", ALREADY_SUBSCRIBED, "A")]),
    "11 held and suspended": (case(SHOP, "A", held=[relation("A", ON_HOLD)]), [(11, "A", ALREADY_SUBSCRIBED, "A")]),
    "11 not what has ended": (case(SHOP, "A", held=[relation("A", ENDED)]), []),
    "11 twice in one order": (case(SHOP, "A", "A"), [(11, "A", PRODUCT_TWICE, "A")] * 2),
    "11 held alone, joins a traditional bundle": (case(SHOP, item("A", offer_type=TRADITIONAL), held=["A"]), []),
    "11 held alone, joins no VAS bundle": (
        case(SHOP, item("A", offer_type=VAS), held=["A"]), [(11, "A", ALREADY_SUBSCRIBED, "A")],
    ),
    "11 held in a VAS bundle, joins no other": (
        case(SHOP, item("A", offer_type=TRADITIONAL), held=[relation("A", offer_type=VAS)]),
        [(11, "A", ALREADY_SUBSCRIBED, "A")],
    ),
    "11 held in a traditional bundle, joins no other": (
        case(SHOP, item("A", offer_type=TRADITIONAL), held=[relation("A", offer_type=TRADITIONAL)]),
        [(11, "A", ALREADY_SUBSCRIBED, "A")],
    ),
    "12 not for this access product": (case(SHOP, "M", spec="001"), [(12, "M", WRONG_NETWORK, "001")]),
    "12 for this access product": (case(SHOP, "M", spec="004"), []),
    "12 PHS takes no national product": (case(SHOP, "W", spec="002"), [(12, "W", WRONG_NETWORK, "002")]),
    "12 PHS takes a provincial product": (case(SHOP, "A", spec="002"), []),
    "12 others take national products": (case(SHOP, "W", spec="001"), []),
    "two products that do not mind each other": (case(SHOP, "A", "D", held=["C"]), []),
}  # fmt: skip


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_subscription(name):
    """Rules 1 to 4, 6 to 8, 11 and 12 decide what a channel subscribes."""
    judged, expected = SUBSCRIPTIONS[name]
    assert objections(Action.SUBSCRIBE, judged) == expected


UNSUBSCRIPTIONS = {
    "held product": (case(SHOP, "A", held=["A"]), []),
    "held and suspended": (case(SHOP, "A", held=[relation("A", ON_HOLD)]), []),
    "1 suspended product may go": (case(SHOP, "S", held=["S"]), []),
    "1 product that is about to be cancelled may go": (case(SHOP, "P", held=["P"]), []),
    "1 product in test may not": (case(SHOP, "T", held=["T"]), [(1, "T", PRODUCT_NOT_OPEN, "T")]),
    "1 an offer that is not open does not matter": (case(CLOSED, "A", held=["A"]), []),
    "2 a content partner who is not open does not matter": (case(SUSPENDED, "A", held=["A"]), []),
    "3 a stopped user may end what he has": (case(SHOP, "A", held=["A"], state=UserState.STOPPED), []),
    "4 a capability that is gone does not matter": (case(SHOP, "K", held=["K"]), []),
    "6 exclusion does not matter": (case(SHOP, "A", held=["A", "B"]), []),
    "7 what it requires may be gone already": (case(SHOP, "C", held=["C"]), []),
    "8 it may be replaceable": (case(SHOP, "N", held=["N", "A"]), []),
    "9 another product depends on it": (case(SHOP, "A", held=["A", "C"]), [(9, "A", DEPENDED_ON, "C")]),
    "9 two products depend on it": (
        case(SHOP, "A", held=["A", "C", "E"]), [(9, "A", DEPENDED_ON, "C"), (9, "A", DEPENDED_ON, "E")],
    ),
    "9 the one that depends goes too": (case(SHOP, "A", "C", held=["A", "C"]), []),
    "9 the one that depended has ended": (case(SHOP, "A", held=["A", relation("C", ENDED)]), []),
    "9 a product that no catalogue knows depends on nothing": (case(SHOP, "A", held=["A", "gone"]), []),
    "10 in a traditional bundle": (
        case(SHOP, "A", held=[relation("A", offer_type=TRADITIONAL)]), [(10, "A", BUNDLE_BY_CRM, "A")],
    ),
    "10 a VAS bundle is no matter": (case(SHOP, "A", held=[relation("A", offer_type=VAS)]), []),
    "11 not held": (case(SHOP, "A", held=["D"]), [(11, "A", NOT_SUBSCRIBED, "A")]),
    "11 has ended": (case(SHOP, "A", held=[relation("A", ENDED)]), [(11, "A", NOT_SUBSCRIBED, "A")]),
    "11 twice in one order": (case(SHOP, "A", "A", held=["A"]), [(11, "A", PRODUCT_TWICE, "A")] * 2),
    "12 the network does not matter": (case(SHOP, "W", held=["W"], spec="002"), []),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSUBSCRIPTIONS)
def test_unsubscription(name):
    """Rules 1, 9, 10 and 11 decide an unsubscription."""
    judged, expected = UNSUBSCRIPTIONS[name]
    assert objections(Action.UNSUBSCRIBE, judged) == expected


CHANGES = {
    "suspend what is active": (Action.SUSPEND, case(SHOP, "A", held=["A"]), []),
    "suspend what is suspended": (
        Action.SUSPEND, case(SHOP, "A", held=[relation("A", ON_HOLD)]), [(11, "A", WRONG_RELATION_STATE, "suspended")],
    ),
    "suspend what is not held": (Action.SUSPEND, case(SHOP, "A"), [(11, "A", NOT_SUBSCRIBED, "A")]),
    "suspend what others depend on": (Action.SUSPEND, case(SHOP, "A", held=["A", "C"]), []),
    "suspend twice at once": (Action.SUSPEND, case(SHOP, "A", "A", held=["A"]), [(11, "A", PRODUCT_TWICE, "A")] * 2),
    "suspend what is in a bundle": (Action.SUSPEND, case(SHOP, "A", held=[relation("A", offer_type=TRADITIONAL)]), []),
    "resume what is suspended": (Action.RESUME, case(SHOP, "A", held=[relation("A", ON_HOLD)]), []),
    "resume what has stopped with its user": (
        Action.RESUME, case(SHOP, "A", held=[relation("A", STOPPED_WITH_USER)]), [(11, "A", WRONG_RELATION_STATE, "stopped")],
    ),
    "resume what is active": (Action.RESUME, case(SHOP, "A", held=["A"]), [(11, "A", WRONG_RELATION_STATE, "active")]),
    "resume what has ended": (Action.RESUME, case(SHOP, "A", held=[relation("A", ENDED)]), [(11, "A", NOT_SUBSCRIBED, "A")]),
    "resume what may not be sold any more": (Action.RESUME, case(SHOP, "S", held=[relation("S", ON_HOLD)]), []),
    "a stopped user may suspend": (Action.SUSPEND, case(SHOP, "A", held=["A"], state=UserState.STOPPED), []),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_suspend_and_resume(name):
    """What is suspended must be active, what is resumed suspended; both are held, and stay so."""
    action, judged, expected = CHANGES[name]
    assert objections(action, judged) == expected


BALANCES = {
    "prepaid, nothing left": (PayType.PREPAID, 0, [NO_BALANCE]),
    "prepaid, below zero": (PayType.PREPAID, -1, [NO_BALANCE]),
    "prepaid, one fen": (PayType.PREPAID, 1, []),
    "prepaid, nobody asked": (PayType.PREPAID, None, []),
    "postpaid": (PayType.POSTPAID, 0, []),
}


@pytest.mark.parametrize("name", BALANCES)
def test_balance(name):
    """Rule 5: more than nothing is enough, and only prepaid users are asked for it."""
    pay, balance, expected = BALANCES[name]
    judged = case(SHOP, "A", pay=pay, balance=balance)
    assert [r.result for r in authorise_counter(judged, Policy()).reasons] == expected


def test_province_that_refuses_replacements():
    """Rule 8 refuses then, and what would have been replaced is held as before: other rules mind it."""
    refusing = Policy(replacement=Replacement.REFUSE)
    expected = [(6, "X", EXCLUSIVE, "A"), (8, "X", WILL_REPLACE, "A")]
    assert objections(Action.SUBSCRIBE, case(SHOP, "X", held=["A"]), refusing) == expected


def test_crm_replaces_what_belongs_to_a_bundle():
    """The counter may end products of a traditional bundle, so it may replace them; the user is asked."""
    judged = case(SHOP, "N", held=[relation("A", offer_type=TRADITIONAL)])
    assert [(r.rule, r.result) for r in authorise_counter(judged, Policy()).reasons] == [(-2, WILL_REPLACE)]


def test_crm_ends_what_belongs_to_a_bundle():
    """Rule 10 is about everybody but CRM, wherever a province applies it."""
    judged = case(SHOP, item("A", END), held=[relation("A", offer_type=TRADITIONAL)])
    assert authorise_counter(judged, Policy(counter_unsubscribe=(1, 9, 10, 11))).reasons == ()


def test_crm_may_end_what_is_not_held():
    """By default only rule 1 is asked about what the counter ends: what is ended already is no mistake."""
    assert authorise_counter(case(SHOP, item("A", END)), Policy()).reasons == ()


def test_province_that_looks_at_the_user_of_an_unsubscription():
    """Rules 2 and 3 speak for every act, if a province wants to hear them."""
    judged = case(SUSPENDED, "A", held=["A"], state=UserState.STOPPED)
    expected = [(3, "A", USER_NOT_ACTIVE, "stopped"), (2, "A", PARTNER_NOT_OPEN, "SP1")]
    assert objections(Action.UNSUBSCRIBE, judged, Policy(unsubscribe=(3, 2))) == expected


def test_expired_relation_is_not_held():
    """What has expired neither blocks a new order nor can be ended."""
    judged = case(SHOP, "A", held=[replace(relation("A"), expires_at=NOON)])
    found = [[o[2] for o in objections(action, judged)] for action in (Action.SUBSCRIBE, Action.UNSUBSCRIBE)]
    assert found == [[], [NOT_SUBSCRIBED]]


def test_what_replaces_satisfies_who_requires_it():
    """R requires N, which replaces A: N comes with the order, so R has what it needs."""
    expected = [(-2, "N", WILL_REPLACE, "A")]
    assert objections(Action.SUBSCRIBE, case(SHOP, "R", "N", held=["A"])) == expected
