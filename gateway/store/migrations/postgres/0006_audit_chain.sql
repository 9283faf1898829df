-- The audit log becomes a chain: each row holds the hash of the row before it, and its own over that and its content
-- (gateway/store/audit_chain.py). Rows of an older database are chained here as they stand.

CREATE FUNCTION audit_hash(prev TEXT, seq BIGINT, at BIGINT, who TEXT, act TEXT, subject TEXT, why TEXT, outcome TEXT)
RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(
        prev || E'\n' || seq || E'\n' || at || E'\n'
        || octet_length(convert_to(who, 'UTF8')) || ':' || who || ',' || octet_length(convert_to(act, 'UTF8')) || ':' || act || ','
        || octet_length(convert_to(subject, 'UTF8')) || ':' || subject || ',' || octet_length(convert_to(why, 'UTF8')) || ':' || why
        || ',' || octet_length(convert_to(outcome, 'UTF8')) || ':' || outcome || ',', 'UTF8')), 'hex')
$$;

DROP TRIGGER audit_stays ON audit;
-- The writer counts, under a lock: an identity would leave a gap for each transaction that is rolled back.
ALTER TABLE audit ALTER COLUMN seq DROP IDENTITY, ADD COLUMN prev TEXT COLLATE "C", ADD COLUMN hash TEXT COLLATE "C";

DO $$
DECLARE
    head TEXT := '';
    found RECORD;
BEGIN
    FOR found IN SELECT * FROM audit ORDER BY seq LOOP
        UPDATE audit AS a SET prev = head, hash = audit_hash(head, a.seq, a.at, a.who, a.act, a.subject, a.why, a.outcome)
        WHERE a.seq = found.seq RETURNING a.hash INTO head;
    END LOOP;
END
$$;

ALTER TABLE audit ALTER COLUMN prev SET NOT NULL, ALTER COLUMN hash SET NOT NULL;

CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

CREATE FUNCTION audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit)
        OR NEW.prev <> coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '')
        OR NEW.hash <> audit_hash(NEW.prev, NEW.seq, NEW.at, NEW.who, NEW.act, NEW.subject, NEW.why, NEW.outcome) THEN
        RAISE EXCEPTION 'a row of the audit log follows the newest one';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER audit_follows BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_follows();
