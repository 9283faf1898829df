-- Credentials that were used, and what was changed about a partner while the gateway ran (docs/access.md).

-- until is microseconds since 1970: when the credentials end by themselves. By it they are looked through and forgotten.
CREATE TABLE used_tokens (
    until INTEGER NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (until, mark)
) STRICT, WITHOUT ROWID;

-- Laid over the file of partners, for each name and kind of change the last one.
CREATE TABLE partner_changes (
    partner TEXT NOT NULL,
    what TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (partner, what)
) STRICT, WITHOUT ROWID;
