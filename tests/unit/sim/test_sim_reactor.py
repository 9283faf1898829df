"""A process's reactor: virtual time, and nothing once it is dead."""

from __future__ import annotations

from gateway.sim.reactor import SimReactor
from gateway.sim.timeline import Life, Timeline
from gateway.sim.weather import Machine


def test_time_is_the_timelines():
    """Seconds of the epoch, and the same in China."""
    reactor = SimReactor(Timeline(1_780_000_000.0), None, Machine("m"), Life("a"))
    assert (reactor.seconds(), f"{reactor.now():%Y%m%d%H%M%S %z}") == (1_780_000_000.0, "20260529042640 +0800")


def test_timers_are_the_lifes():
    """They happen in their time, with their arguments, and not after its end."""
    timeline, life, seen = Timeline(0.0), Life("a"), []
    reactor = SimReactor(timeline, None, Machine("m"), life)
    reactor.callLater(2.0, seen.append, "timer")
    reactor.callFromThread(seen.append, "thread")
    timeline.run_until(3.0)
    timeline.end(life)
    dead = reactor.callLater(1.0, seen.append, "zombie")
    timeline.run_until(9.0)
    assert (seen, dead.active()) == (["thread", "timer"], False)


def test_process_may_end_itself():
    """As a reactor's stop does."""
    ended = []
    SimReactor(Timeline(0.0), None, Machine("m"), Life("a"), lambda: ended.append(True)).stop()
    assert ended == [True]
