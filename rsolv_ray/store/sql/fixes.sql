-- add --
-- A fix was received.
INSERT INTO fixes VALUES ($id, $cycle, $sequence, $received_at, $body)

-- receipt --
-- Under which sequence number was a fix received?
SELECT sequence FROM fixes WHERE id = $id

-- body --
-- A fix, whole.
SELECT body FROM fixes WHERE id = $id

-- cycles --
-- The cycles that fixes set off, newest first.
SELECT cycle, sequence FROM fixes
WHERE (sequence, cycle) < ($number, $name)
    AND ($running::BOOLEAN IS NULL OR (cycle IN (SELECT work FROM open_works)) = $running::BOOLEAN)
ORDER BY sequence DESC, cycle DESC LIMIT $limit
