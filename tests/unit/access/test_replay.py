"""The memory of used credentials."""

from __future__ import annotations

from gateway.access.replay import ReplayWindow, mark_of


def test_taken_once():
    """The second time it is there."""
    window = ReplayWindow()
    assert [window.take("a", 100.0), window.take("a", 100.0), window.take("b", 100.0)] == [True, False, True]


def test_known_until_it_ends():
    """What has not ended is not forgotten; what has ended long ago is."""
    window = ReplayWindow()
    window.take("a", 100.0)
    window.take("b", 1000.0)
    window.forget(99.0)
    kept = len(window)
    window.forget(200.0)
    assert (kept, len(window)) == (2, 1)


def test_loaded():
    """What a former process took counts."""
    window = ReplayWindow()
    window.load([("a", 100.0)])
    assert window.take("a", 100.0) is False


def test_full():
    """There is a cap; what ends makes room."""
    window = ReplayWindow(most=1)
    window.take("a", 100.0)
    full = window.full
    window.forget(1000.0)
    assert (full, window.full) == (True, False)


def test_mark_is_of_partner_and_nonce():
    """Two partners may use the same nonce, and the mark tells neither."""
    marks = {mark_of("portal", b"nonce"), mark_of("crm", b"nonce"), mark_of("portal", b"other")}
    assert (len(marks), {len(mark) for mark in marks}) == (3, {24})
