"""subscribeToVSOP with ActionType 2: everything that a user holds is ended, but for what must stay, and the answer says what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from office import ISMP, NATIONAL_X, TRADITIONAL, USER, X_BOX, Office, SlowStore, X, results
from playbook import NOON
from rig import run, spawn

from gateway.domain.catalogue import OfferType, Status
from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderState
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.subscriber import RelationState
from gateway.engine.ports import CatalogueLoaded

X303, ISMP204 = Address(Party.XPLATFORM, "303"), Address(Party.ISMP, "204")
IN_BUNDLE = {"offer": TRADITIONAL, "kind": OfferType.TRADITIONAL_BUNDLE}


def state(office, product):
    """In which state a relation is."""
    return office.relation(product).state


def ask(office, **more):
    """Ask for the end of everything."""
    return office.call("subscribeToVSOP", office.order(action="2", **more))


# ---- what is ended ---------------------------------------------------------------------------------------------------


def test_products_of_one_platform(office):
    """They end in one order of that platform's section, without a fee check."""
    office.hold(X, X_BOX)
    order = office.place(action="2").order
    assert (order.section, order.target, order.action, {i.product_id for i in order.items}) == (
        "4.1.1", X303, Action.UNSUBSCRIBE, {X, X_BOX},
    )  # fmt: skip


def test_each_platform_gets_its_part(office):
    """One order, one request to each platform; a national X product goes through the group."""
    office.hold(X, ISMP, NATIONAL_X)
    order = office.place(action="2").order
    office.call("subsInstSynFromISMP", office.report(op="3"))
    assert (order.section, set(office.rig.partners.names()[:3])) == (
        "4.1", {f"activate-unsubscribe-{target}" for target in (X303, ISMP204, GROUP_VSOP)},
    )  # fmt: skip


def test_parts_are_joined_again(office):
    """The order is completed when the last platform has answered: nothing is held any more, and it is archived once."""
    office.hold(X, ISMP, NATIONAL_X)
    row = office.place(action="2")
    before = run(office.store.order(row.order.id)).state
    office.call("subsInstSynFromISMP", office.report(op="3"))
    after = run(office.store.order(row.order.id)).state
    assert (before, after, {state(office, p) for p in (X, ISMP, NATIONAL_X)}, office.rig.partners.names().count("archive")) == (
        OrderState.EXECUTING, OrderState.COMPLETED, {RelationState.ENDED}, 1,
    )  # fmt: skip


def test_item_bears_the_offer_under_which_it_is_held(office):
    """The channel named no offer: billing and channel are told of those of the relations."""
    office.hold(X, offer="O9", kind=OfferType.VAS_BUNDLE)
    (item,) = office.place(action="2").order.items
    assert (item.offer_id, item.offer_type, item.sp, item.action) == ("O9", OfferType.VAS_BUNDLE, "15000001", None)


def test_suspended_relation_is_ended_too(office):
    """What is suspended is held."""
    office.hold(X, state=RelationState.SUSPENDED)
    office.place(action="2")
    assert state(office, X) is RelationState.ENDED


def test_refusal_of_one_platform_leaves_the_others_ended(office):
    """What was ended is not begun again: the relation stays where its platform refused, and the order says so."""
    office.hold(X, NATIONAL_X)
    office.rig.partners.answer(f"activate-unsubscribe-{GROUP_VSOP}", office.refused(NATIONAL_X))
    row = office.place(action="2")
    stored = run(office.store.order(row.order.id))
    assert (stored.state, stored.code, state(office, X), state(office, NATIONAL_X)) == (
        OrderState.FAILED, 8001, RelationState.ENDED, RelationState.ACTIVE,
    )  # fmt: skip


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_product_of_a_traditional_bundle_is_kept(office):
    """The request is taken; the answer names the bundle with OPResult -1, and the product stays."""
    office.hold(X, **IN_BUNDLE)
    office.hold(ISMP)
    answer = ask(office)
    assert (answer.ResultCode, results(answer), "套餐" in answer.ResultInfo[0].OPDesc, state(office, X)) == (
        "0", [(TRADITIONAL, "-1")], True, RelationState.ACTIVE,
    )  # fmt: skip


def test_order_holds_what_is_ended_alone(office):
    """What is kept is no item of the order, so it is neither locked nor archived."""
    office.hold(X, **IN_BUNDLE)
    office.hold(ISMP)
    assert [i.product_id for i in office.place(action="2").order.items] == [ISMP]


def test_what_is_kept_keeps_what_it_needs(office):
    """A product of a bundle requires another one: that one stays as well, and the answer says why."""
    office.hold(X_BOX, **IN_BUNDLE)
    office.hold(X, ISMP)
    answer = ask(office)
    assert (results(answer), state(office, X)) == ([(TRADITIONAL, "-1"), (X, "-1")], RelationState.ACTIVE)


