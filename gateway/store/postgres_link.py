"""One connection to PostgreSQL: statements go out together, their results come back in order, and no wait is without end.

Knows no table and no thread. Uses libpq as psycopg wraps it, in pipeline mode, not psycopg's cursors: the same work costs a fifth of
the processor, and only so a caller can stop waiting for a server that has gone silent.
"""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from psycopg import OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, PGconn, PollingStatus
from psycopg.pq.abc import PGconn as Connection
from psycopg.pq.abc import PGresult

PATIENCE = 2.5
"""Seconds without a byte from the server after which it counts as lost; longer than the server's own limit of a statement."""

CONNECT_SECONDS = 2
"""How long the server may be silent while a connection comes up."""

_WHOLE = frozenset({20, 21, 23})
"""Oids of the whole numbers."""

Encoded = Sequence[bytes | None]


class Lost(Exception):
    """The server cannot be reached, has gone silent or has ended the connection; the text holds no stored input."""


class Answer(NamedTuple):
    """What came of one statement."""

    code: str
    """SQLSTATE where it failed; 'later' where an earlier one of the same exchange failed; empty where it worked."""
    changed: int
    """How many rows it changed."""
    rows: list[Any]


class Link:
    """A connection. It may be handed from thread to thread, but serves one at a time."""

    def __init__(self, url: str, **settings: str | int) -> None:
        """Connect; `settings` are the server's, for this session. Raises Lost, ProgrammingError for an address that is none."""
        self._connection = _connected(_conninfo(url, settings))
        self._connection.nonblocking = 1
        self._connection.enter_pipeline_mode()
        self._socket = select.poll()
        self._socket.register(self._connection.socket, select.POLLIN)
        self._names: dict[str, bytes] = {}

    def close(self) -> None:
        """End the connection; a transaction under way is rolled back."""
        self._connection.finish()

    def exchange(self, calls: Sequence[tuple[str, Encoded]], *, patience: float = PATIENCE) -> list[Answer]:
        """Run statements, of which the first that fails ends the exchange; raises Lost. What came back before that is lost too."""
        fresh: dict[str, bytes] = {}
        send = self._connection.send_query_prepared
        try:
            prepared = []
            for text, values in calls:
                name = self._names.get(text) or fresh.get(text)
                prepared.append(name is None)
                if name is None:
                    name = fresh[text] = b"s%d" % (len(self._names) + len(fresh))
                    self._connection.send_prepare(name, translated(text).encode())
                send(name, values)
            self._connection.pipeline_sync()
            results = iter(self._results(patience))
        except OperationalError as error:
            raise Lost(complaint(str(error))) from error
        answers = []
        for (text, _), is_fresh in zip(calls, prepared, strict=True):
            ready = _answer(next(results)) if is_fresh else None
            answer = _answer(next(results))
            if ready is not None and not ready.code:
                self._names[text] = fresh[text]
            answers.append(ready if ready is not None and ready.code else answer)
        return answers

    def _results(self, patience: float) -> list[PGresult]:
        """Read up to the end of the exchange."""
        connection = self._connection
        found: list[PGresult] = []
        while True:
            while connection.is_busy():
                self._await_bytes(patience)
            result = connection.get_result()
            if result is None:  # the end of one statement's results
                if connection.status != ConnStatus.OK:
                    raise OperationalError("the connection is gone")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return found
            else:
                found.append(result)

    def _await_bytes(self, patience: float) -> None:
        unsent = self._connection.flush()
        self._socket.modify(self._connection.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
        if not self._socket.poll(patience * 1000):
            self._connection.finish()  # an answer that comes after all must not be taken for that of the next statement
            raise Lost("the database does not answer")
        self._connection.consume_input()


def encoded(values: Sequence[Any]) -> Encoded:
    """Give values as they are sent; raises ValueError or TypeError for what PostgreSQL cannot keep."""
    return [_encode(value) for value in values]


def _encode(value: Any) -> bytes | None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a text with a zero byte")
        return value.encode()
    if type(value) is int:
        return b"%d" % value
    if value is None:
        return None
    raise TypeError(type(value).__name__)


@lru_cache(maxsize=1024)
def translated(text: str) -> str:
    """Give a statement in PostgreSQL's own words: numbered values, no advice for SQLite's planner."""
    first, *rest = re.sub(r" INDEXED BY \w+", "", text).split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))


