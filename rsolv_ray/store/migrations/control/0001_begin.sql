-- The first form of the control database. Moments are ISO 8601 texts in UTC, all of one length, so they sort.

CREATE TABLE orgs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL, created_at TEXT NOT NULL, deleted_at TEXT
) STRICT;
-- A name may be taken again once its org is deleted.
CREATE UNIQUE INDEX orgs_by_name ON orgs (name) WHERE deleted_at IS NULL;

-- `digest` is HMAC-SHA-256 of the secret under the pepper; the secret itself is nowhere.
CREATE TABLE keys (
    id TEXT PRIMARY KEY, org TEXT REFERENCES orgs (id), name TEXT NOT NULL, scopes TEXT NOT NULL, digest BLOB NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT
) STRICT;
CREATE INDEX keys_by_org ON keys (org);

-- Only added to: each row's digest covers the one before it.
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY, said_at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    org TEXT, detail TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;

CREATE TABLE writers (kind TEXT PRIMARY KEY, generation INTEGER NOT NULL, seen_at TEXT NOT NULL) STRICT;
