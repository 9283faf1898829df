"""Brings the schema of a PostgreSQL database up to date, or says in one sentence why the database cannot be used. Knows no row."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg

from gateway.store.errors import StoreUnusable
from gateway.store.postgres_link import CONNECT_SECONDS, complaint, place

LOCK = 0x56534F50
"""The advisory lock under which one process at a time looks at the schema: "VSOP"."""

WAIT = "60s"
"""How long a process waits for another one's migration."""

_EMPTY = """
SELECT count(*) = 0 FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


def prepare(url: str) -> None:
    """Make the tables in an empty database, or bring older ones forward; raises StoreUnusable. Several processes may do it at once."""
    try:
        where = place(url)
    except psycopg.ProgrammingError as error:
        raise StoreUnusable("store.url is not an address of PostgreSQL") from error
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, client_encoding="UTF8") as connection:
            _migrate(connection, where)
    except psycopg.Error as error:
        raise StoreUnusable(f"{where} cannot be used: {complaint(str(error))}") from error


def _migrate(connection: psycopg.Connection, where: str) -> None:
    """One transaction for all; there is no way back."""
    execute = connection.execute
    if connection.info.parameter_status("server_encoding") != "UTF8":
        raise StoreUnusable(f"{where} does not keep texts in UTF-8")
    execute(f"SET LOCAL lock_timeout = '{WAIT}'")
    execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if _value(connection, "SELECT current_schema() IS NULL"):
        raise StoreUnusable(f"{where} has no schema that this user may use")
    present = _version(connection, where)
    known = migrations()
    if present > max(known):
        raise StoreUnusable(
            f"{where} was written by a newer version of this program: its schema is {present}, not {max(known)}"
        )
    for number in sorted(known):
        if number > present:
            execute(known[number].encode())
            execute("UPDATE vsop_schema SET version = %s", [number])


def _version(connection: psycopg.Connection, where: str) -> int:
    if _value(connection, "SELECT to_regclass('vsop_schema') IS NOT NULL"):
        return int(_value(connection, "SELECT version FROM vsop_schema"))
    if not _value(connection, _EMPTY):
        raise StoreUnusable(f"{where} is a database of another program")
    connection.execute("CREATE TABLE vsop_schema (version BIGINT NOT NULL)")
    connection.execute("INSERT INTO vsop_schema VALUES (0)")
    return 0


def _value(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def migrations() -> dict[int, str]:
    """Give the texts of migrations/postgres/NNNN_name.sql by number."""
    folder = files("gateway.store") / "migrations" / "postgres"
    return {int(file.name[:4]): file.read_text() for file in folder.iterdir() if file.name.endswith(".sql")}
