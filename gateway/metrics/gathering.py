"""Gathers what a gateway has counted, as families of Prometheus: `docs/alerts.md` says what to do about them.

Labels are names of contracts, configuration and code only: never a number, an order or a StreamingNo. Must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from gateway.access.door import Door
from gateway.admin.partners import Watched
from gateway.capture.capture import Capture
from gateway.config import Config
from gateway.domain.party import KNOWN_SYSTEMS
from gateway.domain.routing import Place
from gateway.engine.ports import OpenRuns, RunState
from gateway.engine.wiring import Events
from gateway.flows.sections import SECTIONS
from gateway.metrics.counted import Counted
from gateway.metrics.lag import Lag
from gateway.partners.breaker import Position
from gateway.soap.http import HttpFactory
from gateway.soap.http_admission import Admission
from gateway.store.journal import Journal
from gateway.tally import Heard, Spread, Tally
from gateway.telemetry import EVENTS
from gateway.vocabulary import system_of

CALL: Final = ("partner", "contract", "operation", "result")
"""Labels of a call, in both directions."""
# What has not happened yet is told as 0: Prometheus sees no increase in what begins with 1.
_SECTIONS: Final = dict.fromkeys(SECTIONS, 0)
_EVENTS: Final = dict.fromkeys(EVENTS, 0)
_OPEN: Final = tuple(map(str, (RunState.RUNNING, RunState.WAITING, RunState.STUCK)))


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted where it happens; made before the rooms that count."""

    events: Counted
    heard: Heard
    said: Tally
    journal: Journal

    @classmethod
    def beginning(cls, seconds: Callable[[], float], events: Events) -> Counts:
        """Begin with nothing; `seconds` counts as finely as calls are to be measured."""
        return cls(Counted(events), Heard(Tally(seconds)), Tally(seconds), Journal(seconds))


def known_callers(config: Config, door: Door | None) -> Callable[[], Collection[str]]:
    """Give the names that callers may have as a label: partners, or, where everybody may call, the systems of the field."""
    if door is None:
        systems = KNOWN_SYSTEMS | {system_of(address) for address in config.partners}
        return lambda: systems
    guard = door.guard
    return lambda: guard.partners.all


@dataclass(frozen=True, slots=True)
class Sources:
    """What is looked at when somebody asks."""

    name: str
    here: Place
    counts: Counts
    lag: Lag
    front: HttpFactory
    gate: Admission
    active: Callable[[], int]
    partners: Sequence[Watched]
    door: Door | None
    capture: Capture | None


