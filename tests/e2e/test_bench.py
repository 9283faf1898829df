"""The benches start the gateway from the files of etc/, and no other test does it their way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TWENTY_ORDERS = (
    "import sys, pathlib, bench.ours as ours; print(ours.measure_finished_orders(0, 20, pathlib.Path(sys.argv[1])).rss)"
)


pytestmark = [
    pytest.mark.skipif(shutil.which("taskset") is None, reason="the benches pin processes with taskset"),
    pytest.mark.skipif(not {0, 1} <= os.sched_getaffinity(0), reason="the benches need two cores"),
]


def bench(script: str, place: Path) -> str:
    """Run a script of the benches; gives what it printed."""
    command = [sys.executable, "-c", script, str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_gateway_of_the_benches_carries_orders_out(tmp_path):
    """It starts with their settings, ends twenty orders, and its memory can be read."""
    assert float(bench(TWENTY_ORDERS, tmp_path)) > 1


JOURNAL = """
import sys
from bench.turns import worker
command = [sys.executable, "-m", "bench.ours_journal", "--sqlite", sys.argv[1] + "/journal.sqlite"]
with worker("test-journal", command, core=0) as ours:
    print(ours.turn(40, 8)["per_second"] > 0, ours.turn(40, 8)["per_second"] > 0)
"""


def test_journal_of_the_benches_takes_turns(tmp_path):
    """The engine of the journal benches carries orders of six steps out, one turn after the other."""
    assert bench(JOURNAL, tmp_path).split() == ["True", "True"]


FAULTS = """
import sys, pathlib
from bench.processes import Cores
from bench.soak import measure_recovery
found = measure_recovery(Cores(0, 1), 60, pathlib.Path(sys.argv[1]))
print(found.verdict.lost, found.verdict.doubled)
"""


def test_recovery_of_the_benches_loses_nothing(tmp_path):
    """A killed gateway ends what it had taken; ledger and database agree."""
    assert bench(FAULTS, tmp_path).split() == ["0", "0"]
