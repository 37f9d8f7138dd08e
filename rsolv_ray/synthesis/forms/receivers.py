"""Of which type is what this is called on?

A method's name may say little (`read`, `set`), and with the type of what it is called on say enough. Where code declares that type, for a
parameter, a local name or a field, a pattern can ask for it (a typed metavariable, `(Cookie $O).setPath(...)`). Told are calls that both
sides make, on things of different types, and calls of the bad side alone that are made everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import scope_of
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_TYPE = re.compile(r"[A-Z]\w*")
_ORDINARY = frozenset({
    "Array", "ArrayList", "Boolean", "Char", "Collection", "Date", "Double", "Float", "HashMap", "Int", "Integer", "Iterable", "Iterator",
    "List", "Long", "Map", "Number", "Object", "Optional", "Scanner", "Seq", "Set", "Stream", "String", "StringBuffer", "StringBuilder", "Thread",
    "Vector",
})  # fmt: skip
"""Types that say nothing of a weakness by being used."""


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk]) -> list[Draft]:
    """Search rules for methods on things of a type that is known."""
    notation, names = NOTATIONS[before.language], CATALOGUES[before.language].names
    if notation.of_type is None:
        return []
    old, new = [unit for hunk in edits for unit in hunk.before], [unit for hunk in edits for unit in hunk.after]
    good = list(_methods(new, after))
    found: list[Draft] = []
    for method, kind in sorted(set(_methods(old, before)), key=str):
        others = [other for name, other in good if name == method]
        differs = bool(others) and None not in others and kind not in others
        if kind is None or kind in _ORDINARY or not (differs or (not others and method in names.quiet)):
            continue
        pattern = f"{notation.of_type.format(type=kind)}.{method}(...)"
        what, instead = f"`{method}` of `{kind}` is called", "do as the fix does"
        rank = 24 if differs else 41
        body: JsonObject = {"patterns": [{"pattern": pattern}]}
        found.append(Draft(body, "contrast:type", rank, what, instead))
    return found


def _methods(units: Sequence[Node], tree: Tree) -> Iterator[tuple[str, str | None]]:
    """The methods that are called on plain names, with the types that these are declared to be of."""
    for call in calls_in(units):
        name = full_name(call, tree)
        if name is not None and name.startswith("$O.") and call.name is not None:
            yield call.name, _type_of(call)


def _type_of(call: Call) -> str | None:
    receiver = call.receiver
    if receiver is None or receiver.kind != "identifier":
        return None
    scope: Node | None = scope_of(receiver)
    while scope is not None:
        for node in scope.walk():
            if node.kind in ("assignment", "typed_parameter") and (kind := _declared(node, receiver.text)):
                return kind
        scope = scope_of(scope) if scope.parent is not None else None
    return None


def _declared(node: Node, name: str) -> str | None:
    """The type that a declaration gives to a name, where it is a plain one."""
    kind, named = node.field("type"), node.field("left") or node.field("name")
    if kind is None or named is None or named.text != name or not _TYPE.fullmatch(kind.text):
        return None
    return kind.text
