"""Result codes of the dialects: nothing that we can answer is left without one, and what is read is one of ours."""

from __future__ import annotations

import pytest

from gateway.errors import RESULTS, Kind
from gateway.legacy.codes import LONGEST, IsmpCodes, StringCodes

STRINGS, ISMP = StringCodes(), IsmpCodes()
every_result = pytest.mark.parametrize("result", RESULTS.values(), ids=lambda result: str(result.code))


@every_result
def test_string_profile_brings_every_code_through(result):
    """Our number travels in the text: whoever reads it as we do has the very code."""
    code, text = STRINGS.write(result.code, result.describe(), "1")
    assert (code in ("0", "1", "-98", "-99"), STRINGS.read(code, text)) == (True, result.code)


@every_result
def test_ismp_keeps_apart_what_may_pass_from_what_may_not(result):
    """A code that says "later" is read as one, and no other is."""
    code, _ = ISMP.write(result.code, result.describe(), "999")
    read = RESULTS[ISMP.read(code, "")]
    assert (read.retryable, read.code == 0) == (result.retryable, result.code == 0)


def test_operation_says_what_it_calls_a_refusal():
    """1 for orders and queries, -1 for what systems sync."""
    assert [STRINGS.write(5001, "x", failure)[0] for failure in ("1", "-1")] == ["1", "-1"]


def test_number_is_not_told_twice():
    """Texts of faults begin with it already."""
    assert STRINGS.write(1006, "[1006] broken", "1") == ("-98", "[1006] broken")


def test_text_is_as_long_as_the_schema_allows():
    """A long one is cut."""
    assert len(STRINGS.write(5001, "x" * 600, "1")[1]) == LONGEST


@pytest.mark.parametrize("text", ["[12] x", "[abcd] x", "[4999] x", "5001", ""])
def test_only_a_number_of_ours_is_believed(text):
    """Brackets of somebody else's mean nothing."""
    assert RESULTS[STRINGS.read("1", text)].kind is Kind.PARTNER
