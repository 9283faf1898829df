"""Opens the database file: one owner at a time, this program's schema, no damage. Knows no row.

Everything that makes a file unusable is told in one sentence, for the operator.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

from gateway.store.audit_chain import audit_hash
from gateway.store.errors import StoreDamaged, StoreUnusable
from gateway.store.times import standing

APPLICATION_ID = 0x56534F50
"""Set by the first migration; tells our files from those of other programs."""

BUSY_SECONDS = 5
"""How long a statement waits for a lock of another connection, such as an operator's sqlite3 shell."""

CHECK_SECONDS = 1.0
"""Longest look for damage at start-up: it reads the whole file, and a restart must not take minutes for a large one."""

WRITER_CACHE_KB = 8000
READER_CACHE_KB = 4000
"""Caches of whole pages, small on purpose: the kernel caches the file as well."""

LOG_LIMIT = 64 * 1024 * 1024
"""Bytes to which a log that grew beyond it is cut when SQLite begins it anew."""


OPENED = "opened\n"
"""Stands in the lock file behind the owner's process id where there was a database."""

BEGUN = "begun\n"
"""Stands there instead while the first database is made: cut short, it may be an empty file."""

DAMAGED = "is damaged: restore it from a copy"


class FileLock:
    """Exclusive ownership of a store, by an advisory lock on `<path>.lock`, which the kernel drops however we end."""

    def __init__(self, path: Path, *, restores: bool = False) -> None:
        """Take it; raises StoreUnusable where another has it, with his process id, or where a database is gone or empty.

        Who `restores` it puts one there.
        """
        if not path.parent.is_dir():
            raise StoreUnusable(f"{path} cannot be opened: its directory does not exist")
        try:
            self._fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnusable(f"{path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = self._read().partition("\n")[0] or "unknown"
            os.close(self._fd)
            raise StoreUnusable(f"{path} is in use by process {owner}") from error
        state, present = self._read(), path.exists()
        try:
            if not restores:  # never a silent empty start: its orders are somewhere
                if OPENED in state and not present:
                    raise StoreUnusable(f"{path} is gone: restore it from a copy, or remove {path}.lock to begin with an empty one")
                if present and BEGUN not in state:
                    refuse_empty(path)
        except StoreUnusable:
            os.close(self._fd)
            raise
        self._write(OPENED if OPENED in state else BEGUN if BEGUN in state or not present else "")

    def opened(self) -> None:
        """Note that there is a database: if it is gone next time, that is no first start."""
        self._write(OPENED)

    def _read(self) -> str:
        return os.pread(self._fd, 40, 0).decode(errors="replace")

    def _write(self, state: str) -> None:
        text = f"{os.getpid()}\n{state}".encode()
        os.pwrite(self._fd, text, 0)
        os.ftruncate(self._fd, len(text))

    def release(self) -> None:
        """Let others have it. The lock file stays: once removed, two owners could lock two files of one name."""
        os.close(self._fd)


def refuse_empty(path: Path) -> None:
    """Raise StoreDamaged for a file without a byte, which SQLite would take for a new database."""
    if path.stat().st_size == 0:
        raise StoreDamaged(f"{path} is empty: restore it from a copy, or remove it and {path}.lock to begin with a new one")


def make_private(path: Path) -> None:
    """Make a file that its owner alone reads, for it holds whole numbers; raises StoreUnusable.

    SQLite gives -wal and -shm the same mode.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreUnusable(f"{path} cannot be made: {error.strerror}") from error


def open_writer(path: Path, now: Callable[[], float] = standing) -> sqlite3.Connection:
    """Open, create or migrate the file, for the writer thread. Call with the lock held; raises StoreUnusable."""
    if half_restored(path).exists():
        raise StoreUnusable(f"{path} is half restored: run `vsopgw store restore` again")
    if not path.exists():
        make_private(path)
    with ExitStack() as opened:
        try:
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            opened.callback(connection.close)
            give_hash(connection)
            _prepare(connection, path)
            give_clock(connection, now)
        except sqlite3.Error as error:
            raise complaint(path, error) from error
        opened.pop_all()
    return connection


def half_restored(path: Path) -> Path:
    """Name the file that is there while a restore is under way, or was cut short."""
    return Path(f"{path}.restoring")


def complaint(path: Path, error: sqlite3.Error) -> StoreUnusable:
    """Say in words what SQLite does not like about a file."""
    match error.sqlite_errorcode & 0xFF:  # the rest of an extended code is detail
        case sqlite3.SQLITE_NOTADB:
            return StoreUnusable(f"{path} is not a database")
        case sqlite3.SQLITE_CORRUPT:
            return StoreDamaged(f"{path} {DAMAGED}")
        case _:
            return StoreUnusable(f"{path} cannot be opened: {error.sqlite_errorname}")


def open_reader(path: Path, now: Callable[[], float] = standing) -> sqlite3.Connection:
    """Open a second connection that sees what is committed and writes nothing; used by the thread that opened it."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KB}")
    give_clock(connection, now)
    return connection


def give_clock(connection: sqlite3.Connection, now: Callable[[], float]) -> None:
    """Let statements ask for the time, in microseconds; `now` gives seconds."""
    connection.create_function("now_micros", 0, lambda: int(now() * 1e6))


def give_hash(connection: sqlite3.Connection) -> None:
    """Let statements and migrations hash a row of the audit log."""
    connection.create_function("audit_hash", 8, audit_hash, deterministic=True)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    execute = connection.execute
    empty = execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if not empty and execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreUnusable(f"{path} is a database of another program")
    if execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreUnusable(f"{path} lies on a file system that cannot keep a write-ahead log")
    execute("PRAGMA synchronous = FULL")  # measured: NORMAL buys nothing under group commit
    execute("PRAGMA wal_autocheckpoint = 0")  # see checkpoints.py
    execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
    execute(f"PRAGMA cache_size = -{WRITER_CACHE_KB}")
    execute("PRAGMA mmap_size = 0")
    if not empty:
        _look_for_damage(connection, path)
    _migrate(connection, path)
    execute("PRAGMA foreign_keys = ON")


def _look_for_damage(connection: sqlite3.Connection, path: Path) -> None:
    alarm = threading.Timer(CHECK_SECONDS, connection.interrupt)
    alarm.start()
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        found = "ok"  # none found in the time allowed
    finally:
        alarm.cancel()
        alarm.join()  # it must not interrupt what comes next
    if found != "ok":
        raise StoreDamaged(f"{path} {DAMAGED}")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema forward, one numbered file in one transaction each; there is no way back."""
    present = connection.execute("PRAGMA user_version").fetchone()[0]
    known = migrations()
    if present > max(known):
        raise StoreUnusable(
            f"{path} was written by a newer version of this program: its schema is {present}, not {max(known)}"
        )
    for number in range(present + 1, max(known) + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{known[number]}\nPRAGMA user_version = {number};\nCOMMIT;")


def newest_schema() -> int:
    """Give the number of the newest schema that this program knows."""
    return max(migrations())


def migrations() -> dict[int, str]:
    """Give the texts of migrations/sqlite/NNNN_name.sql by number."""
    folder = files("gateway.store") / "migrations" / "sqlite"
    return {int(file.name[:4]): file.read_text() for file in folder.iterdir() if file.name.endswith(".sql")}
