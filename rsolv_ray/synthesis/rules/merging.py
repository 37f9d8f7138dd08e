"""Can two rules be said as one?

Both definitions are read side by side, operator by operator: patterns that align are anti-unified, others stand in a `pattern-either`,
and what must not be there is kept from both. The merged rule finds what each of the two found, as far as a rule can say; whether that is so,
and whether it is quiet, is for the engine and `validation` to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Rule
from rsolv_ray.synthesis.catalogue.weaknesses import families_of
from rsolv_ray.synthesis.rules.anti_unify import Pairing, bound, generalised, is_made_here, metavariables, words_of
from rsolv_ray.synthesis.rules.likeness import TOLD, likeness, texts

__all__ = ["Merger", "is_near", "mergers"]

LEAST_ALIKE = 0.5
"""Rules that share a smaller part of the words in their patterns are not near."""
LARGEST = 32 * 1024
"""Characters of a merged definition as JSON; the engine's door takes twice as much."""
MOST_DIFFERENCES = 4

_FINDS = ("pattern", "pattern-either", "patterns", "pattern-regex")
_TAINT = ("pattern-sources", "pattern-sinks", "pattern-sanitizers", "pattern-propagators")
_Step = tuple[Pairing, JsonValue]


@dataclass(frozen=True)
class Merger:
    """A definition for two rules. `is_exact`: by its form it finds no more than the two together."""

    definition: JsonObject
    is_exact: bool


def is_near(older: Rule, newer: Rule) -> bool:
    """Of the same languages, of kin weaknesses, and alike in form and in the words of their patterns."""
    ours, theirs = older.definition, newer.definition
    same_shape = (
        set(older.languages) == set(newer.languages)
        and ours.get("mode") == theirs.get("mode")
        and ours.get("options") == theirs.get("options")
    )
    return same_shape and older.id != newer.id and _is_kin(older, newer) and likeness(ours, theirs) >= LEAST_ALIKE


def mergers(older: JsonObject, newer: JsonObject) -> tuple[Merger, ...]:
    """Definitions for both, best first, in the name and with the words of the older one; none where they do not fit together."""
    pairing = Pairing(taken=metavariables(texts(older)) | metavariables(texts(newer)))
    bodies = _taint(older, newer, pairing) if older.get("mode") == "taint" else _search(older, newer, pairing)
    found: list[Merger] = []
    for merged, body in bodies:
        fix = _fix(older, newer, merged)
        definition: JsonObject = {**{k: v for k, v in older.items() if k in TOLD}, **_common(older, newer), **body}
        if fix is None or merged.differences > MOST_DIFFERENCES:
            continue
        definition.pop("fix", None)
        definition |= {"fix": fix} if fix else {}
        if len(json.dumps(definition)) <= LARGEST and definition not in [one.definition for one in found]:
            found.append(Merger(definition, is_exact=merged.differences <= 1))
    return tuple(found)


def _is_kin(older: Rule, newer: Rule) -> bool:
    if set(older.cwe) & set(newer.cwe):
        return True
    families = [{family.name for family in families_of(rule.languages[0], rule.cwe)} if rule.cwe else set[str]() for rule in (older, newer)]  # fmt: skip
    return bool(families[0] & families[1])


def _common(older: JsonObject, newer: JsonObject) -> JsonObject:
    """What both say beside their patterns and what is told to people: languages, mode, options."""
    operators = {*_FINDS, *_TAINT}
    return {key: value for key, value in older.items() if key not in TOLD | operators and newer.get(key) == value}


def _says_more(older: JsonObject, newer: JsonObject) -> bool:
    """Does either have something beside its patterns that the other has not, such as `paths`?"""
    known = {*_FINDS, *_TAINT, *TOLD}
    rest = [{key: value for key, value in one.items() if key not in known} for one in (older, newer)]
    return rest[0] != rest[1]


