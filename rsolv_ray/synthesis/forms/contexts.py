"""Inside of what does a call that is made everywhere say something?

Opening a file by a name that is not fixed is what programs do; doing so in a function that answers a request is not. Where the bad code
shows such a function, by what it is decorated with or by a parameter that holds a request, the rule is bound to the like.
"""

from __future__ import annotations

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import parameters, scope_of
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.features import Made, says_harm
from rsolv_ray.synthesis.languages import NOTATIONS


def is_common(made: Made, tree: Tree) -> bool:
    """Whether a call is of a function that the language brings along for all, and that says nothing by its name."""
    return (
        made.call.receiver is None
        and made.last in CATALOGUES[tree.language].names.standard
        and not says_harm(made.name)
    )


def context(made: Made, tree: Tree) -> tuple[JsonObject, ...] | None:
    """Operators that bind a rule to functions like the one around a call, or None where that one is like any other."""
    function, notation = scope_of(made.call.node), NOTATIONS[tree.language]
    mark = _decorator(function, tree)
    if mark is not None and notation.decorated:
        return ({"pattern-inside": notation.decorated[0].replace("{decorator}", f"{mark}(...)")},)
    requests = CATALOGUES[tree.language].names.requests
    if any(name in requests for name in parameters(function)):
        held: JsonObject = {"metavariable-regex": {"metavariable": "$P", "regex": f"^({'|'.join(sorted(requests))})$"}}
        inside: list[JsonObject] = [{"pattern-inside": one} for one in notation.parameters]
        return {"pattern-either": [*inside]}, held
    return None


def _decorator(function: Node, tree: Tree) -> str | None:
    """The name of what a function is decorated with, by a call."""
    around = function.parent
    marks = [one for one in around.parts if one.kind == "decorator"] if around is not None else []
    calls = [part for mark in marks for part in mark.parts if part.kind == "call"]
    return full_name(Call(calls[0]), tree) if calls else None
