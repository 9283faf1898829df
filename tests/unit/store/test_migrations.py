"""A database of any older version opens, is brought forward and reads the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest
from store_rows import (
    ANN,
    BOX,
    NOON,
    RINGTONE,
    SECOND,
    commit,
    done,
    offer,
    open_postgres,
    open_sqlite,
    order,
    product,
    relation,
    wait,
)
from test_documents import OFFER_1, ORDER, ORDER_1, PRODUCT_1, REPLY_1

from gateway.domain.catalogue import Catalogue
from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.facts import ItemsFreed, OrderAccepted
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, Subscriber
from gateway.engine.ports import ItemLocked, ObjectSynced, OrderRow, RunRow, RunState, StepRow
from gateway.store import postgres_schema, sqlite_file
from gateway.store.postgres import PostgresStore
from gateway.store.sqlite import SqliteStore
from gateway.store.times import micros

AT = micros(NOON)
Opens = Callable[[], SqliteStore | PostgresStore]
OLDER = [(kind, number) for kind, texts in (("sqlite", sqlite_file.migrations()), ("postgres", postgres_schema.migrations()))
         for number in sorted(texts)[:-1]]  # fmt: skip
ROWS = {
    "INSERT INTO orders (id, trace_id, channel, channel_order_id, number, section, state, accepted_at, doc)"
    " VALUES ('o1', 't1', '211', 'c1', ?, '4.1.1', '10A', ?, ?)": (ANN.digits, AT, ORDER_1),
    "INSERT INTO item_locks VALUES (?, ?, 'o1')": (ANN.digits, RINGTONE),
    "INSERT INTO runs (serial, id, flow, state, started_at) VALUES (7, 'o1', 'order-x/1', 'running', ?)": (AT,),
    "INSERT INTO steps VALUES ('o1', 'activate', 0, '2c', '2d', 'xplatform:303', 'serverAction', '2001', ?, ?, 2, ?)":
        (AT, AT, REPLY_1),
    "INSERT INTO subscribers (number, spec, pay, state) VALUES (?, '003', 'prepaid', 'active')": (ANN.digits,),
    "INSERT INTO relations VALUES (?, ?, '315000000000000000101', 'pure', '211', 'active', ?, ?, ?)":
        (ANN.digits, RINGTONE, AT, micros(NOON + SECOND), micros(relation().expires_at or NOON)),
    "INSERT INTO products (id, doc) VALUES (?, ?)": (RINGTONE, PRODUCT_1),
    "INSERT INTO offers (id, doc) VALUES (?, ?)": (offer().id, OFFER_1),
}  # fmt: skip
"""An order under way, a user with a relation, a catalogue."""


@pytest.fixture(params=OLDER, ids=lambda older: f"{older[0]}-{older[1]}")
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Opens:
    """Give what opens a database as an older version left it."""
    kind, number = request.param
    if kind == "sqlite":
        path = tmp_path / "old.db"
        _leave_file(path, number)
        return partial(open_sqlite, path)
    url = request.getfixturevalue("database")
    _leave_database(url, number)
    return partial(open_postgres, url)


def _leave_file(path: Path, number: int) -> None:
    old = sqlite3.connect(path, isolation_level=None)
    sqlite_file.give_hash(old)
    texts = [text for n, text in sorted(sqlite_file.migrations().items()) if n <= number]
    old.executescript("\n".join(["BEGIN;", *texts, f"PRAGMA user_version = {number};", "COMMIT;"]))
    for statement, values in ROWS.items():
        old.execute(statement, values)
    old.close()


def _leave_database(url: str, number: int) -> None:
    with psycopg.connect(url) as old:
        old.execute("CREATE TABLE vsop_schema (version BIGINT NOT NULL)")
        old.execute("INSERT INTO vsop_schema VALUES (%s)", [number])
        for n, text in sorted(postgres_schema.migrations().items()):
            if n <= number:
                old.execute(text.encode())
        old.execute("UPDATE catalogue_version SET version = 1")
        for statement, values in ROWS.items():
            old.execute(statement.replace("?", "%s").encode(), values)


def test_older_version_reads_the_same(opens: Opens) -> None:
    """Orders, runs, steps, users, relations and the catalogue are as they were; what is new has its default."""
    store = opens()
    found = [
        wait(store.order("o1")), wait(store.run("o1")), wait(store.subscriber(ANN)), wait(store.relations(ANN)),
        wait(store.catalogue()), wait(store.held_orders("4.1.1", 9)), wait(store.open_order_for(ANN, RINGTONE)),
    ]  # fmt: skip
    store.close()
    step = StepRow("activate", "2c", "2d", "xplatform:303", "serverAction", "2001", NOON, 2, done().reply)
    row = OrderRow(ORDER, OrderState.EXECUTING, 0, None)
    assert found == [
        row, RunRow("o1", "order-x/1", 7, ORDER, RunState.RUNNING, 0, 0, None, "", (step,)),
        Subscriber(ANN, "003", PayType.PREPAID), [relation()], Catalogue({RINGTONE: product()}, {offer().id: offer()}),
        [row], "o1",
    ]  # fmt: skip


def test_older_version_goes_on(opens: Opens) -> None:
    """A lock of the old database holds, and is freed by its order; the catalogue takes the first version that is told."""
    store = opens()
    with pytest.raises(ItemLocked):
        commit(store, OrderAccepted(order("o2")))
    commit(store, ItemsFreed("o1"), OrderAccepted(order("o2", products=(RINGTONE, BOX))))
    commit(store, ObjectSynced(CatalogueObject(product=product(version=1)), NOON))
    found = wait(store.open_order_for(ANN, RINGTONE)), wait(store.catalogue()).products[RINGTONE]
    store.close()
    assert found == ("o2", replace(product(), version=1))
