"""Catalogue: what each status allows, who owns a product, and references that lead nowhere."""

from __future__ import annotations

import pytest
from shelf import catalogue, product

from gateway.domain.catalogue import Catalogue, Offer, Status
from gateway.domain.party import ISMP_SYSTEMS

ALLOWS = {
    Status.NORMAL: (True, True),
    Status.APPLIED: (False, False),
    Status.SUSPENDED: (False, True),
    Status.PRE_CANCELLED: (False, True),
    Status.CANCELLED: (False, False),
    Status.TEST: (False, False),
}


@pytest.mark.parametrize("status", Status)
def test_what_a_status_allows(status):
    """Only normal objects are ordered; what is suspended or about to go can still be unsubscribed."""
    assert (status.can_subscribe, status.can_unsubscribe) == ALLOWS[status]


@pytest.mark.parametrize(("owner", "by_ismp"), [("200", False), *((system, True) for system in sorted(ISMP_SYSTEMS))])
def test_owner_decides_whether_ismp_manages(owner, by_ismp):
    """A product is ISMP's when one of the ISMP systems owns the relation."""
    assert product("A", owner=owner).by_ismp is by_ismp


def test_whole_catalogue_has_no_mistakes():
    """Offers of known products, exclusions and requirements of known products: nothing to say."""
    assert catalogue(product("A"), product("B", excludes=("A",), requires=("A",))).mistakes() == []


def test_every_mistake_is_named():
    """Each reference that leads nowhere is told, with who makes it."""
    broken = Catalogue(
        {"A": product("A", excludes=("X",), requires=("Y", "A"))},
        {"O": Offer("O", "O", "O", ("A", "Z")), "P": Offer("P", "P", "P", ("Z",))},
    )
    assert broken.mistakes() == [
        "offer O names the unknown product Z",
        "offer P names the unknown product Z",
        "product A excludes the unknown product X",
        "product A requires the unknown product Y",
        "product A names the unknown partner SP1",
    ]
