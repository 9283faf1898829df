"""The partner kit against the stubs: how long the whole run of a role takes, from the command to its report."""

import json
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

VSOPGW = Path(sys.executable).with_name("vsopgw")
ROLES = ("xplatform", "ismp", "ocs", "billing")
LIMIT = 30.0
"""Seconds for one role."""


@dataclass(frozen=True, slots=True)
class KitRun:
    """One role: seconds of the whole command, its cases and its grade."""

    role: str
    seconds: float
    cases: int
    grade: str


def measure_kit() -> list[KitRun]:
    """Start the stubs and run the kit of each role once; SystemExit where a grade is not A."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        callbacks = int(held.getsockname()[1])
    command = [VSOPGW, "stub", "up", *ROLES, "--port", "0", "--gateway", f"http://127.0.0.1:{callbacks}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stubs:
        assert stubs.stdout is not None
        try:
            port = json.loads(stubs.stdout.readline())["stubs"][0]["port"]
            return [_run(role, port, callbacks) for role in ROLES]
        finally:
            stubs.terminate()


def _run(role: str, port: int, callbacks: int) -> KitRun:
    with tempfile.TemporaryDirectory() as out:
        url = f"http://127.0.0.1:{port}/services/{role}"
        command = [VSOPGW, "kit", "run", "--role", role, "--url", url, "--listen", str(callbacks), "--out", out]
        began = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        seconds = time.monotonic() - began
        told = json.loads((Path(out) / "results.json").read_text(encoding="utf-8"))
    if told["grade"] != "A":
        raise SystemExit(f"bench: the stub {role} has grade {told['grade']}")
    return KitRun(role, seconds, len(told["cases"]), told["grade"])
