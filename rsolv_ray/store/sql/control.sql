-- generation --
-- The newest generation of a kind of writer that has written here.
SELECT generation FROM writers WHERE kind = :kind

-- see_writer --
-- A newer generation of a writer has come.
INSERT INTO writers VALUES (:kind, :generation, :seen_at)
ON CONFLICT (kind) DO UPDATE SET generation = excluded.generation, seen_at = excluded.seen_at

-- add_org --
-- An org is made.
INSERT INTO orgs (id, name, title, created_at) VALUES (:id, :name, :title, :created_at)

-- org --
-- The org of this id or name that is not deleted.
SELECT id, name, title, created_at, deleted_at FROM orgs WHERE (id = :ref OR name = :ref) AND deleted_at IS NULL
ORDER BY id = :ref DESC LIMIT 1

-- orgs --
-- Orgs that are not deleted, newest first.
SELECT id, name, title, created_at, deleted_at, rowid FROM orgs WHERE deleted_at IS NULL AND rowid < :before
ORDER BY rowid DESC LIMIT :limit

-- org_ids --
-- All orgs that are not deleted, oldest first.
SELECT id FROM orgs WHERE deleted_at IS NULL ORDER BY rowid

-- deleted_org_ids --
-- All orgs that were deleted, oldest first.
SELECT id FROM orgs WHERE deleted_at IS NOT NULL ORDER BY rowid

-- has_org --
-- Is there such an org, deleted or not?
SELECT 1 FROM orgs WHERE id = :id

-- delete_org --
-- An org is deleted; the row stays, so that its id is never given again.
UPDATE orgs SET deleted_at = :deleted_at WHERE id = :id AND deleted_at IS NULL

-- add_key --
-- A key is issued.
INSERT INTO keys (id, org, name, scopes, digest, created_at, expires_at)
VALUES (:id, :org, :name, :scopes, :digest, :created_at, :expires_at)

-- keys --
-- The keys of an org, or those of none, oldest first.
SELECT id, org, name, scopes, created_at, expires_at, revoked_at FROM keys WHERE org IS :org ORDER BY rowid

-- key --
-- What authentication needs to know of a key.
SELECT keys.org, scopes, digest, expires_at, revoked_at, orgs.deleted_at FROM keys LEFT JOIN orgs ON orgs.id = keys.org
WHERE keys.id = :id

-- revoke_key --
-- A key of an org works no more.
UPDATE keys SET revoked_at = :revoked_at WHERE id = :id AND org IS :org AND revoked_at IS NULL

-- has_key --
-- Is there such a key of an org?
SELECT 1 FROM keys WHERE id = :id AND org IS :org

-- has_admin --
-- Is there a key of no org that works at this moment?
SELECT 1 FROM keys WHERE org IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > strftime('%Y-%m-%dT%H:%M:%f', 'now')) LIMIT 1

-- last_audit --
-- The newest row of the audit.
SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1

-- add_audit --
-- Somebody did something.
INSERT INTO audit VALUES (:sequence, :said_at, :actor, :action, :subject, :org, :detail, :previous, :digest)

-- audit --
-- What was done after a sequence number, oldest first.
SELECT sequence, said_at, actor, action, subject, org, detail FROM audit WHERE sequence > :after ORDER BY sequence LIMIT :limit

-- audit_chain --
-- The whole audit with its digests, oldest first.
SELECT sequence, said_at, actor, action, subject, org, detail, previous, digest FROM audit ORDER BY sequence
