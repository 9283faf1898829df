-- The audit log becomes a chain: each row holds the hash of the row before it, and its own over that and its content
-- (gateway/store/audit_chain.py). Rows of an older file are chained here as they stand.

CREATE TABLE audit_chained (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    why TEXT NOT NULL,
    outcome TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

INSERT INTO audit_chained (seq, at, who, act, subject, why, outcome, prev, hash)
WITH RECURSIVE chain (seq, prev, hash) AS (
    SELECT seq, '', audit_hash('', seq, at, who, act, subject, why, outcome) FROM audit WHERE seq = (SELECT min(seq) FROM audit)
    UNION ALL
    SELECT a.seq, c.hash, audit_hash(c.hash, a.seq, a.at, a.who, a.act, a.subject, a.why, a.outcome)
    FROM chain AS c JOIN audit AS a ON a.seq = (SELECT min(seq) FROM audit WHERE seq > c.seq)
)
SELECT a.seq, a.at, a.who, a.act, a.subject, a.why, a.outcome, c.prev, c.hash FROM chain AS c JOIN audit AS a ON a.seq = c.seq;

DROP TABLE audit;
ALTER TABLE audit_chained RENAME TO audit;
CREATE INDEX audit_by_subject ON audit (subject, seq);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
-- INSERT OR REPLACE removes a row without a word to the trigger above.
CREATE TRIGGER audit_follows BEFORE INSERT ON audit
WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit)
    OR NEW.prev <> coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '')
BEGIN SELECT raise(ABORT, 'a row of the audit log follows the newest one'); END;
