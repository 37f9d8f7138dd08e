"""What holds of every rule that is accepted, whatever the fix?

Fixes are drawn: kinds of edits, names, and code around them. What is said here is counted from the text itself, not asked
of the judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.rule import Rule

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_KINDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "python": (
        ('{a}.execute("SELECT * FROM t WHERE n = %s" % {b})', '{a}.execute("SELECT * FROM t WHERE n = %s", ({b},))', "CWE-89"),
        ('os.system("ls " + {b})', 'subprocess.run(["ls", {b}])', "CWE-78"),
        ("requests.get({b}, verify=False)", "requests.get({b}, verify=True)", "CWE-295"),
        ("yaml.load({b})", "yaml.safe_load({b})", "CWE-502"),
        ("hashlib.md5({b})", "hashlib.sha256({b})", "CWE-328"),
        ("{a}._run_query(f'DELETE FROM {{{b}}}')", "{a}._run_query('DELETE FROM x WHERE n = ?', {b})", "CWE-89"),
    ),
    "javascript": (
        ("{a}.query(`select ${{{b}}}`);", "{a}.query('select ?', [{b}]);", "CWE-89"),
        ("crypto.createHash('md5').update({b});", "crypto.createHash('sha256').update({b});", "CWE-328"),
        ("{a}.innerHTML = {b};", "{a}.textContent = {b};", "CWE-79"),
        ("eval({b});", "JSON.parse({b});", "CWE-95"),
    ),
}  # fmt: skip
_AROUND = {
    "python": ("import os, subprocess, requests, yaml, hashlib\n", "def {f}({a}, {b}):\n", "    ", ""),
    "javascript": ("const crypto = require('crypto');\n", "function {f}({a}, {b}) {{\n", "  ", "}\n"),
}
_FILLER = {
    "python": ("x = 1", "print({b})", "{a}.note(2)"),
    "javascript": ("let x = 1;", "console.log({b});", "{a}.note(2);"),
}


@dataclass(frozen=True)
class Drawn:
    """A fix, and the line, from 1, that it changed on both sides."""

    fix: Fix
    line: int


@st.composite
def fixes(draw: st.DrawFn) -> Drawn:
    language = draw(st.sampled_from(sorted(_KINDS)))
    old, new, cwe = draw(st.sampled_from(_KINDS[language]))
    a, b, f = draw(st.lists(st.from_regex(r"[a-z]{3,8}q", fullmatch=True), min_size=3, max_size=3, unique=True))
    head, opening, margin, closing = _AROUND[language]
    filler: Sequence[str] = draw(st.lists(st.sampled_from(_FILLER[language]), max_size=3))

    def side(changed: str) -> str:
        lines = [margin + text.format(a=a, b=b) + "\n" for text in (*filler, changed)]
        return head + opening.format(f=f, a=a, b=b) + "".join(lines) + closing

    change = {"path": "a.py" if language == "python" else "a.js", "before": side(old), "after": side(new)}
    return Drawn(Fix(changes=(FileChange.model_validate(change),), cwe=(cwe,)), 3 + len(filler))


@cache
def engine() -> Engine:
    return Engine("core")


def learned(fix: Fix) -> tuple[Rule, ...]:
    return learn(engine(), fix, now=_NOW).rules


def flagged(rules: Sequence[Rule], change: FileChange) -> dict[tuple[str, int], set[int]]:
    """Rule and side (0 before, 1 after) -> the lines that it flags there."""
    sides = [SourceText(change.path, change.language, code) for code in (change.before, change.after)]
    found: dict[tuple[str, int], set[int]] = {(str(rule.id), side): set() for rule in rules for side in (0, 1)}
    for one in engine().run_texts([rule.definition for rule in rules], sides).matches:
        found[one.rule, one.target] |= set(range(one.span.start_line, one.span.end_line + 1))
    return found


@settings(max_examples=8)
@given(fixes())
def test_an_accepted_rule_fires_where_the_fix_changed_and_not_there_afterwards(drawn: Drawn) -> None:
    rules = learned(drawn.fix)
    assert rules
    lines = flagged(rules, drawn.fix.changes[0])
    for rule in rules:
        assert drawn.line in lines[str(rule.id), 0]
        assert drawn.line not in lines[str(rule.id), 1]


@settings(max_examples=3)
@given(fixes())
def test_the_same_fix_gives_the_same_rules(drawn: Drawn) -> None:
    assert [rule.definition for rule in learned(drawn.fix)] == [rule.definition for rule in learned(drawn.fix)]
