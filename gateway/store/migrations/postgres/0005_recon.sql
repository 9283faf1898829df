-- Orders by their end: a reconciliation reads those of a day.
CREATE INDEX orders_by_end ON orders (ended_at, id) WHERE ended_at IS NOT NULL;
