"""Two sides, compared: the field's three classes, and products taken for each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sides import ACTIVE, ANN, BOB, ENDED, NOON, SUSPENDED, holding, side

from gateway.domain.numbers import Number
from gateway.recon.comparing import Kind, compare
from gateway.recon.holdings import Holding


def told(ours, theirs, **more):
    return [(d.kind, d.field, d.product_id) for d in compare(ours, side(*theirs), **more)]


def test_equal_sides():
    """What both hold in the same state is no difference, whatever else they tell."""
    assert told([holding(), holding("P2", SUSPENDED)], [holding(spec="", at=NOON, offer=""), holding("P2", SUSPENDED)]) == []


@pytest.mark.parametrize("theirs", [[], [holding(standing=ENDED)]])
def test_extra_in_vsop(theirs):
    """Class 0: the other side never had it, or ended it."""
    assert told([holding()], theirs) == [(Kind.EXTRA, "presence", "P1")]


@pytest.mark.parametrize("ours", [[], [holding(standing=ENDED)]])
def test_missing_in_vsop(ours):
    """Class 1: VSOP never had it, or ended it."""
    assert told(ours, [holding()]) == [(Kind.MISSING, "presence", "P1")]


@pytest.mark.parametrize(
    ("other", "field"), [(holding(standing=SUSPENDED), "status"), (holding(offer="O2"), "offer")], ids=["status", "offer"]
)
def test_different(other, field):
    """Class 2: both have it, in another state or under another offer."""
    assert told([holding()], [other]) == [(Kind.DIFFERENT, field, "P1")]


def test_what_both_ended_is_gone():
    """Nor is what one side ended and the other never had a difference."""
    assert told([holding(standing=ENDED), holding("P2", ENDED)], [holding(standing=ENDED), holding("P3", ENDED)]) == []


def test_wrong_product():
    """One product on each side of the same user is one difference: the one was taken for the other."""
    (found,) = compare([holding("P1")], side(holding("P2")))
    assert (found.kind, found.field, found.keys) == (Kind.DIFFERENT, "product", ((ANN.digits, "P1"), (ANN.digits, "P2")))


def test_products_of_two_users_are_two_differences():
    """Nobody is taken for another user."""
    assert told([holding("P1")], [holding("P2", number=BOB)]) == [(Kind.EXTRA, "presence", "P1"), (Kind.MISSING, "presence", "P2")]


def test_several_products_are_paired_by_their_offer():
    """Where it is not plain which stands for which, only the offer joins them."""
    ours = [holding("P1", offer="O1"), holding("P2", offer="O2")]
    assert told(ours, [holding("P3", offer="O2"), holding("P4", offer="")]) == [
        (Kind.EXTRA, "presence", "P1"), (Kind.DIFFERENT, "product", "P2"), (Kind.MISSING, "presence", "P4"),
    ]  # fmt: skip


def test_day_in_which_the_other_side_heard_nothing_of_an_end():
    """In files of changes, what ended here and is not told of there is missing in VSOP, as far as anybody knows."""
    assert told([holding(standing=ENDED)], [], daily=True) == [(Kind.MISSING, "presence", "P1")]


_ROWS = st.dictionaries(
    st.tuples(st.sampled_from([ANN, BOB]), st.sampled_from(["P1", "P2", "P3"])), st.sampled_from([ACTIVE, SUSPENDED, ENDED])
)


def _made(rows) -> dict[tuple[str, str], Holding]:
    return side(*(holding(product, standing, number=number, offer="") for (number, product), standing in rows.items()))


@given(_ROWS, _ROWS)
def test_every_disagreement_is_found_and_no_other(ours, theirs):
    """A product is named by a difference exactly if the two sides do not hold it alike."""
    mine, other = _made(ours), _made(theirs)
    named = {key for difference in compare(mine.values(), other) for key in difference.keys}

    def state(rows, key):
        return rows[key].standing if key in rows else ENDED

    assert named == {key for key in mine.keys() | other.keys() if state(mine, key) is not state(other, key)}


def test_differences_come_in_order():
    """By number and product, so that two runs over the same sides read alike."""
    found = compare([holding("P2", number=BOB), holding("P1", number=BOB)], side(holding("P9", number=ANN)))
    assert [(d.number, d.product_id) for d in found] == [(Number(ANN.digits), "P9"), (BOB, "P1"), (BOB, "P2")]
