"""PPM's rules: the life cycle whole, who manages an object, what it names, and what the automatic audit objects to."""

from __future__ import annotations

import pytest
from shelf import catalogue, national, product

from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, OfferType, Status
from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.catalogue_rules import Objection, manager, named_products, objection
from gateway.errors import PARTNER_NOT_OPEN, PRODUCT_NOT_OPEN

NORMAL, APPLIED, SUSPENDED, PRE_CANCELLED, CANCELLED, TEST = Status


def of(thing) -> CatalogueObject:
    """A product or an offer as an object of the catalogue."""
    return CatalogueObject(offer=thing) if isinstance(thing, Offer) else CatalogueObject(product=thing)


def offer(*products: str, kind=OfferType.PURE, status=NORMAL) -> Offer:
    """Make an offer."""
    return Offer("O", "O", "O", products, kind, status)


# ---- life cycle --------------------------------------------------------------------------------------------------------

LEGAL = {
    APPLIED: {TEST, NORMAL, CANCELLED},
    TEST: {NORMAL, CANCELLED},
    NORMAL: {SUSPENDED, PRE_CANCELLED},
    SUSPENDED: {NORMAL, PRE_CANCELLED},
    PRE_CANCELLED: {CANCELLED},
    CANCELLED: set(),
}
ILLEGAL = [(status, other) for status in Status for other in Status if other not in LEGAL[status]]


@pytest.mark.parametrize(("status", "other"), ILLEGAL)
def test_illegal_transition(status, other):
    """No status becomes itself, nothing leaves the end, and nothing goes back to where it was applied for or tried."""
    assert status.can_become(other) is False


@pytest.mark.parametrize(("status", "other"), [(s, o) for s, others in LEGAL.items() for o in sorted(others)])
def test_legal_transition(status, other):
    """Applied, test, published; suspended and back; pre-cancelled, cancelled. A bundle is published without a test."""
    assert status.can_become(other) is True


# ---- manager -----------------------------------------------------------------------------------------------------------

X, X2, ISMP, ISMP_TOO, WAP = (
    product("X"), product("X2", platform="304"), product("I", owner="204", platform="204"), product("I2", owner="204", platform="204"),
    product("W", owner="205", platform="205"),
)  # fmt: skip
MANAGED = {
    "product of VSOP": (X, (), ""),
    "product of the group's VSOP": (product("N", owner="100"), (), ""),
    "product of ISMP": (ISMP, (), "204"),
    "product of a stranger": (product("S", owner="777"), (), "777"),
    "product of VSOP, related to one of ISMP": (product("R", requires=("I",)), (ISMP,), ""),
    "offer of VSOP's products": (offer("X"), (X,), ""),
    "offer of ISMP's products": (offer("I", "I2", kind=OfferType.VAS_BUNDLE), (ISMP, ISMP_TOO), "204"),
    "offer of two ISMPs": (offer("I", "W"), (ISMP, WAP), ""),
    "offer of VSOP and ISMP": (offer("X", "I"), (X, ISMP), ""),
    "traditional bundle of ISMP's products": (offer("I", kind=OfferType.TRADITIONAL_BUNDLE), (ISMP,), ""),
}


@pytest.mark.parametrize("case", MANAGED)
def test_manager(case):
    """A product is its owner's; an offer is ISMP's where one ISMP owns all of it, but for CRM's bundles."""
    thing, products, expected = MANAGED[case]
    assert manager(of(thing), products) == expected


# ---- what is named -----------------------------------------------------------------------------------------------------


def test_products_that_are_named():
    """An offer names its products, a product those that it is related to; each once."""
    related = product("R", excludes=("A", "B"), requires=("B",), replaces=("C",))
    assert (named_products(of(offer("A", "B", "A"))), named_products(of(related)), named_products(of(X))) == (
        ("A", "B"), ("A", "B", "C"), (),
    )  # fmt: skip


# ---- automatic audit ---------------------------------------------------------------------------------------------------

CLOSED = Catalogue(partners={"SP1": ContentPartner("SP1", "甲", "one", SUSPENDED)})
NOBODY = Catalogue()
GONE = product("G", status=CANCELLED)
AUDITED = {
    "product": (X, {}, catalogue(X), None),
    "product of a partner that does not sell": (X, {}, CLOSED, Objection(PARTNER_NOT_OPEN, "SP1 (X)")),
    "product of a partner that is gone": (X, {}, NOBODY, Objection(PARTNER_NOT_OPEN, "SP1 (X)")),
    "offer": (offer("X"), {"X": X}, catalogue(X), None),
    "offer of such a partner": (offer("X"), {"X": X}, CLOSED, Objection(PARTNER_NOT_OPEN, "SP1 (X)")),
    "offer with a cancelled product": (
        offer("X", "G"),
        {"X": X, "G": GONE},
        catalogue(X),
        Objection(PRODUCT_NOT_OPEN, "G"),
    ),
    "offer with a suspended product": (offer("S"), {"S": product("S", status=SUSPENDED)}, catalogue(X), None),
    "product that replaces a cancelled one": (product("R", replaces=("G",)), {"G": GONE}, catalogue(X), None),
    "national product": (national("N"), {}, catalogue(X), None),
}


@pytest.mark.parametrize("case", AUDITED)
def test_automatic_audit(case):
    """What is to be sold has partners that sell, and nothing in it is cancelled."""
    thing, products, shop, expected = AUDITED[case]
    assert objection(of(thing), shop, products) == expected


@pytest.mark.parametrize("status", [s for s in Status if s is not NORMAL])
def test_what_is_not_to_be_sold_is_not_objected_to(status):
    """A closed partner's products can be suspended and cancelled."""
    assert objection(of(product("X", status=status)), CLOSED, {}) is None
