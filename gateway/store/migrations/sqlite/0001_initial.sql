-- The first schema. Times are microseconds since 1970, UTC. A doc is versioned JSON (gateway/store/documents.py).
-- Once released, a migration is never edited: the next change is the next file.

PRAGMA application_id = 0x56534F50;  -- "VSOP"

CREATE TABLE inbox (
    system TEXT NOT NULL,
    streaming_no TEXT NOT NULL,
    operation TEXT NOT NULL,
    digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (system, streaming_no)
) STRICT, WITHOUT ROWID;

-- Not WITHOUT ROWID: documents are long, and the rowid is the order of arrival.
-- state is NULL while a run knows the order and no OrderAccepted was written: such an order cannot be found.
CREATE TABLE orders (
    id TEXT NOT NULL UNIQUE,
    trace_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    channel_order_id TEXT NOT NULL,
    number TEXT NOT NULL,
    section TEXT NOT NULL,
    state TEXT,
    code INTEGER NOT NULL DEFAULT 0,
    accepted_at INTEGER NOT NULL,
    ended_at INTEGER,
    doc TEXT NOT NULL
) STRICT;

CREATE INDEX orders_by_number ON orders (number, accepted_at);
CREATE INDEX orders_by_channel ON orders (channel, channel_order_id);
CREATE INDEX orders_by_trace ON orders (trace_id);

-- One row for each product of an open order; gone when the order ends.
CREATE TABLE item_locks (
    number TEXT NOT NULL,
    product_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    PRIMARY KEY (number, product_id)
) STRICT, WITHOUT ROWID;

-- A run's order is the row of orders with the same id.
CREATE TABLE runs (
    serial INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    flow TEXT NOT NULL,
    state TEXT NOT NULL,
    code INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    wake_at INTEGER,
    note TEXT NOT NULL DEFAULT '',
    started_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

-- Holds only runs that are under way, waiting or stuck: it stays small however many have ended.
CREATE INDEX runs_open ON runs (state, wake_at) WHERE state <> 'ended';

CREATE TABLE steps (
    run_id TEXT NOT NULL REFERENCES runs (id),
    name TEXT NOT NULL,
    seq INTEGER NOT NULL,
    number TEXT NOT NULL,
    returns TEXT NOT NULL,
    party TEXT NOT NULL,
    operation TEXT NOT NULL,
    streaming_no TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    reply TEXT,
    PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX steps_by_streaming_no ON steps (streaming_no) WHERE streaming_no <> '';

CREATE TABLE signals (
    run_id TEXT NOT NULL,
    step TEXT NOT NULL,
    reply TEXT NOT NULL,
    PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscribers (
    number TEXT NOT NULL PRIMARY KEY,
    spec TEXT NOT NULL,
    pay TEXT NOT NULL,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE relations (
    number TEXT NOT NULL,
    product_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    offer_type TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    subscribed_at INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (number, product_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE products (
    id TEXT NOT NULL PRIMARY KEY,
    doc TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE offers (
    id TEXT NOT NULL PRIMARY KEY,
    doc TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE partners (
    id TEXT NOT NULL PRIMARY KEY,
    doc TEXT NOT NULL
) STRICT, WITHOUT ROWID;
