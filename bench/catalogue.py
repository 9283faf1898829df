"""The catalogue's fan-out: so many new products, each tested at two targets and published to four, from a file to the last answer.

Deliveries are the cells of the ledger: four for each product. A second run is killed in the middle: after a restart every message must
have come, each under one number. It must not know how the gateway does it.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import ours_ppm
from bench.orders import get_json
from bench.processes import Cores, Memory, Running, read_memory, running

TARGETS = 4
MESSAGES = 8
"""For each product: two tests, two test notices, four publications."""
STALL_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class FanOut:
    """What one whole run took: deliveries per second, and memory when a tenth was delivered and at the end."""

    per_second: float
    tenth: Memory
    end: Memory


@dataclass(frozen=True, slots=True)
class Resumed:
    """A run that was killed in the middle: how much was delivered then, and how many messages came again under their number."""

    delivered_at_kill: int
    again: int


def measure_fan_out(cores: Cores, products: int, directory: Path) -> FanOut:
    """File products and wait until each has reached its targets; SystemExit: it stalls, or something came twice."""
    file, config = _prepared(products, directory)
    with _targets("targets", cores) as stub:
        ours_ppm.write_config(config, stub.url(), directory)
        with ours_ppm.start_gateway(cores.measured, config, directory, name="ours-ppm") as gateway:
            began = time.perf_counter()
            with _filing(config, file, cores, name="ppm-apply"):
                _wait(gateway, products * TARGETS // 10)
                tenth = read_memory(gateway.pid)
                _wait(gateway, products * TARGETS)
            seconds = time.perf_counter() - began
            end = read_memory(gateway.pid)
        _check(stub, products)
    return FanOut(products * TARGETS / seconds, tenth, end)


def measure_resumption(cores: Cores, products: int, directory: Path) -> Resumed:
    """The same, with the gateway killed when half is delivered and started again; SystemExit: something is missing, or came twice."""
    file, config = _prepared(products, directory)
    with _targets("targets-of-killed", cores) as stub:
        ours_ppm.write_config(config, stub.url(), directory)
        with (
            ours_ppm.start_gateway(cores.measured, config, directory, name="ours-ppm-killed") as gateway,
            _filing(config, file, cores, name="ppm-apply-killed", may_fail=True),
        ):
            delivered = _wait(gateway, products * TARGETS // 2)
            os.kill(gateway.pid, signal.SIGKILL)
        with (
            ours_ppm.start_gateway(cores.measured, config, directory, name="ours-ppm-again") as gateway,
            _filing(config, file, cores, name="ppm-apply-again", resume=True),
        ):
            _wait(gateway, products * TARGETS)
        return Resumed(delivered, _check(stub, products))


def _prepared(products: int, directory: Path) -> tuple[Path, Path]:
    file = directory / "products.toml"
    with file.open("w", encoding="utf-8") as out:
        for number in range(products):
            out.write(ours_ppm.product_table(number))
    return file, directory / "gateway.toml"


@contextmanager
def _targets(name: str, cores: Cores) -> Iterator[Running]:
    with running(name, [sys.executable, "-m", "bench.catalogue_stub"], core=cores.load, path="") as stub:
        yield stub


@contextmanager
def _filing(
    config: Path, file: Path, cores: Cores, *, name: str, resume: bool = False, may_fail: bool = False
) -> Iterator[None]:
    """File the products while the block waits for them; SystemExit: one was refused."""
    process = ours_ppm.file_products(config, file, core=cores.load, name=name, resume=resume)
    try:
        yield
        if process.wait(STALL_SECONDS) != 0 and not may_fail:
            raise SystemExit(f"bench: {name} ended with {process.returncode}: see bench/var/{name}.out")
    finally:
        process.kill()
        process.wait()


def _wait(gateway: Running, wanted: int) -> int:
    """Wait until so many cells are delivered; gives how many are."""
    delivered, since = 0, time.monotonic()
    while True:
        counts = ours_ppm.count_cells(gateway)
        if counts["refused"] or counts["superseded"]:
            raise SystemExit(f"bench: not every delivery was taken: {counts}")
        if counts["delivered"] >= wanted:
            return counts["delivered"]
        if counts["delivered"] > delivered:
            delivered, since = counts["delivered"], time.monotonic()
        elif time.monotonic() - since > STALL_SECONDS:
            raise SystemExit(f"bench: stalled: {delivered} of {wanted} deliveries have ended")
        time.sleep(POLL_SECONDS)


def _check(stub: Running, products: int) -> int:
    """Every message came, each under one number; gives how many came again under theirs."""
    counts = get_json(stub.port, "/counts")
    if counts["different"] != products * MESSAGES or counts["twice"]:
        raise SystemExit(
            f"bench: {products * MESSAGES} messages were to come, each under one number; what came: {counts}"
        )
    return counts["again"]
