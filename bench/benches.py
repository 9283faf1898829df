"""The benches: each starts ours and one peer side by side, measures them in turns, and compares the medians.

Which side is measured may not change how: both get the same load, the same core and, in turns, the same minutes.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from bench import ours
from bench.catalogue import measure_fan_out, measure_resumption
from bench.journal import Rates, compare_journals, compare_processes
from bench.kit import LIMIT as KIT_LIMIT
from bench.kit import measure_kit
from bench.ledgers import Verdict
from bench.load import require_wrk, run_wrk
from bench.orders import OrderLoad, OrderRate, get_json, run_orders
from bench.overload import measure_overload, percentile
from bench.processes import LOGS, Cores, Running, SkippedError, read_cpu_seconds, running
from bench.refusals import check_answer, count_refused
from bench.soak import KILLS, measure_recovery, measure_soak
from bench.soapui import measure_soapui
from bench.stubs import compare_stub

NODE_DIRECTORY = Path(__file__).parent / "peers" / "node_soap"
DELIVERIES_LIMIT = 200.0
RECOVERY_LIMIT = 10.0
GROWTH_LIMIT = 1.1
AUTHORISATION_LIMIT = 1000.0
TOKEN_LIMIT = 40.0
CAPTURE_LIMIT = 200.0
MEMORY_LIMIT = 150.0
SOAPUI_LIMIT = 100.0
OVERLOAD_LIMIT = 3.0
OVERLOAD_SECONDS = 20.0
FINISHED_ORDERS = 100_000
STORED_SUBSCRIPTIONS = (10_000, 100_000, 1_000_000)
WARM_SECONDS = 2.0
WARM_ORDERS = 50
SETTLE_SECONDS = 30.0

Detail = dict[str, object]
Side = TypeVar("Side")
Measured = TypeVar("Measured")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often. `ours` False: only the peers, to see that they stand."""

    cores: Cores
    repetitions: int
    seconds: float
    connections: int
    orders: int
    in_flight: int
    ours: bool = True
    products: int = 10_000
    recovered: int = 10_000
    soaked: int = 100_000


@dataclass(frozen=True, slots=True)
class Result:
    """One line of results.json. A ratio above 1 is ours being better; None: that side was not measured."""

    name: str
    ours: float | None
    peer: float | None
    peer_name: str
    ratio: float | None
    unit: str
    command: str
    detail: Detail


@dataclass(frozen=True, slots=True)
class Bench:
    """A named comparison."""

    name: str
    peer_name: str
    unit: str
    measure: Callable[[Plan], tuple[float | None, float | None, Detail]]
    higher_is_better: bool = True

    def run(self, plan: Plan, command: str) -> Result:
        """Measure both sides and compare them."""
        mine, peer, detail = self.measure(plan)
        ratio = None
        if mine is not None and peer is not None:
            ratio = mine / peer if self.higher_is_better else peer / mine
        return Result(self.name, mine, peer, self.peer_name, ratio, self.unit, command, detail)


# ---- one request, one answer ----------------------------------------------------------------------------------------
def _compare_servers(
    plan: Plan, start_peer: Callable[[int], AbstractContextManager[Running]]
) -> tuple[float | None, float, Detail]:
    require_wrk()
    with ExitStack() as stack:
        sides = {"peer": stack.enter_context(start_peer(plan.cores.measured))}
        if plan.ours:
            sides["ours"] = stack.enter_context(ours.start_ours_server(plan.cores.measured))
        detail: Detail = {}
        for side, server in sides.items():
            detail[f"{side}_answer_bytes"] = check_answer(server)
            detail[f"{side}_refuses_of_10"] = count_refused(server)
        rates = _in_turns(sides, plan.repetitions, lambda server, turn: _measure_server(plan, server, turn))
    for side, measured in rates.items():
        detail[f"{side}_runs"] = [round(rate, 1) for rate in measured]
    return _median(rates.get("ours")), median(rates["peer"]), detail


def _measure_server(plan: Plan, server: Running, turn: int) -> float:
    if turn == 0:
        run_wrk(server.url(), connections=plan.connections, seconds=WARM_SECONDS, core=plan.cores.load)
    rate = run_wrk(server.url(), connections=plan.connections, seconds=plan.seconds, core=plan.cores.load)
    return rate.per_second


def _start_spyne(core: int) -> AbstractContextManager[Running]:
    command = [sys.executable, "-m", "bench.peers.stock_spyne", "--host", "twisted"]
    return running("stock-spyne", command, core=core)


