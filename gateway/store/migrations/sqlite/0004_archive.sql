-- Orders that ended long ago, out of the way of those that are worked on. One row holds an order and its whole journal; it is
-- written once and only ever deleted.

CREATE TABLE archived_orders (
    id TEXT NOT NULL UNIQUE,
    trace_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    channel_order_id TEXT NOT NULL,
    number TEXT NOT NULL,
    section TEXT NOT NULL,
    state TEXT,
    code INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    ended_at INTEGER,
    doc TEXT NOT NULL,
    run_ended_at INTEGER NOT NULL,
    -- Versioned JSON of the run, its steps and its signals: gateway/store/archive_documents.py.
    run TEXT NOT NULL
) STRICT;

CREATE INDEX archived_by_number ON archived_orders (number, accepted_at);
CREATE INDEX archived_by_channel ON archived_orders (channel, channel_order_id);
CREATE INDEX archived_by_trace ON archived_orders (trace_id);
CREATE INDEX archived_by_end ON archived_orders (run_ended_at);

-- What housekeeping looks for: the longest ended runs, the oldest requests.
CREATE INDEX runs_ended ON runs (ended_at) WHERE state = 'ended';
CREATE INDEX inbox_by_age ON inbox (at);
