"""`vsopgw serve --workers N`: as many gateway processes on one port, each started again when it falls. Knows nothing of what they do.

The processes share the port by SO_REUSEPORT: the kernel deals connections out among those that listen. They share orders by the store
(store.kind postgres), under names of their own, so that a fallen one finds its orders again.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from gateway.cli.errors import CommandFailed

START_SECONDS = 60.0
PAUSES = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a worker that fell is started again: longer each time it falls within a minute of its start."""
SETTLED = 60.0
KILL_SECONDS = 25.0
"""After which a worker that was told to end, and did not, is killed: it drains for twenty."""
_WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP)

Say = Callable[[dict[str, object]], None]


def reserve(host: str, port: int) -> socket.socket:
    """Hold a port for processes that share it; 0 takes a free one. Raises OSError where another program has it.

    Another `--workers` of the same user would share the port as well: so it is first tried to have it alone.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as alone:
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        alone.bind((host, port))
        host, port = alone.getsockname()[:2]
    held = socket.socket(family)
    try:
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):  # the former for connections of a process before us
            held.setsockopt(socket.SOL_SOCKET, option, 1)
        held.bind((host, port))  # not listening: no connection comes here
    except OSError:
        held.close()
        raise
    return held


@dataclass(slots=True)
class Worker:
    """One process and its history."""

    name: str
    command: Sequence[str]
    popen: subprocess.Popen[str] | None = None
    started: float = 0.0
    falls: int = 0
    due: float = 0.0
    """When it is to be started again, while it is not running."""

    def start(self) -> None:
        """Start it; it says on its first line that it is ready. Raises OSError where the machine has no room for it."""
        self.started = time.monotonic()
        self.popen = subprocess.Popen(self.command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def end(self, within: float = KILL_SECONDS) -> int:
        """Wait for its end, and kill it after so many seconds; gives its exit code, 0 where it was not running."""
        if self.popen is None:
            return 0
        popen, self.popen = self.popen, None
        with popen:  # closes its output
            try:
                return popen.wait(max(0.0, within))
            except subprocess.TimeoutExpired:
                popen.kill()
                return popen.wait()

    def fell(self, now: float) -> float:
        """Note that it has ended by itself; gives the pause before it is started again."""
        if now - self.started > SETTLED:
            self.falls = 0
        pause = PAUSES[min(self.falls, len(PAUSES) - 1)]
        self.falls += 1
        self.due = now + pause
        return pause


@dataclass(slots=True)
class Supervisor:
    """Keeps workers running until SIGTERM or SIGINT, then has them drain."""

    workers: list[Worker]
    say: Say
    """Tells what happened, for the log."""
    stopping: bool = False
    codes: list[int] = field(default_factory=list)
    _kill_at: float = field(default=0.0, init=False)
    """When workers that have not ended are killed, once they were told to."""

    def run(self, ready: Callable[[list[int]], None]) -> int:
        """Run until told to stop; gives the exit code: 0 if all drained in order. Raises CommandFailed if one does not start at all."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            for worker in self.workers:
                self._begin(worker)
            ready([self._ready(worker) for worker in self.workers])
            while self._running():
                self._look(signal.sigtimedwait(_WATCHED, 0.5))
        except CommandFailed:
            self._stop()
            for worker in self.workers:
                worker.end(self._kill_at - time.monotonic())
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        return max(self.codes, default=0)

    def _running(self) -> bool:
        return not self.stopping or any(worker.popen is not None for worker in self.workers)

    def _begin(self, worker: Worker) -> None:
        try:
            worker.start()
        except OSError as error:
            raise CommandFailed(f"{worker.name} did not start: {error.strerror}", 4) from error

    def _ready(self, worker: Worker) -> int:
        """Wait until a worker says that it is ready; gives its pid."""
        assert worker.popen is not None
        assert worker.popen.stdout is not None
        line = ""
        with selectors.DefaultSelector() as selector:
            selector.register(worker.popen.stdout, selectors.EVENT_READ)
            if selector.select(START_SECONDS):
                line = worker.popen.stdout.readline()
        if not line:
            code = 0
            with suppress(subprocess.TimeoutExpired):
                code = worker.popen.wait(5)
            raise CommandFailed(f"{worker.name} did not start: see its message above", code or 1)
        pid: int = json.loads(line)["pid"]
        return pid

    def _look(self, got: object) -> None:
        number = getattr(got, "si_signo", None)
        if number in (signal.SIGTERM, signal.SIGINT) and not self.stopping:
            self._stop()
        if number == signal.SIGHUP:  # each reads again what can be changed while it runs
            for worker in self.workers:
                if worker.popen is not None:
                    worker.popen.send_signal(signal.SIGHUP)
        now = time.monotonic()
        for worker in self.workers:
            if worker.popen is None:
                if not self.stopping and now >= worker.due:
                    self._start_again(worker, now)
            elif worker.popen.poll() is not None:
                self._ended(worker, now)
            elif self.stopping and now >= self._kill_at:
                worker.popen.kill()

    def _start_again(self, worker: Worker, now: float) -> None:
        try:
            worker.start()
        except OSError as error:  # no memory, or too many processes, for now: the others go on
            self.say({"event": "worker.fell", "worker": worker.name, "error": error.strerror, "again_s": worker.fell(now)})
        else:
            self.say({"event": "worker.started", "worker": worker.name})

    def _ended(self, worker: Worker, now: float) -> None:
        code = worker.end()
        if self.stopping:
            # One that died of our SIGTERM was still starting, and had taken nothing: later it would have drained.
            self.codes.append(0 if code == -signal.SIGTERM else abs(code))
        else:
            self.say({"event": "worker.fell", "worker": worker.name, "code": code, "again_s": worker.fell(now)})

    def _stop(self) -> None:
        self.stopping = True
        self._kill_at = time.monotonic() + KILL_SECONDS
        for worker in self.workers:
            if worker.popen is not None:
                worker.popen.terminate()


def command(arguments: Sequence[str]) -> list[str]:
    """Give the command line of a worker."""
    return [sys.executable, "-m", "gateway", "serve", "--worker", *arguments]


def watch_parent(reactor: object, seconds: float = 1.0) -> None:
    """End this process in order when the one that started it is gone: a worker must not stay behind unwatched."""
    parent = os.getppid()
    later: Callable[..., object] = reactor.callLater  # type: ignore[attr-defined]  # Twisted's

    def look() -> None:
        if os.getppid() != parent:
            reactor.stop()  # type: ignore[attr-defined]
        else:
            later(seconds, look)

    later(seconds, look)
