-- The first schema on PostgreSQL: all that SQLite's has after its second migration, under the same number. Times are microseconds
-- since 1970, UTC. A doc is versioned JSON (gateway/store/documents.py). Once released, a migration is never edited: the next change
-- is the next file. Texts are compared byte by byte, as SQLite compares them.

CREATE TABLE inbox (
    system TEXT COLLATE "C" NOT NULL,
    streaming_no TEXT COLLATE "C" NOT NULL,
    operation TEXT NOT NULL,
    digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (system, streaming_no)
);

-- rowid is the order of arrival.
-- state is NULL while a run knows the order and no OrderAccepted was written: such an order cannot be found.
-- A row is any matter: number is '' where it is about no user.
CREATE TABLE orders (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" PRIMARY KEY,
    trace_id TEXT COLLATE "C" NOT NULL,
    channel TEXT NOT NULL,
    channel_order_id TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    section TEXT NOT NULL,
    state TEXT,
    code BIGINT NOT NULL DEFAULT 0,
    accepted_at BIGINT NOT NULL,
    ended_at BIGINT,
    doc TEXT NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX orders_by_number ON orders (number, accepted_at);
CREATE INDEX orders_by_channel ON orders (channel_order_id, channel);
CREATE INDEX orders_by_trace ON orders (trace_id);
-- Holds only orders that have not ended.
CREATE INDEX orders_held ON orders (section, accepted_at) WHERE state IN ('00B', '10A');

-- One row for each thing that an open order, or a change of a user or object, holds: a number and a product, a number and 'user', or
-- the kind and the id of an object of the catalogue.
CREATE TABLE item_locks (
    number TEXT COLLATE "C" NOT NULL,
    product_id TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number, product_id)
);

CREATE INDEX item_locks_by_order ON item_locks (order_id);

-- A run's order is the row of orders with the same id.
CREATE TABLE runs (
    serial BIGINT PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    flow TEXT NOT NULL,
    state TEXT NOT NULL,
    code BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    wake_at BIGINT,
    note TEXT NOT NULL DEFAULT '',
    started_at BIGINT NOT NULL,
    ended_at BIGINT
) WITH (fillfactor = 80);

-- Holds only runs that are under way, waiting or stuck: it stays small however many have ended.
CREATE INDEX runs_open ON runs (state, wake_at) WHERE state <> 'ended';

CREATE TABLE steps (
    run_id TEXT COLLATE "C" NOT NULL REFERENCES runs (id),
    name TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    number TEXT NOT NULL,
    returns TEXT NOT NULL,
    party TEXT NOT NULL,
    operation TEXT NOT NULL,
    streaming_no TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    reply TEXT,
    PRIMARY KEY (run_id, name)
) WITH (fillfactor = 70);

CREATE INDEX steps_by_streaming_no ON steps (streaming_no) WHERE streaming_no <> '';

CREATE TABLE signals (
    run_id TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    reply TEXT NOT NULL,
    PRIMARY KEY (run_id, step)
);

-- capabilities is JSON: a list of texts.
CREATE TABLE subscribers (
    number TEXT COLLATE "C" PRIMARY KEY,
    spec TEXT NOT NULL,
    pay TEXT NOT NULL,
    state TEXT NOT NULL,
    capabilities TEXT NOT NULL DEFAULT '[]'
);

CREATE TABLE relations (
    number TEXT COLLATE "C" NOT NULL,
    product_id TEXT COLLATE "C" NOT NULL,
    offer_id TEXT NOT NULL,
    offer_type TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    subscribed_at BIGINT NOT NULL,
    effective_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (number, product_id)
);

CREATE INDEX relations_held ON relations (product_id) WHERE state <> 'ended';

-- The catalogue as a whole has a version, which every transaction that changes it raises first: that puts such transactions one after
-- the other, so that whoever has seen a version has seen all changes up to it. Each process keeps the catalogue decoded and reads
-- what changed since.
CREATE TABLE catalogue_version (
    version BIGINT NOT NULL
);

INSERT INTO catalogue_version VALUES (0);

CREATE TABLE products (
    id TEXT COLLATE "C" PRIMARY KEY,
    doc TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    changed BIGINT NOT NULL
);

CREATE TABLE offers (
    id TEXT COLLATE "C" PRIMARY KEY,
    doc TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    changed BIGINT NOT NULL
);

CREATE TABLE partners (
    id TEXT COLLATE "C" PRIMARY KEY,
    doc TEXT NOT NULL,
    changed BIGINT NOT NULL
);

CREATE INDEX products_changed ON products (changed);
CREATE INDEX offers_changed ON offers (changed);
CREATE INDEX partners_changed ON partners (changed);

CREATE FUNCTION note_catalogue_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed := (SELECT version FROM catalogue_version);
    RETURN NEW;
END
$$;

CREATE TRIGGER products_note BEFORE INSERT OR UPDATE ON products FOR EACH ROW EXECUTE FUNCTION note_catalogue_version();
CREATE TRIGGER offers_note BEFORE INSERT OR UPDATE ON offers FOR EACH ROW EXECUTE FUNCTION note_catalogue_version();
CREATE TRIGGER partners_note BEFORE INSERT OR UPDATE ON partners FOR EACH ROW EXECUTE FUNCTION note_catalogue_version();

-- PPM's own state of products and offers.
CREATE TABLE catalogue_masters (
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- The delivery ledger.
CREATE TABLE deliveries (
    kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    code BIGINT NOT NULL,
    at BIGINT NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, object_id, target, version)
);

CREATE INDEX deliveries_by_state ON deliveries (state);

-- For each writer the number of its last group of commits: it tells whether a group was written whose COMMIT got no answer.
CREATE TABLE writers (
    id BIGINT PRIMARY KEY,
    mark BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL DEFAULT now()
) WITH (fillfactor = 10);

CREATE SEQUENCE writer_ids;
