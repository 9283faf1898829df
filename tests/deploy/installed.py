"""The wheel in a virtual environment that has what the wheel declares and nothing else, and no repository around it.

What it needs is copied from .venv, which was installed from requirements.lock by hash: nothing is downloaded.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from install import install
from testlab import free_ports


class Installed:
    """An environment, and a directory to work in."""

    def __init__(self, directory: Path) -> None:
        self.bin = directory / "venv" / "bin"
        self.work = directory / "empty"
        self.work.mkdir()
        install(directory / "venv")

    def pip(self, *arguments: str) -> str:
        """Let the pip of .venv work on this environment; gives what it said."""
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(self.bin / "python"), *arguments]
        return _good(subprocess.run(command, capture_output=True, text=True, check=False, timeout=120))

    @property
    def environment(self) -> dict[str, str]:
        """What a command of it sees: no virtual environment of ours, no path to the repository."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "VSOPGW_"))}
        return {**kept, "PATH": f"{self.bin}:/usr/bin:/bin"}

    def vsopgw(self, *arguments: str, code: int = 0) -> str:
        """Run the command in the directory; gives what it printed."""
        done = subprocess.run(
            [str(self.bin / "vsopgw"), *arguments], cwd=self.work, env=self.environment, capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        return _good(done, code)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command in the directory."""
        return subprocess.Popen(
            [str(self.bin / "vsopgw"), *arguments], cwd=self.work, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip


def _good(done: subprocess.CompletedProcess[str], code: int = 0) -> str:
    assert done.returncode == code, f"{done.args}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def free_hundred() -> str:
    """Two digits such that the lab's ports are free when its 70 and 71 are replaced by them."""
    ends = ("00", "01", "02", "15", "21", "35", "90", "91", "92")
    for first in (str(port)[:3] for port in (20000 + port % 12000 for port in free_ports(60))):
        if all(_free(int(first + end)) for end in ends):
            return first
    raise AssertionError("no hundred ports are free")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def moved(text: str, hundred: str) -> str:
    """Give a text with the lab's ports, 70NN and 71NN, in another hundred."""
    return re.sub(r"\b7[01](?=\d\d\b|\{province\})", hundred, text)
