-- began --
-- When did the first event happen?
SELECT min(recorded_at) FROM events

-- days --
-- How many rules were accepted for the first time, patterns stored and places found on each day, oldest first?
SELECT day, CAST(sum(rules) AS BIGINT), CAST(sum(patterns) AS BIGINT), CAST(sum(found) AS BIGINT) FROM (
    SELECT date_trunc('day', min(changed_at)) AS day, 1 AS rules, 0 AS patterns, 0 AS found
    FROM rule_states WHERE state <> 'draft' GROUP BY rule
    UNION ALL
    SELECT date_trunc('day', min(created_at)), 0, 1, 0 FROM patterns GROUP BY facts ->> '$.fix'
    UNION ALL
    SELECT date_trunc('day', recorded_at), 0, 0, count(*) FROM events WHERE type = 'FindingOpened' GROUP BY 1
)
GROUP BY day ORDER BY day

-- fixes --
-- How many cycles have ended, how many of them gave a rule, and how many none because a rule found the fix already?
WITH taught AS (SELECT DISTINCT work FROM events WHERE type IN ('RuleAccepted', 'RuleMerged')),
known AS (SELECT DISTINCT work FROM events WHERE type = 'RuleRejected' AND (body ->> '$.gate') = 'known')
SELECT count(*), count(taught.work), count(*) FILTER (WHERE taught.work IS NULL AND known.work IS NOT NULL)
FROM (SELECT DISTINCT work FROM events WHERE type = 'CycleCompleted') AS ended
LEFT JOIN taught ON taught.work = ended.work
LEFT JOIN known ON known.work = ended.work

-- in_use --
-- How many rules do scans use, and what is the sum of their overall quality?
SELECT count(*), coalesce(sum(CAST(summary ->> '$.quality.overall' AS DOUBLE)), 0)
FROM current_rules WHERE list_contains($states, state)

-- findings --
-- Of each rule: is it in use; how many places were not called false; how many are to be mended (neither called false nor
-- ignored), are fixed, or have a live patch; how many were judged true and false, at all and among the first judged?
WITH standing AS (
    SELECT finding, arg_max(state, revision) AS state, arg_max(coalesce(label, ''), revision) AS label,
        min(revision) FILTER (WHERE label IS NOT NULL) AS judged
    FROM finding_states GROUP BY finding
), patched AS (
    SELECT DISTINCT finding FROM proposals JOIN (
        SELECT proposal, arg_max(state, revision) AS state FROM proposal_states GROUP BY proposal
    ) AS states ON states.proposal = proposals.id
    WHERE state NOT IN ('rejected', 'reverted')
), placed AS (
    SELECT rule, state, label, patched.finding IS NOT NULL AS is_patched,
        row_number() OVER (PARTITION BY label IN ('true_positive', 'false_positive') ORDER BY judged, findings.id) <= $first AS is_early
    FROM findings JOIN standing ON standing.finding = findings.id LEFT JOIN patched ON patched.finding = findings.id
    WHERE state <> 'renamed'
), used AS (
    SELECT rule, list_contains($states, arg_max(state, revision)) AS is_used FROM rule_states GROUP BY rule
)
SELECT coalesce(any_value(is_used), false),
    count(*) FILTER (WHERE label <> 'false_positive'),
    count(*) FILTER (WHERE label NOT IN ('false_positive', 'ignored')),
    count(*) FILTER (WHERE label NOT IN ('false_positive', 'ignored') AND state = 'fixed'),
    count(*) FILTER (WHERE label NOT IN ('false_positive', 'ignored') AND state <> 'fixed' AND is_patched),
    count(*) FILTER (WHERE label = 'true_positive'), count(*) FILTER (WHERE label = 'false_positive'),
    count(*) FILTER (WHERE label = 'true_positive' AND is_early), count(*) FILTER (WHERE label = 'false_positive' AND is_early)
FROM placed LEFT JOIN used ON used.rule = placed.rule
GROUP BY placed.rule ORDER BY placed.rule

-- patterns --
-- How many fixes' patterns are there of each weakness, the first that a fix names?
SELECT cwe, count(*) FROM (
    SELECT coalesce(any_value(facts ->> '$.cwe[0]'), '') AS cwe FROM patterns GROUP BY facts ->> '$.fix'
)
GROUP BY cwe ORDER BY cwe
