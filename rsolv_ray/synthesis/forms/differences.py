"""What does the bad code do that the good code does otherwise, or not at all?

The two sides need not be an edit of each other: a bad function and a good one, each in its own words, are held against each other by their
features. A call that both make is compared slot by slot: an option or an argument that only one side gives, that is fixed on one side
and not on the other, or that is fixed on both and differs. What only the bad side has is kept by its name. The rank follows from how much the
name says and how much the difference says, so that what is loud and general comes after what is special.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weak_words import weak_in
from rsolv_ray.synthesis.code.building import scope_of
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.contexts import context, is_common
from rsolv_ray.synthesis.forms.features import QUIET, TELLING, Made, Side, family_of, says_harm, weight
from rsolv_ray.synthesis.forms.follow_ups import missing_drafts
from rsolv_ray.synthesis.forms.slots import COMPUTED, Difference, differences, weak_slots
from rsolv_ray.synthesis.forms.standing import settings_drafts, spellings, standing_drafts
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_BEST = 14
"""The rank of a difference that could say no more, of a name that could say no more."""
_MOST = 12
"""So many drafts are made of two sides."""
_NOISE = frozenset({"computed", "option", "more", "lacks"})
"""What is no difference worth telling of a call that is made everywhere."""
_UNCOMMON = frozenset({"command", "code", "deserialisation"})
"""The families whose places are given fixed values as a rule."""
_LAST = 16
_MOST_SANITIZERS = 12
_SAYS_ENOUGH = 3
"""A value of this strength says enough of a call that is made everywhere."""
_WIDE = 13
"""The rank of a value that is weak by what it is, given to any function of the module."""
_WEAK = 13
"""The rank of a call whose name holds a weak word."""
_DOTTED = re.compile(r"[\w$]+(\.[\w$]+)+")
_TOLD = 20
_ALONE = 36
"""The ranks of calls by themselves, to which their weight is added: where the name says what harm is done, and where it does not."""


def drafts(
    before: Tree, edits: Sequence[Hunk], goods: Sequence[tuple[Tree, Sequence[Hunk]]], families: Sequence[Family]
) -> list[Draft]:
    """Search rules for what the before side alone has, those that say most first. `goods` are the after sides of all changes that
    show the same weakness, with their edits."""
    bad = Side(((before, tuple(unit for hunk in edits for unit in hunk.before)),))
    good = Side(tuple((tree, tuple(unit for hunk in some for unit in hunk.after)) for tree, some in goods))
    found = [
        *_of_calls(bad, good, before, families),
        *missing_drafts(_around(before, edits), _around_all(goods), before, families),
        *settings_drafts(bad, good, before.language),
        *standing_drafts(bad, good, before.language),
    ]
    distinct = {str(draft.body): draft for draft in sorted(found, key=lambda draft: -draft.rank)}
    return sorted(distinct.values(), key=lambda draft: draft.rank)[:_MOST]


def _around(tree: Tree, edits: Sequence[Hunk]) -> Side:
    """The functions of the before side in which something changed, or was put in: what is set up there may have been made before."""
    units = [unit for hunk in edits for unit in (hunk.before or (hunk.follows,)) if unit is not None]
    return Side(((tree, _scopes(units)),))


def _around_all(goods: Sequence[tuple[Tree, Sequence[Hunk]]]) -> Side:
    """The same of the after sides."""
    of_trees = [
        (tree, [unit for hunk in some for unit in (hunk.after or (hunk.after_follows,)) if unit is not None])
        for tree, some in goods
    ]
    return Side(tuple((tree, _scopes(units)) for tree, units in of_trees))


def _scopes(units: Sequence[Node]) -> tuple[Node, ...]:
    """The functions around some units; a unit of no function stands for itself."""
    found = [scope if scope.parent is not None else unit for unit in units for scope in [scope_of(unit)]]
    return tuple({id(one): one for one in found}.values())


def _of_calls(bad: Side, good: Side, tree: Tree, families: Sequence[Family]) -> Iterator[Draft]:
    for made in bad.calls:
        worth = weight(made, tree, families)
        twins = [one for one in good.calls if _may_be_same(one, made)]
        if not twins:
            yield from _gone(made, worth, good, tree)
        for difference in differences(made, twins) if twins else ():
            yield from _of_slot(made, difference, worth, tree, families)


def _may_be_same(one: Made, other: Made) -> bool:
    """Whether two calls may be of the same function: a method by its name, a function of a module by its full name."""
    if one.call.is_construction != other.call.is_construction or one.last != other.last:
        return False
    return one.name == other.name or one.name.startswith("$O.") or other.name.startswith("$O.")


def _gone(made: Made, worth: int, good: Side, tree: Tree) -> Iterator[Draft]:
    """A call that the good side does not make: of anything as weak, where its name holds a weak word, with a value that is weak, with
    one that is not fixed, and itself."""
    notation = NOTATIONS[tree.language]
    if any(around.kind == "raise_statement" for around in made.call.node.ancestors()):
        return
    for difference in weak_slots(made, good.values):
        yield from _of_slot(made, difference, worth, tree, ())
    if worth >= QUIET or is_common(made, tree):
        return
    what, instead = f"`{_shown(made.name)}` is called", "do as the fix does, which calls it no more"
    if (weak := _weak_name(made.name)) is not None:
        name, held = weak
        yield Draft({"patterns": [notation.call(name, "..."), held]}, "contrast:weak", _WEAK, what, instead)
    rank = worth + (_ALONE if worth > TELLING else _TOLD)
    if (first := made.slots.get(0)) is not None and not first.is_fixed:
        yield Draft(_pattern([made.name], COMPUTED, notation), "contrast:computed", rank - 1, what, instead)
    body: JsonObject = {"patterns": [notation.call(made.name, "...")]}
    if worth <= TELLING and _DOTTED.fullmatch(made.name) and not made.name.startswith("$O"):
        body = {"patterns": [{"pattern-either": [{"pattern": made.name}, notation.call(made.name, "...")]}]}
    yield Draft(body, "contrast:call", rank, what, instead)


def _weak_name(name: str) -> tuple[str, JsonObject] | None:
    """The name with a metavariable for the part that holds a weak word, and what that has to be; the first of three or more
    parts before it is open, too: a library goes by several names."""
    parts = name.removeprefix("new ").split(".")
    for at, part in enumerate(parts):
        weak = weak_in(part)
        regex = weak.in_its_place(part, ()) if weak is not None else None
        if regex is not None and len(parts) > 1 and _DOTTED.fullmatch(name):
            before = ["$MODULE", *parts[1:at]] if at > 1 else parts[:at]
            held: JsonObject = {"metavariable-regex": {"metavariable": "$WEAK", "regex": regex}}
            return ".".join([*before, "$WEAK", *parts[at + 1 :]]), held
    return None


def _of_slot(made: Made, found: Difference, worth: int, tree: Tree, families: Sequence[Family]) -> Iterator[Draft]:
    notation = NOTATIONS[tree.language]
    is_everywhere = is_common(made, tree)
    around = context(made, tree) if found.form == "computed" and is_everywhere else ()
    is_loud = worth >= QUIET or (is_everywhere and not around)
    if around is None or (is_loud and (found.form in _NOISE or found.strength > _SAYS_ENOUGH)):
        return
    what, form = f"`{_shown(made.name)}` is called {found.what}", f"contrast:{found.form}"
    rank = _BEST + worth + found.strength + _loud(found, worth, family_of(made, families))
    wide = _siblings(made, found, families, notation) if not around else None
    if wide is not None:
        yield Draft(wide, form, min(rank - 1, _WIDE) if found.is_marked else rank - 1, what, found.instead)
    own: JsonObject = _pattern([made.name], found, notation)
    family = family_of(made, families)
    if family is not None and found.form == "computed":
        own = _spared(own, family, notation)
    if around:
        within: list[JsonObject] = [own, *around]
        own = {"patterns": [*within]}
    yield Draft(own, form, rank, what, found.instead)
    if found.speaks_alone and isinstance(found.slot, str):
        either: list[JsonObject] = [{"pattern": text} for text in spellings(found.slot, found.pattern, notation)]
        anywhere: JsonObject = {"patterns": [{"pattern-either": [*either]}, *found.conditions]}
        yield Draft(anywhere, form, _BEST + found.strength + 3, what, found.instead)


def _loud(found: Difference, worth: int, family: Family | None) -> int:
    """What is added to the rank of a value that is not fixed, where such values are nothing uncommon: it is told where nothing else is."""
    is_uncommon = worth == TELLING or (family is not None and (family.literal or family.name in _UNCOMMON))
    return _LAST if found.form == "computed" and not is_uncommon else 0


def _pattern(names: Sequence[str], found: Difference, notation: Notation) -> JsonObject:
    """The call, by any of some names, with what the bad side gives and without what the good side does."""
    either = notation.called(names, "..." if found.lacks else _given(found, notation))
    positive: JsonObject = either[0] if len(either) == 1 else {"pattern-either": [*either]}
    unless: list[JsonObject] = [{"pattern-not": text} for name in names for text in _spelt(name, found, notation)]
    return {"patterns": [positive, *found.conditions, *unless]}


def _siblings(made: Made, found: Difference, families: Sequence[Family], notation: Notation) -> JsonObject | None:
    """The same of the calls of its family that say as much by their names, or that stand in its module; where the value says enough, of
    all of its module."""
    family = family_of(made, families)
    module, dot, _ = made.name.rpartition(".")
    if (
        family is not None
        and found.slot == 0
        and found.form in ("computed", "written")
        and made.name in family.functions
    ):
        alike = [
            one
            for one in family.functions
            if dot and (("." in one and says_harm(one)) or one.rpartition(".")[0] == module)
        ]
        names = sorted({made.name, *alike})
        return _spared(_pattern(names, found, notation), family, notation) if len(names) > 1 else None
    if not found.is_marked or not dot or module == "$O":
        return None
    given = "..., $VALUE, ..." if isinstance(found.slot, int) else _given(found, notation)
    return {"patterns": [notation.call(f"{module}.$FUNCTION", given), *found.conditions]}


def _spared(body: JsonObject, family: Family, notation: Notation) -> JsonObject:
    """The same without values that go through what makes them harmless, there or before."""
    operators, names = body["patterns"], sorted(family.sanitizers)
    if not isinstance(operators, list) or not names:
        return body
    words = "|".join(sorted({re.escape(name.rpartition(".")[2]) for name in names}))
    held: JsonObject = {"metavariable": "$VALUE", "regex": rf"(?s)^(?!.*\b(?:{words})\s*\()"}
    before: list[JsonObject] = [
        {"pattern-not-inside": notation.later(f"$VALUE = {name}(...)")} for name in names[:_MOST_SANITIZERS]
    ]
    return {"patterns": [*operators, {"metavariable-regex": held}, *before]}


def _given(found: Difference, notation: Notation) -> str:
    if isinstance(found.slot, str):
        return f"..., {notation.given(found.slot, found.pattern)}, ..."
    before = "$_, " * found.slot
    return f"{before}{found.pattern}" if found.is_last else f"{before}{found.pattern}, ..."


def _spelt(name: str, found: Difference, notation: Notation) -> list[str]:
    """The call as the good side makes it."""
    callee = name if len(notation.called([name], "")) == 1 else "$CALLEE"
    texts: list[str] = []
    for pattern in found.unless:
        if isinstance(found.slot, str):
            texts.append(f"{callee}(..., {notation.given(found.slot, pattern)}, ...)")
        else:
            texts.append(f"{callee}({'$_, ' * found.slot}{pattern}, ...)")
    if found.lacks and isinstance(found.slot, str) and notation.more_options is not None:
        texts.append(f"{callee}(..., {notation.more_options})")
    return texts


def _shown(name: str) -> str:
    return name.removeprefix("$O.")
