"""Starts real gateway processes in a tenth of the time: one process that has imported everything, and forks one more for each start.

What a forked process does is `vsopgw serve`, from reading its configuration on; nothing of the parent's is under way in it. It knows
nothing of labs. Run as a program it is that parent; `Nursery` and `Born` are what tests hold of it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

HERE = Path(__file__).resolve()


# ---- what tests hold -------------------------------------------------------------------------------------------------


class Nursery:
    """The parent process; `close` ends it and every process that it forked."""

    def __init__(self, directory: Path, wall: Path | None = None) -> None:
        """`wall` is a file that may say by how many seconds the wall clock of the forked processes is set."""
        self._path = directory / "nursery.sock"
        command = [sys.executable, str(HERE), str(self._path), *([str(wall)] if wall else [])]
        self._popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._popen.stdout is not None
        assert self._popen.stdout.readline() == b"ready\n", "the nursery did not start"

    def start(self, arguments: list[str], log: Path) -> Born:
        """Fork `vsopgw` with these arguments."""
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(self._path))
        reads, writes = os.pipe()
        with log.open("ab") as errors:
            socket.send_fds(line, [json.dumps(arguments).encode() + b"\n"], [writes, errors.fileno()])
        os.close(writes)
        return Born(line, os.fdopen(reads, "r", encoding="utf-8"))

    def close(self) -> None:
        """End it."""
        self._popen.communicate()


class Born:
    """A forked process, with what subprocess.Popen offers of it."""

    stderr = None

    def __init__(self, line: socket.socket, stdout) -> None:
        self._line = line.makefile("rb")
        self._socket = line
        self.stdout = stdout
        self.pid = int(self._line.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises subprocess.TimeoutExpired."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._socket], [], [], timeout)[0]:
            said = self._line.readline()
            assert said, "the nursery is gone"
            self.returncode = int(said)
            self._line.close()
            self._socket.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


# ---- the parent ------------------------------------------------------------------------------------------------------


def _warm() -> None:
    """Import what a gateway needs, and read each contract once: files that do not change under a test."""
    import gateway.app  # noqa: PLC0415
    import gateway.cli.main  # noqa: PLC0415
    import gateway.cli.serve  # noqa: PLC0415  the commands' modules are read when they are asked for
    import gateway.runtime.node  # noqa: PLC0415
    from gateway.resources import contracts_dir  # noqa: PLC0415
    from gateway.runtime import means  # noqa: PLC0415

    assert "twisted.internet.reactor" not in sys.modules, "a forked process must have a reactor of its own"
    codec = cache(means.read_codec)
    for contract in contracts_dir().glob("*.wsdl"):
        if not contract.name.endswith(".soap12.wsdl"):
            codec(contract)
    gateway.app.Means = partial(means.Means, codec=codec)
    gc.collect()
    gc.freeze()


def _set_wall(path: Path) -> None:
    """Let gateways see a wall clock that is set while they run."""
    import gateway.runtime.clock as clock  # noqa: PLC0415

    class Wall(datetime):
        """The wall clock, set by what the file says."""

        @classmethod
        def now(cls, tz=None):
            by = float(path.read_text() or 0) if path.exists() else 0.0
            return datetime.now(tz) + timedelta(seconds=by)

    clock.datetime = Wall


def _mind(line: socket.socket) -> None:
    """Fork the process that is asked for, tell its id and its end; kill it where the asker is gone."""
    message, fds, _, _ = socket.recv_fds(line, 65536, 2)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        line.close()
        os.dup2(fds[0], 1)
        os.dup2(fds[1], 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for fd in fds:
            os.close(fd)
        _run(json.loads(message))
    for fd in fds:
        os.close(fd)
    line.sendall(b"%d\n" % pid)
    ended = os.pidfd_open(pid)
    if line in select.select([ended, line], [], [])[0]:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    line.sendall(b"%d\n" % code)


def _run(arguments: list[str]) -> None:
    from gateway.cli.main import main  # noqa: PLC0415

    code = 1
    try:
        main(arguments, prog_name="vsopgw")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  as the interpreter does
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _serve(path: str, wall: str = "") -> None:
    _warm()
    if wall:
        _set_wall(Path(wall))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen(16)
        print("ready", flush=True)  # noqa: T201
        while True:
            ready, _, _ = select.select([door, 0], [], [])
            if 0 in ready:
                return  # whoever asked for it is gone
            line = door.accept()[0]
            if os.fork() == 0:
                door.close()
                try:
                    _mind(line)
                except BrokenPipeError:
                    pass  # the asker does not wait for the end
                finally:
                    os._exit(0)
            line.close()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
