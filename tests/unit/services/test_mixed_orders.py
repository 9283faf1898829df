"""Orders that go several ways: products of several platforms, products that take the place of others, and orders that wait for a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from office import (
    CODEC,
    FIXED,
    ISMP,
    JIANGXI,
    NATIONAL_ISMP,
    NATIONAL_X,
    TRADITIONAL,
    X_BOX,
    X_PREMIUM,
    Office,
    X,
    results,
)
from rig import run

from gateway.domain.authorisation import Policy, Replacement
from gateway.domain.catalogue import Offer, OfferType
from gateway.domain.order import Action, Confirmation, OrderState
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.subscriber import RelationState
from gateway.engine.ports import CatalogueLoaded

X303, ISMP204 = Address(Party.XPLATFORM, "303"), Address(Party.ISMP, "204")
MIXED_BUNDLE = "315000000000000000502"
AT_X, AT_ISMP, AT_GROUP = (f"activate-subscribe-{target}" for target in (X303, ISMP204, GROUP_VSOP))


def ends(office, row):
    """State and code of an order."""
    stored = run(office.store.order(row.order.id))
    return stored.state, stored.code


def held(office, *products):
    """Which of these products are held."""
    found = [office.relation(product) for product in products]
    return [r.product_id for r in found if r is not None and r.state is not RelationState.ENDED]


# ---- several platforms -----------------------------------------------------------------------------------------------


def test_products_of_several_platforms(office):
    """One order, which goes to each platform: its section is ours, its first product's party stands for it."""
    order = office.place(X, ISMP, NATIONAL_X).order
    assert (order.section, order.target, [item.target for item in order.items]) == (
        "4.1", X303, [None, ISMP204, GROUP_VSOP],
    )  # fmt: skip


def test_bundle_of_several_platforms(office):
    """A VAS bundle may hold products of several platforms as well."""
    order = office.place(MIXED_BUNDLE, kind="1").order
    assert (order.section, [(i.product_id, i.target) for i in order.items]) == ("4.1", [(X, None), (ISMP, ISMP204)])


@pytest.mark.parametrize(
    ("product", "national"), [(X, False), (ISMP, False), (NATIONAL_X, True), (NATIONAL_ISMP, True)]
)
def test_national_products_are_marked(office, product, national):
    """The group keeps relations of the whole country as well: the order remembers which those are."""
    (item,) = office.place(product).order.items
    assert item.national is national


def test_each_platform_is_asked_for_its_products(office):
    """The balance is checked once, each platform is asked once, and the whole is archived and told once."""
    office.place(X, ISMP, NATIONAL_X)
    office.call("subsInstSynFromISMP", office.report())
    assert office.rig.partners.names() == ["fee-check", AT_X, AT_ISMP, AT_GROUP, "archive", "tell-channel", "tell-user"]


def test_ismp_checks_the_balance_itself(office):
    """An order of ISMP's products alone, of a provincial and a national one, has no fee check of ours."""
    office.place(ISMP, NATIONAL_ISMP)
    assert office.rig.partners.names() == [AT_ISMP]


def test_all_is_held_in_the_end(office):
    """The order is completed when the last result is there, and everything is held."""
    row = office.place(X, ISMP)
    before = ends(office, row)[0]
    office.call("subsInstSynFromISMP", office.report())
    assert (before, ends(office, row), held(office, X, ISMP)) == (
        OrderState.EXECUTING, (OrderState.COMPLETED, 0), [X, ISMP],
    )  # fmt: skip


def test_all_or_nothing(office):
    """One platform refuses: what the others did is taken back."""
    office.rig.partners.answer(AT_ISMP, office.refused(ISMP, code=6001))
    row = office.place(X, ISMP)
    assert (ends(office, row), "undo-subscribe-xplatform:303" in office.rig.partners.names(), held(office, X, ISMP)) == (
        (OrderState.FAILED, 6001), True, [],
    )  # fmt: skip


def test_done_in_part_is_enough_where_the_offers_say_so(office):
    """What one platform refused does not undo the others, and the order is completed."""
    for offer in (X, ISMP):
        office.change_offer(offer, partial=True)
    office.rig.partners.answer(AT_ISMP, office.refused(ISMP))
    row = office.place(X, ISMP)
    assert (row.order.partial, ends(office, row)[0], held(office, X, ISMP)) == (True, OrderState.COMPLETED, [X])


PARTIAL = {"none": ((), False), "one of two": ((X,), False), "both": ((X, ISMP), True)}


