"""What is too young to be a difference, and what gets a cause."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sides import ANN, BOB, ENDED, MINUTE, NOON, OLD, history, holding, past, side

from gateway.recon.causes import Cause
from gateway.recon.comparing import compare
from gateway.recon.holdings import Right
from gateway.recon.judging import SETTLED, Cut, judge

CUT = Cut(NOON - SETTLED)


def judged(history_of_p1, ours=None, theirs=(), cut=CUT):
    (difference,) = compare([holding()] if ours is None else ours, side(*theirs))
    histories = dict.fromkeys(difference.keys, history_of_p1)
    return judge(difference, histories, Right.XPLATFORM, cut)


def test_old_difference_has_a_cause():
    """What nothing has touched for long is judged."""
    assert judged(history(past())).cause is Cause.ACTIVATION_LOST


@pytest.mark.parametrize(
    "young",
    [
        past(at=NOON - 15 * MINUTE), past(at=OLD, ended_at=NOON - MINUTE), past(ended_at=None), past(open=True),
        past(action="stopped", of_user=True, at=NOON - MINUTE), past(at=NOON + MINUTE),
    ],
    ids=["accepted", "ended", "not ended", "holds its lock", "of the user", "after the other side was read"],
)  # fmt: skip
def test_young_order_is_in_flight(young):
    """Accepted or ended within fifteen minutes, or not settled yet: named, and without a cause."""
    found = judged(history(past("old"), young))
    assert (found.in_flight, found.cause) == ("order o1", None)


def test_order_older_than_fifteen_minutes_is_settled():
    """One moment earlier it is judged."""
    assert judged(history(past(at=NOON - 15 * MINUTE - timedelta(microseconds=1)))).in_flight == ""


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [([holding(at=NOON)], []), ([], [holding(at=NOON)]), ([holding(standing=ENDED, expires_at=NOON)], [holding()])],
    ids=["begun here", "begun there", "ended here"],
)
def test_change_without_an_order_is_in_flight(ours, theirs):
    """A report that just came, or an activation that just was, tells by its own time."""
    assert judged(history(), ours, theirs).in_flight == "changed since"


@pytest.mark.parametrize(("minutes", "flight"), [(0, True), (14, True), (-14, True), (16, False), (-16, False)])
def test_edge_of_the_day(minutes, flight):
    """What changed around midnight may stand in the other side's file of the next or the former day."""
    midnight = NOON.replace(hour=0)
    cut = Cut(NOON + timedelta(days=9), (midnight, midnight + timedelta(days=1)))
    found = judged(history(), [holding(at=midnight + minutes * MINUTE)], cut=cut)
    assert (found.in_flight != "") is flight


def test_either_product_of_a_pair_keeps_it_in_flight():
    """A wrong product is judged when neither of the two is under way."""
    (difference,) = compare([holding("P1")], side(holding("P2")))
    histories = {(ANN.digits, "P1"): history(), (ANN.digits, "P2"): history(past(open=True))}
    assert judge(difference, histories, Right.XPLATFORM, CUT).in_flight == "order o1"


def test_other_users_orders_do_not_matter():
    """Only the histories of its own keys are asked for."""
    (difference,) = compare([holding()], {})
    histories = {(ANN.digits, "P1"): history(past()), (BOB.digits, "P1"): history(past(open=True))}
    assert judge(difference, histories, Right.XPLATFORM, CUT).in_flight == ""