class Gathered:
    """Gives the families of one gateway; a collector of prometheus-client."""

    def __init__(self, sources: Sources) -> None:
        self._of = sources
        self.open: Sequence[OpenRuns] | None = None
        """Of the store, as it was last read; None where it could not be."""
        self.now: Callable[[], float] = lambda: 0.0
        """The time of day in seconds since 1970, for ages."""

    def collect(self) -> Iterable[Metric]:
        """Give all families, with their values as they are now; each sample names its process, for workers answer at one port."""
        for family in self._families():
            for sample in family.samples:
                sample.labels["gateway"] = self._of.name
            yield family

    def _families(self) -> Iterable[Metric]:
        counts = self._of.counts
        yield self._build()
        yield _calls("vsopgw_requests", "Messages that were asked of this gateway, by how long their answers took.", counts.heard.calls)
        yield _counter("vsopgw_faults", "Messages answered by a fault.", ("contract", "code"), counts.heard.faults)
        yield _calls("vsopgw_calls", "Calls to partners, by how long they took.", counts.said)
        yield from self._orders(counts.events)
        yield from self._store(counts.journal)
        yield from self._load()
        yield from self._neighbours()

    def _build(self) -> Metric:
        family = GaugeMetricFamily(
            "vsopgw_build_info", "Which gateway this is; always 1.", labels=["tier", "province", "version", "python"]
        )
        family.add_metric([str(self._of.here.tier), self._of.here.province, _version(), python_version()], 1)
        return family

    def _orders(self, events: Counted) -> Iterable[Metric]:
        accepted, parked = _SECTIONS | events.accepted, _SECTIONS | events.parked
        yield _counter("vsopgw_orders_accepted", "Orders, and all else that has a run: stored and begun.", ("section",), accepted)
        yield _counter("vsopgw_orders_ended", "Those that have ended, by the kind of their result.", ("section", "result"), events.ended)
        yield _counter("vsopgw_orders_parked", "Those whose partner was away too long: for a person.", ("section",), parked)
        yield _counter("vsopgw_events", "Events of the log, also those below its level.", ("event",), _EVENTS | events.kinds)

    def _store(self, journal: Journal) -> Iterable[Metric]:
        yield _gauge("vsopgw_store_up", "Whether the store answered just now.", self.open is not None)
        yield _spread("vsopgw_journal_group_commits", "Commits that were written in one transaction.", journal.sizes)
        yield _spread("vsopgw_journal_write_seconds", "How long a transaction took until it was on disk.", journal.durations)
        if self.open is None:
            return
        runs, oldest = dict.fromkeys(_OPEN, 0.0), dict.fromkeys(_OPEN, 0.0)
        for row in self.open:
            runs[str(row.state)] = float(row.runs)
            oldest[str(row.state)] = max(0.0, self.now() - row.oldest.timestamp())
        yield _labelled("vsopgw_runs_open", "Runs in the store that have not ended; stuck ones wait for a person.", ("state",), runs)
        yield _labelled("vsopgw_runs_oldest_seconds", "Age of the oldest of them; 0 where there is none.", ("state",), oldest)

    def _load(self) -> Iterable[Metric]:
        front, gate = self._of.front, self._of.gate
        yield _gauge("vsopgw_runs_active", "Runs that this process works on, in memory.", self._of.active())
        yield _gauge("vsopgw_connections", "Clients that are connected.", front.connections)
        yield _gauge("vsopgw_requests_in_flight", "Requests without an answer.", front.in_flight)
        yield _gauge("vsopgw_request_bytes_held", "Bytes of bodies that are received or have no answer.", front.held)
        yield _gauge("vsopgw_gate_places", "How much new work may be under way at present.", gate.places)
        yield CounterMetricFamily("vsopgw_gate_refused", "Requests told HTTP 503 under load.", gate.refused_ever)
        yield CounterMetricFamily("vsopgw_connections_refused", "Clients turned away as they connected.", front.turned_away)
        yield _spread("vsopgw_loop_lag_seconds", "How late the event loop is; measured while metrics are asked for.", self._of.lag.late)

    def _neighbours(self) -> Iterable[Metric]:
        partners = self._of.partners
        yield _labelled(
            "vsopgw_partner_open_calls", "Calls to a partner that are out or wait.", ("partner",),
            {partner.party: partner.open_calls() for partner in partners},
        )  # fmt: skip
        positions = {
            (partner.party, operation, str(position)): int(breaker.position is position)
            for partner in partners
            for operation, breaker in partner.breakers().items()
            for position in Position
        }
        where = ("partner", "operation", "position")
        yield _labelled("vsopgw_breaker", "1 for where the breaker of an operation stands.", where, positions)
        above = {} if self._of.door is None else self._of.door.quotas.above()
        yield _counter("vsopgw_quota_excess", "Messages above a quota, refused or only told.", ("partner",), above)
        yield _gauge("vsopgw_capture_running", "Whether a capture records.", self._of.capture is not None and self._of.capture.running)


def registry(gathered: Gathered) -> CollectorRegistry:
    """Give a registry with these families, and those of the process."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    GCCollector(registry=made)
    made.register(gathered)
    return made


def written(made: CollectorRegistry) -> bytes:
    """Write all families in Prometheus' text format, 0.0.4."""
    return generate_latest(made)


Keyed = Mapping[str, float] | Mapping[tuple[str, str], float] | Mapping[tuple[str, int], float] | Mapping[tuple[str, str, str], float]


def _counter(name: str, text: str, labels: Sequence[str], values: Keyed) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for key, value in list(values.items()):
        family.add_metric(_texts(key), value)
    return family


def _labelled(name: str, text: str, labels: Sequence[str], values: Keyed) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(_texts(key), value)
    return family


def _texts(key: object) -> list[str]:
    return [str(part) for part in key] if isinstance(key, tuple) else [str(key)]


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value)


def _spread(name: str, text: str, spread: Spread) -> Metric:
    family = HistogramMetricFamily(name, text)
    family.add_metric([], spread.below(), spread.total)
    return family


def _calls(name: str, text: str, tally: Tally) -> Metric:
    family = HistogramMetricFamily(f"{name}_seconds", text, labels=CALL)
    for labels, spread in list(tally.spreads.items()):
        family.add_metric(labels, spread.below(), spread.total)
    return family


def _version() -> str:
    try:
        return version("vsop-gateway")
    except PackageNotFoundError:  # it runs from its files
        return ""