@pytest.mark.parametrize("case", PARTIAL)
def test_every_offer_must_allow_it(office, case):
    """An order may be done in part only if each of its offers may."""
    offers, partial = PARTIAL[case]
    for offer in offers:
        office.change_offer(offer, partial=True)
    assert office.place(X, ISMP).order.partial is partial


def test_platform_of_one_part_is_not_configured():
    """Then nothing is ordered anywhere; who is missing is named."""
    office = Office(JIANGXI, partners={X303})
    request = office.order(X, ISMP)
    answer = office.call("subscribeToVSOP", request)
    assert (answer.ResultCode, answer.ResultDesc.endswith("ismp:204"), office.kept(request)) == ("7003", True, False)


def test_postpaid_user(office):
    """A postpaid user's balance is nobody's matter."""
    office.place(X, NATIONAL_X, number=FIXED)
    assert office.rig.partners.names()[:2] == [AT_X, AT_GROUP]


# ---- no offer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["0", "1"])
def test_order_without_an_offer(office, action):
    """Only the end of everything names no offer."""
    request = office.order(action=action)
    assert (office.call("subscribeToVSOP", request).ResultCode, office.kept(request)) == ("4508", False)


# ---- products that take the place of others --------------------------------------------------------------------------


@pytest.fixture
def shop(office):
    """An office whose premium product takes the place of the plain one, which the user holds."""
    office.change(X_PREMIUM, replaces=(X,))
    office.hold(X, offer="OLD", kind=OfferType.VAS_BUNDLE)
    return office


def test_replaced_product_is_ended_by_the_same_order(shop):
    """The order gets an item that ends it, under the offer by which it is held."""
    order = shop.place(X_PREMIUM).order
    assert (order.section, order.action, [(i.product_id, i.offer_id, i.offer_type, i.action) for i in order.items]) == (
        "4.1", Action.SUBSCRIBE,
        [(X_PREMIUM, X_PREMIUM, OfferType.PURE, None), (X, "OLD", OfferType.VAS_BUNDLE, Action.UNSUBSCRIBE)],
    )  # fmt: skip


def test_new_one_comes_before_the_old_one_goes(shop):
    """First the new product is activated, then the old one is ended; the user is never left with neither."""
    row = shop.place(X_PREMIUM)
    assert (shop.rig.partners.names()[1:3], ends(shop, row), held(shop, X, X_PREMIUM)) == (
        [AT_X, "activate-unsubscribe-xplatform:303"], (OrderState.COMPLETED, 0), [X_PREMIUM],
    )  # fmt: skip


def test_old_one_stays_where_the_new_one_is_refused(shop):
    """Without the new product there is no reason to end the old one."""
    shop.rig.partners.answer(AT_X, shop.refused(X_PREMIUM))
    shop.place(X_PREMIUM)
    assert (shop.rig.partners.names(), held(shop, X, X_PREMIUM)) == (
        ["fee-check", AT_X, "tell-channel", "tell-user"], [X],
    )  # fmt: skip


def test_replacement_that_the_policy_refuses(shop):
    """Where the province refuses replacements, rule 8 refuses the order and nothing is ended."""
    shop.desk.policy = Policy(replacement=Replacement.REFUSE)
    shop.change(X_PREMIUM, excludes=())
    answer = shop.call("subscribeToVSOP", shop.order(X_PREMIUM))
    assert (answer.ResultCode, results(answer), held(shop, X)) == ("5008", [(X_PREMIUM, "8")], [X])


def test_replaced_product_of_a_traditional_bundle(office):
    """What CRM alone may end is not ended by a channel's order."""
    office.change(X_PREMIUM, replaces=(X,), excludes=())
    office.hold(X, offer=TRADITIONAL, kind=OfferType.TRADITIONAL_BUNDLE)
    assert office.call("subscribeToVSOP", office.order(X_PREMIUM)).ResultCode == "4504"


def test_replaced_product_that_another_one_needs(office):
    """Nor is what something that stays depends on."""
    office.change(X_PREMIUM, replaces=(X,), excludes=())
    office.hold(X, X_BOX)
    assert office.call("subscribeToVSOP", office.order(X_PREMIUM)).ResultCode == "5004"


def test_replaced_products_count(office):
    """What the order ends is in the messages that follow from it, so it counts towards the most products of an order."""
    like = office.desk.catalogue.products[X]
    products = [replace(like, id=f"P{n}") for n in range(90)]
    products[0] = replace(products[0], replaces=(X,))
    offer = Offer("O", "", "", tuple(p.id for p in products))
    run(office.store.commit([CatalogueLoaded(tuple(products), (offer,))]))
    run(office.desk.load())
    office.hold(X)
    assert office.call("subscribeToVSOP", office.order("O")).ResultCode == "4507"


