"""VSOP's relations as rows for each side."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sides import ANN, NOON, OLD, holding

from gateway.domain.catalogue import OfferType
from gateway.domain.subscriber import PayType, Relation, RelationState
from gateway.recon.holdings import OurRelation, Right, Standing


def ours(state=RelationState.ACTIVE, *, expires=None, pay=PayType.PREPAID, national=False, carrier="xplatform:303"):
    relation = Relation(ANN, "P1", "O1", OfferType.PURE, "211", state, OLD, OLD, expires)
    return OurRelation(relation, "003", pay, "SP1", carrier, national, "15")


@pytest.mark.parametrize(
    ("state", "at_platform", "at_billing"),
    [
        (RelationState.ACTIVE, "0", "0"), (RelationState.SUSPENDED, "2", "2"), (RelationState.ENDED, "6", "6"),
        (RelationState.STOPPED, "2", "0"),
    ],
)  # fmt: skip
def test_standing(state, at_platform, at_billing):
    """What stops with its user is suspended at the platform, and charged for as before."""
    row = ours(state)
    assert [row.holding(right, NOON).standing for right in (Right.XPLATFORM, Right.BILLING)] == [at_platform, at_billing]


def test_what_has_expired_has_ended():
    """Nobody is to hold it any longer."""
    found = [ours(expires=NOON + d).holding(Right.BILLING, NOON).standing for d in (timedelta(0), timedelta(seconds=1))]
    assert found == [Standing.ENDED, Standing.ACTIVE]


@pytest.mark.parametrize(
    ("row", "right", "concerned"),
    [
        (ours(), Right.XPLATFORM, True), (ours(carrier="xplatform:304"), Right.XPLATFORM, False),
        (ours(carrier=""), Right.XPLATFORM, False),
        (ours(), Right.BILLING, True), (ours(), Right.OCS, True), (ours(pay=PayType.POSTPAID), Right.OCS, False),
        (ours(pay=None), Right.OCS, False), (ours(), Right.GROUP, False), (ours(national=True), Right.GROUP, True),
    ],
)  # fmt: skip
def test_who_is_to_hold_it_too(row, right, concerned):
    """Its platform, billing, OCS of who pays before, and the group of what is national."""
    assert row.concerns(right, "xplatform:303") is concerned


def test_last_change_of_a_row():
    """The latest of its own times; an end counts when it has come."""
    later = OLD + timedelta(days=1)
    rows = [holding(at=None), holding(effective_at=later), holding(expires_at=NOON), holding(standing=Standing.ENDED, expires_at=NOON)]
    assert [row.changed_at for row in rows] == [None, later, OLD, NOON]
