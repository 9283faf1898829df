"""Routing explained: which rules are tried in which order, and that they lead where the orders themselves go."""

from __future__ import annotations

import pytest
from shelf import catalogue, national, product

from gateway.domain.catalogue import Status
from gateway.domain.explaining import Outcome, Rule, explain
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.routing import Misrouted, Place, Route, Tier, home, route_activation, route_order
from gateway.errors import MISROUTED, NO_ROUTE, OK, PRODUCT_NOT_OPEN, UNKNOWN_NUMBER, UNKNOWN_PRODUCT

PLAN = NumberPlan(
    mobile={"1890791": "15", "1890771": "21"}, fixed={"0791": "15", "079": "21"}, ported={"18907919999": "21"}
)
JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
MOBILE, FIXED, PORTED, GUANGXIS, NOBODYS, NO_AREA = (
    Number(digits)
    for digits in ("18907910001", "07916660001", "18907919999", "18907710001", "13900000000", "02166600001")
)
X303 = Address(Party.XPLATFORM, "303")
PRODUCTS = (
    product("X"), product("I", owner="204", platform="204"), product("GX", province="21"),
    product("GI", province="21", owner="204", platform="204"), national("NX"), national("NI", owner="204", platform="204"),
    product("APPLIED", status=Status.APPLIED), product("TEST", status=Status.TEST), product("SUSPENDED", status=Status.SUSPENDED),
)  # fmt: skip
SHOP = catalogue(*PRODUCTS)


def explained(here=JIANGXI, number=MOBILE, product_id="X", unknown=()):
    """Explain with everybody configured but `unknown`."""
    return explain(here, PLAN, SHOP, number, product_id, lambda address: address not in unknown)


def test_every_rule_of_a_way():
    """A provincial product of an own number: each rule once, in its order, with what it found."""
    assert [(t.rule, t.outcome, t.finding) for t in explained().tried] == [
        (Rule.PORTED, Outcome.NOT_THIS, ""),
        (Rule.SEGMENT, Outcome.DECIDES, "15 江西 Jiangxi"),
        (Rule.HOME, Outcome.OK, "本省 here"),
        (Rule.PRODUCT, Outcome.OK, "X X"),
        (Rule.STATUS, Outcome.OK, "normal"),
        (Rule.OWNER, Outcome.OK, "200 VSOP"),
        (Rule.SCOPE, Outcome.OK, "provincial, 15 江西 Jiangxi"),
        (Rule.PLATFORM, Outcome.OK, "303"),
        (Rule.CONFIGURED, Outcome.OK, "xplatform:303"),
        (Rule.SECTION, Outcome.OK, "4.1.1"),
        (Rule.RESULT, Outcome.DECIDES, "xplatform:303"),
    ]


