-- Who drives which run: a lease for each process, and a fence that grows whenever a run changes hands.
-- The runs of an older file have no owner: whoever opens it takes them up.

ALTER TABLE runs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;

-- until is microseconds by this database's clock. A row stays when its process has ended: whose lease is over is found here.
CREATE TABLE leases (
    owner TEXT NOT NULL PRIMARY KEY,
    token TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO leases (owner, token, until) VALUES ('', '', 0);

DROP INDEX runs_open;
CREATE INDEX runs_open ON runs (state, owner, wake_at) WHERE state <> 'ended';

-- What people did by hand.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    why TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject, seq);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
