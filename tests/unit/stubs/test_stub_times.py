"""The stubs' own fast forms of a time are those of datetime."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from stubs.kit.times import SHANGHAI, iso, stamp

SECONDS = st.floats(0, 4_000_000_000)


@given(SECONDS)
def test_iso_is_that_of_datetime(seconds: float) -> None:
    """With milliseconds and the zone."""
    assert iso(seconds) == datetime.fromtimestamp(seconds, SHANGHAI).isoformat(timespec="milliseconds")


@given(SECONDS)
def test_stamp_is_that_of_datetime(seconds: float) -> None:
    """Fourteen digits."""
    assert stamp(seconds) == datetime.fromtimestamp(seconds, SHANGHAI).strftime("%Y%m%d%H%M%S")
