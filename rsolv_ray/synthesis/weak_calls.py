"""Which calls of the bad side are weak by whom they call, or by what they are given, whatever else the function does?

A function that is weak by being called brings those that are as weak for the same reason; an argument that has to be a literal and is
none brings the other calls of the family that take one; a size that is taken from what is copied, and not from where it goes, brings
the other calls that copy; an answer that nobody looks at brings the other calls that may fail alike. The bad side shows one of each; what the good
side does is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.building import assigned, bare, is_built, scope_of
from rsolv_ray.synthesis.calls import Call, calls_in
from rsolv_ray.synthesis.edits import Hunk
from rsolv_ray.synthesis.families import Family, Group
from rsolv_ray.synthesis.grammar import LITERALS
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.names import full_name, imported
from rsolv_ray.synthesis.notation import Notation
from rsolv_ray.synthesis.semgrep_rule import Draft
from rsolv_ray.synthesis.syntax import Node, Tree

_PATTERN = re.compile(r"^([\w:$.&]+)\((.*)\)$", re.DOTALL)
_ROLE = re.compile(r"\$(?:INTO|FROM|SIZE|SINK)\b")
_OTHERS = 12
"""How much later a form comes where the fix does not say what weakness it mends."""


def drafts(
    before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family], *, is_told: bool
) -> list[Draft]:
    """Search rules for weak calls that the bad side makes. `is_told`: whether the families are those of the fix's weakness."""
    old = [unit for hunk in edits for unit in hunk.before]
    kept = {full_name(call, after) for hunk in edits for call in calls_in(hunk.after)}
    notation, later = NOTATIONS[before.language], 0 if is_told else _OTHERS
    called = [(call, name) for call in calls_in(old) if (name := full_name(call, before)) is not None]
    types = {full for node in (one for unit in old for one in unit.walk()) if (full := _type(node, before)) is not None}
    found: list[Draft] = []
    for family in families:
        for group in family.groups:
            found += _of_group(
                group, {name for _, name in called} | types, kept, notation, (36 if group.common else 16) + later
            )
        for group in family.answers:
            found += _of_answers(group, called, notation, 17 + later)
        if family.literal and any(_is_computed(call, name, family) for call, name in called):
            found.append(_of_computed(family, notation, 17 + later))
        for other in _sizes_of(called, family):
            found.append(_of_sizes(family, other, notation, 15 + later))
        if any(_measures_pointer(call, name, family) for call, name in called):
            found.append(_of_pointers(family, notation, 15 + later))
    return found


def _type(node: Node, tree: Tree) -> str | None:
    """The full name of a type where it stands in a literal."""
    named = node.field("type")
    if named is None or node.kind not in ("struct_expression", "composite_literal"):
        return None
    head, joint, rest = (
        re.match(r"(\w+)(\W*)(.*)", named.text, re.DOTALL).groups() if named.text[:1].isalpha() else ("", "", "")
    )
    return f"{imported(tree).get(head, head)}{joint}{rest}" or None


def is_one_of(name: str, functions: Iterable[str]) -> bool:
    """Whether a full name is one of some; methods are known by their own."""
    last = re.split(r"\.|::", name)[-1]
    return any(name == one or (one.startswith("$") and one.rpartition(".")[2] == last) for one in functions)


def _of_group(
    group: Group, called: set[str], kept: Iterable[str | None], notation: Notation, rank: int
) -> Iterator[Draft]:
    shown = next((name for name in sorted(called) if is_one_of(name, (*group.functions, *group.types))), None)
    if shown is None:
        return
    known = [name for name in kept if name is not None]
    left = [one for one in group.functions if not any(is_one_of(name, [one]) for name in known)]
    for at, functions in enumerate([list(group.functions), left] if left != list(group.functions) else [left]):
        if any(is_one_of(one, (*functions, *group.types)) for one in called):
            body: JsonObject = {"patterns": [*_calls_of(group, functions, notation)]}
            yield Draft(body, "weak:group", rank + 3 * at, f"`{_plain(shown)}` is called")