def _answer(result: PGresult) -> Answer:
    status = result.status
    if status == ExecStatus.COMMAND_OK:
        return Answer("", result.command_tuples or 0, [])
    if status == ExecStatus.TUPLES_OK:
        readers = [int if result.ftype(column) in _WHOLE else _text for column in range(result.nfields)]
        rows = [
            tuple(None if (v := result.get_value(row, column)) is None else read(v) for column, read in enumerate(readers))
            for row in range(result.ntuples)
        ]
        return Answer("", len(rows), rows)
    if status == ExecStatus.PIPELINE_ABORTED:
        return Answer("later", 0, [])
    code = result.error_field(DiagnosticField.SQLSTATE)
    return Answer("XX000" if code is None else code.decode(), 0, [])


def _text(value: bytes) -> str:
    return value.decode()


def _connected(conninfo: str) -> Connection:
    """Connect without holding up the process's other threads, as libpq's own blocking way would."""
    connection = PGconn.connect_start(conninfo.encode())
    state = PollingStatus.WRITING
    while state not in (PollingStatus.OK, PollingStatus.FAILED) and connection.status != ConnStatus.BAD:
        poll = select.poll()
        poll.register(connection.socket, select.POLLIN if state == PollingStatus.READING else select.POLLOUT)
        if not poll.poll(CONNECT_SECONDS * 1000):
            connection.finish()
            raise Lost("the server does not answer")
        state = PollingStatus(connection.connect_poll())
    if connection.status != ConnStatus.OK:
        reason = complaint(connection.get_error_message())
        connection.finish()
        raise Lost(reason)
    return connection


def _conninfo(url: str, settings: dict[str, str | int]) -> str:
    given = conninfo_to_dict(url)
    options = " ".join([str(given.get("options") or ""), *(f"-c {name}={value}" for name, value in settings.items())])
    limits = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}
    told = {"application_name": "vsopgw", **limits, **given, **_addresses(given)}
    return make_conninfo("", **{**told, "options": options.strip(), "client_encoding": "UTF8"})


def _addresses(given: Mapping[str, Any]) -> dict[str, str]:
    """Look up the addresses of all names, which libpq would do with the whole process waiting; it tries one after the other."""
    names = str(given.get("host") or "")
    if not names or names.startswith(("/", "@")) or given.get("hostaddr"):
        return {}
    hosts = names.split(",")
    ports = str(given.get("port") or 5432).split(",")
    ways = [
        (host, str(address[0]), port)
        for host, port in zip(hosts, ports if len(ports) > 1 else ports * len(hosts), strict=False)
        for address in _looked_up(host)
    ]
    return {key: ",".join(way) for key, way in zip(("host", "hostaddr", "port"), zip(*ways, strict=True), strict=True)}


def _looked_up(host: str) -> list[Any]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Lost("the name of its host is not known") from error
    return list(dict.fromkeys(address for *_, address in found))


def place(url: str) -> str:
    """Name the database for an operator, without its password; raises ProgrammingError for an address that is none."""
    given = conninfo_to_dict(url)
    name = f"the database {given.get('dbname') or given.get('user') or ''}"
    host = str(given.get("host") or given.get("hostaddr") or "")
    if not host:  # libpq chooses
        return f"{name} at this machine's socket (or PGHOST)"
    return f"{name} at the socket in {host}" if host.startswith(("/", "@")) else f"{name} at {host}:{given.get('port') or 5432}"


def complaint(message: str) -> str:
    """Give the first line of what libpq says, without its introduction."""
    first = message.strip().partition("\n")[0]
    return re.sub(r"^.*(failed|FATAL|ERROR): +", "", first) or "no reason given"

