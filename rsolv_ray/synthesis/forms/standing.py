"""What says something wherever it stands: a setting with a fixed value, a constant, what a class derives from, a decorator?

One setting has many spellings: a field, a key, an option of a call, a pair in a literal. Whichever the fix shows, all are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weak_words import weak_in
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.values import Kind, Value, told_apart
from rsolv_ray.synthesis.forms.features import Setting, Side
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_WORDS = re.compile(r"[a-z][A-Z_-]|[A-Z]_[A-Z]|[a-z0-9]_[a-z]")


@dataclass(frozen=True)
class Told:
    """What stands for a value in a pattern, what it has to be, how little that says, and how it is shown."""

    pattern: str
    conditions: tuple[JsonObject, ...]
    strength: int
    shown: str


_PLAIN = re.compile(r"[A-Za-z_]\w*")


def settings_drafts(bad: Side, good: Side, language: str) -> Iterator[Draft]:
    """Rules for names that are given a fixed value which the good side does not give them."""
    for one in {(setting.name, setting.value.text): setting for setting in bad.settings}.values():
        others = [other.value for other in good.settings if other.name == one.name]
        is_kept = any(other.kind is one.value.kind and other.text == one.value.text for other in others)
        told = _told(one, others) if one.value.is_fixed and not is_kept else None
        if told is None or (_is_variable(one) and (told.strength > 1 or one.value.kind is not Kind.TEXT)):
            continue
        rank = 16 + told.strength + (0 if _WORDS.search(one.name) else 8)
        written = spellings(one.name, told.pattern, NOTATIONS[language])
        either: JsonObject = {"pattern-either": [{"pattern": text} for text in written]}
        what = f"`{one.name}` is set to {told.shown}"
        yield Draft({"patterns": [either, *told.conditions]}, "contrast:setting", rank, what, "set it as the fix does")


def _is_variable(one: Setting) -> bool:
    """Whether it is a plain name, which says nothing by itself, unless it is written in capitals."""
    target = one.node.field("left")
    return target is not None and target.kind == "identifier" and not one.name.isupper()


def _told(one: Setting, others: Sequence[Value]) -> Told | None:
    """How the value is told apart from those of the good side; by its kind, where that side computes it."""
    fixed = [other for other in others if other.is_fixed]
    telling = told_apart(one.value, fixed)
    is_written = bool(others) and not fixed and one.value.kind is Kind.TEXT
    if is_written and (telling is None or telling.strength > 1):
        return Told('"..."', (), 5, "a text in the code")
    return (
        Told("$VALUE", (telling.condition("$VALUE"),), telling.strength, telling.shown) if telling is not None else None
    )


def spellings(name: str, value: str, notation: Notation) -> list[str]:
    """The patterns of a name that is given a value, in all ways that the language has."""
    key = f'"{name}"'
    found: list[str] = []
    if notation.pair is not None:
        found += [notation.pair.format(key=key, value=value)] if notation.quoted_keys else []
        found += [notation.pair.format(key=name, value=value)] if notation.bare_keys and _PLAIN.fullmatch(name) else []
    found.append(notation.key_set.format(key=key, value=value))
    if _PLAIN.fullmatch(name):
        found.append(notation.field_set.format(name=name, value=value))
        if notation.pair is None or not notation.bare_keys or not notation.quoted_keys:
            found.append(f"$CALLEE(..., {notation.given(name, value)}, ...)")
        if _WORDS.search(name):
            found.append(notation.name_set.format(name=name, value=value))
    return list(dict.fromkeys(found))


def standing_drafts(bad: Side, good: Side, language: str) -> Iterator[Draft]:
    """Rules for constants, bases and decorators that only the bad side names."""
    notation, names = NOTATIONS[language], CATALOGUES[language].names
    named_calls = {made.name for made in good.calls}
    for name in bad.constants:
        if name not in good.constants and name not in named_calls and not name.startswith(names.weak_evidence):
            yield _of_constant(name, list(good.constants))
    for name in bad.bases:
        if name not in good.bases and notation.derived:
            either: JsonObject = {
                "pattern-either": [{"pattern": text.replace("{base}", name)} for text in notation.derived]
            }
            yield Draft(
                {"patterns": [either]},
                "contrast:base",
                22,
                f"A class derives from `{name}`",
                "derive it from what the fix does",
            )
    for name in bad.decorators:
        if name not in good.decorators and notation.decorated:
            texts = [*(text.replace("{decorator}", name) for text in notation.decorated), f"{name}(...)"]
            either = {"pattern-either": [{"pattern": text} for text in texts]}
            yield Draft(
                {"patterns": [either]},
                "contrast:decorator",
                36,
                f"`{name}` decorates a definition",
                "decorate it as the fix does",
            )


def _of_constant(name: str, good: Sequence[str]) -> Draft:
    """A constant by its name; where a word of it is weak, any of the same place that is as weak."""
    module, _, last = name.rpartition(".")
    weak = weak_in(last)
    regex = weak.in_its_place(last, [one.rpartition(".")[2] for one in good]) if weak is not None else None
    what, instead = f"`{name}` is used", "use what the fix uses"
    if regex is None:
        return Draft({"patterns": [{"pattern": name}]}, "contrast:constant", 37, what, instead)
    held: JsonObject = {"metavariable-regex": {"metavariable": "$CONSTANT", "regex": regex}}
    return Draft({"patterns": [{"pattern": f"{module}.$CONSTANT"}, held]}, "contrast:constant", 11, what, instead)
