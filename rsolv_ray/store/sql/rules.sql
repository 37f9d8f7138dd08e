-- known --
-- Which of these rules, as `id@version`, are stored?
SELECT id || '@' || version FROM rules WHERE list_contains($keys, id || '@' || version)

-- definitions --
-- What the stored versions of these rules say.
SELECT id, version, json_extract(body, '$.definition') FROM rules WHERE list_contains($ids, id) ORDER BY id, version

-- add --
-- A rule, or a new version of one, with its proof.
INSERT INTO rules VALUES ($id, $version, $revision, $effectiveness, $created_at, $summary, $body)

-- add_state --
-- A rule came into a state.
INSERT INTO rule_states VALUES ($rule, $state, $reason, $changed_by, $changed_at, $revision)

-- state --
-- The state that a rule is in.
SELECT state FROM current_rule_states WHERE rule = $rule

-- page --
-- The newest version of each rule in one of these states, newest first.
SELECT summary, state, revision, id FROM current_rules
WHERE (revision, id) < ($number, $name) AND ($states::VARCHAR[] IS NULL OR list_contains($states::VARCHAR[], state))
    AND ($text::VARCHAR IS NULL OR contains(lower(concat_ws(
        ' ', id, summary ->> '$.message', summary ->> '$.cwe', summary ->> '$.languages', summary ->> '$.form'
    )), $text::VARCHAR))
ORDER BY revision DESC, id DESC LIMIT $limit

-- versions --
-- The versions of a rule, newest first.
SELECT summary, states.state FROM rules JOIN current_rule_states AS states ON states.rule = rules.id
WHERE rules.id = $id AND states.rule = $id ORDER BY version DESC LIMIT $limit

-- history --
-- How a rule came into its state, oldest first.
SELECT state, reason, changed_by, changed_at FROM rule_states WHERE rule = $rule ORDER BY revision

-- version --
-- One version of a rule, or the newest.
SELECT body, states.state FROM rules JOIN current_rule_states AS states ON states.rule = rules.id
WHERE rules.id = $id AND states.rule = $id AND ($version::INTEGER IS NULL OR version = $version::INTEGER)
ORDER BY version DESC LIMIT 1

-- in_states --
-- The newest version of each rule in one of these states, whole, oldest first.
SELECT body, state FROM current_rules WHERE list_contains($states, state) ORDER BY revision, id
