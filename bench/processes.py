"""Start what is measured, pinned to one core; read its memory and processor time; stop it by its own pid.

It must not know what the processes do. Linux only: pinning is taskset, figures are from /proc.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOGS = Path(__file__).parent / "var"
READY_SECONDS = 60.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.02


class SkippedError(Exception):
    """What a bench needs is not here; the text says what."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started process that has told its port."""

    name: str
    pid: int
    port: int
    path: str = "/services/vsop"

    def url(self, path: str | None = None) -> str:
        """Make the loopback URL of a path; without one, of the SOAP endpoint."""
        return f"http://127.0.0.1:{self.port}{self.path if path is None else path}"


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of one process in MiB: now, and at its highest since it began."""

    rss: float
    peak: float


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the measured process has to itself, and which the load and the partner stub share."""

    measured: int
    load: int


def choose_cores() -> Cores:
    """Take the first two cores that this process may use; SystemExit: there is only one, so nothing can be compared."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("bench: two cores are needed, one for the server and one for the load; only one is here")
    return Cores(measured=cores[0], load=cores[1])


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    core: int | str,
    environment: Mapping[str, str] | None = None,
    path: str = "/services/vsop",
) -> Iterator[Running]:
    """Run a command on one core, or on those of a list such as "0,1", from the project's root until the block ends.

    The block begins when the ready line has come.

    The ready line is the first line of standard output that is JSON with a "port". Both outputs are kept in bench/var/.
    SystemExit: the command ended or said nothing for READY_SECONDS.
    """
    LOGS.mkdir(exist_ok=True)
    output = LOGS / f"{name}.out"
    with output.open("wb") as out, (LOGS / f"{name}.err").open("wb") as err:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        try:
            yield Running(name, process.pid, _await_port(name, process, output), path)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def read_memory(pid: int) -> Memory:
    """Read VmRSS and VmHWM of a process; FileNotFoundError: it is gone."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Memory(rss=_mebibytes(fields["VmRSS"]), peak=_mebibytes(fields["VmHWM"]))


def read_cpu_seconds(pid: int) -> float:
    """Read the processor time, user and system, that a process with all its threads has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def describe_machine() -> str:
    """Describe processor, core count and Python in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    version = ".".join(str(part) for part in sys.version_info[:3])
    return f"{models[0] if models else os.uname().machine}, {os.cpu_count()} cores, Python {version}"


def _await_port(name: str, process: subprocess.Popen[bytes], output: Path) -> int:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        for line in output.read_text(encoding="utf-8", errors="replace").splitlines():
            port = _read_port(line)
            if port is not None:
                return port
        if process.poll() is not None:
            raise SystemExit(
                f"bench: {name} ended with {process.returncode} before it was ready: see bench/var/{name}.err"
            )
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"bench: {name} printed no ready line in {READY_SECONDS:.0f} s: see bench/var/{name}.err")


def _read_port(line: str) -> int | None:
    try:
        document = json.loads(line)
    except ValueError:
        return None
    port = document.get("port") if isinstance(document, dict) else None
    return port if isinstance(port, int) else None


def _mebibytes(field: str) -> float:
    return int(field.split(maxsplit=1)[0]) / 1024