def _search(older: JsonObject, newer: JsonObject, pairing: Pairing) -> Iterator[tuple[Pairing, JsonObject]]:
    ours, theirs = _operators(older), _operators(newer)
    if ours is None or theirs is None or _says_more(older, newer):
        return
    together = _patterns(ours, theirs, pairing)
    if together is not None:
        yield together[0], {"patterns": together[1]}
    merged, alternative = _in_our_words({"patterns": [*theirs]}, pairing)
    either = ours[0].get("pattern-either") if len(ours) == 1 else None
    alternatives: list[JsonValue] = [*either] if isinstance(either, list) else [{"patterns": [*ours]}]
    both: JsonObject = {"pattern-either": [*alternatives, alternative]}
    yield merged.differing(), {"patterns": [both]}


def _operators(definition: JsonObject) -> list[JsonObject] | None:
    """The operators of a rule as a list whose members all have to hold; None where it is of another form."""
    finds = [key for key in _FINDS if key in definition]
    if len(finds) != 1:
        return None
    value = definition[finds[0]]
    if finds[0] != "patterns":
        return [{finds[0]: value}]
    listed = value if isinstance(value, list) else []
    objects = [one for one in listed if isinstance(one, dict) and len(one) == 1]
    return objects if objects and len(objects) == len(listed) else None


def _patterns(
    ours: Sequence[JsonObject], theirs: Sequence[JsonObject], pairing: Pairing
) -> tuple[Pairing, list[JsonValue]] | None:
    """One list for two: what finds is aligned in order, every condition must have its like, what is ruled out is kept from both."""
    own, pairing = _without_bounds(ours, pairing)
    rest = list(theirs)
    merged: list[JsonValue] = []
    for one in sorted(own, key=lambda one: _place(_key(one))):
        if _key(one).startswith("pattern-not"):
            merged.append(one)
            continue
        step = _with_its_like(one, rest, pairing)
        if step is None:
            return None
        pairing, value = step
        merged.append(value)
    if any(not _key(one).startswith("pattern-not") for one in rest):
        return None
    for one in rest:
        pairing, value = _in_our_words(one, pairing)
        if value not in merged:
            merged.append(value)
    return pairing, _bounded(merged, pairing)


def _place(key: str) -> int:
    """What finds first, then conditions, then what is ruled out: only what is bound by then can be compared."""
    return 0 if key in _FINDS or key == "pattern-inside" else 2 if key.startswith("pattern-not") else 1


def _with_its_like(one: JsonObject, rest: list[JsonObject], pairing: Pairing) -> _Step | None:
    """An operator with the first of the others that fits, which is taken off the list: one that is equal, or else the first of its kind."""
    kind = _kind(_key(one))
    alike = [other for other in rest if _kind(_key(other)) == kind]
    for exact in (True, False):
        for other in alike:
            step = _operator(one, other, pairing)
            if step is not None and (not exact or step[0].differences == pairing.differences):
                rest.remove(other)
                return step
    return None


def _kind(key: str) -> str:
    return "finds" if key in _FINDS else key


def _operator(one: JsonObject, other: JsonObject, pairing: Pairing) -> _Step | None:
    key, theirs = _key(one), _key(other)
    value, second = one[key], other[theirs]
    if key == theirs and isinstance(value, str) and isinstance(second, str) and key != "pattern-regex":
        step = generalised(value, second, pairing)
        if step is not None:
            return step[0], {key: step[1]}
    elif key == theirs == "patterns":
        inner = _inner(value, second, pairing)
        if inner is not None:
            return inner
    elif key not in _FINDS and key != "pattern-inside":
        told, ours = _in_our_words(other, pairing)
        return (told, one) if ours == one else None
    if key == "pattern-inside" or key not in _FINDS:
        return None
    return _either(one, other, pairing)


def _inner(value: JsonValue, second: JsonValue, pairing: Pairing) -> _Step | None:
    ours, theirs = _operators({"patterns": value}), _operators({"patterns": second})
    inner = None if ours is None or theirs is None else _patterns(ours, theirs, pairing)
    return None if inner is None else (inner[0], {"patterns": inner[1]})


