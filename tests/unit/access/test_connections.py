"""Connections: how many a partner may hold, whose one is, and when it is his no more."""

from __future__ import annotations

from gateway.access.connections import Lines
from gateway.access.partner import Connections, Kind, Mode, Partner
from gateway.errors import OVER_CONNECTIONS
from gateway.soap.http_message import Line


def partner(name: str = "portal", most: int = 2, mode: Mode = Mode.ENFORCE) -> Partner:
    return Partner(
        name, frozenset(), frozenset({Kind.NONE}), frozenset(), None, connections=None if not most else Connections(most, mode)
    )


def test_nothing_is_counted_without_a_quota():
    """Who has none holds none."""
    lines = Lines()
    assert (lines.count(partner(most=0), Line()), lines.held("portal")) == (None, 0)


def test_message_without_a_connection_is_let_in():
    """What comes from within the process is on no connection."""
    assert Lines().count(partner(most=1), None) is None


def test_connection_counts_once():
    """However many messages it brings."""
    lines, line = Lines(), Line()
    assert ([lines.count(partner(), line) for _ in range(9)], lines.held("portal")) == ([None] * 9, 1)


def test_one_too_many_is_refused_and_closed():
    """It gets the code of connections and is closed after that; those that were there before stay."""
    lines, kept, last = Lines(), [Line(), Line()], Line()
    for line in kept:
        lines.count(partner(), line)
    above = lines.count(partner(), last)
    assert above is not None
    assert (above.result, above.refused, last.closing, [line.closing for line in kept]) == (OVER_CONNECTIONS, True, True, [False] * 2)


def test_one_that_ended_makes_room():
    """A connection is his until it ends."""
    lines, first = Lines(), Line()
    lines.count(partner(most=1), first)
    first.end()
    assert (lines.count(partner(most=1), Line()), lines.held("portal")) == (None, 1)


def test_reported_one_is_let_in_and_told_once():
    """Mode report: the first message of one too many is above the quota, and nothing is closed."""
    lines, who, extra = Lines(), partner(most=1, mode=Mode.REPORT), Line()
    lines.count(who, Line())
    above = [lines.count(who, extra) for _ in range(2)]
    assert ([each and each.refused for each in above], extra.closing, lines.held("portal")) == ([False, None], False, 2)


def test_connection_is_of_whom_it_spoke_for_last():
    """A proxy's connection may bring messages of several partners: it is not counted to both."""
    lines, line = Lines(), Line()
    lines.count(partner(), line)
    lines.count(partner("seat"), line)
    assert (lines.held("portal"), lines.held("seat")) == (0, 1)


def test_process_lets_in_its_share():
    """One of four workers has a fourth of the quota, and never less than one connection."""
    lines, who = Lines(0.25), partner(most=8)
    assert [lines.count(who, Line()) is None for _ in range(3)] == [True, True, False]
    assert Lines(0.25).count(partner(most=1), Line()) is None
