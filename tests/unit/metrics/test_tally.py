"""What is counted: labels stay ours, classes of durations are right, and counting is cheap."""

from __future__ import annotations

from time import perf_counter, process_time

import pytest

from gateway.metrics.counted import Counted
from gateway.metrics.lag import ASKED, EVERY, Lag
from gateway.tally import MOST, Heard, Spread, Tally, kind_of

MICROSECOND = 1e-6


class Clock:
    """Seconds that are moved by hand, and what is to be done later."""

    def __init__(self):
        self.now, self.later = 0.0, []

    def __call__(self):
        return self.now

    def call_later(self, seconds, act):
        self.later.append((self.now + seconds, act))

    def run(self, late=0.0):
        """Do what is next, so many seconds late."""
        due, act = self.later.pop(0)
        self.now = due + late
        act()


def test_spread_counts_up_to_each_bound():
    """A value on a bound belongs below it, as Prometheus has it; `+Inf` has all."""
    spread = Spread((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        spread.add(value)
    assert (spread.below(), spread.count, spread.total) == ([("1.0", 2.0), ("2.0", 3.0), ("+Inf", 4.0)], 4, 12.0)


@pytest.mark.parametrize(("code", "kind"), [(0, "success"), ("0", "success"), ("77777", "other"), ("", "other"), (None, "other")])
def test_kind_of_a_code(code, kind):
    """Codes come as text and as numbers; what is not in the table has no name of its own."""
    assert kind_of(code) == kind


def test_strangers_fall_together():
    """Whoever is not known is `other`, and so is a message without an operation."""
    heard = Heard(Tally(Clock()), lambda: {"portal"})
    for caller in ("portal", "mallory", "eve"):
        heard.answered(caller, "vsop", "", 0, 0.0)
    counts = {labels: spread.count for labels, spread in heard.calls.spreads.items()}
    assert counts == {("portal", "vsop", "other", "success"): 1, ("other", "vsop", "other", "success"): 2}


def test_faults_are_counted_by_code():
    """Beside the call itself."""
    heard = Heard(Tally(Clock()))
    heard.refused("", "vsop", "orderStateQry", 2003, 0.0)
    assert heard.faults == {("vsop", 2003): 1}


def test_sets_of_labels_are_bounded():
    """Beyond the most there is one more, in which all further ones fall together."""
    tally = Tally(Clock())
    for n in range(MOST + 3):
        tally.note((str(n),), 0.0)
    assert (len(tally.spreads), tally.spreads["other",].count) == (MOST + 1, 3)


def test_events_are_counted_and_told():
    """By name; of orders by section, where it is one."""
    told = []
    counted = Counted(lambda event, /, **fields: told.append(event))
    counted("order.accepted", run="r", section="4.1.1")
    counted("run.ended", run="r", section="4.1.1", code=0)
    counted("run.parked", run="r", section="18907910001")
    assert (counted.accepted, counted.ended, counted.parked) == ({"4.1.1": 1}, {("4.1.1", "success"): 1}, {"other": 1})
    assert list(counted.kinds) == told == ["order.accepted", "run.ended", "run.parked"]


def test_lag_is_how_late_a_look_is():
    """Each look after its time."""
    clock = Clock()
    lag = Lag(clock.call_later, clock)
    lag.asked()
    clock.run(late=0.25)
    assert (lag.late.count, round(lag.late.total, 6)) == (1, 0.25)


def test_lag_is_measured_only_while_somebody_asks():
    """Some time after the last question nothing is looked at any more, and a new question begins it again."""
    clock = Clock()
    lag = Lag(clock.call_later, clock)
    lag.asked()
    while clock.later and clock.now < 2 * ASKED:
        clock.run()
    ended = clock.now
    lag.asked()
    assert (ended <= ASKED + 2 * EVERY, len(clock.later)) == (True, 1)


def test_a_message_costs_less_than_two_microseconds():
    """To count it, in processor time: the best of some rounds, with room for a slow machine."""
    heard = Heard(Tally(perf_counter), lambda: {"211"})
    assert min(_round(heard) for _ in range(5)) < 4 * MICROSECOND


def _round(heard, messages=20_000):
    began = process_time()
    for _ in range(messages):
        heard.answered("211", "vsop", "subscribeToVSOP", "0", heard.calls.seconds())
    return (process_time() - began) / messages