def _either(one: JsonObject, other: JsonObject, pairing: Pairing) -> _Step:
    """Alternatives: all of ours, and those of the others that are not among them."""
    merged = _alternatives(one)
    before = len(merged)
    for alternative in _alternatives(other):
        pairing, told = _in_our_words(alternative, pairing)
        if told not in merged:
            merged.append(told)
    return pairing.differing(0 if len(merged) == before else 1), {"pattern-either": [*merged]}


def _alternatives(one: JsonObject) -> list[JsonValue]:
    either = one.get("pattern-either")
    return [*either] if isinstance(either, list) else [one]


def _taint(older: JsonObject, newer: JsonObject, pairing: Pairing) -> Iterator[tuple[Pairing, JsonObject]]:
    """Sources, sinks and what makes values harmless from both. Metavariables of different parts have nothing to do with each other."""
    if _says_more(older, newer):
        return
    merged: JsonObject = {}
    for part in _TAINT:
        lists = older.get(part, []), newer.get(part, [])
        if not isinstance(lists[0], list) or not isinstance(lists[1], list):
            return
        added = [one for one in lists[1] if one not in lists[0]]
        counts = bool(added) and part != "pattern-sanitizers"
        pairing = pairing.differing(1 if counts else 0)
        if lists[0] or added:
            merged[part] = [*lists[0], *added]
    yield pairing, merged


def _in_our_words(value: JsonValue, pairing: Pairing) -> tuple[Pairing, JsonValue]:
    """A part of the second rule in the metavariables of the first."""
    if isinstance(value, str):
        return pairing.told(value)
    if isinstance(value, list):
        told: list[JsonValue] = []
        for one in value:
            pairing, inner = _in_our_words(one, pairing)
            told.append(inner)
        return pairing, told
    if isinstance(value, dict):
        said: JsonObject = {}
        for key, one in value.items():
            pairing, said[key] = (pairing, one) if key.endswith("regex") and isinstance(one, str) else _in_our_words(one, pairing)  # fmt: skip
        return pairing, said
    return pairing, value


def _without_bounds(operators: Sequence[JsonObject], pairing: Pairing) -> tuple[list[JsonObject], Pairing]:
    """The operators but for the bounds that an earlier merger put there, which go into the pairing."""
    bounds, kept = dict(pairing.bounds), list[JsonObject]()
    for one in operators:
        condition = one.get("metavariable-regex")
        name = condition.get("metavariable") if isinstance(condition, dict) else None
        regex = condition.get("regex") if isinstance(condition, dict) else None
        words = words_of(regex) if isinstance(name, str) and is_made_here(name) and isinstance(regex, str) else None
        if words is None:
            kept.append(one)
        else:
            bounds[str(name)] = words
    return kept, Pairing(pairing.taken, pairing.names, pairing.made, bounds, pairing.differences)


def _bounded(operators: list[JsonValue], pairing: Pairing) -> list[JsonValue]:
    """With a bound for each metavariable made here that stands in one of these operators themselves."""
    direct = [value for one in operators if isinstance(one, dict) for key, value in one.items() if not key.startswith("pattern-not") and isinstance(value, str)]  # fmt: skip
    names = sorted(name for name in metavariables(direct) if is_made_here(name))
    bounds: list[JsonValue] = [
        {"metavariable-regex": {"metavariable": name, "regex": bound(pairing.bounds[name])}} for name in names
    ]
    return [*operators, *bounds]


def _fix(older: JsonObject, newer: JsonObject, pairing: Pairing) -> str | None:
    """The one template that mends what both find, an empty one for none; None where one of them would mend what the other found."""
    ours, theirs = older.get("fix") or "", newer.get("fix") or ""
    if not isinstance(ours, str) or not isinstance(theirs, str) or older.get("fix-regex") != newer.get("fix-regex"):
        return None
    if ours and theirs:
        step = generalised(ours, theirs, pairing, may_open=False)
        return None if step is None else step[1]
    one, other = (ours, newer) if ours else (pairing.told(theirs)[1], older)
    if not one:
        return ""
    # Where the other finds something the template stays unfilled, and such a patch is withheld.
    return one if metavariables([one]) - metavariables(texts(other)) else None


def _key(operator: JsonObject) -> str:
    return next(iter(operator))
