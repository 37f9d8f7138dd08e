"""What do rules and a folder that no organisation has look like to a scan?

A scan asks a rule for its definition, its id and what findings tell of it; a file of rules has no more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.finding import Repository, RepositoryKind
from rsolv_ray.model.ids import FixId, RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Confidence, Proposer, Quality, Rule, RuleState

__all__ = ["as_repository", "as_rule", "has_fit_id"]


def has_fit_id(definition: JsonObject) -> bool:
    """Can findings name this rule?"""
    return RuleId.pattern.fullmatch(str(definition.get("id"))) is not None


def as_rule(definition: JsonObject) -> Rule:
    """A rule of others as ours. It is not checked: such a rule has no cases, and a scan asks for none.

    Raises:
        Rejected: its id is none that findings can bear.
    """
    name = str(definition["id"])
    if not has_fit_id(definition):
        raise Rejected(
            f"the rule {name[:200]!r} has an id that findings cannot bear: give it lower-case letters, digits and . _ - "
            f"only, at most 128, as in {RuleId.example}"
        )
    languages = definition["languages"]
    return Rule.model_construct(
        id=RuleId(name),
        state=RuleState.MONITOR,
        proposer=Proposer.CLIENT,
        languages=tuple(map(str, languages if isinstance(languages, list) else ())),
        message=str(definition.get("message", name)),
        confidence=Confidence.LOW,
        definition=definition,
        cases=(),
        quality=Quality.model_validate(dict.fromkeys(Quality.model_fields, 0)),
        origin_fixes=(FixId.of(name),),
        created_at=datetime.now(UTC),
    )


def as_repository(root: Path) -> Repository:
    """A folder here, under its own name."""
    location = str(root.absolute())
    return Repository(
        id=Repository.id_of(location, None),
        name="here",
        kind=RepositoryKind.PATH,
        location=location,
        added_at=datetime.now(UTC),
    )
