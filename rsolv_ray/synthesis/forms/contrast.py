"""Which call of the before side does the after side make otherwise?

A keyword dropped, added or set to another value, a literal argument changed, another function called in place of one: the
token that matters is kept, all else is opened with `...`. The match is narrowed to that token where the fix only changes
the token, so that the after side's text can be put in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Catalogue, Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.calls import Call, CallChange, changed_calls
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import full_name, imported
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.code.values import told_apart, value_of
from rsolv_ray.synthesis.forms.wording import same_literal
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import LITERALS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.mending import replaced_callee
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_SWITCHES = frozenset({"true", "false", "none"})
_LONGEST_LITERAL = 80
_AGREED = 28


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[Draft]:
    """Search rules for the calls that changed, the surest first."""
    old = [unit for hunk in edits for unit in hunk.before]
    new = [unit for hunk in edits for unit in hunk.after]
    changes = changed_calls(old, new)
    found: list[Draft] = []
    for change in changes:
        if change.before is not None and change.after is not None:
            found += _of_arguments(change.before, change.after, before)
            found += _of_module(change.before, change.after, (before, after), families)
    found += _of_imports(before, after)
    for gone in (change.before for change in changes if change.after is None):
        if gone is not None and not any(around.kind == "raise_statement" for around in gone.node.ancestors()):
            found += _of_callee(gone, _successor(gone, changes, edits), (before, after), families)
    return found


def _of_arguments(old: Call, new: Call, tree: Tree) -> Iterator[Draft]:
    name = full_name(old, tree)
    if name is None:
        return
    for keyword, value in old.keywords.items():
        other = new.keywords.get(keyword)
        if other is None or other.key != value.key:
            yield from _keyword_changed(name, keyword, value, other, NOTATIONS[tree.language])
    is_common = name.startswith(CATALOGUES[tree.language].names.weak_evidence)
    is_other = not old.keywords.keys() <= new.keywords.keys()
    for keyword, value in new.keywords.items():
        if keyword not in old.keywords and not is_common and not is_other:
            yield _keyword_added(name, keyword, value, old, NOTATIONS[tree.language])
    for position, (was, is_now) in enumerate(zip(old.positional, new.positional, strict=False)):
        if was.key != is_now.key and _is_short_literal(was) and was.kind == is_now.kind:
            yield _literal_changed(name, position, was, is_now, NOTATIONS[tree.language])


def _keyword_changed(name: str, keyword: str, value: Node, other: Node | None, notation: Notation) -> Iterator[Draft]:
    """`f(..., keyword=value, ...)`: the value is kept where it is a literal or a constant's name."""
    if not (_is_short_literal(value) or re.fullmatch(r"[\w.]*[A-Z][\w.]*", value.text)):
        return
    operators: list[JsonObject] = [
        notation.call(name, f"..., {notation.given(keyword, '$VALUE')}, ..."),
        {"metavariable-regex": {"metavariable": "$VALUE", "regex": same_literal(value)}},
        {"focus-metavariable": "$VALUE"},
    ]
    body: JsonObject = {"patterns": [*operators]}
    if other is not None and other.kind in LITERALS:
        body["fix"] = other.text
    instead = f"set `{notation.told(keyword, other.text)}`" if other is not None else f"leave `{keyword}` out"
    rank = 12 if value.kind in _SWITCHES or value.kind == "attribute" else 38
    yield Draft(
        body,
        "keyword:changed",
        rank,
        f"`{_shown(name)}` is called with `{notation.told(keyword, value.text)}`",
        instead,
    )


def _keyword_added(name: str, keyword: str, value: Node, old: Call, notation: Notation) -> Draft:
    """`f(...)` without the keyword that the fix gave it, or with another value of it."""
    given = value.text if _is_short_literal(value) else "$ANY"
    callee = name if len(notation.called([name], "")) == 1 else "$CALLEE"
    unless = [f"{callee}(..., {notation.given(keyword, given)}, ...)"]
    if notation.more_options is not None:
        unless.append(f"{callee}(..., {notation.more_options})")
    operators: list[JsonObject] = [
        notation.call(name, "$...ARGS"),
        *({"pattern-not": one} for one in unless),
    ]
    body: JsonObject = {"patterns": [*operators]}
    added = notation.added_option
    if added is not None and old.arguments and keyword not in old.keywords and _is_short_literal(value):
        body["fix"] = f"{name}($...ARGS, {added.format(name=keyword, value=value.text)})"
    return Draft(
        body,
        "keyword:added",
        22,
        f"`{_shown(name)}` is called without `{keyword}`",
        f"pass `{notation.told(keyword, value.text)}`",
    )


