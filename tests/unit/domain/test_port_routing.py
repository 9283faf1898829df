"""Whom a request at a routed port is for: tables of both ports."""

from __future__ import annotations

import pytest
from shelf import catalogue, national, product

from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import GROUP_VSOP, OCS, Address, Party
from gateway.domain.port_routing import to_ismp, to_ocs
from gateway.domain.routing import Misrouted, Place, Tier
from gateway.errors import MIXED_ORDER, NO_ROUTE, TOO_MANY_HOPS, UNKNOWN_NUMBER, UNKNOWN_PRODUCT, WRONG_MANAGER

PLAN = NumberPlan(mobile={"1890791": "15", "1890771": "21"}, fixed={"0791": "15"})
JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
MOBILE, FIXED, GUANGXIS, NOBODYS = (
    Number("18907910001"),
    Number("07916660001"),
    Number("18907710001"),
    Number("13900000000"),
)
GUANGXI_VSOP = Address(Party.VSOP, "21")
B, M, W = (Address(Party.ISMP, code) for code in ("203", "204", "205"))
SHOP = catalogue(
    product("X"),
    product("M1", owner="204", platform="204"), product("M2", owner="204", platform="204"),
    product("W1", owner="205", platform="205"), product("B-ON-W", owner="203", platform="205"),
    product("GM", owner="204", platform="204", province="21"),
    national("NM", owner="204", platform="204"),
)  # fmt: skip

BALANCES = {
    "own number": (JIANGXI, MOBILE, 0, OCS),
    "own fixed line": (JIANGXI, FIXED, 0, OCS),
    "number of another province": (JIANGXI, GUANGXIS, 0, GROUP_VSOP),
    "at the group": (GROUP, GUANGXIS, 1, GUANGXI_VSOP),
    "unknown number": (JIANGXI, NOBODYS, 0, Misrouted(UNKNOWN_NUMBER, "139****0000")),
    "circling": (JIANGXI, MOBILE, 4, Misrouted(TOO_MANY_HOPS, "4")),
    "no number": (JIANGXI, None, 0, OCS),
    "no number, at the group": (GROUP, None, 0, OCS),
    "no number, circling": (JIANGXI, None, 4, Misrouted(TOO_MANY_HOPS, "4")),
}


@pytest.mark.parametrize("case", BALANCES)
def test_which_ocs(case):
    """OCS of the number's province, on the way through the group; the catalogue goes to the OCS of this tier."""
    here, number, hops, expected = BALANCES[case]
    assert to_ocs(here, PLAN, number, hops) == expected


SERVICES = {
    "one product": (JIANGXI, MOBILE, ["M1"], M),
    "two of one ISMP": (JIANGXI, MOBILE, ["M1", "M2"], M),
    "of another ISMP": (JIANGXI, MOBILE, ["W1"], W),
    "platform, not owner": (JIANGXI, MOBILE, ["B-ON-W"], W),
    "national, by the province's": (JIANGXI, MOBILE, ["NM"], M),
    "national and provincial": (JIANGXI, MOBILE, ["NM", "M1"], M),
    "two ISMPs": (JIANGXI, MOBILE, ["M1", "W1"], Misrouted(MIXED_ORDER, "M1 W1")),
    "not ISMP's": (JIANGXI, MOBILE, ["X"], Misrouted(WRONG_MANAGER, "X (200)")),
    "one of two is not ISMP's": (JIANGXI, MOBILE, ["M1", "X"], Misrouted(WRONG_MANAGER, "X (200)")),
    "unknown product": (JIANGXI, MOBILE, ["M1", "gone"], Misrouted(UNKNOWN_PRODUCT, "gone")),
    "another province's product": (JIANGXI, MOBILE, ["GM"], Misrouted(NO_ROUTE, "GM (广西 Guangxi)")),
    "no product, mobile": (JIANGXI, MOBILE, [], M),
    "no product, fixed line": (JIANGXI, FIXED, [], B),
    "number of another province": (JIANGXI, GUANGXIS, ["M1"], GROUP_VSOP),
    "its product need not be known here": (JIANGXI, GUANGXIS, ["gone"], GROUP_VSOP),
    "at the group": (GROUP, GUANGXIS, ["NM"], GUANGXI_VSOP),
    "unknown number": (JIANGXI, NOBODYS, ["M1"], Misrouted(UNKNOWN_NUMBER, "139****0000")),
}


@pytest.mark.parametrize("case", SERVICES)
def test_which_ismp(case):
    """The number gives the province, there the products give the ISMP; without product it is the user's ISMP."""
    here, number, products, expected = SERVICES[case]
    assert to_ismp(here, PLAN, SHOP, number, products, 1) == expected


def test_circling_request_to_ismp():
    """A request that circles is stopped whatever it holds."""
    assert to_ismp(JIANGXI, PLAN, SHOP, NOBODYS, ["gone"], 4) == Misrouted(TOO_MANY_HOPS, "4")
