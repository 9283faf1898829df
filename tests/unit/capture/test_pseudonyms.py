"""Pseudonyms of subscriber numbers."""

from __future__ import annotations

import pytest

from gateway.capture.pseudonyms import NUMBER, Pseudonyms

KEY = b"k" * 32


@pytest.fixture
def pseudonyms():
    """Those of one key."""
    return Pseudonyms(KEY)


@pytest.mark.parametrize(("number", "kept"), [("18907910001", 7), ("07916660001", 4), ("0791666000123"[:12], 4), ("0791666000", 4)])
def test_form_and_segment_stay(pseudonyms, number, kept):
    """The length and what decides the province stay, mobile and fixed."""
    other = pseudonyms.number(number)
    assert (len(other), other[:kept], NUMBER.fullmatch(other) is not None) == (len(number), number[:kept], True)


def test_no_two_numbers_become_one(pseudonyms):
    """A whole segment is exchanged one to one."""
    assert len({pseudonyms.number(f"1890791{last:04d}") for last in range(10_000)}) == 10_000


def test_same_number_same_pseudonym():
    """In another process as well, as long as the key is the same."""
    assert Pseudonyms(KEY).number("18907910001") == Pseudonyms(KEY).number("18907910001")


def test_another_key_gives_others():
    """Without the key nobody can tell who a pseudonym is."""
    numbers = [f"1890791{last:04d}" for last in range(1000)]
    same = sum(Pseudonyms(KEY).number(n) == Pseudonyms(b"j" * 32).number(n) for n in numbers[:20])
    assert (same, Pseudonyms(KEY).mark == Pseudonyms(b"j" * 32).mark) == (0, False)


def test_short_key_is_refused():
    """A key of a few letters could be guessed."""
    with pytest.raises(ValueError):
        Pseudonyms(b"short")


def test_card_keeps_country_and_network(pseudonyms):
    """An IMSI stays one of the same network."""
    other = pseudonyms.card("460030123456789")
    assert (other[:5], len(other), other != "460030123456789") == ("46003", 15, True)
