"""`vsopgw` for a page of commands: each starts in a hundredth of a second, forked from one process that has read the whole program.

What runs is the program itself, from its arguments on. Run as a program this is the process that forks; `QuickShell` is what a test holds.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve()
# What stands in the PATH: it hands over arguments, directory and the three streams, passes signals on, and ends as the command did.
CLIENT = """#!{python} -ES
import json, os, signal, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({path!r})
socket.send_fds(line, [json.dumps([sys.argv[1:], os.getcwd()]).encode()], [0, 1, 2])
said = line.makefile("rb")
pid = int(said.readline())
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda n, _: os.kill(pid, n))
code = int(said.readline() or 1)
os._exit(code if code >= 0 else 128 - code)
"""


class QuickShell:
    """The process that forks, and a directory with the command `vsopgw` for the PATH."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        path = str(directory / "shell.sock")
        self._popen = subprocess.Popen([sys.executable, str(HERE), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        command = directory / "vsopgw"
        command.write_text(CLIENT.format(python=sys.executable, path=path))
        command.chmod(0o755)
        assert self._popen.stdout is not None
        assert self._popen.stdout.readline() == b"ready\n", "the program cannot be read"

    def close(self) -> None:
        """End it."""
        self._popen.communicate()


def _warm() -> None:
    """Read the whole program, but for the reactor, of which each process has its own."""
    from gateway.cli.main import COMMANDS, FURTHER  # noqa: PLC0415

    places = [*COMMANDS.values(), *(place for further in FURTHER.values() for place in further)]
    for module in dict.fromkeys(f"gateway.cli.{place.partition(':')[0]}" for place in places):
        importlib.import_module(module)
    for module in ("gateway.app", "gateway.runtime.node", "stubs.kit.host", "stubs.partnerkit.assembly", "stubs.mapping.files"):
        importlib.import_module(module)
    assert "twisted.internet.reactor" not in sys.modules, "a forked process must have a reactor of its own"
    gc.collect()
    gc.freeze()


def _mind(line: socket.socket) -> None:
    """Fork the command that is asked for; tell its id, then its end."""
    message, streams, _, _ = socket.recv_fds(line, 65536, 3)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        arguments, directory = json.loads(message)
        os.chdir(directory)
        _run(arguments)
    line.sendall(b"%d\n" % pid)
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


def _serve(path: str) -> None:
    _warm()
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
                finally:
                    os._exit(0)
            line.close()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
