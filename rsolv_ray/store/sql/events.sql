-- after --
-- What happened after a sequence number, oldest first.
SELECT sequence, recorded_at, cause, body FROM events
WHERE sequence > $sequence AND ($types::VARCHAR[] IS NULL OR list_contains($types::VARCHAR[], type))
ORDER BY sequence LIMIT $limit

-- newest --
-- The newest events of some types, newest first.
SELECT sequence, recorded_at, cause, body FROM events WHERE list_contains($types::VARCHAR[], type)
ORDER BY sequence DESC LIMIT $limit

-- of_work --
-- All that happened in a work, oldest first.
SELECT sequence, recorded_at, cause, body FROM events
WHERE work = $work AND ($types::VARCHAR[] IS NULL OR list_contains($types::VARCHAR[], type))
ORDER BY sequence

-- of_works --
-- All that happened in some works, oldest first.
SELECT work, sequence, recorded_at, cause, body FROM events
WHERE list_contains($works::VARCHAR[], work) AND ($types::VARCHAR[] IS NULL OR list_contains($types::VARCHAR[], type))
ORDER BY sequence

-- open_works --
-- The works that are to be driven, oldest first.
SELECT work FROM open_works ORDER BY revision, work
