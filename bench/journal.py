"""The journal of runs against DBOS, on the same database in the same minutes; and two of our processes on one database.

It must not know how either side keeps its journal.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.postgres import cluster
from bench.processes import LOGS, ROOT, Cores, SkippedError
from bench.turns import Worker, worker

IN_FLIGHT = 32
OUR_ORDERS = 4000
THEIR_ORDERS = 200
"""For each turn: some seconds of either side."""
WARM = 64
REQUIREMENTS = ROOT / "bench" / "peers" / "dbos-requirements.txt"


@dataclass(frozen=True, slots=True)
class Rates:
    """Orders per second of each turn, and further figures by name."""

    ours: list[float]
    peer: list[float]
    detail: dict[str, object]


def compare_journals(cores: Cores, turns: int, directory: Path, *, postgres: bool, ours: bool = True) -> Rates:
    """Orders of six steps, 32 under way, one process each on one core; a PostgreSQL server has the other one.

    DBOS runs once on its event loop and once with threads; the faster of the two counts.
    """
    python = _dbos()
    with ExitStack() as stack:
        if postgres:
            database = stack.enter_context(cluster(cores.load))
            place, their_url = ("--postgres", database.create()), database.plain("dbos").replace("postgresql:", "postgresql+psycopg:")
        else:
            with closing(sqlite3.connect(directory / "dbos.sqlite")) as file:
                file.execute("PRAGMA journal_mode = WAL")  # DBOS leaves the slower default; in the file it stays
            place, their_url = ("--sqlite", str(directory / "ours.sqlite")), f"sqlite:///{directory}/dbos.sqlite"
        sides: dict[str, Worker] = {}
        for name, options in (("dbos_loop", []), ("dbos_threads", ["--threads"])):
            command = [str(python), "bench/peers/dbos_journal.py", their_url, *options]
            sides[name] = stack.enter_context(worker(name, command, core=cores.measured))
        if ours:
            command = [sys.executable, "-m", "bench.ours_journal", *place]
            sides["ours"] = stack.enter_context(worker("ours-journal", command, core=cores.measured))
        measured = _in_turns(sides, turns)
    return _judged(measured)


def _in_turns(sides: dict[str, Worker], turns: int) -> dict[str, list[dict[str, float]]]:
    for side in sides.values():
        side.turn(WARM, IN_FLIGHT)
        side.rest()
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for _ in range(turns):
        for name, side in sides.items():
            side.wake()
            measured[name].append(side.turn(OUR_ORDERS if name == "ours" else THEIR_ORDERS, IN_FLIGHT))
            side.rest()
    return measured


def _judged(measured: dict[str, list[dict[str, float]]]) -> Rates:
    detail: dict[str, object] = {"in_flight": IN_FLIGHT, "steps": 6}
    rates: dict[str, list[float]] = {}
    for name, turns in measured.items():
        rates[name] = [turn["per_second"] for turn in turns]
        detail[f"{name}_runs"] = [round(rate, 1) for rate in rates[name]]
        for figure in ("p50_ms", "p99_ms", "cpu_us"):
            detail[f"{name}_{figure}"] = round(median(turn[figure] for turn in turns), 1)
    peer = max((rates[name] for name in rates if name != "ours"), key=median)
    return Rates(rates.get("ours", []), peer, detail)


def compare_processes(cores: Cores, turns: int) -> Rates:
    """The same orders by two processes on one database, against one process; the server shares the cores with them.

    One process is pinned to one core, the second one to the other; the server may use both. So each process has a core of its own, as
    it would have a machine of its own, but for the server's part.
    """
    with cluster(None) as database, ExitStack() as stack:
        place = database.create()

        def start(name: str, core: int) -> Worker:
            command = [sys.executable, "-m", "bench.ours_journal", "--postgres", place, "--owner", name]
            return stack.enter_context(worker(f"ours-{name}", command, core=core))

        both = start("first", cores.measured), start("second", cores.load)
        for each in both:
            each.turn(WARM, IN_FLIGHT)
        alone: list[float] = []
        together: list[float] = []
        for _ in range(turns):
            alone.append(both[0].turn(OUR_ORDERS, IN_FLIGHT)["per_second"])
            for each in both:
                each.begin(OUR_ORDERS, IN_FLIGHT)
            together.append(2 * min(each.answer()["per_second"] for each in both))  # both were at it until the first was done
    detail: dict[str, object] = {"one_runs": [round(rate) for rate in alone], "two_runs": [round(rate) for rate in together]}
    return Rates(together, alone, detail)


def _dbos() -> Path:
    """Install the peer once, into an environment of its own; gives its Python. SkippedError: there is no package registry."""
    place = LOGS / "dbos"
    done = place / "installed.txt"
    if not done.exists() or done.read_text() != REQUIREMENTS.read_text():
        shutil.rmtree(place, ignore_errors=True)
        LOGS.mkdir(exist_ok=True)
        commands = ([sys.executable, "-m", "venv", str(place)], [str(place / "bin/pip"), "install", "-q", "-r", str(REQUIREMENTS)])
        for command in commands:
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            if ended.returncode != 0:
                raise SkippedError(f"DBOS cannot be installed (no package registry?): {ended.stderr.strip()[-200:]}")
        done.write_text(REQUIREMENTS.read_text())
    return place / "bin/python"
