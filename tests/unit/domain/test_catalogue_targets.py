"""Where objects of the catalogue belong, and which systems hear of them."""

from __future__ import annotations

import pytest
from shelf import national, product

from gateway.domain.catalogue import Offer, Scope
from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.catalogue_targets import platforms, targets
from gateway.domain.party import BILLING, CRM, GROUP_VSOP, OCS, Address, Party
from gateway.domain.routing import (
    Misrouted,
    Place,
    Tier,
    catalogue_vsops,
    foreign_among,
    foreign_object,
    knows_ppm,
    placed,
)
from gateway.errors import MISROUTED

JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
V15, V21 = Address(Party.VSOP, "15"), Address(Party.VSOP, "21")
X303, X304 = Address(Party.XPLATFORM, "303"), Address(Party.XPLATFORM, "304")
ALL = (OCS, BILLING, CRM, X303, X304, V21, V15, GROUP_VSOP)
PROVINCIAL, NATIONAL = Scope.PROVINCIAL, Scope.NATIONAL
TO_JIANGXI, TO_GUANGXI, TO_GROUP = (
    Misrouted(MISROUTED, name) for name in ("江西 Jiangxi", "广西 Guangxi", "全国 national")
)

BELONGS = {
    "provincial at home": (JIANGXI, PROVINCIAL, "15", None),
    "another province's": (JIANGXI, PROVINCIAL, "21", TO_GUANGXI),
    "national at a province": (JIANGXI, NATIONAL, "35", TO_GROUP),
    "national with a province": (JIANGXI, NATIONAL, "15", TO_GROUP),
    "provincial without a province": (JIANGXI, PROVINCIAL, "35", TO_GROUP),
    "national at the group": (GROUP, NATIONAL, "35", None),
    "provincial at the group": (GROUP, PROVINCIAL, "15", TO_JIANGXI),
    "national with a province, at the group": (GROUP, NATIONAL, "15", TO_GROUP),
}


@pytest.mark.parametrize("case", BELONGS)
def test_where_an_object_belongs(case):
    """A PPM takes what is its tier's and province's; others are told whose it is."""
    here, scope, province, expected = BELONGS[case]
    assert foreign_object(here, scope, province) == expected


PARTS = {
    "own and national": (JIANGXI, (product("A"), national("N")), None),
    "another province's": (
        JIANGXI,
        (product("A"), product("G", province="21")),
        Misrouted(MISROUTED, "G (广西 Guangxi)"),
    ),
    "national at the group": (GROUP, (national("N"),), None),
    "provincial at the group": (GROUP, (product("A"),), Misrouted(MISROUTED, "A (江西 Jiangxi)")),
}


@pytest.mark.parametrize("case", PARTS)
def test_what_is_kept_here(case):
    """What is national is everybody's; the rest is its own province's alone."""
    here, products, expected = PARTS[case]
    assert foreign_among(here, products) == expected


OFFER = Offer("O", "O", "O", ("A",))
PLACES = {
    "all national": ((national("N"),), (NATIONAL, "35")),
    "one of the province": ((national("N"), product("A")), (PROVINCIAL, "15")),
    "one of another province": ((product("G", province="21"),), (PROVINCIAL, "21")),
}


@pytest.mark.parametrize("case", PLACES)
def test_place_of_an_offer(case):
    """An offer that does not say where it is sold is sold where its products are."""
    products, expected = PLACES[case]
    found = placed(OFFER, products)
    assert (found.scope, found.province) == expected


def test_offer_that_says_its_place():
    """It is left as it is."""
    said = Offer("O", "O", "O", ("N",), province="15")
    assert placed(said, (national("N"),)) is said


VSOPS = {
    "provincial": (JIANGXI, PROVINCIAL, ALL, (V15,)),
    "provincial, own VSOP not configured": (JIANGXI, PROVINCIAL, (V21, GROUP_VSOP), ()),
    "national": (GROUP, NATIONAL, ALL, (GROUP_VSOP, V15, V21)),
    "national, one province configured": (GROUP, NATIONAL, (V21,), (V21,)),
}


@pytest.mark.parametrize("case", VSOPS)
def test_which_vsops_hear(case):
    """The own one first; of national objects all that are configured, by province."""
    here, scope, configured, expected = VSOPS[case]
    assert catalogue_vsops(here, scope, configured) == expected


@pytest.mark.parametrize(("scope", "system", "expected"), [
    (NATIONAL, "102", True), (NATIONAL, "202", False), (PROVINCIAL, "202", True), (PROVINCIAL, "102", False),
])  # fmt: skip
def test_which_ppm_tells(scope, system, expected):
    """National objects are the group's PPM's, provincial ones the province's."""
    assert knows_ppm(scope, system) is expected


ISMPS = product("I", owner="204", platform="204")
AT = {
    "product": (CatalogueObject(product=product("A")), (), (X303,)),
    "product of ISMP": (CatalogueObject(product=ISMPS), (), ()),
    "related products do not count": (CatalogueObject(product=product("A")), (product("B", platform="304"),), (X303,)),
    "offer": (
        CatalogueObject(offer=OFFER),
        (product("A"), ISMPS, product("B", platform="304"), product("C")),
        (X303, X304),
    ),
    "offer of ISMP's products": (CatalogueObject(offer=OFFER), (ISMPS,), ()),
}


@pytest.mark.parametrize("case", AT)
def test_platforms_of_an_object(case):
    """A product's own X platform; those of an offer's products, each once; none for what ISMP owns."""
    changed, products, expected = AT[case]
    assert platforms(changed, products) == expected


def test_targets_follow_the_section():
    """The order of the section's numbers, and nobody that is not configured."""
    parties = (Party.CRM, Party.VSOP, Party.XPLATFORM, Party.BILLING, Party.OCS)
    changed = CatalogueObject(product=product("A"))
    assert targets(JIANGXI, changed, (), parties, (X304, OCS, V15, CRM)) == (CRM, V15, OCS)
