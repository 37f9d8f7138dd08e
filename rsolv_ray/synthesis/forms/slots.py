"""In which argument do the bad call and the good ones differ, and how is that said in a pattern?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.values import Kind, Value, told_apart
from rsolv_ray.synthesis.forms.features import Made

_TEXT = '"..."'
_OWN_WORD = re.compile(r"[a-z][A-Z_-]|_")
_LEAST_WORDS = 7
_LONGEST_LIST = 4
_OPTION = 8
"""How little an option says that the good side does not give at all."""


@dataclass(frozen=True)
class Difference:
    """How one slot of a call differs.

    Attributes:
        slot: a position, from 0, or an option's name.
        form: what kind of difference it is.
        pattern: what stands in the slot on the bad side, as a pattern.
        what, instead: in words for people.
        strength: how little it says, from 0.
        conditions: what the metavariables in the pattern have to be.
        unless: patterns of what the good side gives in the slot.
        lacks: whether it is the bad side that does not give it.
        is_last: whether nothing may stand behind the slot.
        speaks_alone: whether the slot with its value says enough, whatever is called.
        is_marked: whether the value is weak by what it is, so that siblings of the call are as bad with it.
    """

    slot: int | str
    form: str
    pattern: str
    what: str
    instead: str
    strength: int
    conditions: tuple[JsonObject, ...] = ()
    unless: tuple[str, ...] = ()
    lacks: bool = False
    is_last: bool = False
    speaks_alone: bool = False
    is_marked: bool = False


def differences(bad: Made, good: Sequence[Made]) -> Iterator[Difference]:
    """The slots of a call that no good call of the same name fills alike."""
    for slot, value in bad.slots.items():
        others = [one.slots[slot] for one in good if slot in one.slots]
        if any(_alike(one, value) for one in others):
            continue
        found = _differs(slot, value, others, bad)
        if found is not None:
            yield found
    is_other = any(isinstance(slot, str) and not any(slot in one.slots for one in good) for slot in bad.slots)
    for slot in dict.fromkeys(slot for one in good for slot in one.slots):
        if is_other and isinstance(slot, str):
            continue
        given = [one.slots.get(slot) for one in good]
        if slot not in bad.slots and all(one is not None for one in given):
            yield _lacking(slot, [one for one in given if one is not None])


_SETTLED = (
    r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|(?:\w+[.:]+)?_*[A-Z][A-Z0-9_]*\b|__\w+\b|[0-9]+"
    r"|(?:os\.)?path\.\w+|File\.join|dirname|realpath|new \w+\[\]|[-.,+&|(){}\[\]\s]"
)
VARIES: JsonObject = {"metavariable-regex": {"metavariable": "$VALUE", "regex": rf"(?s)^(?!(?>(?:{_SETTLED})+)$)"}}
"""A value that is not put together of texts, of constants, and of where the program lies."""
COMPUTED = Difference(
    0, "computed", "$VALUE", "with a value that is not fixed", "give it a fixed value", 6, unless=(_TEXT,)
)
"""The first argument of a call, where nothing says what the good side would give it."""


def weak_slots(bad: Made, good: Sequence[Value]) -> Iterator[Difference]:
    """The slots of a call that no good call answers to, where the value is weak by what it is, and no good value holds it."""
    for slot, value in bad.slots.items():
        if value.kind in (Kind.TEXT, Kind.LIST, Kind.CONSTANT):
            found = _fixed(slot, value, good)
            if found is not None and found.is_marked:
                yield found


def _alike(one: Value, other: Value) -> bool:
    return one.kind is other.kind and (one.text == other.text if one.is_fixed else one.node.key == other.node.key)


def _differs(slot: int | str, value: Value, others: Sequence[Value], bad: Made) -> Difference | None:
    if value.is_fixed:
        found = _fixed(slot, value, others)
        is_option = isinstance(slot, str) and not others
        return _more(slot, bad) if is_option and (found is None or found.strength > _OPTION) else found
    if not others:
        return _more(slot, bad)
    if all(one.is_fixed for one in others):
        what = "with a value that is not fixed"
        unless = tuple(dict.fromkeys([_TEXT, *(text for one in others for text in _open(one))]))
        return Difference(slot, "computed", "$VALUE", what, "give it a fixed value", 6, (VARIES,), unless)
    return None


def _fixed(slot: int | str, value: Value, others: Sequence[Value]) -> Difference | None:
    """A fixed value: as it is told apart from fixed ones, or, where the good side computes it, by its kind."""
    fixed = [one for one in others if one.is_fixed]
    telling = told_apart(value, fixed)
    if others and not fixed and value.kind is Kind.TEXT and (telling is None or telling.strength > 1):
        return Difference(
            slot,
            "written",
            _TEXT,
            "with a text that is written in the code",
            "read it from outside the code",
            6,
            speaks_alone=_is_own(slot),
        )
    if telling is None:
        return None
    instead = f"give it {_told(others)}" if others else "leave it out"
    words = f"with {telling.shown}" if isinstance(slot, int) else f"with `{slot}` as {telling.shown}"
    return Difference(
        slot, "value", "$VALUE", words, instead, telling.strength + (0 if isinstance(slot, str) else 2), (telling.condition("$VALUE"),),
        speaks_alone=_is_own(slot) and telling.strength < 3, is_marked=telling.strength < 2 and value.kind in (Kind.TEXT, Kind.LIST),
    )  # fmt: skip


def _is_own(slot: int | str) -> bool:
    """Whether an option is named by several words, so that it says what it is whatever is called."""
    return isinstance(slot, str) and (_OWN_WORD.search(slot) is not None or len(slot) >= _LEAST_WORDS)


def _more(slot: int | str, bad: Made) -> Difference | None:
    """Something is given that the good side does not give at all."""
    if isinstance(slot, str):
        return Difference(slot, "option", "$VALUE", f"with `{slot}`", f"leave `{slot}` out", _OPTION)
    if slot != len([one for one in bad.slots if isinstance(one, int)]) - 1:
        return None
    return Difference(slot, "more", "$VALUE", f"with {slot + 1} arguments", "leave the last one out", 24)


def _lacking(slot: int | str, given: Sequence[Value]) -> Difference:
    told, unless = _told(given), ("$ANY",)
    if given[0].kind is Kind.SWITCH:
        unless = (given[0].text,)
    if isinstance(slot, str):
        return Difference(
            slot, "lacks", "", f"without `{slot}`", f"give it `{slot}`, as {told}", 10, unless=unless, lacks=True
        )
    return Difference(
        slot, "lacks", "", f"with fewer than {slot + 1} arguments", f"give it {told}", 14, unless=("$ANY",), lacks=True
    )


def _open(value: Value) -> list[str]:
    """What stands for all values like one."""
    if value.kind is Kind.LIST:
        first, last = value.node.text[0], value.node.text[-1]
        return [f"{first}{', '.join([_TEXT] * count)}{last}" for count in range(1, _LONGEST_LIST + 1)]
    return [value.text] if value.kind is not Kind.TEXT else []


def _told(values: Sequence[Value]) -> str:
    text = values[0].node.text if values else ""
    return f"`{text}`" if 0 < len(text) <= 40 and "\n" not in text else "another value"
