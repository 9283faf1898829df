"""Partners in the admin API: what is under way, and where breakers stand."""

from __future__ import annotations

import pytest

from gateway.admin.partners import OperationView, PartnerView, Watched, views
from gateway.partners.breaker import BreakerRules, Position
from gateway.partners.guarding import Breakers


@pytest.fixture
def breakers():
    """Breakers that open at the second failure, at a time that stands still."""
    return Breakers(BreakerRules(minimum=2), lambda: 5.0, lambda event, **fields: None)


def watched(breakers, party="ocs"):
    return Watched(party, "http://ocs.example:7080/services/ocs", lambda: 3, lambda: breakers.of_party(party))


def test_partner_that_was_not_called(breakers):
    """It is there, with nothing to tell."""
    assert views((watched(breakers),)) == [PartnerView("ocs", "http://ocs.example:7080/services/ocs", 3, ())]


def test_operations_of_a_partner(breakers):
    """By name; one that is held back says for how long, one with calls out says how many."""
    breakers.of("ocs", "productInfoSync").begin()
    for _ in range(2):
        held = breakers.of("ocs", "feeCheck")
        held.end(held.begin(), False)
    assert views((watched(breakers),))[0].operations == (
        OperationView("feeCheck", Position.OPEN, 10.0, 0),
        OperationView("productInfoSync", Position.CLOSED, 0.0, 1),
    )


def test_order_of_partners(breakers):
    """As they are configured."""
    assert [view.party for view in views((watched(breakers, "vsop:35"), watched(breakers)))] == ["vsop:35", "ocs"]