def test_cancelled_product_is_kept(office):
    """Nothing of a cancelled product can be ended any more; the answer says so."""
    office.change(X, status=Status.CANCELLED)
    office.hold(X, ISMP)
    answer = ask(office)
    assert (results(answer), answer.ResultInfo[0].OPDesc.startswith("产品当前不可办理")) == ([(X, "-1")], True)


def test_same_request_gets_the_same_answer_with_what_is_kept(office):
    """A channel that asks again learns again what was kept; nothing is ended a second time."""
    office.hold(X, **IN_BUNDLE)
    office.hold(ISMP)
    request = office.order(action="2")
    answers = [office.call("subscribeToVSOP", request) for _ in range(2)]
    assert (answers[0] == answers[1], results(answers[1]), office.rig.partners.names().count("activate")) == (
        True, [(TRADITIONAL, "-1")], 1,
    )  # fmt: skip


def test_answer_without_anything_kept_names_nothing(office):
    """Where all is ended the answer is a plain one, the first time and again."""
    office.hold(X)
    request = office.order(action="2")
    answers = [office.call("subscribeToVSOP", request) for _ in range(2)]
    assert [(a.ResultCode, a.ResultInfo) for a in answers] == [("0", []), ("0", [])]


def test_twice_at_once_is_answered_alike():
    """Both are under way before either is stored: the second is told what the first one was."""
    office, answers = Office(store=SlowStore()), []
    office.hold(X, **IN_BUNDLE)
    office.hold(NATIONAL_X)
    request = office.order(action="2")

    async def send() -> None:
        answers.append(await office.answer("subscribeToVSOP", request))

    spawn(send())
    spawn(send())
    for gate in office.store.gates[:2]:
        gate.settle(None)
    assert [results(answer) for answer in answers] == [[(TRADITIONAL, "-1")]] * 2


def test_long_list_of_what_is_kept_fits_the_answer(office):
    """However much is kept, the answer holds no more results than its contract admits."""
    many(office, 21, **IN_BUNDLE)
    office.hold(ISMP)
    assert len(ask(office).ResultInfo) == 20


def many(office, count, **held):
    """Let the user hold many products of one platform."""
    products = [replace(office.desk.catalogue.products[X], id=f"P{n}") for n in range(count)]
    run(office.store.commit([CatalogueLoaded(tuple(products), ())]))
    run(office.desk.load())
    office.hold(*(p.id for p in products), **held)


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_nothing_held(office):
    """There is nothing to end, and the text does not repeat the number."""
    request = office.order(action="2")
    answer = office.call("subscribeToVSOP", request)
    assert (answer.ResultCode, USER in answer.ResultDesc, office.kept(request)) == ("5002", False, False)


def test_only_what_is_kept(office):
    """Nothing would be done: the request is refused for what is kept, with the same results as beside an acceptance."""
    office.hold(X, **IN_BUNDLE)
    request = office.order(action="2")
    answer = office.call("subscribeToVSOP", request)
    assert (answer.ResultCode, results(answer), office.kept(request), office.row(request)) == (
        "5009", [(TRADITIONAL, "-1")], False, None,
    )  # fmt: skip


@pytest.mark.parametrize("how", [{"state": RelationState.ENDED}, {"until": NOON - timedelta(seconds=1)}])
def test_what_is_over_is_not_held(office, how):
    """An ended or expired relation is nothing to end."""
    office.hold(X, **how)
    assert ask(office).ResultCode == "5002"


@pytest.mark.parametrize(("count", "code"), [(90, "0"), (91, "4507")])
def test_most_products_that_are_ended(office, count, code):
    """One order ends no more products than the messages that follow from it can hold."""
    many(office, count)
    assert ask(office).ResultCode == code


def test_product_with_an_order_under_way(office):
    """While an order for one of the products is under way, all of it has to wait."""
    office.hold(X, NATIONAL_X)
    office.rig.partners.answer("activate", None)
    office.place(X, action="1")
    request = office.order(action="2")
    assert (office.call("subscribeToVSOP", request).ResultCode, office.kept(request)) == ("5005", False)


def test_platform_that_is_not_configured(office):
    """Then nothing is ended anywhere: who is missing is named."""
    office.hold(X, "X304")
    answer = ask(office)
    assert (answer.ResultCode, answer.ResultDesc.endswith("xplatform:304"), state(office, X)) == (
        "7003", True, RelationState.ACTIVE,
    )  # fmt: skip


def test_user_who_is_stopped(office):
    """A stopped user may end what he holds: by default the rules of ending do not ask for his state."""
    office.hold(X, number="18907910007")
    assert ask(office, number="18907910007").ResultCode == "0"


def test_number_is_the_users(office):
    """What others hold stays."""
    office.hold(X, number="07916660001")
    office.hold(X)
    ask(office)
    kept = [r.state for r in run(office.store.relations(Number("07916660001")))]
    assert (state(office, X), kept) == (RelationState.ENDED, [RelationState.ACTIVE])
