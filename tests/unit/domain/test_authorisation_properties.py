"""Authorisation: what holds for any catalogue, user, order and policy."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from playbook import NOON
from shelf import catalogue, item, product, relation, user

from gateway.domain.authorisation import Case, Policy, Reason, Replacement, authorise, authorise_counter, endable
from gateway.domain.catalogue import Catalogue, OfferType, Scope, Status
from gateway.domain.order import Action, OrderItem
from gateway.domain.subscriber import PayType, RelationState, UserState

NAMES = ("A", "B", "C", "D")
NUMBERS = tuple(range(1, 13))
EVERY = Policy(subscribe=NUMBERS, unsubscribe=NUMBERS, counter=NUMBERS, counter_unsubscribe=NUMBERS)
SUBSETS = st.lists(st.sampled_from(NAMES), unique=True, max_size=2)
ACTIONS = st.sampled_from(Action)
POLICIES = st.builds(
    lambda rules, replacement: Policy(tuple(rules), tuple(rules), tuple(rules), tuple(rules), replacement),
    st.lists(st.sampled_from(NUMBERS), unique=True), st.sampled_from(Replacement),
)  # fmt: skip
PECULIAR = st.sampled_from([
    *[{}] * 16, *({"status": status} for status in Status), {"scope": Scope.NATIONAL}, {"capabilities": ("1",)},
    {"capabilities": ("1", "8")}, {"specs": ("003",)}, {"specs": ("001", "002")},
])  # fmt: skip
BONDS = st.fixed_dictionaries(dict.fromkeys(("excludes", "requires", "replaces"), st.sampled_from([
    *[()] * 6, *((name,) for name in NAMES), ("A", "B"),
])))  # fmt: skip
USERS = st.sampled_from([
    *[user(pay=PayType.POSTPAID)] * 3, *[user(capabilities=("1", "8"))] * 8, user(spec="001", capabilities=("1",)),
    user(spec="002"), *(user(state, capabilities=("1",)) for state in UserState),
])  # fmt: skip
OFFERS = st.sampled_from([OfferType.PURE] * 3 + list(OfferType))
PARTNER = st.sampled_from([Status.NORMAL] * 20 + [Status.SUSPENDED])
HELD = st.fixed_dictionaries(dict.fromkeys(NAMES, st.sampled_from([
    None, None, *((state, offer) for state in RelationState for offer in (OfferType.PURE, *OfferType)),
])))  # fmt: skip
BALANCES = st.sampled_from([100, 100, 100, None, 0, -5])
quick = settings(max_examples=100, deadline=None, database=None, derandomize=True)
thorough = settings(quick, max_examples=160)
"""For what only happens where several bonds meet."""


@st.composite
def shops(draw, *, plain: bool) -> Catalogue:
    """Any catalogue of a few products with every kind of bond between them, most of them (`plain`: all) open to everybody."""
    peculiar, partner = (st.just({}), st.just(Status.NORMAL)) if plain else (PECULIAR, PARTNER)
    products = []
    for name in NAMES:
        bonds = {word: tuple(n for n in others if n != name) for word, others in draw(BONDS).items()}
        products.append(product(name, **draw(peculiar), **bonds))
    return catalogue(*products, partner_status=draw(partner))


@st.composite
def cases(draw, *, mixed=False, plain=False) -> Case:
    """Any order by any user; `mixed` ones hold items of several acts, `plain` ones are about bonds between products alone."""
    acts = st.sampled_from([None, *Action]) if mixed else st.none()
    held = [relation(name, *one) for name, one in draw(HELD).items() if one is not None]
    ordered = draw(st.lists(st.tuples(st.sampled_from(NAMES), acts, OFFERS), min_size=1, max_size=3))
    buyer, balance = (user(), 100) if plain else (draw(USERS), draw(BALANCES))
    items = [item(name, action, offer_type=offer_type) for name, action, offer_type in ordered]
    return Case(draw(shops(plain=plain)), buyer, held, items, NOON, balance)


def refused_by(rule: int, judged: Case, action=Action.SUBSCRIBE) -> set[str]:
    """The products that a rule refuses."""
    return {r.product_id for r in authorise(action, judged, EVERY).reasons if r.rule == rule}


def only(judged: Case, ordered: str, held: str) -> Case:
    """One product is ordered by who holds one other."""
    return replace(judged, items=[item(ordered)], held=[relation(held)])


def shuffled(reasons) -> list[tuple[object, ...]]:
    """The reasons without their order."""
    return sorted((r.rule, r.product_id, r.result.code, r.detail) for r in reasons)


# ---- what a decision promises ------------------------------------------------------------------------------------------


@thorough
@given(cases(plain=True), st.sampled_from(Replacement))
def test_what_is_not_refused_is_sound(judged, replacement):
    """Afterwards nothing new excludes or lacks anything, nothing was named or held twice, and what stays has what it had."""
    decision = authorise(Action.SUBSCRIBE, judged, replace(EVERY, replacement=replacement))
    assume(not decision.refused)
    products, gone = judged.catalogue.products, {r.product_id for r in decision.replaced}
    new = [i.product_id for i in judged.items]
    before = set(judged.holds)
    after = (before - gone) | set(new)
    joined = {i.product_id for i in judged.items if i.offer_type is OfferType.TRADITIONAL_BUNDLE}
    wrong = [
        *(("excluded", a, b) for a in new for b in after if b in products[a].excludes or a in products[b].excludes),
        *(("lacks", a, b) for a in new for b in products[a].requires if b not in after),
        *(("left alone", a, b) for a in before - gone for b in products[a].requires if b in gone and b not in after),
        *(("twice", a) for a in new if new.count(a) > 1 or (a in before and a not in joined)),
    ]
    assert wrong == []


@quick
@given(cases())
def test_who_may_not_have_a_product_is_refused(judged):
    """No bond excuses a closed product, a partner or user out of service, a missing capability, balance or network."""
    products, buyer = judged.catalogue.products, judged.user
    wrong = {
        (rule, a)
        for a in {i.product_id for i in judged.items}
        for rule, fits in {
            1: products[a].status is Status.NORMAL,
            2: judged.catalogue.partners["SP1"].status is Status.NORMAL,
            3: buyer.state is UserState.ACTIVE,
            4: set(products[a].capabilities) <= set(buyer.capabilities),
            5: buyer.pay is PayType.POSTPAID or judged.balance is None or judged.balance > 0,
            12: not products[a].specs or buyer.spec in products[a].specs,
        }.items()
        if not fits
    }
    told = {(r.rule, r.product_id) for r in authorise(Action.SUBSCRIBE, judged, EVERY).reasons}
    assert wrong <= told


@quick
@given(cases())
def test_pass_without_reasons_ends_nothing(judged):
    """What the user is not asked about does not happen."""
    decision = authorise(Action.SUBSCRIBE, judged, EVERY)
    assert bool(decision.reasons) or decision.replaced == ()


@thorough
@given(cases(plain=True), POLICIES)
def test_replaced_is_what_is_held_and_named_by_replaces(judged, policy):
    """Exactly that, whatever the rules, but for what the order names itself; nothing where the province refuses replacements."""
    products, ordered = judged.catalogue.products, {i.product_id for i in judged.items}
    named = {other for each in ordered for other in products[each].replaces}
    expected = (named & set(judged.holds)) - ordered if policy.replacement is Replacement.REPLACE else set()
    assert {r.product_id for r in authorise(Action.SUBSCRIBE, judged, policy).replaced} == expected


@quick
@given(cases(mixed=True), ACTIONS, POLICIES)
def test_every_reason_can_be_told(judged, action, policy):
    """OPResult is the number of a rule that was asked, or -2 for one that rule 8 only tells; its product was ordered."""
    ordered = {i.product_id for i in judged.items}
    asked = {*policy.subscribe, *([-2] if 8 in policy.subscribe else [])}
    for decision in (authorise(action, judged, policy), authorise_counter(judged, policy)):
        assert all(r.rule in asked and r.product_id in ordered for r in decision.reasons)


@quick
@given(cases(mixed=True), ACTIONS, POLICIES)
def test_outcome_is_one_of_three(judged, action, policy):
    """Refused if and only if some reason blocks; to be confirmed if and only if there are others alone."""
    decision = authorise(action, judged, policy)
    blocking, warnings = [r for r in decision.reasons if r.rule > 0], [r for r in decision.reasons if r.rule < 0]
    assert (decision.refused, decision.needs_confirmation) == (bool(blocking), bool(warnings) and not blocking)


# ---- what does not matter ----------------------------------------------------------------------------------------------


@quick
@given(cases(mixed=True), ACTIONS, st.randoms(use_true_random=False))
def test_order_of_the_products_does_not_matter(judged, action, random):
    """The same items in any other order meet the same reasons and replace the same products."""
    items = list(judged.items)
    random.shuffle(items)
    plain, turned = authorise(action, judged, EVERY), authorise(action, replace(judged, items=items), EVERY)
    assert shuffled(plain.reasons) == shuffled(turned.reasons)
    assert {r.product_id for r in plain.replaced} == {r.product_id for r in turned.replaced}


@quick
@given(cases(mixed=True), ACTIONS, st.permutations(NUMBERS))
def test_order_of_the_rules_does_not_matter(judged, action, numbers):
    """A policy says which reason comes first, never which there are."""
    turned = Policy(subscribe=tuple(numbers), unsubscribe=tuple(numbers))
    plain, other = authorise(action, judged, EVERY), authorise(action, judged, turned)
    assert shuffled(plain.reasons) == shuffled(other.reasons)


@quick
@given(cases(mixed=True), ACTIONS, POLICIES, st.sampled_from(NUMBERS))
def test_one_more_rule_never_removes_a_reason(judged, action, policy, number):
    """Rules do not know of each other: what one finds does not depend on whether another is asked."""
    assume(number not in policy.subscribe)
    more = replace(policy, subscribe=(*policy.subscribe, number), unsubscribe=(*policy.unsubscribe, number))
    fewer = set(shuffled(authorise(action, judged, policy).reasons))
    assert fewer <= set(shuffled(authorise(action, judged, more).reasons))


@quick
@given(cases(mixed=True), ACTIONS, st.sampled_from(RelationState))
def test_unrelated_product_changes_nothing(judged, action, state):
    """Holding one more product that names nobody and that nobody names gives exactly the same decision."""
    wider = _with(judged.catalogue, product("Z"))
    more = replace(judged, catalogue=wider, held=[*judged.held, relation("Z", state)])
    assert authorise(action, more, EVERY) == authorise(action, judged, EVERY)


@quick
@given(cases(mixed=True), ACTIONS)
def test_relation_that_ended_is_no_relation(judged, action):
    """What has ended decides nothing."""
    open_ones = [r for r in judged.held if r.state is not RelationState.ENDED]
    assert authorise(action, judged, EVERY) == authorise(action, replace(judged, held=open_ones), EVERY)


# ---- single rules ------------------------------------------------------------------------------------------------------


@quick
@given(cases(), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_exclusion_is_symmetric(judged, one, other):
    """Rule 6: whoever holds one of two may not order the other, or both ways are free; together they are judged alike."""
    assume(one != other)
    products = judged.catalogue.products
    assume(
        other not in products[one].replaces and one not in products[other].replaces
    )  # what is replaced is no hindrance
    both = refused_by(6, replace(judged, items=[item(one), item(other)], held=[]))
    ways = {bool(refused_by(6, only(judged, one, other))), bool(refused_by(6, only(judged, other, one)))}
    assert (len(ways), both) == (1, {one, other} if True in ways else set())


@quick
@given(cases())
def test_unsubscribing_what_is_not_held_is_refused(judged):
    """Rule 11 refuses each product that is not held, whatever else the order holds."""
    missing = {i.product_id for i in judged.items} - set(judged.holds)
    assert missing <= refused_by(11, judged, Action.UNSUBSCRIBE)


@quick
@given(cases(), SUBSETS)
def test_more_dependents_never_help(judged, needs):
    """Rule 9: an unsubscription that is refused stays so when the user holds one more product that requires some of it."""
    wider = _with(judged.catalogue, product("Z", requires=tuple(needs)))
    more = replace(judged, catalogue=wider, held=[*judged.held, relation("Z")])
    refused = refused_by(9, judged, Action.UNSUBSCRIBE)
    leaving = {i.product_id for i in judged.items}
    assert refused_by(9, more, Action.UNSUBSCRIBE) == refused | (leaving & set(needs))


@quick
@given(cases())
def test_more_capabilities_never_hurt(judged):
    """Rule 4: who has every capability is never refused for one, and other rules do not look."""
    able = replace(judged, user=replace(judged.user, capabilities=("1", "8")))
    others = [r for r in shuffled(authorise(Action.SUBSCRIBE, judged, EVERY).reasons) if r[0] != 4]
    assert shuffled(authorise(Action.SUBSCRIBE, able, EVERY).reasons) == others


@quick
@given(cases(mixed=True))
def test_counter_differs_from_a_channel_by_bundles_alone(judged):
    """With the same rules CRM is told what a channel is, where nothing held belongs to a traditional bundle."""
    alone = replace(judged, held=[replace(r, offer_type=OfferType.PURE) for r in judged.held])
    assert authorise_counter(alone, EVERY) == authorise(Action.SUBSCRIBE, alone, EVERY)


# ---- unsubscribe-all ---------------------------------------------------------------------------------------------------


@quick
@given(cases(), st.booleans())
def test_unsubscribe_all_leaves_nothing_out(judged, by_crm):
    """Each held product ends or is kept with a reason below zero, never both."""
    ends, kept = endable(judged.catalogue, judged.held, NOON, by_crm=by_crm)
    assert sorted([*(r.product_id for r in ends), *(r.product_id for r in kept)]) == sorted(judged.holds)
    assert all(reason.rule == -1 for reason in kept)


@quick
@given(cases())
def test_what_an_unsubscribe_all_ends_may_be_ended(judged):
    """An order of just that is not refused by the rules of an unsubscription."""
    ends, _ = endable(judged.catalogue, judged.held, NOON)
    items = [OrderItem(r.product_id, "SP1", r.offer_id, r.offer_type) for r in ends]
    reasons: tuple[Reason, ...] = authorise(Action.UNSUBSCRIBE, replace(judged, items=items), Policy()).reasons
    assert reasons == ()


def _with(catalogue, added):
    return replace(catalogue, products={**catalogue.products, added.id: added})