def _literal_changed(name: str, position: int, was: Node, is_now: Node, notation: Notation) -> Draft:
    before = "$_, " * position
    operators: list[JsonObject] = [
        notation.call(name, f"{before}$VALUE, ..."),
        {"metavariable-regex": {"metavariable": "$VALUE", "regex": same_literal(was)}},
        {"focus-metavariable": "$VALUE"},
    ]
    what, instead = f"`{_shown(name)}` is called with {was.text}", f"pass {is_now.text}"
    return Draft(
        {"patterns": [*operators], "fix": is_now.text},
        "keyword:literal",
        18 if "." in name and not name.startswith("$O") and _is_agreed(was, is_now) else 62,
        what,
        instead,
    )


def _is_agreed(was: Node, is_now: Node) -> bool:
    """Whether a literal is one of a few that are agreed upon, and no name or sentence of the project's own."""
    telling = told_apart(value_of(was), [value_of(is_now)])
    return telling is not None and telling.strength <= _AGREED


def _of_imports(before: Tree, after: Tree) -> Iterator[Draft]:
    """A module was replaced by another one: the calls of what came from the first."""
    old, new = imported(before), imported(after)
    for name, full in old.items():
        if name in new and new[name] != full:
            body: JsonObject = {"patterns": [NOTATIONS[before.language].call(full, "...")]}
            yield Draft(body, "call:import", 24, f"`{full}` is used", f"use `{new[name]}`")


def _successor(gone: Call, changes: Sequence[CallChange], edits: Sequence[Hunk]) -> Call | None:
    """The new call in the hunk where a call has gone: one with the same first argument before any other."""
    hunk = next((one for one in edits if any(unit.start <= gone.node.start < unit.end for unit in one.before)), None)
    if hunk is None:
        return None
    fresh = [change.after for change in changes if change.before is None and change.after is not None]
    near = [call for call in fresh if any(unit.start <= call.node.start < unit.end for unit in hunk.after)]
    first = gone.arguments[0].key if gone.arguments else None
    return next((call for call in near if call.arguments and call.arguments[0].key == first), next(iter(near), None))


def _of_module(old: Call, new: Call, trees: tuple[Tree, Tree], families: Sequence[Family]) -> Iterator[Draft]:
    """A function of the same name, taken from another module."""
    was, is_now = full_name(old, trees[0]), full_name(new, trees[1])
    if was is not None and is_now is not None and not was.startswith("$O") and not is_now.startswith("$O"):
        yield from _of_callee(old, new, trees, families)


def _of_callee(
    gone: Call, successor: Call | None, trees: tuple[Tree, Tree], families: Sequence[Family]
) -> Iterator[Draft]:
    name = full_name(gone, trees[0])
    if name is None or successor is None:
        return
    other = full_name(successor, trees[1])
    if other is None or other == name or not _tells(name, other, gone, families, CATALOGUES[trees[0].language]):
        return
    pattern, fix = replaced_callee(name, other, gone, successor)
    body: JsonObject = {"patterns": [NOTATIONS[trees[0].language].call(name, "...")]}
    if fix is not None:
        body = {"patterns": [{"pattern": pattern}], "fix": fix}
    in_family = any(name in family.functions or gone.name in family.methods for family in families)
    is_sibling = not name.startswith("$O") and "." in name and name.rpartition(".")[0] == other.rpartition(".")[0]
    yield Draft(
        body,
        "call:replaced",
        25 if in_family or is_sibling else 40,
        f"`{_shown(name)}` is called",
        f"call `{_shown(other)}`",
    )


def _tells(name: str, other: str, gone: Call, families: Sequence[Family], catalogue: Catalogue) -> bool:
    """Whether calling this is evidence by itself: a sink of the family, a sibling in its module, or the organisation's own function."""
    if name.startswith(catalogue.names.weak_evidence) or gone.name in catalogue.names.quiet:
        return False
    if any(name in family.functions for family in families):
        return True
    head = name.split(".", maxsplit=1)[0]
    if head == "$O":
        return len(gone.name or "") > 5
    if head in catalogue.names.standard:
        return head == other.split(".", maxsplit=1)[0]
    return True


def _is_short_literal(node: Node) -> bool:
    return node.kind in LITERALS and len(node.text) <= _LONGEST_LITERAL and not node.has("interpolation")


def _shown(name: str) -> str:
    return name.removeprefix("$O.")