def _start_spyne_hosted_by_us(core: int) -> AbstractContextManager[Running]:
    return running("stock-spyne-fast", [sys.executable, "-m", "bench.peers.stock_spyne"], core=core)


def _start_node(core: int) -> AbstractContextManager[Running]:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise SkippedError(f"{program} is not installed")
    lock, installed = NODE_DIRECTORY / "package-lock.json", NODE_DIRECTORY / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=NODE_DIRECTORY, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SkippedError(f"npm ci ended with {done.returncode} (no package registry?)")
    command = ["node", str(NODE_DIRECTORY / "server.js")]
    return running("node-soap", command, core=core, environment={"NODE_ENV": "production"})


# ---- one whole order ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _OrderBuild:
    server: Running
    stub: Running
    completed: Callable[[], int]


@dataclass(frozen=True, slots=True)
class _OrderTurn:
    per_second: float
    p50: float
    p99: float
    cpu_us: float


def _compare_orders(plan: Plan) -> tuple[float | None, float, Detail]:
    LOGS.mkdir(exist_ok=True)
    with ExitStack() as stack:
        sides = {"peer": stack.enter_context(_conventional(plan))}
        if plan.ours:
            sides["ours"] = stack.enter_context(_gateway(plan))
        turns = _in_turns(sides, plan.repetitions, lambda build, turn: _measure_orders(plan, build, turn))
        calls = {side: get_json(build.stub.port, "/counts") for side, build in sides.items()}
    detail: Detail = {"orders_per_run": plan.orders, "in_flight": plan.in_flight}
    for side, measured in turns.items():
        detail[f"{side}_runs"] = [round(turn.per_second, 1) for turn in measured]
        detail[f"{side}_p50_ms"] = round(median(turn.p50 for turn in measured), 1)
        detail[f"{side}_p99_ms"] = round(median(turn.p99 for turn in measured), 1)
        detail[f"{side}_cpu_us_per_order"] = round(median(turn.cpu_us for turn in measured))
        detail[f"{side}_calls_out"] = calls[side]
    rates = {side: median(turn.per_second for turn in measured) for side, measured in turns.items()}
    return rates.get("ours"), rates["peer"], detail


def _measure_orders(plan: Plan, build: _OrderBuild, turn: int) -> _OrderTurn:
    if turn == 0:
        _run_and_settle(plan, build, first=1, count=WARM_ORDERS)
    cpu = read_cpu_seconds(build.server.pid)
    rate = _run_and_settle(plan, build, first=1 + WARM_ORDERS + turn * plan.orders, count=plan.orders)
    cpu = read_cpu_seconds(build.server.pid) - cpu
    return _OrderTurn(rate.per_second, rate.p50, rate.p99, cpu / plan.orders * 1e6)


def _run_and_settle(plan: Plan, build: _OrderBuild, *, first: int, count: int) -> OrderRate:
    rate = run_orders(
        OrderLoad(
            port=build.server.port,
            path=build.server.path,
            stub_port=build.stub.port,
            template=ours.order_template(),
            count=count,
            in_flight=plan.in_flight,
            first=first,
            number=ours.order_number,
        )
    )
    # The last write of the last orders comes after the portal's answer: nothing of it may fall into the next turn.
    deadline = time.monotonic() + SETTLE_SECONDS
    while (done := build.completed()) < first - 1 + count:
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: {build.server.name} completed {done} of {first - 1 + count} orders")
        time.sleep(0.01)
    return rate


@contextmanager
def _partners(name: str, plan: Plan) -> Iterator[Running]:
    with running(name, [sys.executable, "-m", "bench.partner_stub"], core=plan.cores.load, path="") as stub:
        yield stub


@contextmanager
def _conventional(plan: Plan) -> Iterator[_OrderBuild]:
    with _store_directory() as directory, _partners("partners-of-peer", plan) as stub:
        command = [sys.executable, "-m", "bench.peers.conventional_order"]
        command += ["--partners", stub.url(), "--database", str(directory / "orders.db")]
        with running("conventional", command, core=plan.cores.measured) as server:
            yield _OrderBuild(server, stub, lambda: get_json(server.port, "/done")["completed"])


@contextmanager
def _gateway(plan: Plan) -> Iterator[_OrderBuild]:
    with (
        _store_directory() as directory,
        _partners("partners-of-ours", plan) as stub,
        ours.start_ours_gateway(plan.cores.measured, stub.url(), directory) as server,
    ):
        yield _OrderBuild(server, stub, lambda: _completed(server, stub))


