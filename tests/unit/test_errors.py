"""The result table: what every row has, and that its text always fits the wire."""

from __future__ import annotations

import pytest

from gateway import errors
from gateway.errors import BUSY, OK, RESULTS, Kind, NotTried, Permanent, Result, Temporary

THOUSANDS = {
    Kind.SUCCESS: range(1), Kind.FORMAT: range(1001, 2000), Kind.IDENTITY: range(2001, 3000), Kind.USER: range(3001, 4000),
    Kind.PRODUCT: range(4001, 4500), Kind.OFFER: range(4501, 5000), Kind.RELATION: range(5001, 6000), Kind.FEE: range(6001, 7000),
    Kind.ROUTING: range(7001, 8000), Kind.PARTNER: range(8001, 9000), Kind.BUSY: range(9001, 9900), Kind.INTERNAL: range(9901, 10000),
}  # fmt: skip
ROWS = pytest.mark.parametrize("result", RESULTS.values(), ids=lambda r: str(r.code))


def test_named_results_are_the_table():
    """Every row has one name in the module, and every named result is a row."""
    named = [value for value in vars(errors).values() if isinstance(value, Result)]
    assert sorted(r.code for r in named) == list(RESULTS)


def test_rows_stand_in_order():
    """The table, so docs/errors.md, goes up by code; a row stands under its own code."""
    assert [(code, row.code) for code, row in RESULTS.items()] == [(code, code) for code in sorted(RESULTS)]


def test_code_is_never_given_twice():
    """A second row with the same code stops the program at start."""
    with pytest.raises(ValueError):
        errors._result(BUSY.code, Kind.BUSY, "又", "again")


@ROWS
def test_kind_is_the_thousands(result):
    """Whose matter a result is can be read off its number."""
    assert result.code in THOUSANDS[result.kind]


@ROWS
def test_both_languages(result):
    """Each row says what it is in Chinese and in English."""
    assert (any("\u4e00" <= c <= "\u9fff" for c in result.zh), result.en.isascii() and result.en != "") == (True, True)


def test_texts_differ():
    """No two rows read alike: a person can tell them apart without the code."""
    assert (len({r.zh for r in RESULTS.values()}), len({r.en for r in RESULTS.values()})) == (
        len(RESULTS),
        len(RESULTS),
    )


def test_every_kind_is_used():
    """There is no kind without a row."""
    assert {r.kind for r in RESULTS.values()} == set(Kind)


def test_what_may_succeed_later():
    """Only what is suspended, not here yet, under way, away, busy or broken in ourselves may be answered differently the next time."""
    assert [r.code for r in RESULTS.values() if r.retryable] == [2013, 4006, 4013, 5005, 8005, 9001, 9002, 9003, 9004, 9901]


@pytest.mark.parametrize(("detail", "text"), [("", "成功 / success"), ("115", "成功 / success: 115")])
def test_describe(detail, text):
    """Chinese first, then English, then what it is about."""
    assert OK.describe(detail) == text


@ROWS
@pytest.mark.parametrize("length", [0, 440, 512, 2000])
def test_text_fits_the_wire(result, length):
    """However long its detail, a text is at most the 512 characters of ResultDesc."""
    assert len(result.describe("号" * length)) <= 512


@pytest.mark.parametrize("failure", [Temporary, Permanent, NotTried])
def test_failure_names_the_party(failure):
    """A call without a business answer says whose it was and why."""
    error = failure("ocs", "connection lost")
    assert (error.party, error.reason, str(error)) == ("ocs", "connection lost", "ocs: connection lost")
