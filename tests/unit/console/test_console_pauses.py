"""Pauses after wrong logins, on a clock that runs while it is looked at."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from gateway.console.sessions import Pauses
from gateway.vocabulary import CHINA


def test_first_login_waits_for_nothing():
    """Microseconds that pass while it is judged are no pause."""
    passed = count()
    pauses = Pauses(lambda: datetime(2026, 11, 23, tzinfo=CHINA) + timedelta(microseconds=next(passed)))
    assert pauses.left("anna") == 0
