"""Who is told what by a plan, for each side that is right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sides import ACTIVE, ENDED, NOON, SUSPENDED, holding, side

from gateway.recon.causes import Cause
from gateway.recon.comparing import compare
from gateway.recon.holdings import Right
from gateway.recon.judging import Judged
from gateway.recon.planning import BY_HAND, Reach, Trust, plan

REACH = Reach(archives=True, national=frozenset({"N1"}))


def planned(ours, theirs, right=Right.XPLATFORM, cause=Cause.NO_ORDER, trust=Trust.OWNER, reach=REACH):
    judged = [Judged(difference, cause) for difference in compare(ours, side(*theirs))]
    return plan(judged, right, trust, reach, NOON)


def lines(*arguments, **more):
    found, by_hand = planned(*arguments, **more)
    assert by_hand == {}
    flags = ("asks", "keeps", "reports", "archives")
    return [(r.product_id, str(r.action), *(flag for flag in flags if getattr(r, flag))) for r in found.repairs]


EXTRA = ([holding()], [])
MISSING = ([], [holding()])


@pytest.mark.parametrize(
    ("right", "told"),
    [(Right.XPLATFORM, "asks"), (Right.BILLING, "archives"), (Right.OCS, "archives"), (Right.GROUP, "reports")],
)
def test_vsops_word_goes(right, told):
    """What VSOP holds is begun there again, what it does not hold is ended there; its own relation stays."""
    assert (lines(*EXTRA, right), lines(*MISSING, right)) == ([("P1", "subscribe", told)], [("P1", "unsubscribe", told)])


def test_wrong_product_is_ended_and_the_right_one_begun():
    """In this order, as two lines."""
    assert lines([holding("P1")], [holding("P2")]) == [("P2", "unsubscribe", "asks"), ("P1", "subscribe", "asks")]


@pytest.mark.parametrize(("ours", "theirs", "action"), [(ACTIVE, SUSPENDED, "resume"), (SUSPENDED, ACTIVE, "suspend")])
def test_state_is_set(ours, theirs, action):
    """The platform suspends or resumes, as VSOP has it."""
    assert lines([holding(standing=ours)], [holding(standing=theirs)]) == [("P1", action, "asks")]


def test_suspended_product_is_begun_and_then_suspended():
    """A platform cannot begin anything suspended; billing takes the record as it is."""
    ours = [holding(standing=SUSPENDED)]
    assert lines(ours, []) == [("P1", "subscribe", "asks"), ("P1", "suspend", "asks")]
    assert lines(ours, [], Right.BILLING) == [("P1", "suspend", "archives")]


@pytest.mark.parametrize(
    ("sides", "action"), [(EXTRA, "unsubscribe"), (MISSING, "subscribe")], ids=["VSOP alone", "ISMP alone"]
)
def test_ismps_word_goes_about_its_own(sides, action):
    """VSOP's relation follows ISMP, and billing hears of it; the group too if the product is national."""
    assert lines(*sides, Right.ISMP) == [("P1", action, "keeps", "archives")]
    national = [[replace(row, product_id="N1") for row in rows] for rows in sides]
    assert lines(*national, Right.ISMP) == [("N1", action, "keeps", "reports", "archives")]


@pytest.mark.parametrize("cause", [Cause.UNDONE, Cause.FAILED_HERE, Cause.END_LOST])
def test_tombstone_goes_before_ismps_word(cause):
    """What VSOP took back or ended is ended at ISMP, never begun again here."""
    assert lines(*MISSING, Right.ISMP, cause) == [("P1", "unsubscribe", "asks")]


def test_trust_in_the_other_side():
    """After a restore VSOP may follow a platform: the relation is kept anew, and archived."""
    assert lines(*MISSING, trust=Trust.RIGHT) == [("P1", "subscribe", "keeps", "archives")]
    assert lines(*MISSING, trust=Trust.RIGHT, reach=Reach(archives=False, national=frozenset())) == [("P1", "subscribe", "keeps")]


def test_trust_in_vsop():
    """Or ISMP may have to follow VSOP."""
    assert lines(*EXTRA, Right.ISMP, trust=Trust.VSOP) == [("P1", "subscribe", "asks")]


def test_billing_is_never_the_one_to_follow():
    """What a user holds is not decided by what he is charged for."""
    found, by_hand = planned(*MISSING, Right.BILLING, trust=Trust.RIGHT)
    assert (found.repairs, list(by_hand)) == ((), [1])


@pytest.mark.parametrize("cause", BY_HAND)
def test_what_a_person_decides(cause):
    """It has no line, and says why."""
    found, by_hand = planned(*MISSING, cause=cause)
    assert (found.repairs, by_hand) == ((), {1: BY_HAND[cause]})


def test_offer_is_told_again_where_it_can_be():
    """Billing and group take a record under another offer; a platform does not."""
    sides = [holding()], [holding(offer="O2")]
    assert lines(*sides, Right.GROUP, Cause.WRONG_OFFER) == [("P1", "subscribe", "reports")]
    assert planned(*sides, cause=Cause.WRONG_OFFER)[1] == {1: BY_HAND[Cause.WRONG_OFFER]}


def test_what_is_in_flight_is_not_planned():
    """Neither repaired nor left to a person."""
    judged = [Judged(difference, None, "order o1") for difference in compare(*EXTRA[:1], {})]
    found, by_hand = plan(judged, Right.XPLATFORM, Trust.OWNER, REACH, NOON)
    assert (found.repairs, by_hand) == ((), {})


def test_lines_are_numbered_and_name_their_difference():
    """From 1, through all differences."""
    found, _ = planned([holding("P1"), holding("P3", standing=SUSPENDED)], [holding("P3")], cause=Cause.WRONG_STATE)
    assert [(r.line, r.of, r.product_id) for r in found.repairs] == [(1, 1, "P1"), (2, 2, "P3")]


def test_plan_remembers_how_vsop_held_it():
    """So that a line is refused when that has changed; what VSOP never held is None."""
    kept = planned([], [holding(standing=SUSPENDED)], Right.ISMP)[0].repairs
    assert [planned(*sides)[0].repairs[0].seen for sides in (EXTRA, MISSING)] == [ACTIVE, None]
    assert planned([holding(standing=ENDED)], [holding()])[0].repairs[0].seen is ENDED
    assert [repair.seen for repair in kept] == [None, ACTIVE]


def test_name_of_a_plan_is_made_of_its_lines():
    """The same differences at the same moment make the same plan, others another one."""
    assert planned(*EXTRA)[0].id == planned(*EXTRA)[0].id
    assert planned(*EXTRA)[0].id != planned(*MISSING)[0].id


def test_day_without_the_end_is_told_the_end_again():
    """What a day's file of the other side does not tell of is told once more."""
    judged = [Judged(d, Cause.END_LOST) for d in compare([holding(standing=ENDED)], {}, daily=True)]
    found, _ = plan(judged, Right.XPLATFORM, Trust.OWNER, REACH, NOON)
    assert [(r.product_id, str(r.action), r.asks) for r in found.repairs] == [("P1", "unsubscribe", True)]
