-- add --
-- A repository is registered.
INSERT INTO repositories VALUES ($id, $name, $body, $revision)

-- set_presence --
-- A repository came or went.
INSERT INTO repository_states VALUES ($repository, $present, $changed_at, $revision)

-- all --
-- The repositories that are registered, oldest first.
SELECT body FROM current_repositories ORDER BY revision, id

-- named --
-- The repository of this id or name.
SELECT body FROM current_repositories WHERE id = $said OR name = $said