# ---- second confirmation ---------------------------------------------------------------------------------------------


@pytest.fixture
def asking(office):
    """An office that asks the users of the seat's orders by SMS."""
    office.desk.confirm_channels = frozenset({"212"})
    office.desk.confirm_within = timedelta(minutes=30)
    return office


def yes(*offers):
    """The user's answer, as the SMS hall passes it on."""
    return CODEC["recvRQMessage"](
        StreamingNo="214000001", TimeStamp="20261123120000", SystemId="214", ProdSpecCode="003", ProductNo="18907910001", RQCode="482913",
        RQResult="1", ProductOfferID=list(offers),
    )  # fmt: skip


def test_order_of_a_channel_that_does_not_ask_twice(asking):
    """It waits under a code for as long as is configured, and only the SMS hall hears of it."""
    row = asking.place(X, system="212")
    assert (row.state, row.order.confirmation, asking.rig.partners.names()) == (
        OrderState.UNCONFIRMED, Confirmation("482913", timedelta(minutes=30)), ["ask-user"],
    )  # fmt: skip


def test_channel_sees_that_its_order_waits(asking):
    """Its state says so, and there is no result yet."""
    row = asking.place(X, system="212")
    answer = asking.call("orderStateQry", asking.query(row.order.channel_order_id, "212"))
    assert (answer.OrderState, answer.ResultInfo) == ("00B", [])


def test_order_goes_on_with_a_yes(asking):
    """What the user confirms is carried out as if the channel had asked."""
    row = asking.place(X, system="212")
    asking.call("recvRQMessage", yes())
    assert (ends(asking, row), held(asking, X)) == ((OrderState.COMPLETED, 0), [X])


def test_order_without_an_answer_fails(asking):
    """When the time is over nothing has been ordered."""
    row = asking.place(X, system="212")
    asking.rig.clock.advance(timedelta(minutes=31).total_seconds())
    assert (ends(asking, row), held(asking, X)) == ((OrderState.FAILED, 5010), [])


def test_yes_to_one_part_of_a_mixed_order(asking):
    """Platforms of what was not confirmed are not asked."""
    row = asking.place(X, ISMP, system="212")
    asking.call("recvRQMessage", yes(X))
    assert (ends(asking, row)[0], AT_ISMP in asking.rig.partners.names(), held(asking, X, ISMP)) == (
        OrderState.COMPLETED, False, [X],
    )  # fmt: skip


def test_order_of_the_portal_does_not_wait(asking):
    """Channels that ask by themselves are not asked again."""
    assert asking.place(X).order.confirmation is None


@pytest.mark.parametrize("action", ["1", "3"])
def test_only_subscriptions_are_confirmed(asking, action):
    """Ending and suspending cost nothing: nobody is asked."""
    asking.hold(X)
    assert asking.place(X, action=action, system="212").order.confirmation is None


def test_end_of_everything_is_not_confirmed(asking):
    """Nor for an unsubscribe-all."""
    asking.hold(X)
    assert asking.place(action="2", system="212").order.confirmation is None


# ---- at the group ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["0", "1", "2", "3", "4"])
def test_group_takes_no_orders_of_channels(group, action):
    """A channel that asks the group is told whose order it is, whatever it asks for."""
    offers = () if action == "2" else (NATIONAL_X,)
    answer = group.call("subscribeToVSOP", group.order(*offers, action=action))
    assert (answer.ResultCode, answer.ResultDesc.endswith("江西 Jiangxi")) == ("7002", True)


def test_product_twice_where_no_rule_forbids_it(office):
    """A province that does not apply rule 11 still cannot have one product twice in one order."""
    office.desk.policy = Policy(subscribe=(1,))
    twice = replace(office.desk.catalogue.offers[ISMP], id="O2", products=(ISMP,))
    office.sell(twice)
    assert office.call("subscribeToVSOP", office.order(ISMP, "O2")).ResultCode == "4003"


def test_done_in_part_at_one_platform(office):
    """An offer that may be done in part keeps what was done of it, though all of it belongs to one platform."""
    bundle = Offer("PART", "PART", "PART", (X, X_BOX), OfferType.VAS_BUNDLE, partial=True)
    office.sell(bundle)
    office.rig.partners.answer(AT_X, office.half(X, refused=X_BOX))
    row = office.place("PART", kind="1")
    assert (ends(office, row)[0], held(office, X, X_BOX)) == (OrderState.COMPLETED, [X])
