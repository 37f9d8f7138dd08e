-- known --
-- Which of these proposals are stored?
SELECT id FROM proposals WHERE list_contains($ids, id)

-- add --
-- A patch is offered.
INSERT INTO proposals VALUES ($id, $finding, $revision, $created_at, $body)

-- add_state --
-- A proposal came into a state.
INSERT INTO proposal_states VALUES ($proposal, $state, $reason, $changed_at, $revision)

-- record --
-- A proposal with its state.
SELECT body, state, changed_at FROM proposals JOIN current_proposal_states AS states ON states.proposal = proposals.id
WHERE proposals.id = $id AND states.proposal = $id

-- offered_for --
-- The patches that are offered for these findings.
SELECT body FROM proposals JOIN current_proposal_states AS states ON states.proposal = proposals.id
WHERE state = 'offered' AND finding IN (SELECT unnest($findings::VARCHAR[])) ORDER BY id

-- page --
-- Proposals in one of these states, or for one finding, newest first.
SELECT body, state, changed_at, revision, id
FROM proposals JOIN current_proposal_states AS states ON states.proposal = proposals.id
WHERE (revision, id) < ($number, $name) AND ($states::VARCHAR[] IS NULL OR list_contains($states::VARCHAR[], state))
    AND ($finding::VARCHAR IS NULL OR finding = $finding::VARCHAR)
ORDER BY revision DESC, id DESC LIMIT $limit
