-- The first form of an org's file.
--
-- Tables are only added to. What changes (a state, a place) has a narrow table of its own in which the row with the
-- largest revision counts. There are no indexes, keys or upserts: those are where replays of DuckDB's log have failed
-- (duckdb/duckdb issues 15836, 18732, 22044). Moments are UTC.

CREATE TABLE org (id VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL);

-- One row for each transaction. `sequence` is the last event's, after it; `once` names it where it may be sent twice.
CREATE TABLE revisions (revision BIGINT NOT NULL, sequence BIGINT NOT NULL, once VARCHAR, committed_at TIMESTAMP NOT NULL);

-- The generations of each kind of writer that have written here.
CREATE TABLE writers (kind VARCHAR NOT NULL, generation BIGINT NOT NULL, seen_at TIMESTAMP NOT NULL);

CREATE TABLE events (
    sequence BIGINT NOT NULL, recorded_at TIMESTAMP NOT NULL, type VARCHAR NOT NULL, work VARCHAR, cause BIGINT,
    body JSON NOT NULL
);

-- Cycles and free-standing scans that are to be driven, or were driven to their end.
CREATE TABLE works (work VARCHAR NOT NULL, is_open BOOLEAN NOT NULL, revision BIGINT NOT NULL);

CREATE TABLE fixes (
    id VARCHAR NOT NULL, cycle VARCHAR NOT NULL, sequence BIGINT NOT NULL, received_at TIMESTAMP NOT NULL, body JSON NOT NULL
);

CREATE TABLE rules (
    id VARCHAR NOT NULL, version INTEGER NOT NULL, revision BIGINT NOT NULL, effectiveness DOUBLE NOT NULL,
    created_at TIMESTAMP NOT NULL, summary JSON NOT NULL, body JSON NOT NULL
);
CREATE TABLE rule_states (
    rule VARCHAR NOT NULL, state VARCHAR NOT NULL, reason VARCHAR NOT NULL, changed_by VARCHAR NOT NULL,
    changed_at TIMESTAMP NOT NULL, revision BIGINT NOT NULL
);

CREATE TABLE findings (
    id VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, rule VARCHAR NOT NULL, repository VARCHAR NOT NULL,
    path VARCHAR NOT NULL, severity VARCHAR NOT NULL, sequence BIGINT NOT NULL, first_seen TIMESTAMP NOT NULL,
    body JSON NOT NULL
);
-- Where a finding stands: a row when it is first seen, and one whenever its lines have moved.
CREATE TABLE finding_places (
    finding VARCHAR NOT NULL, start_line INTEGER NOT NULL, start_column INTEGER NOT NULL, end_line INTEGER NOT NULL,
    end_column INTEGER NOT NULL, revision BIGINT NOT NULL
);
-- The triage is carried along by each row. State 'renamed' says that the finding lives on as `renamed_to`.
CREATE TABLE finding_states (
    finding VARCHAR NOT NULL, state VARCHAR NOT NULL, label VARCHAR, reason VARCHAR, said_by VARCHAR,
    renamed_to VARCHAR, scan VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL, revision BIGINT NOT NULL
);
CREATE TABLE sightings (finding VARCHAR NOT NULL, scan VARCHAR NOT NULL);

CREATE TABLE scans (
    id VARCHAR NOT NULL, trigger VARCHAR NOT NULL, cycle VARCHAR, sequence BIGINT NOT NULL, started_at TIMESTAMP NOT NULL,
    body JSON NOT NULL
);
CREATE TABLE scan_ends (
    scan VARCHAR NOT NULL, status VARCHAR NOT NULL, report JSON, ended_at TIMESTAMP NOT NULL, revision BIGINT NOT NULL
);

CREATE TABLE proposals (
    id VARCHAR NOT NULL, finding VARCHAR NOT NULL, revision BIGINT NOT NULL, created_at TIMESTAMP NOT NULL, body JSON NOT NULL
);
CREATE TABLE proposal_states (
    proposal VARCHAR NOT NULL, state VARCHAR NOT NULL, reason VARCHAR, changed_at TIMESTAMP NOT NULL, revision BIGINT NOT NULL
);

CREATE TABLE patterns (
    id VARCHAR NOT NULL, encoder VARCHAR NOT NULL, vector FLOAT[] NOT NULL, fixed_vector FLOAT[] NOT NULL,
    facts JSON NOT NULL, created_at TIMESTAMP NOT NULL, revision BIGINT NOT NULL
);

CREATE TABLE repositories (id VARCHAR NOT NULL, name VARCHAR NOT NULL, body JSON NOT NULL, revision BIGINT NOT NULL);
CREATE TABLE repository_states (
    repository VARCHAR NOT NULL, present BOOLEAN NOT NULL, changed_at TIMESTAMP NOT NULL, revision BIGINT NOT NULL
);

CREATE VIEW open_works AS
SELECT work, min(revision) AS revision FROM works GROUP BY work HAVING arg_max(is_open, revision);

CREATE VIEW current_rule_states AS
SELECT rule, latest.* FROM (
    SELECT rule, arg_max(struct_pack(state, reason, changed_by, changed_at), revision) AS latest FROM rule_states GROUP BY rule
);

