-- last --
-- The number of the newest transaction and of the newest event.
SELECT coalesce(max(revision), 0), coalesce(max(sequence), 0) FROM revisions

-- generations --
-- The newest generation of each of these kinds of writer that has written here.
SELECT kind, max(generation) FROM writers WHERE list_contains($kinds, kind) GROUP BY kind

-- see_writer --
-- A newer generation of a writer has come.
INSERT INTO writers VALUES ($kind, $generation, $seen_at)

-- end_revision --
-- A transaction is about to be committed.
INSERT INTO revisions VALUES ($revision, $sequence, $once, $committed_at)

-- is_applied --
-- Was a batch of this name committed before?
SELECT 1 FROM revisions WHERE once = $once LIMIT 1

-- append_events --
-- Add events to the log; lists of equal length, one entry for each event.
INSERT INTO events
SELECT unnest($sequences::BIGINT[]), $recorded_at, unnest($types::VARCHAR[]), unnest($works::VARCHAR[]), $cause::BIGINT,
    unnest($bodies::VARCHAR[])

-- mark_works --
-- Works are to be driven, or were driven to their end.
INSERT INTO works SELECT unnest($works::VARCHAR[]), $is_open, $revision
