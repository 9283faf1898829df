-- More than orders: changes of users and of the catalogue, deliveries; what PPM holds; versions and capabilities.
-- A row of orders is any matter: number is '' where it is about no user. A lock's number and product_id are the two texts of what it
-- locks: a number and a product, a number and 'user', or the kind and the id of an object of the catalogue.

-- Holds only orders that have not ended. Locks are few: the index on them stays small as well.
CREATE INDEX orders_held ON orders (section, accepted_at) WHERE state IN ('00B', '10A');
CREATE INDEX item_locks_by_order ON item_locks (order_id);

-- JSON: a list of texts.
ALTER TABLE subscribers ADD COLUMN capabilities TEXT NOT NULL DEFAULT '[]';

CREATE INDEX relations_held ON relations (product_id) WHERE state <> 'ended';

ALTER TABLE products ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offers ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- PPM's own state of products and offers.
CREATE TABLE catalogue_masters (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- The delivery ledger. Not WITHOUT ROWID: the index by state, over which cells are counted, then stays narrow.
CREATE TABLE deliveries (
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    target TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    code INTEGER NOT NULL,
    at INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (kind, object_id, target, version)
) STRICT;

CREATE INDEX deliveries_by_state ON deliveries (state);
