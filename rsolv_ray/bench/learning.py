"""What do fixes teach, how quickly, and does it hold for the same code by another hand?

Of each fix: the rules that were accepted, the seconds that took, and on how many of five rewritings of its before side
(`rewritings`, which share nothing with synthesis) some rule fires more often than on its after side. Beside it, in the
same run, the rule that repeats the changed lines as they stand.
"""

from __future__ import annotations

import difflib
import multiprocessing
import statistics
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from rsolv_ray.bench.figures import Spread
from rsolv_ray.bench.rewritings import rewritings
from rsolv_ray.engine.match import Limits, SourceText
from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import RsolvError
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.noun import JsonObject

__all__ = ["LEAST_FOUND", "learning"]

LEAST_FOUND = 0.6
"""On so large a share of the rewritings, three of five, has a rule to fire."""
_VERBATIM = "verbatim"


@dataclass(frozen=True, slots=True)
class _Taught:
    """What one fix gave. `found` and `verbatim` count rewritings, of `rewritten`, that its rules fire on, and that its
    changed lines do."""

    language: str
    forms: tuple[str, ...]
    reason: str | None
    seconds: float
    rewritten: int
    found: int
    verbatim: int


def learning(fixes: Sequence[Fix], *, workers: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """The figures of all fixes; `workers` processes learn side by side."""
    began = time.perf_counter()
    taught: list[_Taught] = []
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as processes:
        for one in processes.map(_taught, fixes):
            taught.append(one)
            tell(f"fix {len(taught)} of {len(fixes)}")
    wall = time.perf_counter() - began
    by_language = {
        name: [one for one in taught if one.language == name] for name in sorted({one.language for one in taught})
    }
    return {
        **_figures(taught),
        "seconds": Spread.of([one.seconds for one in taught]).rounded(),
        "wall_s_per_fix": round(wall / len(fixes), 3),
        "forms": dict(Counter(one.forms[0].split(":")[0] for one in taught if one.forms).most_common()),
        "languages": {name: _figures(some) for name, some in by_language.items()},
    }


def _figures(taught: Sequence[_Taught]) -> dict[str, Any]:
    def share(holds: Callable[[_Taught], bool]) -> float:
        return round(statistics.mean(map(holds, taught)), 3)

    return {
        "fixes": len(taught),
        "accepted": share(lambda one: bool(one.forms)),
        "holds": share(lambda one: bool(one.forms) and 0 < one.rewritten * LEAST_FOUND <= one.found),
        "holds_verbatim": share(lambda one: 0 < one.rewritten * LEAST_FOUND <= one.verbatim),
        "rewritings": sum(one.rewritten for one in taught),
        "found": sum(one.found for one in taught),
        "found_verbatim": sum(one.verbatim for one in taught),
    }


@cache
def _engine() -> Engine:
    return Engine(limits=Limits(wall_s=30.0))


def _taught(fix: Fix) -> _Taught:
    """What one fix gives, in a process of the pool. That a tool failed on it is its reason."""
    language, began = fix.changes[0].language, time.perf_counter()
    try:
        learned = learn(_engine(), fix, now=datetime.now(UTC))
        seconds = time.perf_counter() - began
        rules = [rule.definition for rule in learned.rules]
        found = [_found(change, [*rules, _verbatim(change)]) for change in fix.changes]
    except RsolvError as error:
        return _Taught(language, (), str(error), time.perf_counter() - began, 0, 0, 0)
    return _Taught(
        language,
        tuple(rule.form for rule in learned.rules),
        learned.reason,
        seconds,
        *(sum(counts) for counts in zip(*found, strict=True)),
    )


def _found(change: FileChange, rules: Sequence[JsonObject]) -> tuple[int, int, int]:
    """How many rewritings there are, on how many of them a learned rule fires, and on how many the verbatim one does."""
    made = rewritings(textwrap.dedent(change.before), change.language, frozenset(_changed(change)))
    texts = [textwrap.dedent(change.after), *(one.text for one in made)]
    sources = [SourceText(change.path, change.language, text) for text in texts]
    hits: Counter[tuple[str, int]] = Counter()
    for match in _engine().run_texts(rules, sources).matches:
        hits[match.rule, match.target] += 1
    fired = [
        {str(rule["id"]) for rule in rules if hits[str(rule["id"]), at] > hits[str(rule["id"]), 0]}
        for at in range(1, len(texts))
    ]
    return len(made), sum(bool(some - {_VERBATIM}) for some in fired), sum(_VERBATIM in some for some in fired)


def _changed(change: FileChange) -> Iterator[int]:
    """The lines of the before side, from 1, that the after side does not have; of a pure insertion the line behind it."""
    old, new = change.before.splitlines(), change.after.splitlines()
    for tag, i, j, _, _ in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from range(i + 1, max(j, i + 1) + 1)


def _verbatim(change: FileChange) -> JsonObject:
    """The rule that repeats the changed lines."""
    lines = change.before.splitlines()
    text = "\n".join(lines[at - 1] for at in _changed(change) if at <= len(lines))
    return {
        "id": _VERBATIM,
        "languages": [change.language],
        "severity": "INFO",
        "message": "as it stood",
        "patterns": [{"pattern": textwrap.dedent(text).strip() or "nothing_to_repeat()"}],
    }
