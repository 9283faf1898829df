"""Operators of a mapping: what each takes for a match, and how near a miss is."""

from __future__ import annotations

from typing import Any

import pytest

from stubs.mapping.operators import OperatorWrong, read_operators
from stubs.mapping.paths import PathWrong, read_path


@pytest.mark.parametrize(
    ("written", "values", "met"),
    [
        ("0", ["0"], True),
        (0, ["0"], True),
        ({"equalTo": "0"}, ["1", "0"], True),
        ({"equalTo": "0"}, [], False),
        ({"equalTo": True}, ["true"], True),
        ({"contains": "90"}, ["18907910001"], True),
        ({"doesNotContain": "90"}, ["18907910001"], False),
        ({"doesNotContain": "99"}, [], True),
        ({"matches": "189.*"}, ["18907910001"], True),
        ({"matches": "189"}, ["18907910001"], False),
        ({"doesNotMatch": "189.*"}, ["18807910001", "18907910001"], False),
        ({"absent": True}, [], True),
        ({"absent": True}, [""], False),
        ({"absent": False}, ["x"], True),
        ({"before": "20260101000000"}, ["20251231235959"], True),
        ({"before": "20260101000000"}, ["20260101000000"], False),
        ({"after": "20260101000000"}, ["20260101000001"], True),
        ({"after": "20260101000000"}, ["never"], False),
        ({"matches": "1.*", "doesNotContain": "2"}, ["12"], False),
    ],
)
def test_what_is_a_match(written: Any, values: list[str], met: bool) -> None:
    """As in WireMock: `matches` is of the whole value, several operators must all hold, any value of a list will do."""
    assert all(operator.met(values) for operator in read_operators(written)) is met


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({"equals": "0"}, "equals is no operator; there are equalTo, contains,"),
        ({"matches": "("}, "not a regular expression: missing ), unterminated subpattern at character 1"),
        ({"absent": "yes"}, "absent: expected true or false"),
        ({"before": "2026-01-01"}, "expected a time as yyyyMMddHHmmss"),
        ({"equalTo": []}, "equalTo: expected a text"),
        ({}, "expected a text, or a table of equalTo,"),
        (None, "expected a text, or a table of equalTo,"),
    ],
)
def test_a_wrong_operator_is_told(written: Any, reason: str) -> None:
    """With what there is, or where the expression breaks."""
    with pytest.raises(OperatorWrong) as raised:
        read_operators(written)
    assert str(raised.value).startswith(reason)


def test_a_near_value_is_nearer_than_a_far_one() -> None:
    """The distance of equalTo follows the text, and the nearest of several values is told."""
    (operator,) = read_operators({"equalTo": "18907910001"})
    near, far = operator.differ("ProductNo", ["x", "18907910002"]), operator.differ("ProductNo", ["0791"])
    assert near is not None
    assert far is not None
    assert (near.actual, 0 < near.distance < far.distance < 1) == ("18907910002", True)


FIELDS = {"A": "1", "L": [{"B": "2"}, {"B": "3"}, {}], "T": True, "N": 5, "G": {"H": "x"}}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("A", ["1"]), ("L[0].B", ["2"]), ("L[1].B", ["3"]), ("L[2].B", []), ("L[9].B", []), ("L.B", ["2", "3"]), ("L[*].B", ["2", "3"]),
        ("T", ["true"]), ("N", ["5"]), ("G.H", ["x"]), ("G", [""]), ("A.B", []), ("Z", []),
    ],
)  # fmt: skip
def test_where_a_path_leads(path: str, values: list[str]) -> None:
    """Items of lists by place, or all of them; nothing where nothing stands."""
    assert read_path(path).values(FIELDS) == values


@pytest.mark.parametrize("path", ["", "A..B", "A[x]", "A[1", "[0]", "//A", "A[-1]", "A[9999999]"])
def test_what_is_no_path(path: str) -> None:
    """It is told with an example of one."""
    with pytest.raises(PathWrong) as raised:
        read_path(path)
    assert "VProductInfo[0].VProductID" in str(raised.value)
