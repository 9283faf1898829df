-- Who drives which run: a lease for each process, and a fence that grows whenever a run changes hands.
-- The runs of an older database have no owner: whoever opens it takes them up.

ALTER TABLE runs ADD COLUMN owner TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;

-- The one clock by which leases are judged, whichever machine a process runs on.
CREATE FUNCTION now_micros() RETURNS BIGINT LANGUAGE sql STABLE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

-- until is microseconds by this database's clock. A row stays when its process has ended: whose lease is over is found here.
CREATE TABLE leases (
    owner TEXT COLLATE "C" PRIMARY KEY,
    token TEXT NOT NULL,
    until BIGINT NOT NULL
) WITH (fillfactor = 50);

INSERT INTO leases (owner, token, until) VALUES ('', '', 0);

DROP INDEX runs_open;
CREATE INDEX runs_open ON runs (state, owner, wake_at) WHERE state <> 'ended';

-- The first serial that no process has reserved.
CREATE TABLE serials (
    next BIGINT NOT NULL
);

INSERT INTO serials (next) VALUES (1);

-- What people did by hand.
CREATE TABLE audit (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    why TEXT NOT NULL,
    outcome TEXT NOT NULL
);

CREATE INDEX audit_by_subject ON audit (subject, seq);

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;

CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
