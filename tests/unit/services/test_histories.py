"""What VSOP did about a user and a product, as a reconciliation hears it."""

from __future__ import annotations

from office import BUNDLE, ISMP, USER, X_BOX, X
from rig import run

from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.services.histories import pasts


def told(office, product=X, number=USER):
    return [(p.action, p.state, p.of_user) for p in run(pasts(office.desk, Number(number), product))]


def test_orders_of_the_product_alone(office):
    """The newest first; what is about another product is not told."""
    office.place(X)
    office.place(ISMP)
    office.rig.clock.advance(1)
    office.place(X, action="1")
    assert told(office) == [("unsubscribe", OrderState.COMPLETED, False), ("subscribe", OrderState.COMPLETED, False)]


def test_changes_of_the_user_are_told(office):
    """Once: the notices that belong to one are not."""
    office.hold(X)
    office.do_work("11", UserState="00B")
    assert [row[2] for row in told(office)] == [True]


def test_order_under_way_holds_its_lock(office):
    """Open is what still holds the product, ended or not."""
    office.rig.partners.answer("activate", None)
    office.place(X)
    (past,) = run(pasts(office.desk, Number(USER), X))
    assert (past.open, past.ended_at) == (True, None)


def test_order_that_was_taken_back_leaves_a_tombstone(office):
    """It is told that the platform was asked to undo it."""
    products = office.desk.catalogue.offers[BUNDLE].products
    office.rig.partners.answer("activate", office.half(products[0], refused=products[1]))
    office.place(BUNDLE, kind="1")
    (past,) = run(pasts(office.desk, Number(USER), products[0]))
    assert (past.state, past.undone) == (OrderState.FAILED, True)


def test_order_that_was_refused_leaves_none(office):
    """Nothing was begun, so nothing was taken back."""
    office.rig.partners.answer("activate", office.refused(X))
    office.place(X)
    assert [past.undone for past in run(pasts(office.desk, Number(USER), X))] == [False]


def test_product_that_another_one_replaces(office):
    """What is told of it is what the order did to it."""
    office.place(X)
    assert told(office, X_BOX) == []
