"""A process that is measured in turns: started once, told by its standard input what to do, it answers with one line of JSON each time.

It must not know what is measured. The first line it prints is JSON with `"ready"`; it ends when its input does.
"""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast

from bench.processes import LOGS, ROOT, STOP_SECONDS


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that takes turns."""

    name: str
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def begin(self, *words: object) -> None:
        """Have it begin a turn."""
        told = cast(IO[str], self.process.stdin)
        told.write(" ".join(str(word) for word in words) + "\n")
        told.flush()

    def answer(self) -> dict[str, float]:
        """Wait for the end of a turn; SystemExit: it failed."""
        line = cast(IO[str], self.process.stdout).readline()
        if not line:
            raise SystemExit(f"bench: {self.name} ended in the middle: see bench/var/{self.name}.err")
        figures: dict[str, float] = json.loads(line)
        return figures

    def rest(self) -> None:
        """Stop it where it is, so that what it does by itself takes nothing from others."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def turn(self, *words: object) -> dict[str, float]:
        """Have it do a turn and give the figures."""
        self.begin(*words)
        return self.answer()


@contextmanager
def worker(name: str, command: Sequence[str], *, core: int, environment: Mapping[str, str] | None = None) -> Iterator[Worker]:
    """Run a command on one core until the block ends; SystemExit: it did not get ready."""
    LOGS.mkdir(exist_ok=True)
    with (LOGS / f"{name}.err").open("wb") as err:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *command], cwd=ROOT, env={**os.environ, **(environment or {})}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err,
        )  # fmt: skip
        started = Worker(name, process)
        try:
            started.answer()
            yield started
        finally:
            started.wake()
            cast(IO[str], process.stdin).close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
