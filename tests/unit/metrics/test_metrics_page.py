"""The page of metrics: open on loopback only, and no store keeps it from being written."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from twisted.web.test.requesthelper import DummyRequest

from gateway.admin.metrics import MetricsPage, needed
from gateway.domain.routing import Place, Tier
from gateway.engine.ports import OpenRuns, RunState, StoreFailed
from gateway.metrics.gathering import Counts, Sources
from gateway.metrics.lag import Lag
from gateway.metrics.page import FRESH, page


@pytest.mark.parametrize(
    ("host", "token"), [("127.0.0.1", None), ("::1", None), ("localhost", None), ("10.0.0.1", "t"), ("0.0.0.0", "t"), ("vsop.example", "t")]
)
def test_token_is_asked_for_beyond_loopback(host, token):
    """An address that others reach wants the admin token."""
    assert needed(host, "t") == token


@pytest.mark.parametrize(
    ("method", "shown", "status"), [("GET", "Bearer t", 200), ("GET", "Bearer x", 401), ("GET", None, 401), ("POST", "Bearer t", 405)]
)
def test_page_is_given_to_who_shows_the_token(method, shown, status):
    """Nobody else, and to read only."""
    request = DummyRequest([])
    request.method, request._disconnected = method.encode(), False
    if shown is not None:
        request.requestHeaders.addRawHeader(b"authorization", shown.encode())

    async def write():
        return b"numbers"

    MetricsPage(write, "t").render(request)
    assert (request.responseCode, b"".join(request.written) == b"numbers") == (status, status == 200)


class Gateway:
    """A gateway that does nothing, and its store."""

    def __init__(self):
        self.now, self.reads, self.fails = 0.0, 0, False
        counts = Counts.beginning(lambda: self.now, lambda event, /, **fields: None)
        front = SimpleNamespace(connections=3, in_flight=0, held=0, turned_away=0)
        gate = SimpleNamespace(places=96, refused_ever=7)
        lag = Lag(lambda seconds, act: None, lambda: self.now)
        sources = Sources("vsop-15", Place(Tier.PROVINCE, "15"), counts, lag, front, gate, lambda: 2, (), None, None)
        clock = SimpleNamespace(now=lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))
        self.write = page(sources, self, clock, lambda: self.now)

    async def open_by_state(self):
        self.reads += 1
        if self.fails:
            raise StoreFailed("away")
        return [OpenRuns(RunState.WAITING, 5, datetime(2026, 11, 24, 11, tzinfo=UTC))]

    def lines(self):
        return set(asyncio.run(self.write()).decode().splitlines())


def test_open_runs_and_their_age_are_told():
    """By state, those that nothing is in as well."""
    wanted = {
        'vsopgw_runs_open{gateway="vsop-15",state="waiting"} 5.0', 'vsopgw_runs_open{gateway="vsop-15",state="stuck"} 0.0',
        'vsopgw_runs_oldest_seconds{gateway="vsop-15",state="waiting"} 3600.0',
        'vsopgw_store_up{gateway="vsop-15"} 1.0', 'vsopgw_gate_refused_total{gateway="vsop-15"} 7.0',
        'vsopgw_connections{gateway="vsop-15"} 3.0', 'vsopgw_runs_active{gateway="vsop-15"} 2.0',
    }  # fmt: skip
    assert wanted <= Gateway().lines()


def test_store_is_not_read_at_each_scrape():
    """Within some seconds it is told again as it was."""
    gateway = Gateway()
    gateway.lines()
    gateway.lines()
    gateway.now = FRESH + 1
    gateway.lines()
    assert gateway.reads == 2


def test_store_that_fails_is_told_as_a_number():
    """All else is written as ever; what it holds is not told, since nobody knows."""
    gateway = Gateway()
    gateway.fails = True
    lines = gateway.lines()
    assert ('vsopgw_store_up{gateway="vsop-15"} 0.0' in lines, 'vsopgw_connections{gateway="vsop-15"} 3.0' in lines) == (True, True)
    assert [line for line in lines if line.startswith("vsopgw_runs_open{")] == []


def test_what_has_not_happened_is_told_as_zero():
    """An alert on an increase sees the first one only if there was a zero before it."""
    wanted = {
        'vsopgw_events_total{event="run.stuck",gateway="vsop-15"} 0.0',
        'vsopgw_orders_parked_total{gateway="vsop-15",section="4.1.1"} 0.0',
    }
    assert wanted <= Gateway().lines()
