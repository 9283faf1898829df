"""Walks the audit log of a database that a gateway may be using: a SQLite file or PostgreSQL. Reads only."""

from __future__ import annotations

from pathlib import Path

from gateway.store.audit_chain import SELECT_CHAIN, Walked, walk
from gateway.store.errors import StoreUnusable
from gateway.store.sqlite_backup import reading
from gateway.store.sqlite_file import APPLICATION_ID

CHAINED_SINCE = 6
"""The schema from which on the audit log is a chain."""

_TOO_OLD = "the audit log is not chained yet: a gateway of this version does it when it opens the database"


def walk_file(path: Path, kept: str = "") -> Walked:
    """Walk the log of a SQLite file; raises StoreUnusable."""
    with reading(path) as connection:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise StoreUnusable(f"{path} is no database of this program")
        if connection.execute("PRAGMA user_version").fetchone()[0] < CHAINED_SINCE:
            raise StoreUnusable(f"{path}: {_TOO_OLD}")
        return walk(connection.execute(SELECT_CHAIN), kept)


def walk_postgres(url: str, kept: str = "") -> Walked:
    """Walk the log of a PostgreSQL database; raises StoreUnusable."""
    try:
        import psycopg  # noqa: PLC0415  an extra

        from gateway.store.postgres_link import CONNECT_SECONDS, complaint, place  # noqa: PLC0415  needs it too
    except ImportError as error:
        raise StoreUnusable("a PostgreSQL database needs psycopg: pip install 'vsop-gateway[postgres]'") from error
    try:
        where = place(url)
    except psycopg.ProgrammingError as error:
        raise StoreUnusable("that is not an address of PostgreSQL") from error
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, client_encoding="UTF8") as connection:
            found = connection.execute("SELECT to_regclass('vsop_schema') IS NOT NULL").fetchone()
            if found is None or not found[0]:
                raise StoreUnusable(f"{where} is no database of this program")
            version = connection.execute("SELECT version FROM vsop_schema").fetchone()
            if version is None or version[0] < CHAINED_SINCE:
                raise StoreUnusable(f"{where}: {_TOO_OLD}")
            with connection.cursor(name="audit") as rows:
                return walk(rows.execute(SELECT_CHAIN.encode()), kept)
    except psycopg.Error as error:
        raise StoreUnusable(f"{where} cannot be used: {complaint(str(error))}") from error
