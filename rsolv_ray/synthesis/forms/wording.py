"""Which literal, setting, operator or word of the before side does the after side write otherwise?

What is told here says something wherever it stands, in a call or not: a setting in an object, a regular expression, a comparison
that is not strict, a call whose answer is not waited for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.generalise import opened
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import LITERALS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_SWITCHES = frozenset({"true", "false", "none"})
_LEAST_REGEX = 6
_LONGEST = 80
_LONGEST_OPENED = 300
"""Comparisons longer than this are not repeated in a pattern."""


def same_literal(value: Node) -> str:
    """A regular expression of a literal, a text in quotes of any kind."""
    text = value.text
    if value.kind == "string" and text[:1] in "\"'`" and len(text) > 1 and text[0] == text[-1]:
        return f"""^["'`]{re.escape(text[1:-1])}["'`]$"""
    return f"^{re.escape(text)}$"


def drafts(before: Tree, edits: Sequence[Hunk]) -> list[Draft]:
    """Search rules for what is written otherwise, hunk by hunk."""
    found: list[Draft] = []
    for hunk in edits:
        found += _of_settings(hunk, NOTATIONS[before.language])
        found += _of_expressions(hunk)
        found += _of_operators(hunk, before)
        found += _of_waiting(hunk, before)
    return found


def _of_settings(hunk: Hunk, notation: Notation) -> Iterator[Draft]:
    """`{ ..., key: value, ... }`, in a call or not; where such a literal is one of a type, a field that is set is the same."""
    if notation.pair is None:
        return
    written = [notation.pair] + ([notation.field_set] if notation.literal is not None else [])
    now = {key.text: value for key, value in _pairs(hunk.after)}
    for key, value in _pairs(hunk.before):
        other = now.get(key.text)
        if value.kind not in LITERALS or len(value.text) > _LONGEST or value.has("interpolation"):
            continue
        if (other is None and value.kind not in _SWITCHES) or (other is not None and other.key == value.key):
            continue
        operators: list[JsonObject] = [
            {
                "pattern-either": [
                    {"pattern": one.format(key=_written(key), name=key.text, value="$VALUE")} for one in written
                ]
            }
            if len(written) > 1
            else {"pattern": written[0].format(key=_written(key), value="$VALUE")},
            {"metavariable-regex": {"metavariable": "$VALUE", "regex": same_literal(value)}},
            {"focus-metavariable": "$VALUE"},
        ]
        body: JsonObject = {"patterns": [*operators]}
        if other is not None and other.kind in LITERALS:
            body["fix"] = other.text
        instead = f"set `{key.text}: {other.text}`" if other is not None else f"leave `{key.text}` out"
        yield Draft(body, "setting:changed", _rank(key, value), f"`{key.text}` is set to `{value.text}`", instead)


def _written(key: Node) -> str:
    """A key as it stands before an arrow; a symbol may be written without its colon elsewhere."""
    return f":{key.text.strip(':')}" if key.kind == "symbol" else key.text


def _rank(key: Node, value: Node) -> int:
    """A switch with a name of several words says what it is wherever it stands; of another, the call it is given to says more."""
    if value.kind not in _SWITCHES:
        return 39
    return 11 if re.search(r"[a-z][A-Z_-]|_", key.text) else 13


def _pairs(units: Iterable[Node]) -> Iterator[tuple[Node, Node]]:
    for node in (node for unit in units for node in unit.walk() if node.kind == "pair"):
        key, value = node.field("key"), node.field("value")
        if key is not None and value is not None and key.kind in ("identifier", "string", "symbol"):
            yield key, value


def _of_expressions(hunk: Hunk) -> Iterator[Draft]:
    """A regular expression that was replaced by another one."""
    old, new = (
        [node for unit in units for node in unit.walk() if node.kind == "regex"] for units in (hunk.before, hunk.after)
    )
    kept = {node.key for node in new}
    fresh = [node for node in new if node.key not in {one.key for one in old}]
    gone = [node for node in old if node.key not in kept and len(node.text) >= _LEAST_REGEX]
    for node, other in zip(gone, fresh, strict=False):
        body: JsonObject = {"patterns": [{"pattern": node.text}], "fix": other.text}
        shown = f"The regular expression {node.text} is used"
        yield Draft(body, "literal:changed", 30, shown, f"write {other.text}")


def _of_operators(hunk: Hunk, before: Tree) -> Iterator[Draft]:
    """A comparison of the same two things by another operator."""
    new = {_sides(node): node for unit in hunk.after for node in unit.walk() if node.kind == "comparison_operator"}
    for node in (node for unit in hunk.before for node in unit.walk() if node.kind == "comparison_operator"):
        twin, operator = new.get(_sides(node)), node.field("operator")
        other = twin.field("operator") if twin is not None else None
        if twin is None or operator is None or other is None or operator.text == other.text or None in _sides(node):
            continue
        if len(node.text) > _LONGEST_OPENED:
            continue
        was, is_now = opened(node, before), opened(twin, before)
        if was.named < 1:
            continue
        body: JsonObject = {"patterns": [{"pattern": was.text}], "fix": is_now.text}
        shown = f"`{node.text[:_LONGEST]}` compares with `{operator.text}`"
        yield Draft(body, "operator:changed", 60, shown, f"compare with `{other.text}`")


def _sides(node: Node) -> tuple[int | None, int | None]:
    left, right = node.field("left"), node.field("right")
    return (left.key if left else None, right.key if right else None)


def _of_waiting(hunk: Hunk, before: Tree) -> Iterator[Draft]:
    """A call whose answer the after side waits for."""
    notation, quiet = NOTATIONS[before.language], CATALOGUES[before.language].names.quiet
    awaited = {part.key for unit in hunk.after for node in unit.walk() if node.kind == "await" for part in node.parts}
    for node in (node for unit in hunk.before for node in unit.walk() if node.kind == "call"):
        name = full_name(Call(node), before)
        bare = node.parent is None or node.parent.kind != "await"
        if not bare or node.key not in awaited or name is None or Call(node).name in quiet:
            continue
        unless: list[JsonObject] = [{"pattern-not-inside": text} for text in notation.waiting]
        shown = name.removeprefix("$O.")
        yield Draft(
            {"patterns": [notation.call(name, "..."), *unless]},
            "call:unawaited",
            27,
            f"The answer of `{shown}` is not waited for",
            f"await `{shown}`",
        )
