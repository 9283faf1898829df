"""Subscriber numbers: which forms are read, that none is shown whole, and which province a number belongs to."""

from __future__ import annotations

import pytest

from gateway.domain.numbers import Number, NumberPlan

PLAN = NumberPlan(
    mobile={"1890791": "15", "1890771": "21"},
    fixed={"0791": "15", "079": "21", "010": "01"},
    ported={"18907919999": "21", "07916660009": "21"},
)

FORMS = {
    "18907910001": "18907910001",
    "8618907910001": "18907910001",
    "+8618907910001": "18907910001",
    "07916660001": "07916660001",
    "0106660001": "0106660001",
    "079166600012": "079166600012",
    "8607916660001": "07916660001",
    "+8607916660001": "07916660001",
}


@pytest.mark.parametrize("text", FORMS)
def test_forms_that_callers_write(text):
    """Mobile and fixed numbers are read with and without 86, and kept without it."""
    assert Number.parse(text).digits == FORMS[text]


@pytest.mark.parametrize(
    "text",
    [
        "", "1890791000", "189079100011", "28907910001", "86", "018907", "0123456789012", "+18907910001", "868618907910001",
        "0018907910001x", " 18907910001", "18907910001\n", "１８９０７９１０００１", "1890791-0001",
    ],
)  # fmt: skip
def test_other_forms_are_refused(text):
    """Nothing else is a number: not a digit more or less, no blank, no full-width digit."""
    with pytest.raises(ValueError):
        Number.parse(text)


def test_refusal_does_not_repeat_the_text():
    """The error of a form that is refused does not carry what was written."""
    with pytest.raises(ValueError) as refused:
        Number.parse("189079100012345")
    assert "1890791" not in str(refused.value)


@pytest.mark.parametrize(("digits", "masked"), [("18907910001", "189****0001"), ("07916660001", "079****0001")])
@pytest.mark.parametrize("show", [str, "{}".format, "%s".__mod__])
def test_text_of_a_number_is_masked(digits, masked, show):
    """However a number becomes text, only its first three and last four digits are shown."""
    assert show(Number(digits)) == masked


def test_repr_is_masked():
    """`repr`, so the text of everything that holds a number, is masked as well."""
    assert repr([Number("18907910001")]) == "[Number(189****0001)]"


def test_same_number_in_two_forms_is_equal():
    """A number is the same key whether it came with 86 or without."""
    assert {Number.parse("8618907910001")} == {Number.parse("18907910001")}


@pytest.mark.parametrize(("digits", "mobile"), [("18907910001", True), ("07916660001", False)])
def test_mobile_or_fixed(digits, mobile):
    """What begins with 1 is mobile, what begins with 0 a fixed line."""
    assert Number(digits).mobile is mobile


PROVINCES = {
    "18907910001": "15",
    "18907710001": "21",
    "07916660001": "15",
    "07926660001": "21",
    "0106660001": "01",
    "18907919999": "21",
    "07916660009": "21",
    "13900000000": None,
    "02166600001": None,
}


@pytest.mark.parametrize("digits", PROVINCES)
def test_plan_gives_the_province(digits):
    """Segment of 7 digits, else the longest area code; a ported number overrides both; an unknown one has no province."""
    assert PLAN.province(Number(digits)) == PROVINCES[digits]


def test_mobile_number_is_not_looked_up_by_area_code():
    """A table of area codes says nothing about mobile numbers, nor segments about fixed lines."""
    plan = NumberPlan(mobile={"0791666": "15"}, fixed={"189": "15"})
    assert (plan.province(Number("18907910001")), plan.province(Number("07916660001"))) == (None, None)
