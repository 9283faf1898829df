"""Routing: each rule of the three questions that are asked of it, as tables."""

from __future__ import annotations

import pytest
from shelf import national, product

from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import GROUP_VSOP, PROVISIONING, Address, Party
from gateway.domain.routing import (
    MAX_HOPS,
    Misrouted,
    Place,
    Route,
    Tier,
    home,
    route_activation,
    route_order,
    route_work_order,
)
from gateway.errors import MISROUTED, MIXED_ORDER, NO_ROUTE, TOO_MANY_HOPS, UNKNOWN_NUMBER

PLAN = NumberPlan(mobile={"1890791": "15", "1890771": "21"})
JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
OURS, GUANGXIS, NOBODYS = Number("18907910001"), Number("18907710001"), Number("13900000000")
X303, ISMP204 = Address(Party.XPLATFORM, "303"), Address(Party.ISMP, "204")

X, X2 = product("X"), product("X2")
OTHER_X = product("OX", platform="304")
ISMP, ISMP205 = product("I", owner="204", platform="204"), product("I5", owner="205", platform="205")
NATIONAL_X, NATIONAL_ISMP = national("NX"), national("NI", owner="204", platform="204")
GUANGXI_X = product("GX", province="21")
NATIONAL_OTHER_X = national("NOX", platform="304")


@pytest.mark.parametrize(("place", "system"), [(JIANGXI, "200"), (GROUP, "100")])
def test_system_code_of_a_tier(place, system):
    """The group speaks as 100, every province as 200."""
    assert place.system == system


HOMES = {
    "own number": (JIANGXI, OURS, "15"),
    "number of another province": (JIANGXI, GUANGXIS, Misrouted(MISROUTED, "广西 Guangxi")),
    "unknown number": (JIANGXI, NOBODYS, Misrouted(UNKNOWN_NUMBER, "139****0000")),
    "any number at the group": (GROUP, OURS, Misrouted(MISROUTED, "江西 Jiangxi")),
    "unknown number at the group": (GROUP, NOBODYS, Misrouted(UNKNOWN_NUMBER, "139****0000")),
}


@pytest.mark.parametrize("case", HOMES)
def test_home(case):
    """An order belongs to the province of its number; others are told whose it is."""
    here, number, expected = HOMES[case]
    assert home(here, PLAN, number) == expected


ORDERS = {
    "provincial X": ([X], Route("4.1.1", X303, "15", (X303,))),
    "two provincial X of one platform": ([X, X2], Route("4.1.1", X303, "15", (X303, X303))),
    "provincial ISMP": ([ISMP], Route("4.1.2", ISMP204, "15", (ISMP204,))),
    "national X": ([NATIONAL_X], Route("4.1.3", GROUP_VSOP, "15", (GROUP_VSOP,))),
    "national ISMP": ([NATIONAL_ISMP], Route("4.1.4", ISMP204, "15", (ISMP204,))),
    "X and ISMP": ([X, ISMP], Route("4.1", X303, "15", (X303, ISMP204))),
    "two X platforms": ([X, OTHER_X], Route("4.1", X303, "15", (X303, Address(Party.XPLATFORM, "304")))),
    "two ISMPs": ([ISMP, ISMP205], Route("4.1", ISMP204, "15", (ISMP204, Address(Party.ISMP, "205")))),
    "provincial and national": ([X, NATIONAL_X], Route("4.1", X303, "15", (X303, GROUP_VSOP))),
    "provincial and national of one ISMP": ([ISMP, NATIONAL_ISMP], Route("4.1", ISMP204, "15", (ISMP204, ISMP204))),
    "product of another province": ([GUANGXI_X], Misrouted(NO_ROUTE, "GX (广西 Guangxi)")),
    "one of two is another province's": ([X, GUANGXI_X], Misrouted(NO_ROUTE, "GX (广西 Guangxi)")),
}


@pytest.mark.parametrize("case", ORDERS)
def test_route_of_an_order(case):
    """Owner, scope and platform of the products give the section, and the next party of each; several ways make a mixed order."""
    products, expected = ORDERS[case]
    assert route_order(JIANGXI, "15", products) == expected


