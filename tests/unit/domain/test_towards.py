"""From gateway to gateway: whose number it is, through whom it is reached, and where a message that circles ends."""

from __future__ import annotations

import pytest
from shelf import national, product

from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.routing import MAX_HOPS, Misrouted, Place, Tier, offered_here, towards
from gateway.errors import TOO_MANY_HOPS, UNKNOWN_NUMBER

PLAN = NumberPlan(
    mobile={"1890791": "15", "1890771": "21"},
    fixed={"0791": "15", "0771": "21"},
    ported={"18907919999": "21", "07916660009": "21"},
)
JIANGXI, GUANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.PROVINCE, "21"), Place(Tier.GROUP, "35")
VSOPS = {GROUP_VSOP: GROUP, Address(Party.VSOP, "15"): JIANGXI, Address(Party.VSOP, "21"): GUANGXI}
MOBILE, FIXED, PORTED, NOBODYS = (
    Number("18907910001"),
    Number("07916660001"),
    Number("18907919999"),
    Number("13900000000"),
)

WAYS = {
    "mobile at home": (JIANGXI, MOBILE, None),
    "fixed line at home": (JIANGXI, FIXED, None),
    "from a province": (GUANGXI, MOBILE, GROUP_VSOP),
    "from the group": (GROUP, MOBILE, Address(Party.VSOP, "15")),
    "fixed line from the group": (GROUP, FIXED, Address(Party.VSOP, "15")),
    "ported out": (JIANGXI, PORTED, GROUP_VSOP),
    "ported in": (GUANGXI, PORTED, None),
    "ported, from the group": (GROUP, PORTED, Address(Party.VSOP, "21")),
    "fixed line, ported": (GROUP, Number("07916660009"), Address(Party.VSOP, "21")),
    "unknown at a province": (JIANGXI, NOBODYS, Misrouted(UNKNOWN_NUMBER, "139****0000")),
    "unknown at the group": (GROUP, NOBODYS, Misrouted(UNKNOWN_NUMBER, "139****0000")),
}


@pytest.mark.parametrize("case", WAYS)
def test_way_towards_a_number(case):
    """Provinces ask the group, the group asks the province of the number; an unknown number is asked for nowhere."""
    here, number, expected = WAYS[case]
    assert towards(here, PLAN, number, 0) == expected


@pytest.mark.parametrize(
    ("hops", "expected"), [(MAX_HOPS, None), (MAX_HOPS + 1, Misrouted(TOO_MANY_HOPS, str(MAX_HOPS + 1)))]
)
def test_last_hop(hops, expected):
    """A message is taken until it has passed more gateways than two provinces and the group between them."""
    assert towards(JIANGXI, PLAN, MOBILE, hops) == expected


def test_hops_are_judged_before_the_number():
    """A message that circles is stopped whatever it is about."""
    assert towards(JIANGXI, PLAN, NOBODYS, 9) == Misrouted(TOO_MANY_HOPS, "9")


@pytest.mark.parametrize("start", [JIANGXI, GUANGXI, GROUP])
@pytest.mark.parametrize(("number", "home"), [(MOBILE, JIANGXI), (FIXED, JIANGXI), (PORTED, GUANGXI)])
def test_every_number_is_reached(start, number, home):
    """From any gateway, within the hops that are allowed, a message comes to where the number is at home."""
    here, hops = start, 0
    while (onward := towards(here, PLAN, number, hops)) is not None:
        here, hops = VSOPS[onward], hops + 1
    assert here == home


def test_tables_that_disagree():
    """Where a province and the group each think that the other has the number, the message ends with its fourth hop."""
    plans = {JIANGXI: NumberPlan(mobile={"1890791": "21"}), GROUP: NumberPlan(mobile={"1890791": "15"})}
    here, passed, onward = JIANGXI, [], GROUP_VSOP
    while not isinstance(onward, Misrouted):
        onward = towards(here, plans[here], MOBILE, len(passed))
        passed.append(here)
        here = VSOPS.get(onward, here)
    assert (passed, onward) == ([JIANGXI, GROUP] * 2 + [JIANGXI], Misrouted(TOO_MANY_HOPS, "4"))


@pytest.mark.parametrize(
    ("here", "made", "offered"),
    [
        (JIANGXI, product("X"), True), (GUANGXI, product("X"), False), (GROUP, product("X"), False),
        (JIANGXI, national("N"), True), (GROUP, national("N"), True),
    ],
)  # fmt: skip
def test_where_a_product_is_offered(here, made, offered):
    """A provincial product in its province alone, a national one everywhere."""
    assert offered_here(here, made) is offered
