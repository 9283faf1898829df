"""Seed 4.1.2 and 4.1.4: the order is passed through, and only ISMP's report makes the relation."""

from __future__ import annotations

import pytest
from playbook import ISMP, order, play, reply

from gateway.domain.order import Action
from gateway.errors import NO_BALANCE, NO_REPORT, PLATFORM_REFUSED
from gateway.flows.order_ismp import order_ismp

DONE = reply(items=[("P1", 0)])


def test_provincial_subscription():
    """4.1.2: pass through, result, report, completion, archive; the channel is told as ours."""
    outcome = play(
        order_ismp(order("4.1.2", ISMP)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate ismp:204 Activate", DONE),
        ("3b expect report-P1 from ismp:204", reply()),
        ("3c keep complete: OrderEnded", reply()),
        ("3d tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        ("+3e tell tell-channel channel:211 TellResult", reply()),
    )
    assert outcome == 0


def test_national_subscription_is_reported_to_the_group():
    """4.1.4 as 4.1.2, with the relation reported to the group VSOP before the archive."""
    outcome = play(
        order_ismp(order("4.1.4", ISMP)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate ismp:204 Activate", DONE),
        ("3b expect report-P1 from ismp:204", reply()),
        ("3c keep complete: OrderEnded", reply()),
        ("3d tell report-group vsop:35 ReportRelations", reply()),
        ("3e tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        ("+3f tell tell-channel channel:211 TellResult", reply()),
    )
    assert outcome == 0


def test_ismp_refuses_for_the_balance():
    """ISMP's own fee check refuses: the order fails with that code, nothing is archived."""
    outcome = play(
        order_ismp(order("4.1.2", ISMP)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate ismp:204 Activate", reply(NO_BALANCE.code)),
        ("3c keep fail: OrderEnded, ItemsFreed", reply()),
        ("+3e tell tell-channel channel:211 TellResult", reply()),
    )
    assert outcome == NO_BALANCE.code


def test_report_that_never_comes():
    """Without ISMP's report the order is not told as done."""
    outcome = play(
        order_ismp(order("4.1.2", ISMP)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate ismp:204 Activate", DONE),
        ("3b expect report-P1 from ismp:204", reply(timed_out=True)),
        ("3c keep fail: OrderEnded, ItemsFreed", reply()),
        ("+3e tell tell-channel channel:211 TellResult", reply()),
    )
    assert outcome == NO_REPORT.code


def two(action=Action.SUBSCRIBE):
    """Make an order of two products of one ISMP."""
    return order("4.1.2", ISMP, action=action, products=("P1", "P2"))


FAILS = (
    ("3c keep fail: OrderEnded, ItemsFreed", reply()),
    ("+3e tell tell-channel channel:211 TellResult", reply()),
)
HALF = reply(items=[("P1", 0), ("P2", PLATFORM_REFUSED.code)])
BACK = ("+2b ask undo ismp:204 Activate", reply(items=[("P1", 0)]))


@pytest.mark.parametrize(
    ("action", "undo"), [(Action.SUBSCRIBE, [BACK]), (Action.UNSUBSCRIBE, [])], ids=["subscribe", "unsubscribe"]
)
def test_half_of_an_order_at_ismp(action, undo):
    """ISMP does one product and refuses the other: what was begun is taken back, what was ended stays ended."""
    outcome = play(
        order_ismp(two(action)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate ismp:204 Activate", HALF),
        *undo,
        *FAILS,
    )
    assert outcome == PLATFORM_REFUSED.code


def test_one_of_two_reports_does_not_come():
    """What ISMP did report is taken back: an order that failed leaves nothing that the user pays for."""
    outcome = play(
        order_ismp(two()),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate ismp:204 Activate", reply(items=[("P1", 0), ("P2", 0)])),
        ("3b expect report-P1 from ismp:204", reply()),
        ("3b expect report-P2 from ismp:204", reply(timed_out=True)),
        BACK,
        *FAILS,
    )
    assert outcome == NO_REPORT.code
