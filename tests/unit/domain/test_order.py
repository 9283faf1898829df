"""Orders: what follows from what was asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import ISMP, X, order
from shelf import item

from gateway.domain.order import Action, Part
from gateway.domain.party import Address, Party
from gateway.domain.subscriber import PayType


@pytest.mark.parametrize(("action", "subscribes"), [(Action.SUBSCRIBE, True), (Action.UNSUBSCRIBE, False)])
def test_subscribes(action, subscribes):
    """An order begins relations or ends them."""
    assert order(action=action).subscribes is subscribes


@pytest.mark.parametrize(("pay", "prepaid"), [(PayType.PREPAID, True), (PayType.POSTPAID, False)])
def test_prepaid(pay, prepaid):
    """Only a prepaid user's balance decides."""
    assert order(pay=pay).prepaid is prepaid


def test_offers_stand_once_in_order():
    """Several products of one offer are one offer to the channel, in the order in which they were asked for."""
    items = tuple(replace(item(p), offer_id=o) for p, o in (("1", "B"), ("2", "A"), ("3", "B")))
    assert replace(order(), items=items).offer_ids == ("B", "A")


def test_number_is_masked_in_the_text_of_an_order():
    """An order that ends up in a log line or an error does not show its user."""
    assert "18907910001" not in repr(order())


# ---- parts -----------------------------------------------------------------------------------------------------------

X304 = Address(Party.XPLATFORM, "304")


def mixed(*items):
    """An order at X; items are (product, target, action)."""
    return replace(order(), items=tuple(replace(item(p, action), target=to) for p, to, action in items))


def parts(made):
    return [(part.target, part.action, part.product_ids) for part in made.parts]


def test_parts_of_one_platform():
    """What one platform is asked for in one way is one part."""
    assert parts(order(products=("A", "B"))) == [(X, Action.SUBSCRIBE, ("A", "B"))]


def test_part_for_each_platform():
    """In the order in which the products were asked for, each with its own products in order."""
    made = mixed(("A", None, None), ("B", ISMP, None), ("C", X304, None), ("D", None, None))
    assert parts(made) == [
        (X, Action.SUBSCRIBE, ("A", "D")), (ISMP, Action.SUBSCRIBE, ("B",)), (X304, Action.SUBSCRIBE, ("C",)),
    ]  # fmt: skip


def test_what_is_ended_comes_last():
    """A product that another one replaces is ended after that one has come, wherever it stands in the order."""
    made = mixed(("OLD", None, Action.UNSUBSCRIBE), ("A", None, None), ("B", ISMP, None))
    assert parts(made) == [
        (X, Action.SUBSCRIBE, ("A",)), (ISMP, Action.SUBSCRIBE, ("B",)), (X, Action.UNSUBSCRIBE, ("OLD",)),
    ]  # fmt: skip


def test_order_without_products_has_no_parts():
    """Nobody is asked for anything."""
    assert replace(order(), items=()).parts == ()


@pytest.mark.parametrize(("target", "by_ismp"), [(X, False), (ISMP, True)])
def test_part_of_ismp(target, by_ismp):
    """Who reports the relation follows from who carries the part out."""
    assert Part(target, Action.SUBSCRIBE, ()).by_ismp is by_ismp


@pytest.mark.parametrize("action", Action)
def test_names_of_parts(action):
    """Two parts of one order never share a name: platform and action are in it."""
    assert Part(X, action, ()).name == f"{action}-xplatform:303"


@pytest.mark.parametrize("action", Action)
def test_opposite(action):
    """What takes an act back is itself taken back by that act."""
    assert (action.opposite is not action, action.opposite.opposite) == (True, action)


# ---- how it stands with others ---------------------------------------------------------------------------------------


def test_locks():
    """Each product is locked once for this number, whatever is asked for it."""
    made = mixed(("A", None, None), ("B", ISMP, Action.UNSUBSCRIBE), ("A", None, None))
    assert made.locks == (("18907910001", "A"), ("18907910001", "B"))


ENTRIES = {"211": "subscribeToVSOP", "206": "workListFKToVSOP", "200": "", "100": ""}


@pytest.mark.parametrize("channel", ENTRIES)
def test_entry(channel):
    """A channel orders, provisioning sends work orders; what another tier passed on has no entry of its own."""
    assert replace(order(), channel=channel).entry == ENTRIES[channel]