def _calls_of(
    group: Group, functions: Sequence[str], notation: Notation, written: str = "{call}"
) -> Iterator[JsonObject]:
    """The calls of a group's functions, without those that are spared."""
    either = notation.called(functions, "...")
    if written != "{call}":
        either = [{"pattern": written.format(call=f"{name}(...)")} for name in functions]
    either += [{"pattern": name} for name in group.types]
    yield {"pattern-either": [*either]} if len(either) > 1 else either[0]
    if group.only:
        yield {"pattern-either": [{"pattern": text} for text in group.only]}
    yield from ({"pattern-not": text} for text in group.spared)


def _of_answers(group: Group, called: Sequence[tuple[Call, str]], notation: Notation, rank: int) -> Iterator[Draft]:
    """Calls whose answer goes nowhere, or into a name that no condition looks at."""
    own = [(call, name) for call, name in called if is_one_of(name, group.functions)]
    alone = next((name for call, name in own if _stands_alone(call.node)), None)
    instead = "look at the answer and stop where the call failed"
    if alone is not None:
        what = f"Nobody looks at what `{_plain(alone)}` answers"
        body: JsonObject = {"patterns": [*_calls_of(group, group.functions, notation, "{call}" + notation.ending)]}
        yield Draft(body, "weak:unchecked", rank, what, instead)
    held = next(
        (name for call, name in own if (given := _holder(call.node)) is not None and not _is_asked(given)), None
    )
    if held is not None and notation.asked:
        either: JsonObject = {"pattern-either": [
            {"pattern": f"$ANSWER = {name}(...)"} for name in group.functions
        ]}  # fmt: skip
        unless: list[JsonObject] = [{"pattern-not-inside": text} for text in notation.asked]
        what = f"Nobody looks at whether `{_plain(held)}` worked"
        yield Draft({"patterns": [either, *unless]}, "weak:unasked", rank + 1, what, instead)


def _stands_alone(node: Node) -> bool:
    around = node.parent
    if around is not None and around.kind == "cast_expression":
        around = around.parent
    return around is not None and around.kind == "expression_statement"


def _holder(node: Node) -> Node | None:
    """The name that is given what a call answers."""
    around = node.parent
    while around is not None and around.kind in ("cast_expression", "parenthesized_expression"):
        around = around.parent
    if around is None or around.kind != "assignment":
        return None
    target = around.field("left")
    return target if target is not None and target.kind == "identifier" else None


def _is_asked(name: Node) -> bool:
    """Whether a condition of its function looks at a name."""
    return any(
        node.kind == "identifier" and node.text == name.text and _decides(node) for node in scope_of(name).walk()
    )


def _decides(node: Node) -> bool:
    return any(one.field_name == "condition" for one in (node, *node.ancestors()))


def _is_computed(call: Call, name: str, family: Family) -> bool:
    """Whether a call of the family is given something that is no literal where it takes what is dangerous."""
    at = (
        0
        if name in family.functions or (call.receiver and call.name in family.methods)
        else _place(name, "$SINK", family.sinks)
    )
    if at is None or len(call.positional) <= at:
        return False
    given = bare(call.positional[at])
    values = assigned(given) if given.kind == "identifier" else [given]
    return is_built(given) or not values or any(value.kind not in LITERALS or is_built(value) for value in values)


def _place(name: str, role: str, patterns: Iterable[str]) -> int | None:
    """The position of what plays a role in the pattern of a call by this name."""
    for pattern in patterns:
        told = _PATTERN.match(pattern)
        if told is not None and is_one_of(name, [told[1]]):
            parts = [part.strip() for part in told[2].split(",")]
            if role in parts and "..." not in parts[: parts.index(role)]:
                return parts.index(role)
    return None


