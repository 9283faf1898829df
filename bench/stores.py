"""What the stores can do by themselves: orders of six steps written as commits of the port, and single reads.

`python -m bench.stores [--only sqlite] [--url postgresql://...]`; without an address a private PostgreSQL is started for the run.
An order is seven commits with 31 rows, each awaited before the next, as the engine writes them; 1, 32 and 128 are under way at once.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from gateway.domain.catalogue import OfferType
from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderEnded
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order, OrderItem, OrderState
from gateway.domain.party import Address, Party
from gateway.domain.subscriber import PayType
from gateway.engine.ports import (
    Holding,
    InboxRow,
    LeaseTaken,
    RunEnded,
    RunStarted,
    RunState,
    StepDone,
    StepIntended,
    Write,
)
from gateway.steps import Reply
from gateway.store.postgres import PostgresStore
from gateway.store.sqlite import SqliteStore
from gateway.store.times import SHANGHAI

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
OWNER = "bench"
STEPS = 5
READS = 1000


def order_commits(serial: int) -> Iterator[Sequence[Write]]:
    """Accept, five steps with intent and result, end."""
    run, number = f"o{serial}", Number(f"189{serial:08d}")
    item = OrderItem("115000000000000000101", "15000001", "315000000000000000101", OfferType.PURE)
    order = Order(
        id=run, trace_id=run, section="4.1.1", action=Action.SUBSCRIBE, channel="211", channel_order_id=run, streaming_no=run,
        number=number, spec="003", pay=PayType.PREPAID, province="15", target=Address(Party.XPLATFORM, "303"), items=(item,),
        accepted_at=NOON,
    )  # fmt: skip
    yield [
        InboxRow("211", run, "subscribeToVSOP", "digest", "{}", NOON),
        RunStarted(run, "order-x/1", serial, order, NOON, OWNER),
        OrderAccepted(order),
    ]
    hold = Holding(run, 0)
    done: list[Write] = []
    for step in map(str, range(STEPS)):
        yield [hold, *done, StepIntended(run, step, "2c", "2d", "xplatform:303", "serverAction", f"{run}-{step}", NOON)]
        done = [StepDone(run, step, "2c", "xplatform:303", Reply(NOON), 1)]
    ended = OrderEnded(run, OrderState.COMPLETED, 0, NOON)
    yield [hold, *done, ended, ItemsFreed(run), RunEnded(run, RunState.ENDED, 0, "", NOON)]


class Told:
    """A promise that goes on with its order when it is settled."""

    def __init__(self) -> None:
        self.go_on: Callable[[], None] = lambda: None

    def succeed(self) -> None:
        """The commit is on disk."""
        self.go_on()

    def fail(self, error: Exception) -> None:
        """Nothing may fail here."""
        raise error

    def __await__(self) -> Any:
        raise NotImplementedError


def orders_per_second(store: Any, acts: SimpleQueue[Callable[[], None]], serials: Iterator[int], orders: int, at_once: int) -> float:
    """Write orders, so many at once."""
    left, under_way = orders, 0

    def begin() -> None:
        nonlocal left, under_way
        if left:
            left, under_way = left - 1, under_way + 1
            go_on(order_commits(next(serials)))

    def go_on(commits: Iterator[Sequence[Write]]) -> None:
        nonlocal under_way
        rows = next(commits, None)
        if rows is None:
            under_way -= 1
            begin()
        else:
            store.commit(rows).go_on = lambda: go_on(commits)

    began = time.perf_counter()
    for _ in range(at_once):
        begin()
    while under_way:
        acts.get()()
    return orders / (time.perf_counter() - began)


def microseconds(read: Callable[[], Any]) -> float:
    """Time one read: the median of many."""
    taken = []
    for _ in range(READS):
        began = time.perf_counter()
        try:
            read().send(None)
        except StopIteration:
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e6


def measure(name: str, open_store: Callable[..., Any]) -> None:
    """Measure one store and print a line for each figure."""
    acts: SimpleQueue[Callable[[], None]] = SimpleQueue()
    store, serials = open_store(promise=Told, on_thread_result=acts.put), itertools.count(int(time.time()) % 10**7 * 10)
    store.commit([LeaseTaken(OWNER, "t", 3600.0)])
    acts.get()()
    first = next(serials)
    for at_once, orders in ((1, 200), (32, 3000), (128, 3000)):
        rate = orders_per_second(store, acts, serials, orders, at_once)
        print(f"{name}: {at_once} at once: {rate:.0f} orders/s, {rate * (STEPS + 2):.0f} commits/s")
    run = f"o{first + 1}"
    for what, read in (
        ("inbox", lambda: store.inbox("211", run)), ("run", lambda: store.run(run)), ("order", lambda: store.order(run)),
        ("catalogue", store.catalogue), ("due_runs", lambda: store.due_runs(NOON, 32, OWNER)),
    ):  # fmt: skip
        print(f"{name}: {what}: {microseconds(read):.0f} us")
    store.close()


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    parser.add_argument("--url")
    arguments = parser.parse_args()
    if arguments.only != "postgres":
        with tempfile.TemporaryDirectory() as directory:
            measure("sqlite", lambda **wiring: SqliteStore(Path(directory) / "bench.sqlite", **wiring))
    if arguments.only == "sqlite":
        return
    if arguments.url:
        measure("postgres", lambda **wiring: PostgresStore(arguments.url, **wiring))
        return
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/postgres.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        measure("postgres", lambda **wiring: PostgresStore(url, **wiring))
    finally:
        server.stdin.close()
        server.wait()


if __name__ == "__main__":
    main()
