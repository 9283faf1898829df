"""stub-server-action: how many new orders a second a stub set answers on one core, beside node soap, which validates and keeps nothing.

It must not know the stubs: they are started by bench.ours_stub, which is also asked what a request costs without sockets.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from statistics import median

from bench.load import require_wrk, run_wrk
from bench.processes import ROOT, Running, SkippedError, read_cpu_seconds, running

SCRIPT = Path(__file__).parent / "wrk_stub.lua"
WARM_SECONDS = 1.0
Detail = dict[str, object]


def compare_stub(
    start_node: Callable[[int], AbstractContextManager[Running]], *, cores: tuple[int, int], connections: int, seconds: float, turns: int,
    ours: bool,
) -> tuple[float | None, float | None, Detail]:  # fmt: skip
    """Give both rates and what a request costs in process; `cores` are the server's and the load's. No node: ours alone."""
    require_wrk()
    measured, load = cores
    rates: dict[str, list[float]] = {"ours": [], "peer": []}
    worked: list[float] = []
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        request = directory / "server-action.xml"
        action = _asked("--request", str(request))
        try:
            node = stack.enter_context(start_node(measured))
        except SkippedError:
            node = None
        stub = [sys.executable, "-m", "bench.ours_stub", "--serve"]
        served = stack.enter_context(running("ours-stub", stub, core=measured, path="/services/xplatform")) if ours else None
        for turn in range(-1, turns):
            spent = WARM_SECONDS if turn < 0 else seconds
            if node is not None:
                rates["peer"].append(run_wrk(node.url(), connections=connections, seconds=spent, core=load).per_second)
            if served is not None:
                began = read_cpu_seconds(served.pid)
                rate = run_wrk(served.url(), connections=connections, seconds=spent, core=load, script=SCRIPT, sends=(request, action))
                rates["ours"].append(rate.per_second)
                worked.append(rate.per_second * spent / (read_cpu_seconds(served.pid) - began))
    detail: Detail = {f"{side}_runs": [round(rate, 1) for rate in found[1:]] for side, found in rates.items() if found}
    if ours:
        detail["ours_per_cpu_second"] = round(median(worked[1:]), 1)
        in_process = json.loads(_asked())
        detail |= {f"{name}_in_process_per_cpu_second": rate for name, rate in in_process.items() if name != "start"}
        detail["all_parties_start_cpu_s"] = in_process["start"]
    return _median(rates["ours"]), _median(rates["peer"]), detail


def _asked(*arguments: str) -> str:
    command = [sys.executable, "-m", "bench.ours_stub", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: {' '.join(command[1:])}: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def _median(found: list[float]) -> float | None:
    return median(found[1:]) if found else None  # the first was to warm up
