"""A private PostgreSQL for the benches, with fsync on; the one that the tests use, as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast

from bench.processes import ROOT, SkippedError

CLUSTER = ROOT / "tests" / "postgres.py"


@dataclass(frozen=True, slots=True)
class Database:
    """A running server and a fresh place for our tables in it."""

    url: str

    def create(self) -> str:
        """Give the address of the place."""
        return self.url

    def plain(self, name: str) -> str:
        """Make a database of this name and give its address."""
        import psycopg  # noqa: PLC0415  an extra

        address = self.url.partition("?")[0]
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"{address.rpartition('/')[0]}/{name}"


@contextmanager
def cluster(core: int | None) -> Iterator[Database]:
    """Start a server, on one core or on all; it is gone when the block ends. SkippedError: there is none."""
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    process = subprocess.Popen(
        [*pinned, sys.executable, str(CLUSTER)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE
    )
    try:
        url = cast(IO[str], process.stdout).readline().strip()
        if not url:
            raise SkippedError(f"no PostgreSQL: {cast(IO[str], process.stderr).read().strip()[-200:]}")
        yield Database(url)
    finally:
        cast(IO[str], process.stdin).close()
        process.wait(60)
