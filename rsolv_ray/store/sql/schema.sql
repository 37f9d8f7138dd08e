-- tables --
-- The tables of the file.
SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal

-- create_versions --
-- Where the migrations that were done are told.
CREATE TABLE schema_version (version INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL)

-- version --
-- The last migration that was done.
SELECT coalesce(max(version), 0) FROM schema_version

-- add_version --
-- A migration is done.
INSERT INTO schema_version VALUES ($version, $name, $applied_at)

-- name_org --
-- Say whose file this is.
INSERT INTO org VALUES ($org, $created_at)

-- owner --
-- Whose file is this?
SELECT id FROM org