CREATE VIEW current_rules AS
SELECT rules.*, states.state, states.changed_at
FROM (SELECT * FROM rules QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1) AS rules
JOIN current_rule_states AS states ON states.rule = rules.id;

CREATE VIEW current_finding_states AS
SELECT finding, latest.* FROM (
    SELECT finding, arg_max(struct_pack(state, label, reason, said_by, renamed_to, scan, changed_at), revision) AS latest
    FROM finding_states GROUP BY finding
);

CREATE VIEW current_finding_places AS
SELECT finding, latest.* FROM (
    SELECT finding, arg_max(struct_pack(start_line, start_column, end_line, end_column), revision) AS latest
    FROM finding_places GROUP BY finding
);

CREATE VIEW current_proposal_states AS
SELECT proposal, latest.* FROM (
    SELECT proposal, arg_max(struct_pack(state, reason, changed_at), revision) AS latest
    FROM proposal_states GROUP BY proposal
);

CREATE VIEW current_repositories AS
SELECT repositories.* FROM (
    SELECT * FROM repositories QUALIFY row_number() OVER (PARTITION BY id ORDER BY revision DESC) = 1
) AS repositories
JOIN (SELECT repository FROM repository_states GROUP BY repository HAVING arg_max(present, revision)) AS present
ON present.repository = repositories.id;

-- What each scan led to: the patches that were offered after it.
CREATE VIEW scan_offers AS
SELECT body ->> '$.scan' AS scan, unnest(CAST(body -> '$.proposals' AS VARCHAR[])) AS proposal
FROM events WHERE type = 'FixesProposed';

CREATE VIEW scan_progress AS
SELECT scans.id, scans.trigger, scans.cycle, scans.sequence, scans.started_at, scans.body,
    ends.status, ends.report, ends.ended_at, coalesce(offers.offered, 0) AS offered
FROM scans
LEFT JOIN (
    SELECT scan, latest.* FROM (
        SELECT scan, arg_max(struct_pack(status, report, ended_at), revision) AS latest FROM scan_ends GROUP BY scan
    )
) AS ends ON ends.scan = scans.id
LEFT JOIN (SELECT scan, count(*) AS offered FROM scan_offers GROUP BY scan) AS offers ON offers.scan = scans.id;

-- The three tables that RFC-014 names, column for column, answered from what is stored above.

CREATE VIEW organizational_intelligence AS
WITH known AS (
    SELECT rules.id || '@' || rules.version AS id, 'rule' AS intelligence_type, rules.body AS content,
        rules.effectiveness AS effectiveness_score, rules.created_at, states.changed_at AS last_updated, rules.version,
        states.state IN ('monitor', 'active') AND rules.version = newest.version AS is_active
    FROM rules
    JOIN current_rule_states AS states ON states.rule = rules.id
    JOIN (SELECT id, max(version) AS version FROM rules GROUP BY id) AS newest ON newest.id = rules.id
    UNION ALL
    SELECT id, 'pattern', facts, 0.0, created_at, created_at, 1, true FROM patterns
    UNION ALL
    SELECT 'classification-' || sequence, 'classification', body, CAST(body ->> '$.prediction.confidence' AS DOUBLE),
        recorded_at, recorded_at, 1, true
    FROM events WHERE type = 'FixClassified'
)
SELECT known.id, org.id AS org_id, intelligence_type, content, CAST(effectiveness_score AS REAL) AS effectiveness_score,
    known.created_at, last_updated, CAST(version AS INTEGER) AS version, is_active
FROM known CROSS JOIN org;

CREATE VIEW learning_metrics AS
WITH said AS (
    SELECT sequence, recorded_at, body ->> '$.period' AS time_period, body ->> '$.start' AS start,
        unnest(map_entries(CAST(body -> '$.values' AS MAP(VARCHAR, DOUBLE)))) AS entry
    FROM events WHERE type = 'MetricsRolledUp'
), numbered AS (
    SELECT row_number() OVER (ORDER BY sequence, entry.key) AS id, said.* FROM said
)
SELECT CAST(numbered.id AS INTEGER) AS id, org.id AS org_id, entry.key AS metric_type,
    CAST(entry.value AS REAL) AS metric_value, time_period, recorded_at
FROM numbered CROSS JOIN org
QUALIFY row_number() OVER (PARTITION BY time_period, start, entry.key ORDER BY sequence DESC) = 1;

CREATE VIEW organizational_scanning_results AS
SELECT scans.id, org.id AS org_id, scans.trigger AS scan_trigger,
    CAST(report ->> '$.repositories' AS INTEGER) AS repositories_scanned,
    CAST(report ->> '$.findings' AS INTEGER) AS vulnerabilities_found,
    CAST(coalesce(applied.applied, 0) AS INTEGER) AS auto_fixes_applied,
    CAST(report ->> '$.duration_ms' AS INTEGER) AS scan_duration_ms,
    CAST(scans.body -> '$.rules' AS VARCHAR[]) AS rule_ids, scans.started_at AS created_at
FROM scan_progress AS scans CROSS JOIN org
LEFT JOIN (
    SELECT scan, count(*) AS applied
    FROM scan_offers JOIN current_proposal_states AS states ON states.proposal = scan_offers.proposal
    WHERE states.state IN ('applied', 'merged') GROUP BY scan
) AS applied ON applied.scan = scans.id;
