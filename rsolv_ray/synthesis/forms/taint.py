"""Which built value reaches which call?

The form that is worth most: string building is the source, the call that the built value reaches (directly or through a
variable) is the sink, an organisation's own `self._run(command)` included. What makes a value harmless in the catalogue, and what
the fix put round it, are sanitizers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import takes_texts
from rsolv_ray.synthesis.code.building import TEMPLATE, assigned, built_values, is_built, operands, scope_of
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms import texts
from rsolv_ray.synthesis.forms.parameters import moved
from rsolv_ray.synthesis.forms.sinks import Use, sinks_for, uses_in
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_SETTING = frozenset({"assignment", "augmented_assignment"})


def sources(notation: Notation, spared: Sequence[JsonObject] = ()) -> list[JsonObject]:
    """Values as they are put into a text, in every spelling that the language has: one spelling shown in a fix stands for all.

    `spared` are conditions on what to leave out. Only the value itself is a source: what a sanitizer has made of it is none.
    """
    either: list[JsonObject] = [{"pattern": text} for text in notation.put_in]
    either += [_added_to(begun, notation.plus) for begun in notation.begun]
    for text, more in notation.grown:
        either.append({"patterns": [{"pattern-inside": notation.later(text)}, {"pattern": more}]})
    either += [_template(one) for one in notation.templates]
    printed: list[JsonObject] = [{"pattern": text} for text in notation.printed]
    found: list[JsonObject] = []
    if either:
        found.append({"patterns": [*_values(either, "$X", notation, spared)], "exact": True})
    if printed:
        found.append({"patterns": [*_values(printed, "$INTO", notation, spared)], "by-side-effect": True})
    return found


def _values(
    either: Sequence[JsonObject], tainted: str, notation: Notation, spared: Sequence[JsonObject]
) -> Iterator[JsonObject]:
    """What puts a value `$X` into a text; `tainted` is the value itself, or what holds the text from then on."""
    no_values, elsewhere = notation.no_value()
    no_values += [one for one in spared if "pattern-not" in one]
    yield {"pattern-either": [*either]}
    yield {"metavariable-pattern": {"metavariable": "$X", "patterns": [*no_values]}}
    yield {"metavariable-regex": {"metavariable": "$X", "regex": rf"^(?!{notation.constants})"}}
    yield {"focus-metavariable": tainted}
    yield from (one for one in [*spared, *elsewhere] if "pattern-not" not in one)


def _template(pattern: str) -> JsonObject:
    named: JsonObject = {"metavariable": "$TEMPLATE", "regex": rf"^(?:[\w.]+\.)?{TEMPLATE}$"}
    return {"patterns": [{"pattern": pattern}, {"metavariable-regex": named}]}


def _added_to(begun: str, plus: str) -> JsonObject:
    head: JsonObject = {"metavariable": "$HEAD", "pattern": begun}
    return {"patterns": [{"pattern": f"$HEAD {plus} $X"}, {"metavariable-pattern": head}]}


@dataclass(frozen=True)
class Reach:
    """A use that built values reach."""

    use: Use
    built: tuple[Node, ...]


def reached_uses(changed: Sequence[Node]) -> list[Reach]:
    """The uses that a built value reaches, where the use or the building stands in a changed unit."""
    uses = {(id(use.node), use.position, use.keyword): use for use in uses_in(changed)}
    names = _names_set(changed)
    for scope in {id(one): one for one in map(scope_of, changed)}.values() if names else ():
        uses |= {
            (id(use.node), use.position, use.keyword): use for use in uses_in([scope]) if _mentions(use.value, names)
        }
    ordered = sorted(uses.values(), key=lambda use: (use.node.start, -use.node.end))
    reaches = [Reach(use, tuple(built)) for use in ordered if not _builds(use) and (built := built_values(use.value))]
    return [reach for reach in reaches if _is_changed(reach, changed)]


def _builds(use: Use) -> bool:
    """Whether the call puts a text together itself: that what it gives is used is told by the use around it."""
    grammar = use.node.grammar
    return use.call is not None and (use.name in grammar.filling | grammar.formatting or is_built(use.node))


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


def _mentions(value: Node, names: set[str]) -> bool:
    return any(node.text in names for node in value.walk() if node.kind == "identifier")


def _is_changed(reach: Reach, changed: Sequence[Node]) -> bool:
    places = (reach.use.node, *reach.built)
    return any(unit.start < place.end and place.start < unit.end for unit in changed for place in places)


def drafts(
    before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family], cleaners: Sequence[str]
) -> list[Draft]:
    """Taint rules for the built values that the fix changed, the widest first.

    `cleaners` are patterns of what the fix put round values: a call, or a list in place of a string.
    """
    if not takes_texts(families):
        return []
    notation = NOTATIONS[before.language]
    known = sorted({one for kin in families for one in kin.sanitizers})
    clean = [*cleaners, *(f"{one}(...)" for one in known)]
    shown = [*cleaners, *(f"{one}(...)" for one in known if f"{one}(" in after.code)]
    old, new = [unit for hunk in edits for unit in hunk.before], [unit for hunk in edits for unit in hunk.after]
    found: list[Draft] = []
    dry = washed(shown, notation)
    for reach in {reach.use.likeness: reach for reach in reached_uses(old)}.values():
        use = reach.use
        spared = kept_values(after, calls_in(new), use.call.name) if use.call is not None else []
        mend = moved(use.call, reach.built, before, new) if use.call is not None and use.position == 0 else None
        for form, rank, sinks, family in sinks_for(use, before, families):
            made = [
                Draft(_body(start, sinks, clean, notation), f"taint:{form}{how}", rank + more)
                for start, how, more in _starts(form, family, notation, spared, dry)
            ]
            found += made if mend is None else [replace(draft, body=mend.in_rule(draft.body)) for draft in made]
    spared = kept_values(after, calls_in(new))
    is_known = any(draft.form.startswith("taint:family") for draft in found)
    found += texts.drafts(before.language, old, families, clean, [*spared, *dry], is_last=is_known)
    return found


def _starts(
    form: str, family: Family | None, notation: Notation, spared: Sequence[JsonObject], dry: Sequence[JsonObject]
) -> Iterator[tuple[list[JsonObject], str, int]]:
    """The sources of a form, with what tells them apart and what that costs: any value in any text, those in places for values, all
    but those that the after side keeps. Of wrappers that are known by a word, those that take a statement come first."""
    placed = texts.sources_in_place(family, notation, dry) if family is not None else []
    yield sources(notation, dry), "", 1 if form == "alike" and placed else 0
    if placed:
        yield placed, ":placed", 0 if form == "alike" else 2
    if spared:
        yield sources(notation, [*spared, *dry]), ":narrowed", 3


def washed(cleaners: Sequence[str], notation: Notation) -> list[JsonObject]:
    """Conditions that leave out names which were given what a cleaner made."""
    return [one for text in cleaners if text.endswith("(...)") for one in notation.given_before("$X", text)]


def kept_values(after: Tree, calls: Sequence[Call], name: str | None = None) -> list[JsonObject]:
    """Conditions that leave out the values which the after side still puts into the text of the same call, or of any.

    The fix left them there on purpose: names of tables, constants, lists of placeholders.
    """
    twins = [one for one in calls if name is None or one.name == name]
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
            yield from NOTATIONS[tree.language].given_before("$X", f"{callee}(...)")
        elif value.kind == "string":
            yield from NOTATIONS[tree.language].given_before("$X", '"..."')
    if not values:
        yield {"pattern-not": name.text}


def _body(
    starts: Sequence[JsonObject], sinks: Sequence[JsonObject], clean: Sequence[str], notation: Notation
) -> JsonObject:
    body: JsonObject = {"mode": "taint", "pattern-sources": [*starts], "pattern-sinks": [*sinks]}
    if notation.carriers:
        body["pattern-propagators"] = [*notation.carriers]
    if clean:
        body["pattern-sanitizers"] = [{"pattern": text} for text in clean]
    return body
