"""The window: closes while the process is late, opens while it is not, and lets bursts in; no clock but the test's."""

from __future__ import annotations

from gateway.soap.http_window import LEAST, USUAL, Window

TARGET = 0.0015


class Process:
    """A process that is looked at every 10 ms."""

    def __init__(self) -> None:
        self.window = Window(TARGET)
        self.now = 0.0

    def run(self, seconds: float, *, late: float, under_way: int, asked: bool = True) -> float:
        """Go on for some time; `asked`: new work comes all the time. Gives the places at the end."""
        for _ in range(round(seconds / 0.01)):
            self.now += 0.01
            if asked:
                self.window.admits(under_way)
            self.window.sample(late, self.now, under_way)
        return self.window.places


def test_takes_a_burst_at_first() -> None:
    """As many as there are places, whatever comes next."""
    window = Window(TARGET)
    assert [window.admits(n) for n in (0, int(USUAL) - 1, int(USUAL))] == [True, True, False]


def test_closes_while_the_process_is_late() -> None:
    """Within half a second it is down to what keeps the processor busy."""
    assert Process().run(0.5, late=0.010, under_way=60) == LEAST


def test_closes_from_what_is_under_way() -> None:
    """A window that was opened wide does not take long to close: what is not used does not count."""
    process = Process()
    process.run(2.0, late=0.0, under_way=10_000)
    opened = process.window.places
    process.run(0.1, late=0.010, under_way=80)
    assert (opened > 1000, process.window.places < 80) == (True, True)


def test_opens_while_nothing_is_late() -> None:
    """A partner that takes a second for an answer needs many orders at once: they cost the processor nothing."""
    assert Process().run(1.0, late=0.0005, under_way=10_000) > 2000


def test_opens_slowly_near_the_limit() -> None:
    """Where the process is nearly late, one place at a time."""
    assert Process().run(1.0, late=0.001, under_way=10_000) < USUAL + 25


def test_stays_where_nobody_needs_more() -> None:
    """Without refusals it does not grow."""
    assert Process().run(10.0, late=0.0, under_way=5) == USUAL


def test_comes_back_after_an_overload() -> None:
    """In quiet times it takes a burst again."""
    process = Process()
    process.run(1.0, late=0.010, under_way=60)
    assert process.run(10.0, late=0.0, under_way=0, asked=False) == USUAL


def test_one_pause_is_no_overload() -> None:
    """A garbage collection of 50 ms among looks that were in time closes nothing."""
    process = Process()
    for late in (0.0, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0):
        process.run(0.01, late=late, under_way=40)
    assert process.window.places == USUAL
