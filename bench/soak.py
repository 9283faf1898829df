"""A gateway process under faults: kill -9 with 10 000 orders in flight, and 100 000 orders with failing partners and kills.

Partners are one process with a ledger; the channel is patient: what a gateway did not answer it sends again under its number. At the end
the ledger and the database are compared: nothing lost, nothing doubled. It must not know how the gateway does it.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench import ours
from bench.ledgers import Verdict, compare
from bench.orders import get_json
from bench.patient import Sending, send
from bench.processes import Cores, Memory, Running, read_cpu_seconds, read_memory, running

STALL_SECONDS = 120.0
KILLS = (0.02, 0.04, 0.06, 0.08)
"""When the gateway is killed, in parts of all orders: before a tenth, since memory is compared from there on."""
AT_KILL = 200
"""Orders that have been taken at each kill and are not waited for."""
FAULTS = ("--temporary", "0.1", "--lost", "0.02")


@dataclass(frozen=True, slots=True)
class Recovered:
    """A gateway that was killed with so many orders in flight: seconds from its start to the end of the last, and its memory then."""

    seconds: float
    ready_seconds: float
    cpu_seconds: float
    """Processor time of the gateway: what is left of the seconds where nothing else wants the core."""
    memory: Memory
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Soaked:
    """A long run: memory when a tenth of the orders had ended and at the end."""

    tenth: Memory
    end: Memory
    per_second: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Place:
    """One gateway that is started again and again: the same directory, the same port."""

    cores: Cores
    stub: Running
    directory: Path
    port: int
    retry: dict[str, object]

    @contextmanager
    def gateway(self, name: str, subscribers: int = 0, *, everywhere: bool = False) -> Iterator[Running]:
        """Start it on its core, or `everywhere`: then it shares the other one with the partners."""
        core = f"{self.cores.measured},{self.cores.load}" if everywhere else self.cores.measured
        settings = {"gateway.port": self.port, "log.level": "error", **self.retry}
        with ours.start_ours_gateway(
            core, self.stub.url(), self.directory, subscribers=subscribers, name=name, settings=settings
        ) as started:
            yield started

    @property
    def database(self) -> Path:
        return self.directory / "state" / "vsop.sqlite"


@contextmanager
def _place(cores: Cores, directory: Path, *faults: str, **retry: object) -> Iterator[_Place]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bench.partner_stub", "--ledger", *faults]
    with running("partners-with-ledger", command, core=cores.load, path="") as stub:
        yield _Place(cores, stub, directory, port, {f"retry.{key}": value for key, value in retry.items()})


def _sending(place: _Place, in_flight: int, *, to_the_end: bool) -> Sending:
    path = "/services/vsop"
    return Sending(place.port, path, place.stub.port, ours.order_template(), ours.order_number, in_flight, to_the_end)


def measure_recovery(cores: Cores, orders: int, directory: Path) -> Recovered:
    """Half of the orders wait for billing, half for the platform, when the gateway is killed; both are back when it starts again."""
    with _place(cores, directory, base_ms=200, cap_s=5) as place:
        sending = _sending(place, 32, to_the_end=False)
        with place.gateway("ours-before", orders) as gateway:
            _away(place, "billing")
            send(sending, 1, orders // 2)
            _until(lambda: _calls(place, "xplatform") >= orders // 2, "orders that wait for billing")
            _away(place, "billing,xplatform")
            send(sending, 1 + orders // 2, orders - orders // 2)
            os.kill(gateway.pid, signal.SIGKILL)
        _away(place, "")
        began = time.perf_counter()
        with place.gateway("ours-after", everywhere=True) as gateway:
            ready = time.perf_counter() - began
            _until(lambda: (ours.orders_completed(gateway) or 0) >= orders, "orders to end after the kill")
            seconds, memory, cpu = time.perf_counter() - began, read_memory(gateway.pid), read_cpu_seconds(gateway.pid)
        return Recovered(seconds, ready, cpu, memory, compare(place.stub.port, place.database, orders))


def measure_soak(cores: Cores, orders: int, directory: Path) -> Soaked:
    """Send all orders through partners that fail, with kills before a tenth of them; SystemExit: it stalls."""
    with _place(cores, directory, *FAULTS, base_ms=50, cap_s=1) as place:
        sending = _sending(place, 32, to_the_end=True)
        sent = 0
        for count, part in enumerate(KILLS):
            with place.gateway(f"ours-soak-{count}", 0 if count else orders) as gateway:
                until = int(orders * part)
                send(sending, 1 + sent, until - sent - AT_KILL)
                send(replace(sending, to_the_end=False), 1 + until - AT_KILL, AT_KILL)  # taken, and hardly begun
                os.kill(gateway.pid, signal.SIGKILL)
                sent = until
        with place.gateway("ours-soak") as gateway:
            _until(lambda: get_json(place.stub.port, "/told")["told"] >= sent, "orders that were under way at a kill")
            send(sending, 1 + sent, orders // 10 - sent)
            tenth, began = read_memory(gateway.pid), time.perf_counter()
            send(sending, 1 + orders // 10, orders - orders // 10)
            rate, end = (orders - orders // 10) / (time.perf_counter() - began), read_memory(gateway.pid)
            _until(lambda: (ours.orders_completed(gateway) or 0) >= orders, "the last writes")
        return Soaked(tenth, end, rate, compare(place.stub.port, place.database, orders))


def _away(place: _Place, contracts: str) -> None:
    get_json(place.stub.port, f"/away?contracts={contracts}")


def _calls(place: _Place, contract: str) -> int:
    return get_json(place.stub.port, "/counts")[contract]


def _until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + STALL_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: waited {STALL_SECONDS:.0f} s for {what}")
        time.sleep(0.05)
