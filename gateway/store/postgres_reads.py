"""The reads of the port on PostgreSQL. They block the calling thread for a round trip, for seconds once if the server falls silent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from gateway.domain.catalogue import Catalogue
from gateway.store.documents import read_offer, read_partner, read_product
from gateway.store.errors import StoreFailed
from gateway.store.postgres_link import Lost, encoded
from gateway.store.postgres_links import Links
from gateway.store.sql_asking import Query
from gateway.store.sql_reads import SqlReads

_VERSION = "SELECT version FROM catalogue_version"
_CHANGED = (
    "SELECT doc FROM products WHERE changed > ? ORDER BY id",
    "SELECT doc FROM offers WHERE changed > ? ORDER BY id",
    "SELECT doc FROM partners WHERE changed > ? ORDER BY id",
)
_WRITE: Query = ("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", ())
_DONE: Query = ("COMMIT", ())
_RESERVE = (
    "UPDATE serials SET next = greatest(next, (SELECT coalesce(max(serial), 0) + 1 FROM runs)) + ? RETURNING next - ?"
)
_COUNT = (
    "SELECT CASE WHEN reltuples > 100000 THEN reltuples::bigint ELSE (SELECT count(*) FROM runs) END"
    " FROM pg_class WHERE oid = 'runs'::regclass"
)
"""To count hundreds of thousands of rows would take the calling thread seconds: there the server's own estimate is told."""


class PostgresReads(SqlReads):
    """Look-ups through `links`; each exchange is one transaction, which sees one state."""

    def __init__(self, links: Links, lost: Callable[[], None]) -> None:
        """`lost` is told when a read has failed for want of a connection."""
        self._links = links
        self._lost = lost
        self._catalogue = Catalogue()
        self._catalogue_version = -1

    _count_runs = _COUNT

    async def catalogue(self) -> Catalogue:
        """Give the whole catalogue, with what other processes changed; only what is new to this one is read and decoded."""
        if self._value(_VERSION) != self._catalogue_version:
            since = (self._catalogue_version,)
            ((version,),), products, offers, partners = self._together((_VERSION, ()), *((text, since) for text in _CHANGED))
            held = self._catalogue
            self._catalogue = replace(
                held,
                products=_with(held.products, [read_product(doc) for (doc,) in products]),
                offers=_with(held.offers, [read_offer(doc) for (doc,) in offers]),
                partners=_with(held.partners, [read_partner(doc) for (doc,) in partners]),
            )
            self._catalogue_version = version
        return self._catalogue

    async def reserve_serials(self, count: int) -> int:
        """Count in the database, in a short transaction of its own: a reservation stands before anybody uses it."""
        try:
            _, reserved, _ = self._together(_WRITE, (_RESERVE, (count, count)), _DONE)
        except StoreFailed:
            with suppress(StoreFailed):  # the connection is gone, and the transaction with it
                self._all("ROLLBACK")
            raise
        first: int = reserved[0][0]
        return first

    def _together(self, *queries: Query) -> list[list[Any]]:
        link = self._links.reader
        if link is None:
            raise StoreFailed("a read failed: the database cannot be reached")
        try:
            answers = link.exchange([(statement, encoded(values)) for statement, values in queries])
        except Lost as lost:
            self._links.lose_reader(link, str(lost))
            self._lost()
            raise StoreFailed("a read failed: the database cannot be reached") from lost
        code = next((answer.code for answer in answers if answer.code), "")
        if code:
            raise StoreFailed(f"a read failed: SQLSTATE {code}")
        return [answer.rows for answer in answers]

    def _all(self, statement: str, *values: object) -> list[Any]:
        return self._together((statement, values))[0]


def _with(held: Any, changed: list[Any]) -> Any:
    return MappingProxyType({**held, **{one.id: one for one in changed}}) if changed else held
