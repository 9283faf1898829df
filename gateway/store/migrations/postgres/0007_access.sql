-- Credentials that were used, and what was changed about a partner while the gateway ran (docs/access.md).

-- until is microseconds since 1970: when the credentials end by themselves. By it they are forgotten.
CREATE TABLE used_tokens (
    until BIGINT NOT NULL,
    mark TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (until, mark)
);

-- Laid over the file of partners, for each name and kind of change the last one.
CREATE TABLE partner_changes (
    partner TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (partner, what)
);