def _completed(server: Running, stub: Running) -> int:
    told = ours.orders_completed(server)
    return get_json(stub.port, "/counts")["portal"] if told is None else told


@contextmanager
def _store_directory() -> Iterator[Path]:
    LOGS.mkdir(exist_ok=True)
    # Both stores stand in bench/var: on one file system, and not in memory as /tmp may be.
    with tempfile.TemporaryDirectory(dir=LOGS, prefix="store-") as name:
        yield Path(name)


# ---- journal --------------------------------------------------------------------------------------------------------
def _compare_journals(plan: Plan, *, postgres: bool) -> tuple[float | None, float, Detail]:
    with _store_directory() as directory:
        return _rated(compare_journals(plan.cores, plan.repetitions, directory, postgres=postgres, ours=plan.ours))


def _compare_processes(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is the gateway itself, with one process")
    return _rated(compare_processes(plan.cores, plan.repetitions))


def _rated(rates: Rates) -> tuple[float | None, float, Detail]:
    return _median(rates.ours), median(rates.peer), rates.detail


# ---- faults ---------------------------------------------------------------------------------------------------------
def _measure_recovery(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    with _store_directory() as directory:
        found = measure_recovery(plan.cores, plan.recovered, directory)
    detail: Detail = {
        "orders": plan.recovered,
        "ready_after_s": round(found.ready_seconds, 1),
        "cpu_s": round(found.cpu_seconds, 1),
        "rss_mib": round(found.memory.rss, 1),
        "peak_mib": round(found.memory.peak, 1),
        **_none_lost(found.verdict),
    }
    return found.seconds, RECOVERY_LIMIT, detail


def _measure_kit(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    runs = measure_kit()
    return max(run.seconds for run in runs), KIT_LIMIT, {run.role: f"{run.cases} cases in {run.seconds:.1f} s" for run in runs}


def _measure_soak(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is the gateway itself, after a tenth of the orders")
    with _store_directory() as directory:
        found = measure_soak(plan.cores, plan.soaked, directory)
    detail: Detail = {
        "orders": plan.soaked,
        "kills": len(KILLS),
        "rss_at_a_tenth_mib": round(found.tenth.rss, 1),
        "peak_mib": round(found.end.peak, 1),
        "orders_per_second": round(found.per_second),
        **_none_lost(found.verdict),
    }
    return found.end.rss, found.tenth.rss * GROWTH_LIMIT, detail


def _none_lost(verdict: Verdict) -> Detail:
    if verdict.lost or verdict.doubled:
        raise SystemExit(f"bench: ledgers and database differ: {verdict}")
    return {"lost": 0, "doubled": 0, "messages_repeated_under_their_number": verdict.repeated}


# ---- catalogue ------------------------------------------------------------------------------------------------------
def _measure_fan_out(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    killed = max(10, plan.products // 10)
    with _store_directory() as directory:
        whole = measure_fan_out(plan.cores, plan.products, directory)
    with _store_directory() as directory:
        resumed = measure_resumption(plan.cores, killed, directory)
    detail: Detail = {
        "products": plan.products,
        "rss_at_a_tenth_mib": round(whole.tenth.rss, 1),
        "rss_at_the_end_mib": round(whole.end.rss, 1),
        "peak_mib": round(whole.end.peak, 1),
        "killed_run_products": killed,
        "killed_run_delivered_at_kill": resumed.delivered_at_kill,
        "killed_run_messages_sent_again": resumed.again,
    }
    return whole.per_second, DELIVERIES_LIMIT, detail


# ---- authorisation --------------------------------------------------------------------------------------------------
def _measure_authorisation(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    turns = [ours.measure_authorisation(plan.cores.measured) for _ in range(plan.repetitions)]
    detail: Detail = {f"{kind}_us": round(median(turn[kind] for turn in turns), 1) for kind in turns[0]}
    return max(median(turn[kind] for turn in turns) for kind in turns[0]), AUTHORISATION_LIMIT, detail


# ---- TLS -------------------------------------------------------------------------------------------------------------
def _measure_mtls(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is ours as well")
    turn = ours.measure_mtls(plan.cores.measured, plan.repetitions)
    detail: Detail = {f"{kind}_us": round(cost, 1) for kind, cost in turn.items()}
    return turn["mtls"], turn["plain"], detail


def _measure_token(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    turns = [ours.measure_token(plan.cores.measured) for _ in range(plan.repetitions)]
    detail: Detail = {f"{kind}_us": round(median(turn[kind] for turn in turns), 1) for kind in turns[0]}
    # beside the row of the nonce, which rides in the commit that an accept makes anyway; what that costs is in the detail
    detail["row_us"] = round(median(turn["with_token"] - turn["row_left_out"] for turn in turns), 1)
    return median(turn["row_left_out"] - turn["plain"] for turn in turns), TOKEN_LIMIT, detail


def _measure_capture(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    turns = [ours.measure_capture(plan.cores.measured) for _ in range(plan.repetitions)]
    detail: Detail = {f"{kind}_us": round(median(turn[kind] for turn in turns), 1) for kind in turns[0]}
    return median(turn["on"] - turn["off"] for turn in turns), CAPTURE_LIMIT, detail


# ---- tools for partners ---------------------------------------------------------------------------------------------
def _measure_soapui(plan: Plan) -> tuple[float, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    turns = [measure_soapui(plan.cores) for _ in range(plan.repetitions)]
    runs = [round(turn.steps_per_second, 1) for turn in turns]
    detail: Detail = {"runs": runs, "steps": turns[0].steps, "assertions": turns[0].assertions}
    return median(turn.steps_per_second for turn in turns), SOAPUI_LIMIT, detail


# ---- overload -------------------------------------------------------------------------------------------------------
def _measure_overload(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    with _store_directory() as directory:
        seen = measure_overload(plan.cores, directory, seconds=OVERLOAD_SECONDS)
    unloaded, flooded = percentile(seen.unloaded.accepted, 0.99), percentile(seen.flooded.accepted, 0.99)
    detail: Detail = {
        "unloaded_rate": seen.unloaded.rate,
        "sustained_rate": round(seen.sustained.accepted_per_second),
        "flooded_rate": round(seen.flooded.rate),
        "goodput_of_sustained": round(seen.flooded.accepted_per_second / seen.sustained.accepted_per_second, 3),
        "completed_per_second": round(seen.flooded.completed_per_second),
        **_latencies("unloaded", seen.unloaded.accepted),
        **_latencies("sustained", seen.sustained.accepted),
        **_latencies("flooded", seen.flooded.accepted),
        **_latencies("refused", seen.flooded.refused),
        "refused": seen.flooded.kinds,
        "client_late_p99_ms": round(percentile(seen.flooded.lateness, 0.99), 1),
        "rss_before_mib": round(seen.sustained.memory[-1], 1),
        "rss_flooded_mib": round(max(seen.flooded.memory), 1),
    }
    return flooded / unloaded, OVERLOAD_LIMIT, detail


def _latencies(name: str, times: list[float]) -> Detail:
    return {f"{name}_p50_ms": round(percentile(times, 0.5), 1), f"{name}_p99_ms": round(percentile(times, 0.99), 1)}


# ---- memory ---------------------------------------------------------------------------------------------------------
def _measure_memory(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is a limit, not a program")
    with _store_directory() as directory:
        memory = ours.measure_finished_orders(plan.cores.measured, FINISHED_ORDERS, directory)
    return memory.rss, MEMORY_LIMIT, {"ours_peak_mib": round(memory.peak, 1)}


# ---- one number's query ---------------------------------------------------------------------------------------------
def _measure_queries(plan: Plan) -> tuple[float | None, float, Detail]:
    if not plan.ours:
        raise SkippedError("the other side is the gateway itself, with less in its store")
    core = plan.cores.measured
    with _store_directory() as directory:
        files = {str(stored): directory / f"{stored}.sqlite" for stored in STORED_SUBSCRIPTIONS}
        for stored, file in files.items():
            ours.fill_subscriptions(core, int(stored), file)
        turns = _in_turns(files, plan.repetitions, lambda file, turn: ours.measure_queries(core, int(file.stem), file))
    detail: Detail = {}
    for stored, measured in turns.items():
        detail[f"us_at_{stored}"] = round(median(query for query, _ in measured), 1)
        detail[f"read_us_at_{stored}"] = round(median(read for _, read in measured), 1)
    least, *_, most = (median(query for query, _ in turns[str(stored)]) for stored in STORED_SUBSCRIPTIONS)
    return most, least, detail


# ---- all ------------------------------------------------------------------------------------------------------------
def _in_turns(
    sides: dict[str, Side], repetitions: int, measure: Callable[[Side, int], Measured]
) -> dict[str, list[Measured]]:
    """Measure all sides once, then all once more, ...: what disturbs the machine disturbs every side."""
    turns: dict[str, list[Measured]] = {side: [] for side in sides}
    for turn in range(repetitions):
        for side, subject in sides.items():
            turns[side].append(measure(subject, turn))
    return turns


def _median(values: list[float] | None) -> float | None:
    return median(values) if values else None


BENCHES = (
    Bench(
        name="server-subscribe-vs-stock-spyne",
        peer_name="stock Spyne 2.14 (WSGI, lxml validator) on twisted.web",
        unit="requests/s",
        measure=lambda plan: _compare_servers(plan, _start_spyne),
    ),
    Bench(
        name="server-subscribe-vs-stock-spyne-on-fast-host",
        peer_name="the same on a faster HTTP host of ours",
        unit="requests/s",
        measure=lambda plan: _compare_servers(plan, _start_spyne_hosted_by_us),
    ),
    Bench(
        name="server-subscribe-vs-node-soap",
        peer_name="node soap (validates nothing)",
        unit="requests/s",
        measure=lambda plan: _compare_servers(plan, _start_node),
    ),
    Bench(
        name="stub-server-action",
        peer_name="node soap (validates and keeps nothing)",
        unit="requests/s",
        measure=lambda plan: compare_stub(
            _start_node, cores=(plan.cores.measured, plan.cores.load), connections=plan.connections, seconds=plan.seconds,
            turns=plan.repetitions, ours=plan.ours,
        ),
    ),
    Bench(
        name="order-4.1.1-vs-conventional",
        peer_name="Spyne + Zeep in threads, a commit a write",
        unit="orders/s",
        measure=_compare_orders,
    ),
    Bench(
        name="catalogue-fan-out",
        peer_name="limit",
        unit="deliveries/s",
        measure=_measure_fan_out,
    ),
    Bench(
        name="authorise-20-items",
        peer_name="limit",
        unit="us CPU",
        measure=_measure_authorisation,
        higher_is_better=False,
    ),
    Bench(
        name="mtls-keep-alive",
        peer_name="the same without TLS",
        unit="us CPU",
        measure=_measure_mtls,
        higher_is_better=False,
    ),
    Bench(
        name="username-token-cpu",
        peer_name="limit: what it adds, beside the row of its nonce",
        unit="us CPU",
        measure=_measure_token,
        higher_is_better=False,
    ),
    Bench(
        name="capture-cpu",
        peer_name="limit: what it adds to a message, masked and written",
        unit="us CPU",
        measure=_measure_capture,
        higher_is_better=False,
    ),
    Bench(
        name="soapui-steps",
        peer_name="limit",
        unit="steps/s",
        measure=_measure_soapui,
    ),
    Bench(
        name="memory-100k-finished-orders",
        peer_name="limit",
        unit="MiB",
        measure=_measure_memory,
        higher_is_better=False,
    ),
    Bench(
        name="overload",
        peer_name="limit",
        unit="x unloaded p99",
        measure=_measure_overload,
        higher_is_better=False,
    ),
    Bench(
        name="query-one-number",
        peer_name="itself, with 10 000 subscriptions instead of 1 000 000",
        unit="us/query",
        measure=_measure_queries,
        higher_is_better=False,
    ),
    Bench(
        name="journal-vs-dbos-sqlite",
        peer_name="DBOS 3.4 on SQLite (WAL)",
        unit="orders/s",
        measure=lambda plan: _compare_journals(plan, postgres=False),
    ),
    Bench(
        name="journal-vs-dbos-postgres",
        peer_name="DBOS 3.4 on the same PostgreSQL",
        unit="orders/s",
        measure=lambda plan: _compare_journals(plan, postgres=True),
    ),
    Bench(
        name="two-processes-on-postgres",
        peer_name="itself, with one process",
        unit="orders/s",
        measure=_compare_processes,
    ),
    Bench(
        name="recovery-10k",
        peer_name="limit",
        unit="s",
        measure=_measure_recovery,
        higher_is_better=False,
    ),
    Bench(
        name="soak-100k-with-faults",
        peer_name="limit: 1.1 times its memory after a tenth",
        unit="MiB",
        measure=_measure_soak,
        higher_is_better=False,
    ),
    Bench(
        name="partner-kit-run",
        peer_name="limit",
        unit="s",
        measure=_measure_kit,
        higher_is_better=False,
    ),
)
