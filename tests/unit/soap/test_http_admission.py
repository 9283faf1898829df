"""Admission: what is refused at the limit and what is not, what the refused are told, and when it is told to the operator."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from gateway.soap.http_admission import Admission, AdmissionLimits
from gateway.soap.http_window import LEAST, USUAL

NEW, QUERY = {"soapaction": '"new"'}, {"soapaction": '"query"'}


class Gate:
    """An admission on a clock that is moved by hand."""

    def __init__(self, **limits) -> None:
        self.clock, self.under_way, self.told = Clock(), 0, []
        self.admission = Admission(
            AdmissionLimits(**limits), urgent=lambda headers: headers is QUERY, under_way=lambda: self.under_way, clock=self.clock,
            told=self.told.append,
        )  # fmt: skip

    def refused(self, headers, in_flight=0) -> bool:
        return self.admission.refusal(headers, in_flight) is not None

    def stall(self, seconds: float, *, late: float) -> None:
        """Go on for some time, late with everything."""
        for _ in range(round(seconds / 0.01)):
            self.clock.advance(0.01 + late)


@pytest.fixture
def gate():
    return Gate(in_flight=10)


@pytest.mark.parametrize(
    ("headers", "in_flight", "refused"),
    [(NEW, 9, False), (NEW, 10, True), (QUERY, 10, False), (QUERY, 19, False), (QUERY, 20, True)],
)
def test_in_flight(gate, headers, in_flight, refused):
    """New work goes up to the limit; what completes, asks or ends work, up to twice as far."""
    assert gate.refused(headers, in_flight) is refused


@pytest.mark.parametrize(("headers", "refused"), [(NEW, True), (QUERY, False)])
def test_window_is_for_new_work(gate, headers, refused):
    """However much is under way, a query is answered."""
    gate.under_way = int(USUAL)
    assert gate.refused(headers) is refused


def test_lateness_closes_the_window(gate):
    """A process that is late lets in less than before."""
    before = gate.admission.places
    gate.refused(NEW)
    gate.under_way = 80
    gate.stall(0.5, late=0.02)
    assert (before, gate.admission.places, gate.refused(NEW)) == (int(USUAL), int(LEAST), True)


def test_refusal_is_small_and_says_when(gate):
    """HTTP 503 without a body; one is told another time than the next, a fifth more or less."""
    gate.under_way = 1000
    refusals = [gate.admission.refusal(NEW, 0) for _ in range(50)]
    waits = [int(dict(refusal.headers)["Retry-After"]) for refusal in refusals]
    assert ({(r.status, r.body) for r in refusals}, set(waits), sum(waits)) == ({(503, b"")}, {4, 5, 6}, 250)


def test_overload_is_told_twice(gate):
    """When it begins, and a second after its last refusal, with how many there were."""
    gate.under_way = 1000
    for _ in range(3):
        gate.refused(NEW)
        gate.clock.advance(0.5)
    before = list(gate.told)
    gate.clock.pump([0.01] * 100)
    assert (before, gate.told, gate.admission.refused) == ([None], [None, 3], 0)


def test_quiet_process_is_not_looked_at(gate):
    """Without new work there is no timer: an idle gateway sleeps."""
    gate.refused(NEW)
    gate.clock.pump([0.01] * 100)
    assert gate.clock.getDelayedCalls() == []


def test_queries_alone_start_no_looks(gate):
    """They are let in in any case."""
    gate.refused(QUERY)
    assert gate.clock.getDelayedCalls() == []
