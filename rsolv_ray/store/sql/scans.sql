-- exists --
-- Was a scan started?
SELECT 1 FROM scans WHERE id = $id

-- add --
-- A scan begins.
INSERT INTO scans VALUES ($id, $trigger, $cycle, $sequence, $started_at, $body)

-- end --
-- A scan ended.
INSERT INTO scan_ends VALUES ($scan, $status, $report, $ended_at, $revision)

-- running_of --
-- The scans of a work that have not ended.
SELECT id, started_at FROM scan_progress WHERE status IS NULL AND (id = $work OR cycle = $work)

-- counts_of_scan --
-- How many findings a scan has opened and reopened so far.
SELECT type, count(DISTINCT body ->> '$.finding') FROM events
WHERE work = $work AND type IN ('FindingOpened', 'FindingReopened') AND (body ->> '$.scan') = $scan GROUP BY type

-- record --
-- A scan as it is now.
SELECT body, status, report, ended_at, offered FROM scan_progress WHERE id = $id

-- page --
-- Scans, newest first.
SELECT body, status, report, ended_at, offered, sequence, id FROM scan_progress
WHERE (sequence, id) < ($number, $name) ORDER BY sequence DESC, id DESC LIMIT $limit
