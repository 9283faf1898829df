"""Orders: what follows from what was asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import order
from shelf import item

from gateway.domain.order import Action
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
