-- tokens --
-- How many tokens did asking language models cost since a moment?
SELECT coalesce(sum(CAST(tokens AS BIGINT)), 0) FROM (
    SELECT unnest(json_extract(body, '$.spent[*].tokens')) AS tokens FROM events
    WHERE type = 'RulesProposed' AND recorded_at >= $since
)

-- events --
-- How often did each thing happen since a moment?
SELECT type, count(*) FROM events WHERE $since::TIMESTAMP IS NULL OR recorded_at >= $since::TIMESTAMP GROUP BY type

-- outcomes --
-- How did cycles end since a moment, and how long did they take in the middle?
SELECT body ->> '$.outcome', count(*), median(CAST(body ->> '$.elapsed_ms' AS DOUBLE)) FROM events
WHERE type = 'CycleCompleted' AND ($since::TIMESTAMP IS NULL OR recorded_at >= $since::TIMESTAMP)
GROUP BY GROUPING SETS ((body ->> '$.outcome'), ())

-- applied --
-- How many patches were applied or merged since a moment, and are still?
SELECT count(*) FROM current_proposal_states
WHERE state IN ('applied', 'merged') AND ($since::TIMESTAMP IS NULL OR changed_at >= $since::TIMESTAMP)

-- patches --
-- How many patches were offered since a moment?
SELECT count(*) FROM proposals WHERE $since::TIMESTAMP IS NULL OR created_at >= $since::TIMESTAMP

-- rules --
-- How many rules are in each state now?
SELECT state, count(*) FROM current_rule_states GROUP BY state

-- findings --
-- How many findings are in each state now?
SELECT state, count(*) FROM current_finding_states GROUP BY state

-- triage --
-- What did people last say of the findings that they judged since a moment?
SELECT label, count(*) FROM current_finding_states
WHERE state = 'triaged' AND ($since::TIMESTAMP IS NULL OR changed_at >= $since::TIMESTAMP) GROUP BY label
