"""A database that cannot be used or written: one clear line and exit 2 at the start, "busy" and not ready while it lasts, nothing half."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.error
from collections import Counter
from pathlib import Path

import pytest
from acts import X, until
from crowd import BUSY, DONE, ends, insisted, placed, wrong
from testlab import TestLab, free_ports, get

from gateway.cli.lab import Process, announced
from gateway.resources import etc_dir
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite import SqliteStore
from gateway.store.sqlite_file import open_writer

pytestmark = pytest.mark.e2e

NUMBERS = [f"13307913{n:03d}" for n in range(200)]
ROOM = "3m"
"""The disk of the gateway that fills up."""


# ---- a start that must not be ----------------------------------------------------------------------------------------


def served(store: Path, state: Path):
    """Start a gateway on a database; it must refuse. Gives its exit code and what it said."""
    port, admin = free_ports(2)
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "serve", "-c", str(etc_dir() / "provincial.toml"), "--set", f"gateway.port={port}",
         "--set", f"admin.port={admin}", "--set", f"gateway.state_dir={state}", "--set", f"store.path={store}"],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stderr


def _written(path: Path) -> sqlite3.Connection:
    """Make a database of ours."""
    open_writer(path).close()
    return sqlite3.connect(path)


def _gone(path: Path) -> None:
    SqliteStore(path, promise=BlockingPromise, on_thread_result=lambda act: act()).close()
    path.unlink()


def _newer(path: Path) -> None:
    database = _written(path)
    database.execute("PRAGMA user_version = 9999")
    database.close()


def _others(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE theirs (x)")
    database.close()


def _damaged(path: Path) -> None:
    database = _written(path)
    database.execute("CREATE TABLE filler (x)")
    with database:
        database.executemany("INSERT INTO filler VALUES (?)", [("x" * 3000,) for _ in range(50)])
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    with path.open("r+b") as file:
        file.seek(4096 * 8)
        file.write(os.urandom(4096 * 20))


UNUSABLE = {
    "newer": (_newer, "newer version"),
    "of another program": (_others, "another program"),
    "not a database": (lambda path: path.write_text("no database at all, but a text that is long enough\n" * 50), "not a database"),
    "damaged": (_damaged, "damaged"),
    "in no directory": (lambda path: shutil.rmtree(path.parent), "directory"),
    "gone": (_gone, "is gone"),
    "a directory": (lambda path: path.mkdir(), "cannot be opened"),
}


@pytest.mark.parametrize("which", UNUSABLE)
def test_unusable_database(tmp_path, which):
    """Never a silent empty start: exit 2, one line that names the file and says why, and the file is as it was."""
    make, why = UNUSABLE[which]
    path = tmp_path / "own/vsop.sqlite"
    path.parent.mkdir()
    make(path)
    before = path.read_bytes() if path.is_file() else None
    code, said = served(path, tmp_path / "state")
    assert (code, said.count("\n"), str(path) in said, why in said) == (2, 1, True, True), said
    assert (path.read_bytes() if path.is_file() else None) == before


# ---- a disk that fills up --------------------------------------------------------------------------------------------


def _namespaces() -> bool:
    """Whether a disk of our own can be mounted that nobody else sees."""
    tried = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and subprocess.run(tried, check=False, capture_output=True).returncode == 0


class SmallDisk(TestLab):
    """Jiangxi keeps its database on a disk of a few megabytes, in a mount namespace of its own."""

    def _started(self, name: str, arguments: list[str]) -> Process:
        if name != "jiangxi":
            return super()._started(name, arguments)
        disk = self.directory / "disk"
        disk.mkdir(exist_ok=True)
        program = [sys.executable, "-m", "gateway", *arguments, "--set", f"store.path={disk}/vsop.sqlite"]
        script = f'mount -t tmpfs -o size={ROOM} none "{disk}" && exec "$@"'
        with (self.directory / f"{name}.log").open("a") as log:
            popen = subprocess.Popen(["unshare", "-m", "sh", "-c", script, "sh", *program], stdout=subprocess.PIPE, stderr=log, text=True)
        return announced(Process(name, popen), log=self.directory / f"{name}.log")

    @property
    def filler(self) -> Path:
        """A file on that disk, seen from outside."""
        return Path(f"/proc/{self.processes['jiangxi'].popen.pid}/root{self.directory}/disk/filler")

    def fill(self) -> None:
        """Take all room that is left."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (65536, 4096, 512, 1):
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def ready(self) -> int:
        """Give the status of /readyz."""
        try:
            return get(f"http://127.0.0.1:{self.ports['jiangxi']}/readyz")[0]
        except urllib.error.HTTPError as error:
            return error.code


@pytest.mark.skipif(not _namespaces(), reason="no disk of its own can be mounted here: that needs root and unshare")
def test_disk_that_is_full(tmp_path):
    """Orders are refused as busy and the gateway is not ready; when there is room all goes on by itself, and no order is half there."""
    lab = SmallDisk(tmp_path, ("group", "jiangxi"), NUMBERS, log__level="warn")
    try:
        lab.start()
        before = placed(lab, NUMBERS[:5], X)
        assert ends(lab, before) == Counter({DONE: 5})
        lab.fill()
        requests = [lab.request(number, X) for number in NUMBERS[5:15]]
        refused = insisted(lab, requests, seconds=0)
        assert (until(lab.ready, 503), refused[-1]) == (503, BUSY)
        kept = [r for r, code in zip(requests, refused, strict=True) if code == BUSY]
        assert [lab.admin("jiangxi").get(f"orders/{r['OrderId']}") for r in kept] == [None] * len(kept)
        lab.filler.unlink()
        assert until(lab.ready, 200) == 200
        assert insisted(lab, requests) == ["0"] * len(requests)
        orders = {r["ProductNo"]: r["OrderId"] for r in requests} | before
        assert (ends(lab, orders), wrong(lab, orders)) == (Counter({DONE: 15}), {})
    finally:
        lab.stop()
