"""Virtual time: order of what happens, and what death and a pause do to it."""

from __future__ import annotations

from gateway.sim.timeline import Life, Timeline


def world():
    timeline, life, seen = Timeline(100.0), Life("a"), []
    return timeline, life, seen


def test_time_decides_then_the_order_of_planning():
    """What is due first happens first; of two at one moment, the one that was planned first."""
    timeline, life, seen = world()
    for when, what in ((3, "late"), (1, "one"), (1, "two")):
        timeline.at(100 + when, life, seen.append, what)
    timeline.run_until(110)
    assert (seen, timeline.now) == (["one", "two", "late"], 110)


def test_cancelled_does_not_happen():
    """A timer that was stopped stays silent, and says so."""
    timeline, life, seen = world()
    planned = timeline.at(101, life, seen.append, "x")
    planned.cancel()
    timeline.run_until(110)
    assert (seen, planned.active()) == ([], False)


def test_nothing_happens_to_the_dead():
    """Neither what was planned before the end, nor what a zombie plans after it."""
    timeline, life, seen = world()
    timeline.at(101, life, seen.append, "before")
    timeline.end(life)
    timeline.at(101, life, seen.append, "after")
    timeline.run_until(110)
    assert seen == []


def test_what_falls_due_in_a_pause_happens_after_it():
    """In its order, and at the moment when the process goes on."""
    timeline, life, seen = world()
    timeline.stop(life)
    for when in (2, 1):
        timeline.at(100 + when, life, lambda when=when: seen.append((when, timeline.now)))
    timeline.run_until(105)
    assert seen == []
    timeline.go_on(life)
    timeline.run_until(110)
    assert seen == [(1, 105), (2, 105)]
