-- Orders that ended long ago, out of the way of those that are worked on. One row holds an order and its whole journal; it is
-- written once and only ever deleted. rowid is the order of archiving.

CREATE TABLE archived_orders (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    trace_id TEXT COLLATE "C" NOT NULL,
    channel TEXT NOT NULL,
    channel_order_id TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    section TEXT NOT NULL,
    state TEXT,
    code BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    ended_at BIGINT,
    doc TEXT NOT NULL,
    run_ended_at BIGINT NOT NULL,
    -- Versioned JSON of the run, its steps and its signals: gateway/store/archive_documents.py.
    run TEXT NOT NULL
);

CREATE INDEX archived_by_number ON archived_orders (number, accepted_at);
CREATE INDEX archived_by_channel ON archived_orders (channel_order_id, channel);
CREATE INDEX archived_by_trace ON archived_orders (trace_id);
CREATE INDEX archived_by_end ON archived_orders (run_ended_at);

-- What housekeeping looks for: the longest ended runs, the oldest requests.
CREATE INDEX runs_ended ON runs (ended_at) WHERE state = 'ended';
CREATE INDEX inbox_by_age ON inbox (at);
