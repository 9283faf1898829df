"""A file of an older version opens, is brought forward and reads the same."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

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
from gateway.store.times import micros

AT = micros(NOON)
FIRST = (files("gateway.store") / "migrations" / "sqlite" / "0001_initial.sql").read_text()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file as the first version left it: an order under way, a user with a relation, a catalogue."""
    path = tmp_path / "old.db"
    old = sqlite3.connect(path, isolation_level=None)
    old.executescript(f"BEGIN;\n{FIRST}\nPRAGMA user_version = 1;\nCOMMIT;")
    execute = old.execute
    execute(
        "INSERT INTO orders (id, trace_id, channel, channel_order_id, number, section, state, accepted_at, doc)"
        " VALUES ('o1', 't1', '211', 'c1', ?, '4.1.1', '10A', ?, ?)", (ANN.digits, AT, ORDER_1),
    )  # fmt: skip
    execute("INSERT INTO item_locks VALUES (?, ?, 'o1')", (ANN.digits, RINGTONE))
    execute("INSERT INTO runs (serial, id, flow, state, started_at) VALUES (7, 'o1', 'order-x/1', 'running', ?)", (AT,))
    execute(
        "INSERT INTO steps VALUES ('o1', 'activate', 0, '2c', '2d', 'xplatform:303', 'serverAction', '2001', ?, ?, 2, ?)",
        (AT, AT, REPLY_1),
    )
    execute("INSERT INTO subscribers VALUES (?, '003', 'prepaid', 'active')", (ANN.digits,))
    execute(
        "INSERT INTO relations VALUES (?, ?, '315000000000000000101', 'pure', '211', 'active', ?, ?, ?)",
        (ANN.digits, RINGTONE, AT, micros(NOON + SECOND), micros(relation().expires_at or NOON)),
    )
    execute("INSERT INTO products VALUES (?, ?)", (RINGTONE, PRODUCT_1))
    execute("INSERT INTO offers VALUES (?, ?)", (offer().id, OFFER_1))
    old.close()
    return path


def test_first_version_reads_the_same(path: Path) -> None:
    """Orders, runs, steps, users, relations and the catalogue are as they were; what is new has its default."""
    store = open_sqlite(path)
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


def test_first_version_goes_on(path: Path) -> None:
    """A lock of the old file holds, and is freed by its order; the catalogue takes the first version that is told."""
    store = open_sqlite(path)
    with pytest.raises(ItemLocked):
        commit(store, OrderAccepted(order("o2")))
    commit(store, ItemsFreed("o1"), OrderAccepted(order("o2", products=(RINGTONE, BOX))))
    commit(store, ObjectSynced(CatalogueObject(product=product(version=1)), NOON))
    found = wait(store.open_order_for(ANN, RINGTONE)), wait(store.catalogue()).products[RINGTONE]
    store.close()
    assert found == ("o2", replace(product(), version=1))
