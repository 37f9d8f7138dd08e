"""Which rules are measured?

Learned ones, which our synthesis derives and proves from small fixes while the benchmark runs; rules as people write them
for a pack; and, for a pack of some hundred, simple ones over a table of calls. `--fixes` and `--rules` put others in
the place of the first two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from ruamel.yaml import YAML

from rsolv_ray.bench.fix_files import fixes_of, own_fixes
from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.rules.configuration import checked_rules, read_rules
from rsolv_ray.engine.rules.problems import problems
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.languages import canonical_language
from rsolv_ray.model.noun import JsonObject

_PACKAGE = "rsolv_ray.bench"
_UNSAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class RuleSets:
    """Rules under ids that differ: `learned`, `by_people`, and a whole `pack` that begins with them."""

    learned: tuple[JsonObject, ...]
    by_people: tuple[JsonObject, ...]
    pack: tuple[JsonObject, ...]

    @property
    def single(self) -> tuple[tuple[str, JsonObject], ...]:
        """Kind and rule of all that are run one by one."""
        return (*(("learned", rule) for rule in self.learned), *(("by_people", rule) for rule in self.by_people))

    def few(self, each: int) -> tuple[JsonObject, ...]:
        """So many rules of each kind."""
        return (*self.learned[:each], *self.by_people[:each])


def rule_sets(rules: Path | None, fixes: Path | None, *, of_each: int, pack: int) -> RuleSets:
    """`of_each` learned rules and as many by people; a pack of so many of both, filled up from the table of calls.

    Args:
        rules: a file of rules in the place of those that come with the benchmark, by people.
        fixes: a file of fixes in the place of those that come with it.

    Raises:
        Rejected: a file is not of its form, or the fixes taught no rule.
    """
    engine = Engine()
    taught = learned(engine, own_fixes() if fixes is None else fixes_of(fixes))
    if not taught:
        raise Rejected("the fixes taught no rule: `rsolv synthesize` says of each of them why")
    others = by_people() if rules is None else _taken(engine, rules_of(rules))
    singles = (*_drawn(taught, of_each), *_drawn(others, of_each))
    more = (*_drawn(taught, len(taught))[of_each:], *_drawn(others, len(others))[of_each:], *by_table())
    named = tuple(_named(at, rule) for at, rule in enumerate((*singles, *more)[: max(pack, len(singles))]))
    first = min(of_each, len(taught))
    return RuleSets(named[:first], named[first : len(singles)], named)


def learned(engine: Engine, fixes: Sequence[Fix]) -> tuple[JsonObject, ...]:
    """The rules that the fixes teach, each once, in the order of the fixes. Raises as `learn` does."""
    found: dict[str, JsonObject] = {}
    for fix in fixes:
        for rule in learn(engine, fix, now=datetime.now(UTC)).rules:
            found.setdefault(rule.id, rule.definition)
    return tuple(found.values())


def by_people() -> tuple[JsonObject, ...]:
    """The rules that come with the benchmark."""
    return checked_rules(files(_PACKAGE).joinpath("scan_rules", "by_people.yaml").read_text(encoding="utf-8"))


def rules_of(file: Path) -> tuple[JsonObject, ...]:
    """The rules of a Semgrep configuration, or of JSON lines with one under `rule` each.

    Rules that are there twice are there once. Raises `Rejected` where it is neither.
    """
    text = file.read_text(encoding="utf-8")
    rows = [_row(line) for line in text.splitlines()] if file.suffix == ".jsonl" else None
    if rows is None:
        return read_rules(text)
    rules = {json.dumps(row["rule"], sort_keys=True): row["rule"] for row in rows if row.get("rule")}
    if not rules:
        raise Rejected(f"{file.name} holds no rule: expected a JSON object with a 'rule' in each line")
    return tuple(rules.values())


def by_table() -> Iterator[JsonObject]:
    """Simple rules over the calls that packs are full of: two for each call."""
    for call in _table("calls.yaml")["calls"]:
        name = _UNSAFE.sub("-", call.lower()).strip("-")
        common = {"languages": ["python"], "severity": "INFO", "message": f"A call of {call}."}
        yield {"id": f"call-of-{name}", **common, "pattern": f"{call}(...)"}
        parameter: list[JsonValue] = [
            {"pattern-inside": "def $F(..., $X, ...):\n  ...\n"},
            {"pattern": f"{call}($X, ...)"},
        ]
        yield {"id": f"parameter-to-{name}", **common, "patterns": parameter}


def _named(at: int, rule: JsonObject) -> JsonObject:
    """The rule under an id that is safe and its own, whatever it was called."""
    return {**rule, "id": f"{at:03}-{_UNSAFE.sub('-', str(rule.get('id', 'rule')).lower())[:80].strip('-')}"}


def _drawn(rules: Sequence[JsonObject], count: int) -> tuple[JsonObject, ...]:
    """At most so many of the rules, drawn by a digest of what they are."""
    by_digest = sorted(rules, key=lambda rule: blake2b(json.dumps(rule, sort_keys=True).encode()).digest())
    return tuple(by_digest[:count])


def _taken(engine: Engine, rules: Sequence[JsonObject]) -> tuple[JsonObject, ...]:
    """Those of Python that are well formed and that the engine takes: packs hold ones for other engines, too."""
    of_python = [rule for rule in rules if _is_of_python(rule) and not problems(rule)]
    refused = engine.refusals([{**rule, "id": str(at)} for at, rule in enumerate(of_python)])
    taken = tuple(rule for at, rule in enumerate(of_python) if str(at) not in refused)
    if not taken:
        raise Rejected("the file holds no rule of Python that the engine takes: only such are measured")
    return taken


def _is_of_python(rule: JsonObject) -> bool:
    languages = rule.get("languages")
    return isinstance(languages, list) and "python" in map(canonical_language, map(str, languages))


def _table(name: str) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(files(_PACKAGE).joinpath("scan_rules", name).read_text(encoding="utf-8"))


def _row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise Rejected(f"a line is no JSON: {error}") from error
    if not isinstance(row, dict):
        raise Rejected("a line is no JSON object")
    return row