def test_order_that_is_not_all_done_in_one_way():
    """An order that also ends what it replaces is a mixed one, though all of it goes to one platform."""
    assert route_order(JIANGXI, "15", [X, X2], several=True) == Route("4.1", X303, "15", (X303, X303))


WORK = {
    "X": ([X], ("3.2.1", "3.2.3"), (X303,)),
    "ISMP": ([ISMP], ("3.2.1", "3.2.3"), (ISMP204,)),
    "national ISMP": ([NATIONAL_ISMP], ("3.2.1", "3.2.3"), (ISMP204,)),
    "national X": ([NATIONAL_X], ("3.2.2", "3.2.4"), (GROUP_VSOP,)),
    "X and national X": ([X, NATIONAL_X], ("3.2.2", "3.2.4"), (X303, GROUP_VSOP)),
}


@pytest.mark.parametrize("begins", [True, False])
@pytest.mark.parametrize("case", WORK)
def test_route_of_a_work_order(case, begins):
    """Where the group takes part a bundle is national, else provincial; beginning and ending have sections of their own."""
    products, (order, cancellation), targets = WORK[case]
    expected = Route(order if begins else cancellation, targets[0], "15", targets)
    assert route_work_order(JIANGXI, "15", products, begins=begins) == expected


@pytest.mark.parametrize(("begins", "section"), [(True, "3.2.1"), (False, "3.2.3")])
def test_route_of_a_work_order_without_products(begins, section):
    """Nobody but provisioning hears of it."""
    assert route_work_order(JIANGXI, "15", [], begins=begins) == Route(section, PROVISIONING, "15")


def test_work_order_with_a_product_of_another_province():
    """It is not to be had here."""
    assert route_work_order(JIANGXI, "15", [X, GUANGXI_X], begins=True) == Misrouted(NO_ROUTE, "GX (广西 Guangxi)")


ACTIVATIONS = {
    "national X at the group": (GROUP, OURS, [NATIONAL_X], 1, Route("4.1.3", X303, "15")),
    "of any province": (GROUP, GUANGXIS, [NATIONAL_X], 1, Route("4.1.3", X303, "21")),
    "last hop": (GROUP, OURS, [NATIONAL_X], MAX_HOPS, Route("4.1.3", X303, "15")),
    "one hop too many": (GROUP, OURS, [NATIONAL_X], MAX_HOPS + 1, Misrouted(TOO_MANY_HOPS, "4")),
    "unknown number": (GROUP, NOBODYS, [NATIONAL_X], 1, Misrouted(UNKNOWN_NUMBER, "139****0000")),
    "at a province": (JIANGXI, OURS, [NATIONAL_X], 1, Misrouted(MISROUTED, "全国 national")),
    "provincial product": (GROUP, OURS, [X], 1, Misrouted(MISROUTED, "X (江西 Jiangxi)")),
    "one of two is provincial": (GROUP, OURS, [NATIONAL_X, GUANGXI_X], 1, Misrouted(MISROUTED, "GX (广西 Guangxi)")),
    "two platforms": (GROUP, OURS, [NATIONAL_X, NATIONAL_OTHER_X], 1, Misrouted(MIXED_ORDER, "NX NOX")),
    "X and ISMP": (GROUP, OURS, [NATIONAL_X, NATIONAL_ISMP], 1, Misrouted(MIXED_ORDER, "NX NI")),
    "ISMP": (GROUP, OURS, [NATIONAL_ISMP], 1, Misrouted(NO_ROUTE, "NI")),
}


@pytest.mark.parametrize("case", ACTIVATIONS)
def test_route_of_an_activation(case):
    """What a province passes on goes to its national X platform; everything else is told why not."""
    here, number, products, hops, expected = ACTIVATIONS[case]
    assert route_activation(here, PLAN, number, products, hops) == expected


def test_hops_are_judged_first():
    """A message that circles is stopped whatever it holds."""
    assert route_activation(JIANGXI, PLAN, NOBODYS, [X], 9) == Misrouted(TOO_MANY_HOPS, "9")