def _of_computed(family: Family, notation: Notation, rank: int) -> Draft:
    sinks = [one for one in family.sinks if _PATTERN.match(one)]
    either = [*notation.called(sorted(family.functions), "$SINK, ...")]
    either += [{"pattern": f"$O.{method}($SINK, ...)"} for method in sorted(family.methods)]
    either += [{"pattern": one} for one in sinks]
    harmless: list[JsonObject] = [{"pattern-not": '"..."'}]
    harmless += [{"pattern-not": f"{one}(...)"} for one in sorted(family.sanitizers)]
    body: JsonObject = {"patterns": [
        {"pattern-either": [*either]},
        {"metavariable-pattern": {"metavariable": "$SINK", "patterns": [*harmless]}},
        {"metavariable-regex": {"metavariable": "$SINK", "regex": f"^(?!{notation.constants})"}},
    ]}  # fmt: skip
    return Draft(body, "weak:computed", rank)


def _sizes_of(called: Sequence[tuple[Call, str]], family: Family) -> list[str]:
    """What the sizes of copying calls are wrongly taken from: `$FROM`, or, where something is added, `$INTO`."""
    from_source = any(_is_taken_from("$FROM", call, name, family.sized) for call, name in called)
    from_whole = any(_is_taken_from("$INTO", call, name, family.appending) for call, name in called)
    return [role for role, is_shown in (("$FROM", from_source), ("$INTO", from_whole)) if is_shown]


def _is_taken_from(role: str, call: Call, name: str, patterns: Sequence[str]) -> bool:
    size, place = _place(name, "$SIZE", patterns), _place(name, role, patterns)
    given = call.positional
    if size is None or len(given) <= size:
        return False
    others = given[size + 1 :] if place is None else given[place : place + 1]
    within = {_text(node) for node in given[size].walk()}
    into = _place(name, "$INTO", patterns)
    is_bounded = role == "$FROM" and into is not None and into < len(given) and _text(given[into]) in within
    return not is_bounded and any(_text(one) in within for one in others if one.kind in ("identifier", "attribute"))


def _text(node: Node) -> str:
    return re.sub(r"\s+", "", bare(node).text)


def _of_sizes(family: Family, role: str, notation: Notation, rank: int) -> Draft:
    """Calls whose size is taken from what is copied alone, where that is no constant; or from the whole of what is added to."""
    patterns = family.sized if role == "$FROM" else family.appending
    either: list[JsonObject] = [{"pattern": one.replace("$SIZE", f"<... {role} ...>")} for one in patterns]
    unless: list[JsonObject] = []
    what = "What is added is bounded by the size of the whole"
    if role == "$FROM":
        what = "The size of what is written is taken from what is copied"
        unless += [{"pattern-not": one.replace("$SIZE", "<... $INTO ...>")} for one in patterns]
        unless += [{"pattern-not-inside": one.replace("$V", "$FROM")} for one in notation.constant_texts]
    return Draft({"patterns": [{"pattern-either": [*either]}, *unless]}, "weak:size", rank, what)


def _measures_pointer(call: Call, name: str, family: Family) -> bool:
    """Whether the size of a pointer is asked for: a name that is declared with `*`, or as a parameter of no known length."""
    if name not in family.measures or len(call.positional) != 1:
        return False
    given = bare(call.positional[0])
    return given.text == "this" or (given.kind == "identifier" and _is_pointer(given))


def _is_pointer(name: Node) -> bool:
    for node in scope_of(name).walk():
        if node.kind in ("declaration", "typed_parameter", "assignment"):
            for child, sign in zip(node.children[1:], node.children, strict=False):
                if (
                    child.kind == "identifier"
                    and child.text == name.text
                    and child.field_name != "right"
                    and sign.text == "*"
                ):
                    return True
    return False


def _of_pointers(family: Family, notation: Notation, rank: int) -> Draft:
    told: list[JsonObject] = [{"pattern": f"{one}($P)"} for one in sorted(family.measures)]
    declared: list[JsonObject] = [{"pattern-inside": one} for one in notation.pointers]
    body: JsonObject = {"pattern-either": [
        {"patterns": [{"pattern-either": [*told]}, {"pattern-either": [*declared]}]},
        *({"pattern": f"{one}(this)"} for one in sorted(family.measures) if "this" in notation.objects),
    ]}  # fmt: skip
    return Draft({"patterns": [body]}, "weak:pointer", rank, "The size of a pointer is taken")


def _plain(name: str) -> str:
    return name.removeprefix("$O.").removeprefix("$O::")
