"""Who carries a product out as seen from each tier, and whose numbers are in reach: what a reconciliation compares and repairs."""

from __future__ import annotations

import pytest
from shelf import national, product

from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.routing import Misrouted, Place, Tier, archives_here, carrier, in_reach
from gateway.errors import MISROUTED, UNKNOWN_NUMBER

JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
PLAN = NumberPlan(mobile={"1890791": "15", "1890771": "21"})
X, ISMP = Address(Party.XPLATFORM, "303"), Address(Party.ISMP, "204")
OF_ISMP = {"owner": "204", "platform": "204"}


@pytest.mark.parametrize(
    ("one", "at_province", "at_group"),
    [
        (product("P"), X, None), (product("P", province="21"), None, None), (product("P", **OF_ISMP), ISMP, None),
        (national("P"), GROUP_VSOP, X), (national("P", **OF_ISMP), ISMP, ISMP),
    ],
    ids=["provincial", "of another province", "of ISMP", "national", "national of ISMP"],
)  # fmt: skip
def test_who_carries_it_out(one, at_province, at_group):
    """A province asks the group for national X products; the group asks their platform, and has no business with provincial ones."""
    assert (carrier(JIANGXI, one), carrier(GROUP, one)) == (at_province, at_group)


@pytest.mark.parametrize(
    ("digits", "at_province", "at_group"),
    [("18907910001", "15", "15"), ("18907710001", MISROUTED, "21"), ("13900000000", UNKNOWN_NUMBER, UNKNOWN_NUMBER)],
)
def test_whose_numbers_are_in_reach(digits, at_province, at_group):
    """A province's own, and for the group those of every province that the plan knows."""
    found = [in_reach(here, PLAN, Number(digits)) for here in (JIANGXI, GROUP)]
    assert [one.result if isinstance(one, Misrouted) else one for one in found] == [at_province, at_group]


def test_who_archives():
    """The provinces, national products as well."""
    assert (archives_here(JIANGXI), archives_here(GROUP)) == (True, False)
