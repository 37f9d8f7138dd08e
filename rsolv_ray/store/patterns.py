"""Which code is remembered? Vectors stand beside their facts as arrays of float32."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rsolv_ray.model.pattern import Pattern
from rsolv_ray.store.connection import as_stored
from rsolv_ray.store.file import Change, OrgFile
from rsolv_ray.store.queries import load

_SQL = load("patterns")
_VECTORS = frozenset({"vector", "fixed_vector"})


class Patterns(OrgFile):
    """Patterns of an org."""

    def patterns(self, encoder: str | None = None) -> tuple[Pattern, ...]:
        """The patterns whose vectors `encoder` made, or all, oldest first. Vectors of two encoders do not compare."""
        return tuple(
            Pattern.model_validate({**json.loads(facts), "vector": vector, "fixed_vector": fixed})
            for facts, vector, fixed in self._db.rows(_SQL["of_encoder"], encoder=encoder)
        )

    def _add_patterns(self, change: Change, patterns: Sequence[Pattern]) -> None:
        """Remember patterns that are not stored yet."""
        by_id = {one.id: one for one in patterns}
        known = {found for (found,) in self._db.rows(_SQL["known"], ids=list(by_id))} if by_id else set()
        for pattern in (one for name, one in by_id.items() if name not in known):
            self._db.run(
                _SQL["add"],
                id=pattern.id,
                encoder=pattern.encoder,
                vector=list(pattern.vector),
                fixed_vector=list(pattern.fixed_vector),
                facts=pattern.model_dump_json(exclude=set(_VECTORS)),
                created_at=as_stored(pattern.created_at),
                revision=change.revision,
            )
