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


@pytest.mark.skipif(shutil.which("taskset") is None, reason="the benches pin processes with taskset")
@pytest.mark.skipif(not {0, 1} <= os.sched_getaffinity(0), reason="the benches need two cores")
def test_gateway_of_the_benches_carries_orders_out(tmp_path):
    """It starts with their settings, ends twenty orders, and its memory can be read."""
    command = [sys.executable, "-c", TWENTY_ORDERS, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 1
