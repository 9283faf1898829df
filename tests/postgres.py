"""A private PostgreSQL for tests: made in a temporary directory, run as another user where we are root, gone afterwards.

As a program it runs until its input ends: `python tests/postgres.py` prints the address of a fresh database.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

WHERE = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt/postgresql")


class NoServer(Exception):
    """No PostgreSQL server is installed, or none can be run by this user; says which."""


class Cluster:
    """One server on a free port of the loopback; `durable` has it wait for the disk, as it does in the field."""

    __test__ = False

    def __init__(self, *, durable: bool = False) -> None:
        self._programs = _programs()
        self._user = _user()
        self._durable = durable
        self._numbers = itertools.count(1)
        self.directory = Path(tempfile.mkdtemp(prefix="vsop-postgres-"))
        if self._user is not None:
            os.chown(self.directory, self._user.pw_uid, self._user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._keeper = self._watched()
        try:
            self._run("initdb", "-D", self._data, "-U", "vsop", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
            self.start()
        except BaseException:
            self.remove()
            raise

    @property
    def _data(self) -> str:
        return str(self.directory / "data")

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.directory,
            "max_connections": 60, "shared_buffers": "64MB", "fsync": "on" if self._durable else "off",
        }  # fmt: skip
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", self._data, "-l", str(self.directory / "log"), "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """Stop it: "immediate" is as if the machine had lost its power, but for the disk."""
        self._run("pg_ctl", "stop", "-w", "-D", self._data, "-m", mode)

    def freeze(self) -> None:
        """Have every process of it stand still; what is asked gets no answer."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        parent = (self.directory / "data/postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for pid in [parent, *children]:
            os.kill(int(pid), number)

    def url(self, database: str) -> str:
        """Give the address of a database."""
        return f"postgresql://vsop@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """Make a place for tables, in a schema of its own: many times faster than a database. Gives its address."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.url('postgres')}?options=-c%20search_path%3D{name}"

    def drop(self, url: str) -> None:
        """Remove such a place."""
        self.execute(f"DROP SCHEMA {url.rpartition('%3D')[2]} CASCADE")

    def execute(self, statement: str, url: str | None = None) -> list:
        """Run one statement as the owner of everything."""
        with psycopg.connect(url or self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def remove(self) -> None:
        """Stop it and remove all that it wrote."""
        self._keeper.communicate()

    def _watched(self) -> subprocess.Popen[bytes]:
        """Start what removes it all when we close its input, or end in whatever way."""
        stop = [str(self._programs / "pg_ctl"), "stop", "-w", "-m", "immediate", "-D", self._data]
        script = f"cat >/dev/null; {shlex.join(stop)} >/dev/null 2>&1; rm -rf {shlex.quote(str(self.directory))}"
        return subprocess.Popen(["sh", "-c", script], cwd="/", stdin=subprocess.PIPE, start_new_session=True, **self._as_other())

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments], cwd=self.directory, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, **self._as_other(),
        )  # fmt: skip
        if done.returncode:
            raise NoServer(f"{program} failed: {done.stderr.strip().splitlines()[-1:]}")

    def _as_other(self) -> dict:
        return {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}


def _programs() -> Path:
    """Where the server's programs are; the newest where there are several."""
    found = [p.parent for root in WHERE for p in Path(root).parent.glob(f"{Path(root).name}*/**/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    if not found:
        raise NoServer("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    return max(found, key=lambda path: [int(part) for part in path.parts if part.isdigit()])


def _user() -> pwd.struct_passwd | None:
    """Whose processes the server's are: it refuses to be root's."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServer("PostgreSQL does not run as root, and there is no user postgres or nobody")


if __name__ == "__main__":
    cluster = Cluster(durable=True)
    try:
        print(cluster.create(), flush=True)  # noqa: T201
        sys.stdin.read()
    finally:
        cluster.remove()
