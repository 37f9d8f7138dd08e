"""Which value was made harmless or taken away, and where did it go?

The fix passes a value through a call: `escape(x)`, `basename(name)`. The call is a sanitizer; the source is what the value
is (a parameter, a part of the request, the result of a call), the sink is what the bare value went into. Or it no longer
lets the value go there: `eval(req.body.x)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import built_values, scope_of
from rsolv_ray.synthesis.code.calls import Wrapping, wrappings
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.origins import origin, outside
from rsolv_ray.synthesis.forms.sinks import Use, family_of, family_sinks, name_of, own_sink, uses_in
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import BLOCKS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft


def cleaners(after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[str]:
    """Patterns of what the after side puts round values: calls, and a list where a string was."""
    found: list[str] = []
    for hunk in edits:
        for wrapping in wrappings(hunk.before, hunk.after):
            name = full_name(wrapping.wrapper, after)
            if name is not None and _cleans(name, after, families):
                found.append(f"{name}(...)")
        a_list = NOTATIONS[after.language].a_list
        if a_list is not None and _has_list(hunk.after) and not _has_list(hunk.before):
            found.append(a_list)
    return list(dict.fromkeys(found))


def _cleans(name: str, tree: Tree, families: Sequence[Family]) -> bool:
    """Whether a call may be what makes the value harmless: one that is made everywhere is it only where the catalogue says so."""
    return name.rpartition(".")[2] not in CATALOGUES[tree.language].names.quiet or any(
        name in family.sanitizers for family in families
    )


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[Draft]:
    """Taint rules from the wrapped value to where it went, with the wrapper as sanitizer, and from a value that no longer goes
    where it went."""
    found: list[Draft] = []
    for hunk in edits:
        for wrapping in wrappings(hunk.before, hunk.after):
            name = full_name(wrapping.wrapper, after)
            if name is not None and _cleans(name, after, families):
                found += _of_wrapping(wrapping, name, before, families)
    clean = cleaners(after, edits, families)
    for hunk in edits:
        for use in _gone(hunk):
            found += _of_gone(use, clean, before, families)
    return found


def _of_wrapping(wrapping: Wrapping, wrapper: str, tree: Tree, families: Sequence[Family]) -> Iterator[Draft]:
    source = origin(wrapping.value, tree)
    if source is None:
        return
    instead = f"pass the value through `{wrapper.removeprefix('$O.')}`"
    for rank, sinks in _sinks(wrapping.value, tree, families):
        body = _body(source, sinks, [f"{wrapper}(...)"], families)
        yield Draft(body, "taint:wrapper", rank, None, instead)


def _gone(hunk: Hunk) -> Iterator[Use]:
    """The uses of bare values that only the before side has."""
    kept = {(use.likeness, use.value.key) for use in uses_in(hunk.after)}
    for use in uses_in(hunk.before):
        is_bare = use.value.kind in ("identifier", "attribute", "subscript", "call", "await")
        if is_bare and (use.likeness, use.value.key) not in kept and not built_values(use.value):
            yield use


def _of_gone(use: Use, clean: Sequence[str], tree: Tree, families: Sequence[Family]) -> Iterator[Draft]:
    """From a part of a request to the whole family; from another value, which may be anything, to this very place alone."""
    name, notation = name_of(use, tree), NOTATIONS[tree.language]
    family = family_of(use, name, families) if name is not None else None
    if name is None or family is None:
        return
    asked, source = outside(use.value, tree), origin(use.value, tree)
    if asked is not None:
        yield Draft(_body(asked, family_sinks(family, notation), clean, families), "taint:request", 27)
    elif source is not None:
        yield Draft(_body(source, [own_sink(use, name, notation)], clean, families), "taint:value", 44)


def _body(
    source: JsonObject, sinks: Sequence[JsonObject], clean: Sequence[str], families: Sequence[Family]
) -> JsonObject:
    known = sorted({f"{one}(...)" for family in families for one in family.sanitizers})
    sanitizers: list[JsonObject] = [{"pattern": text} for text in dict.fromkeys([*clean, *known])]
    body: JsonObject = {"mode": "taint", "pattern-sources": [source], "pattern-sinks": [*sinks]}
    return {**body, "pattern-sanitizers": [*sanitizers]} if sanitizers else body


def _sinks(value: Node, tree: Tree, families: Sequence[Family]) -> Iterator[tuple[int, list[JsonObject]]]:
    """What the bare value went into, directly or through the name it was given."""
    notation, quiet = NOTATIONS[tree.language], CATALOGUES[tree.language].names.quiet
    for value_used in [value, *_uses(value)]:
        for use in _around(value_used):
            name = name_of(use, tree)
            family = family_of(use, name, families) if name is not None else None
            if name is None or (family is None and use.name in quiet):
                continue
            if family is not None:
                yield 26, family_sinks(family, notation, calls=use.call is not None)
            if use.name:
                yield 36, [own_sink(replace(use, position=1) if use.call else use, name, notation)]
        if value_used.parent is not None and value_used.parent.kind == "return_statement":
            yield 46, [{"patterns": [{"pattern": f"return $SINK{notation.ending}"}, {"focus-metavariable": "$SINK"}]}]


def _around(value: Node) -> Iterator[Use]:
    """The uses that hold a value, from the inside out, in its own statement."""
    for around in value.ancestors():
        if around.kind in BLOCKS:
            return
        for use in uses_in([around]) if around.kind in ("call", "assignment", "pair") else ():
            if use.node is around and use.value.start <= value.start and value.end <= use.value.end:
                yield use


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
    """Whether a list of something stands where a text could: the parameters of a statement come after it."""
    return any(
        node.kind == "list" and node.parts and not _is_further_argument(node) for unit in units for node in unit.walk()
    )


def _is_further_argument(node: Node) -> bool:
    around = node.parent
    return around is not None and around.kind == "argument_list" and around.parts[0] is not node
