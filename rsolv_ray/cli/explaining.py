"""Why did this fix teach these rules and no others?

The edits as they were read, and every candidate, best first, with what it looks for, how it did on the cases, and the gate
that it fell at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rsolv_ray.cli.clean import told
from rsolv_ray.cli.console import say, show_code

if TYPE_CHECKING:
    from rsolv_ray.engine.proof import Learned
    from rsolv_ray.model.fix import Fix
    from rsolv_ray.model.rule import Verdict

_TOLD_ELSEWHERE = frozenset({"id", "message", "metadata", "severity", "languages"})


def explanation(fix: Fix, learned: Learned) -> dict[str, Any]:
    """The same as an object for JSON: `edits`, `families`, and `candidates` with `verdict`, `gate`, `reason`, `cases`."""
    from rsolv_ray.synthesis.explanation import reading

    told = reading(fix).model_dump(mode="json")
    return {**told, "candidates": [_row(one, verdict) for one, verdict in _judged(learned)]}


def tell_explanation(fix: Fix, learned: Learned) -> None:
    """The same for people."""
    from rsolv_ray.engine.rules.configuration import dump_rules

    seen = explanation(fix, learned)
    for number, edit in enumerate(seen["edits"], 1):
        where = " -> ".join(str(line or "nothing") for line in (edit["before_line"], edit["after_line"]))
        say(f"edit {number}, {edit['path']}, line {where}: {'; '.join(edit['kinds'])}")
        for sign, side in (("-", edit["before"]), ("+", edit["after"])):
            for line in side.splitlines():
                say(f"  {sign} {line}")
    say(f"families of the weakness: {', '.join(seen['families']) or 'none known'}")
    for number, row in enumerate(seen["candidates"], 1):
        say()
        say(f"candidate {number}, {row['form']}, rank {row['rank']}: {row['told']}")
        show_code(dump_rules([row["looks_for"]]).removeprefix("rules:\n"), "yaml")


def _judged(learned: Learned) -> list[tuple[Any, Verdict]]:
    """The candidates with their verdicts, the accepted first, then by worth."""
    by_id = {one.id: one for one in learned.candidates}
    pairs = [(by_id[verdict.candidate], verdict) for verdict in learned.verdicts if verdict.candidate in by_id]
    return sorted(pairs, key=lambda pair: (pair[1].verdict != "accepted", pair[0].rank))


def _row(candidate: Any, verdict: Verdict) -> dict[str, Any]:
    body = {key: value for key, value in candidate.definition.items() if key not in _TOLD_ELSEWHERE}
    row = {"candidate": candidate.id, "form": candidate.form, "rank": candidate.rank, "looks_for": body}
    if verdict.verdict == "accepted":
        quality = verdict.rule.quality
        flagged = (
            f"flags {quality.tp} of {quality.tp + quality.fn} cases, spares {quality.tn} of {quality.tn + quality.fp}"
        )
        words = f"accepted as {verdict.rule.id}, confidence {verdict.rule.confidence}; {flagged}; noise {told(verdict.rule.density)}"
        return {**row, "verdict": "accepted", "rule": verdict.rule.id, "told": words}
    return {
        **row,
        "verdict": "refused",
        "gate": verdict.gate,
        "reason": verdict.reason,
        "told": f"refused at {verdict.gate}: {verdict.reason}",
    }
