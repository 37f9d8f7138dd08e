"""Which value was made harmless, and where does it go?

The fix passes a value through a call: `escape(x)`, `basename(name)`. The call is a sanitizer; the source is what the value
is (a parameter, a part of the request, the result of a call), the sink is the call that the bare value went into.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.building import assigned, parameters, scope_of
from rsolv_ray.synthesis.calls import Call, Wrapping, wrappings
from rsolv_ray.synthesis.edits import Hunk
from rsolv_ray.synthesis.grammar import BLOCKS
from rsolv_ray.synthesis.names import full_name
from rsolv_ray.synthesis.notation import NOTATIONS
from rsolv_ray.synthesis.semgrep_rule import Draft
from rsolv_ray.synthesis.syntax import Node, Tree
from rsolv_ray.synthesis.taint import family_sinks
from rsolv_ray.synthesis.weaknesses import CATALOGUES, Family


def cleaners(after: Tree, edits: Sequence[Hunk]) -> list[str]:
    """Patterns of what the after side puts round values: calls, and a list where a string was."""
    found: list[str] = []
    for hunk in edits:
        for wrapping in wrappings(hunk.before, hunk.after):
            name = full_name(wrapping.wrapper, after)
            if name is not None and wrapping.wrapper.name not in CATALOGUES[after.language].quiet:
                found.append(f"{name}(...)")
        if _has_list(hunk.after) and not _has_list(hunk.before):
            found.append("[...]")
    return list(dict.fromkeys(found))


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[Draft]:
    """Taint rules from the wrapped value to the call it went into, with the wrapper as sanitizer."""
    found: list[Draft] = []
    for hunk in edits:
        for wrapping in wrappings(hunk.before, hunk.after):
            name = full_name(wrapping.wrapper, after)
            if name is not None and wrapping.wrapper.name not in CATALOGUES[after.language].quiet:
                found += _of_wrapping(wrapping, name, before, families)
    return found


def _of_wrapping(wrapping: Wrapping, wrapper: str, tree: Tree, families: Sequence[Family]) -> Iterator[Draft]:
    source = _source(wrapping.value, tree)
    if source is None:
        return
    clean = sorted({f"{one}(...)" for family in families for one in family.sanitizers})
    for rank, sinks in _sinks(wrapping.value, tree, families):
        body: JsonObject = {
            "mode": "taint",
            "pattern-sources": [source],
            "pattern-sinks": [*sinks],
            "pattern-sanitizers": [{"pattern": text} for text in (f"{wrapper}(...)", *clean)],
        }
        yield Draft(body, "taint:wrapper", rank, None, f"pass the value through `{wrapper.removeprefix('$O.')}`")


def _source(value: Node, tree: Tree, hops: int = 3) -> JsonObject | None:
    """What the value is: a part of a request, a parameter, what a call gave, an attribute; None for anything else."""
    head = value.text.split(".")[0].split("[")[0].split("(")[0]
    if head in CATALOGUES[tree.language].requests:
        return {"pattern-either": [{"pattern": f"{head}.$PART"}, {"pattern": f"{head}.$PART.$MORE(...)"}]}
    if value.kind == "call":
        name = full_name(Call(value), tree)
        return {"pattern": f"{name}(...)"} if name else None
    if value.kind == "attribute":
        last = value.field("attribute")
        return {"pattern": f"$O.{last.text}"} if last else None
    root = next((node for node in value.walk() if node.kind == "identifier"), None)
    if root is None:
        return None
    if root.text in parameters(scope_of(value)):
        return NOTATIONS[tree.language].any_parameter()
    given = next((one for one in assigned(root) if one.kind in ("call", "attribute", "subscript")), None)
    return _source(given, tree, hops - 1) if given is not None and hops else None


def _sinks(value: Node, tree: Tree, families: Sequence[Family]) -> Iterator[tuple[int, list[JsonObject]]]:
    """The calls that the bare value went into, directly or through the name it was given."""
    uses = [value, *_uses(value)]
    for use in uses:
        for around in use.ancestors():
            if around.kind in BLOCKS:
                break
            if around.kind != "call" or Call(around).name in CATALOGUES[tree.language].quiet:
                continue
            name = full_name(Call(around), tree)
            if name is None or around is use:
                continue
            family = next((one for one in families if name in one.functions or Call(around).name in one.methods), None)
            if family is not None:
                yield 26, family_sinks(family, NOTATIONS[tree.language])
            yield 36, [{"patterns": [{"pattern": f"{name}(..., $SINK, ...)"}, {"focus-metavariable": "$SINK"}]}]
        if use.parent is not None and use.parent.kind == "return_statement":
            yield 46, [{"patterns": [{"pattern": "return $SINK"}, {"focus-metavariable": "$SINK"}]}]


def _uses(value: Node) -> Iterator[Node]:
    """Where the name that the value was assigned to is used later in the function."""
    around = value.parent
    while around is not None and around.kind not in ("assignment", *BLOCKS):
        around = around.parent
    target = around.field("left") if around is not None and around.kind == "assignment" else None
    if target is None or target.kind != "identifier":
        return
    for node in scope_of(value).walk():
        if node.kind == "identifier" and node.text == target.text and node.start > value.end:
            yield node


def _has_list(units: Sequence[Node]) -> bool:
    """Whether a list stands where a text could: the parameters of a statement come after it."""
    return any(node.kind == "list" and not _is_further_argument(node) for unit in units for node in unit.walk())


def _is_further_argument(node: Node) -> bool:
    around = node.parent
    return around is not None and around.kind == "argument_list" and around.parts[0] is not node
