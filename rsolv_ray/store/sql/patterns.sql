-- known --
-- Which of these patterns are stored?
SELECT id FROM patterns WHERE list_contains($ids, id)

-- add --
-- A fix's code is remembered.
INSERT INTO patterns VALUES ($id, $encoder, $vector::FLOAT[], $fixed_vector::FLOAT[], $facts, $created_at, $revision)

-- of_encoder --
-- The patterns whose vectors one encoder made, oldest first.
SELECT facts, vector, fixed_vector FROM patterns WHERE encoder = $encoder ORDER BY revision, id
