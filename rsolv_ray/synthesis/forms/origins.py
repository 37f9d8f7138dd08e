"""Where does this value come from?

From a request, a parameter, the result of a call or a field: what can be written as the source of a taint rule. A name is
followed to what it was given.
"""

from __future__ import annotations

import re

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import assigned, parameters, scope_of
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import LITERALS

_FOLLOWED = frozenset({"call", "attribute", "subscript", "await"})


def origin(value: Node, tree: Tree, hops: int = 3) -> JsonObject | None:
    """What the value is, as a source: a part of a request, a parameter, what a call gave, a field; None for anything else."""
    requests = CATALOGUES[tree.language].names.requests
    if value.text.split(".")[0].split("[")[0].split("(")[0] in requests:
        return of_request(tree.language)
    if value.kind == "call":
        name = full_name(Call(value), tree)
        return NOTATIONS[tree.language].call(name, "...") if name else None
    if value.kind == "attribute":
        last = value.field("attribute")
        return {"pattern": f"$O.{last.text}"} if last else None
    root = next((node for node in value.walk() if node.kind == "identifier"), None)
    if root is None:
        return None
    if root.text in parameters(scope_of(value)):
        return NOTATIONS[tree.language].any_parameter()
    given = next((one for one in assigned(root) if one.kind in _FOLLOWED), None)
    return origin(given, tree, hops - 1) if given is not None and hops else None


def outside(value: Node, tree: Tree) -> JsonObject | None:
    """The part of a request that an expression holds, directly or through a name, as a source; None where there is none."""
    requests, parts = CATALOGUES[tree.language].names.requests, CATALOGUES[tree.language].names.parts
    is_whole = "$REQUEST" in NOTATIONS[tree.language].request_parts
    waiting, seen = [(value, 0)], set[str]()
    while waiting:
        node, hops = waiting.pop()
        if node.kind == "identifier" and node.text in requests and (is_whole or node.field_name == "object"):
            return of_request(tree.language)
        if node.kind == "identifier" and node.text in parts and _is_handed(node):
            return of_request(tree.language)
        if node.kind == "identifier" and node.text not in seen and hops < 3:
            seen.add(node.text)
            waiting += [(one, hops + 1) for one in assigned(node)]
        waiting += [(part, hops) for part in node.parts if part.kind not in LITERALS or part.has("interpolation")]
    return None


def _is_handed(name: Node) -> bool:
    """Whether a function takes it out of the object that it is given: `({ body }) => ...`"""
    scope: Node | None = scope_of(name)
    while scope is not None and name.text not in parameters(scope):
        scope = scope_of(scope) if scope.parent is not None else None
    taken = parameters(scope)[name.text] if scope is not None else None
    return taken is not None and taken.has("object_pattern") and name.field_name not in ("attribute", "name")


def of_request(language: str) -> JsonObject:
    """The parts of a request, by the names that requests are held in, or by their own where a function is given them alone."""
    notation, names = NOTATIONS[language], CATALOGUES[language].names
    named = "|".join(re.escape(one) for one in sorted(names.requests))
    either: JsonObject = {"pattern-either": [{"pattern": one} for one in notation.request_parts]}
    held: JsonObject = {
        "patterns": [either, {"metavariable-regex": {"metavariable": "$REQUEST", "regex": f"^({named})$"}}]
    }
    if not notation.handed or not names.parts:
        return held
    parts: JsonObject = {"metavariable": "$PART", "regex": f"^({'|'.join(sorted(names.parts))})$"}
    given: JsonObject = {"pattern-either": [{"pattern": one} for one in notation.handed]}
    handed: JsonObject = {"patterns": [given, {"metavariable-regex": parts}, {"focus-metavariable": "$PART"}]}
    return {"patterns": [{"pattern-either": [held, handed]}]}
