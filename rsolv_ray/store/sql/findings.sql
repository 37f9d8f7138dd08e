-- known --
-- The findings of these rules in these repositories, as they are now.
SELECT id, fingerprint, rule, repository, path, severity, sequence, states.state, states.label, states.reason,
    states.said_by, start_line, start_column, end_line, end_column
FROM findings
JOIN current_finding_states AS states ON states.finding = findings.id
JOIN current_finding_places AS places ON places.finding = findings.id
WHERE list_contains($rules, rule) AND list_contains($repositories, repository)
ORDER BY sequence, id

-- alike --
-- The findings in these repositories with these fingerprints.
SELECT id FROM findings WHERE list_contains($fingerprints::VARCHAR[], fingerprint) AND list_contains($repositories::VARCHAR[], repository)

-- known_of --
-- These findings, as they are now.
SELECT id, fingerprint, rule, repository, path, severity, sequence, states.state, states.label, states.reason,
    states.said_by, start_line, start_column, end_line, end_column
FROM (SELECT * FROM findings WHERE id IN (SELECT unnest($ids::VARCHAR[]))) AS findings
JOIN current_finding_states AS states ON states.finding = findings.id
JOIN current_finding_places AS places ON places.finding = findings.id
WHERE states.finding IN (SELECT unnest($ids::VARCHAR[])) AND places.finding IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY sequence, id

-- told_of_scan --
-- What a scan has opened and reopened so far.
SELECT body ->> '$.finding', type FROM events
WHERE work = $work AND type IN ('FindingOpened', 'FindingReopened') AND (body ->> '$.scan') = $scan

-- sighted --
-- Those of these findings that a scan has seen so far.
SELECT DISTINCT finding FROM sightings WHERE scan = $scan AND finding IN (SELECT unnest($ids::VARCHAR[]))

-- is_completed --
-- Has a scan ended with what it found?
SELECT 1 FROM scan_ends WHERE scan = $scan AND status = 'done' LIMIT 1

-- stored --
-- Which of these findings have a row, whatever their state?
SELECT id FROM findings WHERE id IN (SELECT unnest($ids::VARCHAR[]))

-- add --
-- Findings that were not seen before; lists of equal length.
INSERT INTO findings
SELECT unnest($ids::VARCHAR[]), unnest($fingerprints::VARCHAR[]), unnest($rules::VARCHAR[]), unnest($repositories::VARCHAR[]),
    unnest($paths::VARCHAR[]), unnest($severities::VARCHAR[]), unnest($sequences::BIGINT[]), $first_seen,
    unnest($bodies::VARCHAR[])

-- add_places --
-- Where findings stand now; lists of equal length.
INSERT INTO finding_places
SELECT unnest($findings::VARCHAR[]), unnest($start_lines::INTEGER[]), unnest($start_columns::INTEGER[]),
    unnest($end_lines::INTEGER[]), unnest($end_columns::INTEGER[]), $revision

-- add_states --
-- Findings came into states; lists of equal length.
INSERT INTO finding_states
SELECT unnest($findings::VARCHAR[]), unnest($states::VARCHAR[]), unnest($labels::VARCHAR[]), unnest($reasons::VARCHAR[]),
    unnest($said_by::VARCHAR[]), unnest($renamed_to::VARCHAR[]), $scan, $changed_at, $revision

-- add_sightings --
-- A scan saw these findings.
INSERT INTO sightings SELECT unnest($findings::VARCHAR[]), $scan

-- state --
-- The state that a finding is in.
SELECT state, label, reason, said_by, renamed_to, scan FROM current_finding_states WHERE finding = $finding

-- page --
-- The places in the order of findings that are in these states, bear one of these labels, have still to be mended, are of
-- a rule, a repository, a severity; newest first.
SELECT id, sequence FROM findings JOIN current_finding_states AS states ON states.finding = findings.id
WHERE (sequence, id) < ($number, $name) AND state <> 'renamed'
    AND ($states::VARCHAR[] IS NULL OR list_contains($states::VARCHAR[], state))
    AND ($labels::VARCHAR[] IS NULL OR (state = 'triaged' AND list_contains($labels::VARCHAR[], label)))
    AND (NOT $unresolved OR state IN ('open', 'reopened') OR (state = 'triaged' AND label = 'true_positive'))
    AND ($rule::VARCHAR IS NULL OR rule = $rule::VARCHAR)
    AND ($repository::VARCHAR IS NULL OR repository = $repository::VARCHAR)
    AND ($severity::VARCHAR IS NULL OR severity = $severity::VARCHAR)
ORDER BY sequence DESC, id DESC LIMIT $limit

-- of_scan --
-- The findings that a scan saw and that are not fixed, in order.
SELECT id, sequence FROM findings
JOIN (SELECT DISTINCT finding FROM sightings WHERE scan = $scan) AS seen ON seen.finding = findings.id
JOIN current_finding_states AS states ON states.finding = findings.id
WHERE state NOT IN ('fixed', 'renamed') ORDER BY sequence, id LIMIT $limit

-- place_in_order --
-- Where a finding stands in the order.
SELECT id, sequence FROM findings WHERE id = $id

-- records --
-- These findings, whole. The bounds spare the reading of all that lies outside of them.
SELECT findings.id, body, state, label, reason, said_by, scan, first_seen, changed_at,
    start_line, start_column, end_line, end_column
FROM (SELECT * FROM findings WHERE sequence BETWEEN $first AND $last AND id IN (SELECT unnest($ids::VARCHAR[]))) AS findings
JOIN current_finding_states AS states ON states.finding = findings.id
JOIN current_finding_places AS places ON places.finding = findings.id
WHERE states.finding IN (SELECT unnest($ids::VARCHAR[])) AND places.finding IN (SELECT unnest($ids::VARCHAR[]))

-- history --
-- How a finding came into its state, oldest first, under all the ids that it had.
WITH RECURSIVE names(finding) AS (
    SELECT CAST($finding AS VARCHAR)
    UNION
    SELECT states.finding FROM finding_states AS states JOIN names ON states.renamed_to = names.finding
)
SELECT state, label, reason, said_by, changed_at FROM finding_states
WHERE finding IN (SELECT finding FROM names) AND state <> 'renamed' ORDER BY revision

-- counts --
-- How many findings of these rules are in which state, with which label.
SELECT rule, state, label, count(*) FROM findings
JOIN current_finding_states AS states ON states.finding = findings.id
WHERE list_contains($rules, rule) AND state <> 'renamed' GROUP BY rule, state, label
