"""Our side of the journal benches: the engine with its store, and orders of six steps that cost nothing.

    python -m bench.ours_journal (--sqlite FILE | --postgres URL) [--owner NAME]

Told `COUNT IN_FLIGHT` on a line of its input, it carries out so many orders and prints {"per_second", "p50_ms", "p99_ms", "cpu_us"}.
An order is what the gateway makes of it, without SOAP: request, order and run with its lock in one commit, six messages each journalled
before it leaves and when it has its answer, a relation, the end. Partners answer at once. Lease, fence and locks are those of the gateway.
"""

import argparse
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from gateway.domain.catalogue import OfferType
from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderEnded
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order, OrderItem, OrderState
from gateway.domain.party import Address, Party
from gateway.domain.subscriber import PayType
from gateway.engine.engine import Engine
from gateway.engine.ports import InboxRow, Sent, Store
from gateway.engine.wiring import Owner, Wiring
from gateway.flows.outcome import relation_facts
from gateway.runtime.reactor import from_threads, install
from gateway.steps import Activate, Ask, Flow, ItemReply, Reply, Tell, ask, keep

STEPS = 6
PRODUCT = "V10000001"
X = Address(Party.XPLATFORM, "303")
LEASE = timedelta(seconds=10)


def six_steps(order: Order) -> Flow:
    """Accept, ask six times, keep the relation, end."""
    yield from keep("1", "accept", OrderAccepted(order))
    for number in range(STEPS):
        result = yield from ask(str(number), f"step-{number}", X, Activate(order, (PRODUCT,)))
    ended = OrderEnded(order.id, OrderState.COMPLETED, 0, result.at)
    yield from keep("7", "complete", *relation_facts(order, result), ended, ItemsFreed(order.id))
    return 0


class Partners:
    """Answer at once."""

    def operation(self, step: Ask | Tell) -> str:
        """Name the operation."""
        return "serverAction"

    async def send(self, step: Ask | Tell, streaming_no: str, at: datetime) -> Sent:
        """Give success."""
        return Sent(Reply(at, items=(ItemReply(PRODUCT, 0),)))


class Load:
    """Keeps so many orders under way until all of a turn have ended."""

    def __init__(self, store: Store, owner: Owner, clock: Any, spawn: Callable[..., None]) -> None:
        self._spawn = spawn
        self._clock = clock
        self._owner = owner.name
        self._begun: dict[str, float] = {}
        self._left = 0
        self._since = self._cpu = 0.0
        self._took: list[float] = []
        self._serial = time.time_ns() // 1000
        self.engine = Engine(
            Wiring(
                store=store, caller=Partners(), clock=clock, spawn=spawn, random=lambda: 0.5, flows={"six/1": six_steps},
                streaming_no=lambda matter, serial, index: f"{matter.id}{index:02d}", events=self._event, owner=owner,
            )
        )  # fmt: skip

    def turn(self, count: int, in_flight: int) -> None:
        """Begin a turn."""
        self._left, self._took = count, []
        self._since, self._cpu = time.perf_counter(), _cpu()
        for _ in range(min(count, in_flight)):
            self._next()

    def _next(self) -> None:
        self._left -= 1
        self._spawn(self._place())

    async def _place(self) -> None:
        self._serial += 1
        name = f"{self._owner}{self._serial}"
        now = self._clock.now()
        order = Order(
            id=name, trace_id=name, section="4.1.1", action=Action.SUBSCRIBE, channel="211", channel_order_id=name, streaming_no=name,
            number=Number(f"189{self._serial % 10**8:08d}"), spec="003", pay=PayType.POSTPAID, province="15", target=X,
            items=(OrderItem(PRODUCT, "15000001", "O10000001", OfferType.PURE),), accepted_at=now,
        )  # fmt: skip
        self._begun[name] = time.perf_counter()
        await self.engine.start("six/1", await self.engine.next_serial(), order, InboxRow("211", name, "x", "digest", "{}", now))

    def _event(self, event: str, /, **fields: object) -> None:
        if event in ("run.stuck", "run.fenced", "run.delayed", "run.parked", "lease.lost"):
            sys.stderr.write(f"{event} {fields}\n")
            os._exit(1)
        if event != "run.ended":
            return
        began = self._begun.pop(str(fields["run"]))
        self._took.append(time.perf_counter() - began)
        if self._left:
            self._next()
        elif not self._begun:
            self._tell()

    def _tell(self) -> None:
        count, seconds = len(self._took), time.perf_counter() - self._since
        took = sorted(self._took)
        figures = {
            "per_second": count / seconds, "p50_ms": median(took) * 1e3, "p99_ms": took[int(count * 0.99)] * 1e3,
            "cpu_us": (_cpu() - self._cpu) / count * 1e6,
        }  # fmt: skip
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _open(options: argparse.Namespace, reactor: Any) -> Any:
    from gateway.runtime.spawning import DeferredPromise  # noqa: PLC0415  the reactor comes first

    with_promises = {"promise": DeferredPromise, "on_thread_result": from_threads(), "gather": reactor.callFromThread}
    if options.sqlite is not None:
        from gateway.store.sqlite import SqliteStore  # noqa: PLC0415

        return SqliteStore(options.sqlite, **with_promises)
    from gateway.store.postgres import PostgresStore  # noqa: PLC0415

    return PostgresStore(options.postgres, **with_promises)


def main() -> None:
    """Take turns until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--sqlite", type=Path, metavar="FILE")
    place.add_argument("--postgres", metavar="URL")
    parser.add_argument("--owner", default="one", help="name of this process among those that share the store")
    options = parser.parse_args()
    reactor = install()
    from gateway.runtime.clock import ReactorClock  # noqa: PLC0415
    from gateway.runtime.spawning import spawn  # noqa: PLC0415

    store = _open(options, reactor)
    owner = Owner(options.owner, str(os.getpid()), None if options.postgres is None else LEASE)
    load = Load(store, owner, ReactorClock(reactor), spawn)

    def listen() -> None:
        for line in sys.stdin:
            count, in_flight = map(int, line.split())
            reactor.callFromThread(load.turn, count, in_flight)
        reactor.callFromThread(reactor.stop)

    async def begin() -> None:
        await load.engine.recover()
        sys.stdout.write('{"ready": 1}\n')
        sys.stdout.flush()
        threading.Thread(target=listen, daemon=True).start()

    reactor.callWhenRunning(lambda: spawn(begin()))
    reactor.run()
    store.close()


if __name__ == "__main__":
    main()
