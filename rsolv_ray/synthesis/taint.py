"""Which built value reaches which call?

The form that is worth most: string building is the source, the call that the built value reaches (directly or through a
variable) is the sink, an organisation's own `self._run(command)` included. What makes a value harmless in the catalogue, and what
the fix put round it, are sanitizers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.building import assigned, built_values, is_built, operands, scope_of
from rsolv_ray.synthesis.calls import Call, calls_in
from rsolv_ray.synthesis.edits import Hunk
from rsolv_ray.synthesis.names import full_name
from rsolv_ray.synthesis.notation import NOTATIONS, Notation
from rsolv_ray.synthesis.parameters import moved
from rsolv_ray.synthesis.semgrep_rule import Draft
from rsolv_ray.synthesis.syntax import Node, Tree
from rsolv_ray.synthesis.weaknesses import CATALOGUES, Family

_SETTING = frozenset({"assignment", "augmented_assignment"})


def sources(notation: Notation, spared: Sequence[JsonObject] = ()) -> list[JsonObject]:
    """Values as they are put into a text, in every spelling that the language has: one spelling shown in a fix stands for all.

    `spared` are conditions on what to leave out. Only the value itself is a source: what a sanitizer has made of it is none.
    """
    either: list[JsonObject] = [{"pattern": text} for text in notation.put_in]
    either += [_added_to(begun) for begun in notation.begun]
    either.append({"patterns": [{"pattern-inside": '$V = "..."\n...\n'}, {"pattern": "$V += $X"}]})
    no_values: list[JsonObject] = [{"pattern-not": text} for text in notation.no_values]
    no_values += [one for one in spared if "pattern-not" in one]
    return [{
        "patterns": [
            {"pattern-either": [*either]},
            {"metavariable-pattern": {"metavariable": "$X", "patterns": [*no_values]}},
            {"metavariable-regex": {"metavariable": "$X", "regex": rf"^(?!{notation.constants})"}},
            {"focus-metavariable": "$X"},
            *(one for one in spared if "pattern-not" not in one),
        ],
        "exact": True,
    }]  # fmt: skip


def _added_to(begun: str) -> JsonObject:
    head: JsonObject = {"metavariable": "$HEAD", "pattern": begun}
    return {"patterns": [{"pattern": "$HEAD + $X"}, {"metavariable-pattern": head}]}


@dataclass(frozen=True)
class Reach:
    """A call that a built value reaches: through the positional argument at `position`, or the one named `keyword`."""

    call: Call
    position: int
    keyword: str | None
    built: tuple[Node, ...]


def reached_calls(changed: Sequence[Node]) -> list[Reach]:
    """The calls that a built value reaches, where the call or the building stands in a changed unit."""
    calls = {id(call.node): call for call in calls_in(changed)}
    names = _names_set(changed)
    for scope in {id(one): one for one in map(scope_of, changed)}.values():
        calls |= {id(call.node): call for call in calls_in([scope]) if names and _uses(call, names)}
    ordered = sorted(calls.values(), key=lambda call: (call.node.start, -call.node.end))
    return [reach for call in ordered for reach in _reaches(call) if _is_changed(reach, changed)]


def _names_set(units: Sequence[Node]) -> set[str]:
    """The names that some units set, and those set from them in the same function."""
    targets = [node.field("left") for unit in units for node in unit.walk() if node.kind in _SETTING]
    names = {target.text for target in targets if target is not None}
    for scope in {id(one): one for one in map(scope_of, units)}.values() if names else ():
        for node in scope.walk():
            target, value = node.field("left"), node.field("right")
            if node.kind in _SETTING and target is not None and value is not None:
                names |= (
                    {target.text}
                    if any(part.text in names for part in value.walk() if part.kind == "identifier")
                    else set()
                )
    return names


def _uses(call: Call, names: set[str]) -> bool:
    return any(
        node.text in names for argument in call.arguments for node in argument.walk() if node.kind == "identifier"
    )


def _reaches(call: Call) -> Iterable[Reach]:
    if call.name in call.node.grammar.filling | call.node.grammar.formatting or is_built(call.node):
        return
    for position, argument in enumerate(call.positional):
        if built := built_values(argument):
            yield Reach(call, position, None, tuple(built))
    for keyword, value in call.keywords.items():
        if built := built_values(value):
            yield Reach(call, -1, keyword, tuple(built))


def _is_changed(reach: Reach, changed: Sequence[Node]) -> bool:
    places = (reach.call.node, *reach.built)
    return any(unit.start < place.end and place.start < unit.end for unit in changed for place in places)


def drafts(
    before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family], cleaners: Sequence[str]
) -> list[Draft]:
    """Taint rules for the built values that the fix changed, the widest first.

    `cleaners` are patterns of what the fix put round values: a call, or a list in place of a string.
    """
    notation = NOTATIONS[before.language]
    clean = [*cleaners, *(f"{one}(...)" for one in sorted({one for kin in families for one in kin.sanitizers}))]
    old, new = [unit for hunk in edits for unit in hunk.before], [unit for hunk in edits for unit in hunk.after]
    found: list[Draft] = []
    for reach in {(reach.call.callee, reach.position, reach.keyword): reach for reach in reached_calls(old)}.values():
        name = full_name(reach.call, before)
        if name is None:
            continue
        spared = kept_values(after, new, reach.call)
        start = sources(notation, washed(cleaners))
        mend = moved(reach.call, reach.built, before, new) if reach.position == 0 else None
        for form, rank, sinks in _sinks(reach, name, families, before.language):
            made = [_draft(start, sinks, clean, f"taint:{form}", rank)]
            if spared:
                narrowed = sources(notation, [*spared, *washed(cleaners)])
                made.append(_draft(narrowed, sinks, clean, f"taint:{form}:narrowed", rank + 3))
            found += made if mend is None else [replace(draft, body=mend.in_rule(draft.body)) for draft in made]
    return found


def _sinks(
    reach: Reach, name: str, families: Sequence[Family], language: str
) -> Iterator[tuple[str, int, list[JsonObject]]]:
    """The sinks that a reached call stands for, with form and rank: its family, its likes, itself."""
    called, catalogue, notation = reach.call.name or "", CATALOGUES[language], NOTATIONS[language]
    family = next((one for one in families if called in one.methods or name in one.functions), None)
    if family is not None:
        yield "family", 10, family_sinks(family, notation)
        yield "call", 20, [call_sink(reach, name, notation)]
    elif called not in catalogue.quiet:
        kin = next((one for one in families if one.alike and re.search(one.alike, called, re.IGNORECASE)), None)
        if kin is not None and reach.position == 0 and name.split(".", maxsplit=1)[0] not in catalogue.modules:
            yield "alike", 12, [*family_sinks(kin, notation), alike_sink(kin, called)]
        yield "call", 15, [call_sink(reach, name, notation)]


def family_sinks(family: Family, notation: Notation) -> list[JsonObject]:
    """The first argument of every call that belongs to a family, and what else is one of its sinks."""
    sinks: list[JsonObject] = []
    if family.methods:
        names = "|".join(re.escape(one) for one in sorted(family.methods))
        sinks.append({"patterns": [
            {"pattern": "$O.$METHOD($SINK, ...)"},
            {"metavariable-regex": {"metavariable": "$METHOD", "regex": f"^({names})$"}},
            {"focus-metavariable": "$SINK"},
        ]})  # fmt: skip
    either = notation.called(sorted(family.functions), "$SINK, ...")
    for text in family.sinks:
        either.append({"pattern": text})
    if either:
        other: JsonObject = {"pattern-either": [*either]}
        sinks.append({"patterns": [other, {"focus-metavariable": "$SINK"}]})
    return sinks


def call_sink(reach: Reach, name: str, notation: Notation) -> JsonObject:
    """The argument of one call that the built value reaches."""
    arguments = "$SINK, ..." if reach.position == 0 else "..., $SINK, ..."
    if reach.keyword is not None:
        option: JsonObject = {"pattern": notation.with_option(name, reach.keyword, "$SINK")}
        return {"patterns": [option, {"focus-metavariable": "$SINK"}]}
    either = notation.called([name], arguments)
    found: JsonObject = either[0] if len(either) == 1 else {"pattern-either": [*either]}
    return {"patterns": [found, {"focus-metavariable": "$SINK"}]}


def alike_sink(family: Family, called: str) -> JsonObject:
    """The first argument of every call whose name shares with the one shown a word that stands for the family."""
    shared = "|".join(word for word in family.alike.split("|") if word in called.lower())
    return {"patterns": [
        {"pattern": "$CALLEE($SINK, ...)"},
        {"metavariable-regex": {"metavariable": "$CALLEE", "regex": rf"(?i)^(.*\.)?\w*({shared})\w*$"}},
        {"focus-metavariable": "$SINK"},
    ]}  # fmt: skip


def washed(cleaners: Sequence[str]) -> list[JsonObject]:
    """Conditions that leave out names which were given what a cleaner made."""
    return [{"pattern-not-inside": f"$X = {text}\n...\n"} for text in cleaners if text.endswith("(...)")]


def kept_values(after: Tree, changed: Sequence[Node], call: Call) -> list[JsonObject]:
    """Conditions that leave out the values which the after side still puts into the text of the same call.

    The fix left them there on purpose: names of tables, constants, lists of placeholders.
    """
    twins = [one for one in calls_in(changed) if one.name == call.name]
    built = [value for twin in twins for argument in twin.positional for value in built_values(argument)]
    conditions = [one for value in built for operand in operands(value) for one in _left_out(operand, after)]
    return list({str(one): one for one in conditions}.values())


def _left_out(operand: Node, tree: Tree) -> Iterator[JsonObject]:
    if operand.kind == "call" and (name := full_name(Call(operand), tree)) is not None:
        yield {"pattern-not": f"{name}(...)"}
    elif operand.kind == "attribute" and (last := operand.field("attribute")) is not None:
        yield {"pattern-not": f"$ANY.{last.text}"}
    elif operand.kind == "identifier" and operand.text.isupper():
        yield {"metavariable-regex": {"metavariable": "$X", "regex": "^(?![A-Z_0-9]+$)"}}
    elif operand.kind == "identifier":
        yield from _name_left_out(operand, tree)


def _name_left_out(name: Node, tree: Tree) -> Iterator[JsonObject]:
    """A name by what it was given, where that can be said, else by its spelling."""
    values = list(assigned(name))
    for value in values:
        if value.kind == "call" and (callee := full_name(Call(value), tree)) is not None:
            yield {"pattern-not-inside": f"$X = {callee}(...)\n...\n"}
        elif value.kind == "string":
            yield {"pattern-not-inside": '$X = "..."\n...\n'}
    if not values:
        yield {"pattern-not": name.text}


def _draft(
    starts: Sequence[JsonObject], sinks: Sequence[JsonObject], clean: Sequence[str], form: str, rank: int
) -> Draft:
    body: JsonObject = {"mode": "taint", "pattern-sources": [*starts], "pattern-sinks": [*sinks]}
    if clean:
        body["pattern-sanitizers"] = [{"pattern": text} for text in clean]
    return Draft(body, form, rank)
