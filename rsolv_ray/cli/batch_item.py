"""What are the rules for one request of a batch? Those that its fixes teach together.

Each element of `fixes` is one fix of the request's weakness: what one shows to be right no rule of another may flag, and what several
show comes first. A fix that cannot be read, or that a tool failed on, costs itself alone. Anything else that is raised is a bug: it ends the process, and the batch goes on with a new one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from pydantic import JsonValue, ValidationError

from rsolv_ray.cli.fixes import in_words
from rsolv_ray.model.errors import Rejected, RsolvError
from rsolv_ray.model.fix import FileChange, Fix, canonical_cwe
from rsolv_ray.model.ids import CandidateId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Candidate, Rule

if TYPE_CHECKING:
    from rsolv_ray.engine.proof import DensitiesIn
    from rsolv_ray.engine.semgrep import Engine
    from rsolv_ray.scanning.clean import CleanCode

MOST_TOGETHER = 8
"""So many fixes of a request are judged together: each candidate runs over the cases of all."""


def serve_items(pipe: Connection, clean: CleanCode | None = None) -> None:
    """Answer the requests that come through the pipe, until its other end is closed."""
    from rsolv_ray.engine.semgrep import Engine

    engine = Engine()
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return
        pipe.send(answer(engine, request, clean))


def answer(engine: Engine, request: JsonObject, clean: CleanCode | None = None) -> JsonObject:
    """`{"id", "rules", "reason"}`: the definitions of all accepted rules; `reason` is None if there are any."""
    from rsolv_ray.engine.proof import nowhere

    densities = clean.density if clean else nowhere
    fixes = request.get("fixes")
    if not isinstance(fixes, list) or not fixes:
        return {"id": request["id"], "rules": [], "reason": "'fixes' has to be a list of at least one fix"}
    reasons: list[str] = []
    changes: list[FileChange] = []
    for element in fixes:
        try:
            changes += _fix(request, element).changes
        except ValidationError as error:
            reasons.append(in_words(error))
        except (RsolvError, ValueError) as error:
            reasons.append(str(error))
    rules = _learned(engine, request, _apart(changes), densities, reasons)
    return {
        "id": request["id"],
        "rules": [dict(rule.definition) for rule in rules.values()],
        "reason": None if rules else "; ".join(dict.fromkeys(reasons)),
    }


def _learned(
    engine: Engine, request: JsonObject, changes: list[FileChange], densities: DensitiesIn, reasons: list[str]
) -> dict[CandidateId, Rule]:
    """The rules of some changes, learned together; where a tool fails on them, each alone. Adds to `reasons` why there are none."""
    from rsolv_ray.engine.proof import learn

    rules: dict[CandidateId, Rule] = {}
    waiting = [changes[start : start + MOST_TOGETHER] for start in range(0, len(changes), MOST_TOGETHER)]
    while waiting:
        some = waiting.pop(0)
        try:
            fix = Fix(changes=tuple(some), cwe=_weaknesses(request.get("cwe")))
            learned = learn(engine, fix, now=datetime.now(UTC), densities=densities)
        except RsolvError as error:
            waiting += [[one] for one in some] if len(some) > 1 else []
            reasons += [str(error)] if len(some) == 1 else []
        else:
            rules |= {Candidate(definition=rule.definition).id: rule for rule in learned.rules}
            reasons += [learned.reason] if learned.reason else []
    return rules


def _apart(changes: list[FileChange]) -> list[FileChange]:
    """The changes, those of one path in folders of their own, so that it is known which of them a rule finds."""
    paths = [change.path for change in changes]
    return [
        one if paths.count(one.path) == 1 else one.model_copy(update={"path": f"{number}/{one.path}"})
        for number, one in enumerate(changes, 1)
    ]


def _fix(request: JsonObject, element: JsonValue) -> Fix:
    if not isinstance(element, dict):
        raise Rejected("a fix has to be an object with 'path', 'before' and 'after'")
    fields = {name: element[name] for name in ("path", "before", "after") if name in element}
    language = element.get("language", request.get("language"))
    if language is not None:
        fields["language"] = language
    return Fix(changes=(FileChange.model_validate(fields),), cwe=_weaknesses(request.get("cwe")))


def _weaknesses(named: JsonValue) -> tuple[str, ...]:
    """The weaknesses that are named. The NVD's `NVD-CWE-noinfo` and `NVD-CWE-Other` name none."""
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    return tuple(canonical_cwe(str(name)) for name in names if not str(name).startswith("NVD-CWE-"))
