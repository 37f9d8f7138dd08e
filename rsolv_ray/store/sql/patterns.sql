-- known --
-- Which of these patterns are stored?
SELECT id FROM patterns WHERE list_contains($ids, id)

-- add --
-- A fix's code is remembered.
INSERT INTO patterns VALUES ($id, $encoder, $vector::FLOAT[], $fixed_vector::FLOAT[], $facts, $created_at, $revision)

-- of_encoder --
-- The patterns whose vectors one encoder made, or those of all encoders where none is given; oldest first.
SELECT facts, vector, fixed_vector FROM patterns WHERE $encoder::VARCHAR IS NULL OR encoder = $encoder
ORDER BY revision, id
