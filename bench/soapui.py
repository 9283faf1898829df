"""The SoapUI runner's rate: a project of many simple steps, run as a tester would, process start and reports included."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from bench import ours
from bench.processes import ROOT, Cores

STEPS = 2000
"""Each sends a request, and has six assertions, Schema Compliance among them."""


@dataclass(frozen=True, slots=True)
class SoapuiRate:
    """Steps a second of the whole run, and what the run said of itself."""

    steps_per_second: float
    steps: int
    assertions: int
    seconds: float


def measure_soapui(cores: Cores, steps: int = STEPS) -> SoapuiRate:
    """Run the project once; SystemExit where a step fails."""
    with tempfile.TemporaryDirectory() as directory, ours.start_ours_server(cores.load) as server:
        file, out = Path(directory) / "many-soapui-project.xml", Path(directory) / "out"
        file.write_bytes(_project(steps))
        command = [sys.executable, "-m", "gateway", "soapui", "run", str(file), "-e", server.url(), "--out", str(out)]
        begun = time.monotonic()
        done = subprocess.run(["taskset", "-c", str(cores.measured), *command], cwd=ROOT, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - begun
        if done.returncode:
            raise SystemExit(f"soapui run ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr}")
        totals = json.loads((out / "results.json").read_bytes())["totals"]
    return SoapuiRate(totals["steps"] / seconds, totals["steps"], totals["assertions"], seconds)


def _project(steps: int) -> bytes:
    """The good case of subscribeToVSOP, so many times."""
    from gateway.contract import load_contract  # noqa: PLC0415  only this side of the bench knows the gateway
    from gateway.resources import contracts_dir  # noqa: PLC0415
    from stubs.soapui.export import project_of  # noqa: PLC0415
    from stubs.soapui.suites import suite_of  # noqa: PLC0415

    contract = load_contract(contracts_dir() / "vsop.wsdl")
    one = next(case for case in suite_of(contract, contracts_dir() / "examples") if case.name == "subscribeToVSOP")
    cases = [replace(one, name=f"{one.name} {number}") for number in range(steps)]
    return project_of(contract, cases, definition=str(contracts_dir() / "vsop.wsdl"))
