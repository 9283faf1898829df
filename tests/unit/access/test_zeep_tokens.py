"""Zeep's own UsernameToken as the judge: what an independent client writes is taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from callers import PASSWORD, Place, Time, message
from lxml import etree
from zeep.wsse.username import UsernameToken


@pytest.fixture
def place(tmp_path):
    """A gateway at the time of the day: Zeep takes it from the machine."""
    return Place(tmp_path, time=Time(datetime.now(UTC)))


def signed(**settings) -> str:
    envelope, _ = UsernameToken("portal", PASSWORD, **{"use_digest": True, **settings}).apply(etree.fromstring(message()), {})
    return etree.tostring(envelope).decode()


def test_digest(place):
    """Its digest is ours."""
    assert place.ask(signed()) == (200, "0")


def test_digest_twice(place):
    """The same bytes again are a replay; a new token of the same client is not."""
    first = signed()
    assert [place.ask(each) for each in (first, first, signed())] == [(200, "0"), (500, "2008"), (200, "0")]


def test_zulu(place):
    """Both of its forms of UTC are taken."""
    assert [place.ask(signed(zulu_timestamp=each)) for each in (True, False)] == [(200, "0")] * 2


def test_wrong_password(place):
    """Another password is refused."""
    envelope, _ = UsernameToken("portal", "not this one", use_digest=True).apply(etree.fromstring(message()), {})
    assert place.ask(etree.tostring(envelope).decode()) == (500, "2004")


def test_plain_text(place):
    """Zeep's default, the password itself, is refused."""
    assert place.ask(signed(use_digest=False)) == (500, "2006")


def test_time_of_local_clock(place):
    """Zeep marks a local time as UTC: it is refused as dated ahead by hours, and the code says to compare clocks."""
    zone = timezone(timedelta(hours=8))
    assert place.ask(signed(created=datetime.now(zone), zulu_timestamp=False)) == (500, "2007")