LOOKED_UP = {
    "mobile": (MOBILE, [(Rule.PORTED, Outcome.NOT_THIS), (Rule.SEGMENT, Outcome.DECIDES)]),
    "fixed line": (FIXED, [(Rule.PORTED, Outcome.NOT_THIS), (Rule.AREA, Outcome.DECIDES)]),
    "ported": (PORTED, [(Rule.PORTED, Outcome.DECIDES)]),
    "unknown segment": (
        NOBODYS, [(Rule.PORTED, Outcome.NOT_THIS), (Rule.SEGMENT, Outcome.NOT_THIS), (Rule.UNKNOWN, Outcome.REFUSES)],
    ),
    "unknown area": (
        NO_AREA, [(Rule.PORTED, Outcome.NOT_THIS), (Rule.AREA, Outcome.NOT_THIS), (Rule.UNKNOWN, Outcome.REFUSES)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOKED_UP)
def test_tables_of_numbers(case):
    """The override table is tried first, then the table of the number's kind; what none knows is refused, never guessed."""
    number, expected = LOOKED_UP[case]
    tried = [(t.rule, t.outcome) for t in explained(number=number).tried]
    assert tried[: len(expected)] == expected


@pytest.mark.parametrize("here", [JIANGXI, GROUP])
@pytest.mark.parametrize("number", [MOBILE, FIXED, PORTED, GUANGXIS, NOBODYS], ids=str)
def test_province_that_is_told_is_the_plans(here, number):
    """What the tables are said to give is what the plan gives."""
    told = [t.finding[:2] for t in explained(here, number).tried if t.outcome is Outcome.DECIDES][:1]
    assert told == [p for p in [PLAN.province(number)] if p is not None]


ENDS = {
    "X": (JIANGXI, MOBILE, "X", Route("4.1.1", X303, "15")),
    "ISMP": (JIANGXI, MOBILE, "I", Route("4.1.2", Address(Party.ISMP, "204"), "15")),
    "national X": (JIANGXI, MOBILE, "NX", Route("4.1.3", GROUP_VSOP, "15")),
    "national ISMP": (JIANGXI, MOBILE, "NI", Route("4.1.4", Address(Party.ISMP, "204"), "15")),
    "national X at the group": (GROUP, GUANGXIS, "NX", Route("4.1.3", X303, "21")),
    "number of another province": (JIANGXI, GUANGXIS, "X", Misrouted(MISROUTED, "广西 Guangxi")),
    "unknown number": (JIANGXI, NOBODYS, "X", Misrouted(UNKNOWN_NUMBER, "139****0000")),
    "unknown product": (JIANGXI, MOBILE, "gone", Misrouted(UNKNOWN_PRODUCT, "gone")),
    "applied for": (JIANGXI, MOBILE, "APPLIED", Misrouted(PRODUCT_NOT_OPEN, "APPLIED")),
    "in test": (JIANGXI, MOBILE, "TEST", Misrouted(PRODUCT_NOT_OPEN, "TEST")),
    "suspended": (JIANGXI, MOBILE, "SUSPENDED", Misrouted(PRODUCT_NOT_OPEN, "SUSPENDED")),
    "product of another province": (JIANGXI, MOBILE, "GX", Misrouted(NO_ROUTE, "GX (广西 Guangxi)")),
    "provincial at the group": (GROUP, MOBILE, "X", Misrouted(MISROUTED, "X (江西 Jiangxi)")),
    "ISMP at the group": (GROUP, MOBILE, "NI", Misrouted(NO_ROUTE, "NI")),
}


def like(end):
    """What is compared of an end: a later routing may know more of a way."""
    return (end.section, end.target, end.province) if isinstance(end, Route) else end


@pytest.mark.parametrize("case", ENDS)
def test_end(case):
    """The way, or the refusal with its code."""
    here, number, product_id, expected = ENDS[case]
    assert like(explained(here, number, product_id).end) == like(expected)


@pytest.mark.parametrize("case", ENDS)
def test_one_refusal_and_it_is_the_last(case):
    """Rules are tried up to the one that refuses; where there is a way none does."""
    here, number, product_id, end = ENDS[case]
    refuses = [t.outcome is Outcome.REFUSES for t in explained(here, number, product_id).tried]
    assert (refuses[-1], any(refuses[:-1])) == (isinstance(end, Misrouted), False)


@pytest.mark.parametrize("made", [p for p in PRODUCTS if p.status is Status.NORMAL], ids=lambda p: p.id)
@pytest.mark.parametrize("number", [MOBILE, FIXED, PORTED, GUANGXIS], ids=str)
def test_orders_go_where_it_says(made, number):
    """What is explained at a province is what subscribeToVSOP does."""
    province = home(JIANGXI, PLAN, number)
    taken = province if isinstance(province, Misrouted) else route_order(JIANGXI, province, [made])
    assert explained(number=number, product_id=made.id).end == taken


@pytest.mark.parametrize("made", [p for p in PRODUCTS if p.status is Status.NORMAL], ids=lambda p: p.id)
def test_activations_go_where_it_says(made):
    """What is explained at the group is what serverAction does."""
    assert explained(GROUP, product_id=made.id).end == route_activation(GROUP, PLAN, MOBILE, [made], 1)


MISSING = {
    "platform": (JIANGXI, "X", X303),
    "ISMP": (JIANGXI, "I", Address(Party.ISMP, "204")),
    "group": (JIANGXI, "NX", GROUP_VSOP),
    "platform of the group": (GROUP, "NX", X303),
    "province that gets the result": (GROUP, "NX", Address(Party.VSOP, "15")),
}


@pytest.mark.parametrize("case", MISSING)
def test_partner_without_address(case):
    """A way to somebody who is not configured is none, and the one who is missing is named."""
    here, product_id, missing = MISSING[case]
    found = explained(here, product_id=product_id, unknown=(missing,))
    assert (found.end, found.tried[-1].rule) == (Misrouted(NO_ROUTE, str(missing)), Rule.CONFIGURED)


def test_forwarding_is_told():
    """An order is refused where the number is not at home; queries and ports go on, and the line says through whom."""
    last = explained(number=GUANGXIS).tried[-1]
    assert (last.rule, last.finding.endswith(str(GROUP_VSOP))) == (Rule.HOME, True)


@pytest.mark.parametrize(("product_id", "result"), [("X", OK), ("gone", UNKNOWN_PRODUCT)])
def test_result(product_id, result):
    """Success, or the row of the table of codes."""
    assert explained(product_id=product_id).result == result


@pytest.mark.parametrize("here", [JIANGXI, GROUP])
@pytest.mark.parametrize("number", [MOBILE, FIXED, PORTED, NOBODYS])
def test_number_cannot_be_put_together(here, number):
    """No finding shows a digit run of the number, not even its segment: with the masked number that would be the whole."""
    text = " ".join(t.finding for t in explained(here, number).tried)
    assert number.digits[:4] not in text
