"""Which setting does the fix change, and where else is it wrong?

What is switched on by a fix was off, or was not set: what nobody sets is false, in the defaults of most tools. So a setting that was
changed is looked for with its old value, and one that was switched on, or added, wherever it is missing, in blocks of the same kind.
What is kept of a value depends on it: a switch as it is, a number as a bound, of a text the scheme or the word that says that it is
weak (`values`). The names of settings say which of several changes mends a weakness (`alike` in the catalogue).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.entries import Change, Entry, Layout, Shape, compared
from rsolv_ray.synthesis.families import Family
from rsolv_ray.synthesis.layouts import LAYOUTS
from rsolv_ray.synthesis.semgrep_rule import Draft
from rsolv_ray.synthesis.syntax import Node, Tree
from rsolv_ray.synthesis.values import Kind, Telling, Value, told_apart
from rsolv_ray.synthesis.weaknesses import CATALOGUES

__all__ = ["drafts"]

_ON, _OFF = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})
_OWN_KIND, _OTHER_KIND, _NO_KIND, _QUIET = 0, 4, 12, 45
"""What is added to the rank of a change by what its name says: the fix's kind of weakness, another, none, or that it is no weakness."""


def drafts(before: Tree, after: Tree, families: Sequence[Family]) -> list[Draft]:
    """Search rules for the settings that changed."""
    layout = LAYOUTS[before.language]
    proposer = _Proposer(layout, before.language, families)
    return [
        draft for change in compared(layout.entries(before), layout.entries(after)) for draft in proposer.of(change)
    ]


@dataclass(frozen=True)
class _Proposer:
    layout: Layout
    language: str
    families: Sequence[Family]

    def of(self, change: Change) -> Iterator[Draft]:
        if change.old is not None:
            yield from self._set(change, change.old)
        if change.new is not None:
            yield from self._missing(change, change.new)

    def _set(self, change: Change, old: Entry) -> Iterator[Draft]:
        """The setting with its old value, or with a member of its old list."""
        node = change.item or old.value
        value = self._value(node) if node is not None and old.shape in (Shape.VALUE, Shape.LIST) else None
        new = self._value(change.new.value) if change.new is not None and change.new.value is not None else None
        telling = _telling(value, new) if value is not None else None
        if value is None or telling is None:
            return
        given = self.layout.a_list(old.name) if change.item is not None else self.layout.given(old.name, "$VALUE")
        operators: list[JsonObject] = [
            *self._at(change.path, given),
            *_kept(self._together(value, telling)),
            {"focus-metavariable": "$VALUE"},
        ]
        body: JsonObject = {"patterns": [*operators]}
        if new is not None and change.item is None:
            body["fix"] = new.node.text
        told = self.layout.given(old.name, value.node.text)
        instead = f"set `{self.layout.given(old.name, new.node.text)}`" if new else f"leave `{old.name}` out"
        yield Draft(
            body,
            "setting:changed",
            _rank_of(value, telling, change) + self._weight(change),
            f"`{told}` is set",
            instead,
        )

    def _missing(self, change: Change, new: Entry) -> Iterator[Draft]:
        """Blocks of this kind in which the setting is not what the fix made it."""
        old = self._value(change.old.value) if change.old is not None and change.old.value is not None else None
        for chain in _leaves(new):
            leaf = chain[-1]
            value = self._value(leaf.value) if leaf.value is not None and leaf.shape is Shape.VALUE else None
            if change.old is None or (old is not None and value is not None and _switched_on(old, value)):
                yield from self._without(change, chain, value)
        if change.old is None and new.below:
            yield from self._without(change, (new,), None)

    def _without(self, change: Change, chain: Sequence[Entry], value: Value | None) -> Iterator[Draft]:
        is_switch = value is not None and value.kind is Kind.SWITCH
        unless = [value.text, *self.layout.unknown] if value is not None and is_switch else ["$ANY"]
        leaf = chain[-1]
        settings = (
            [self.layout.within(leaf, None)] if leaf.below else [self.layout.given(leaf.name, one) for one in unless]
        )
        operators = self._lacking(change, [self._nest(chain[:-1], one) for one in settings])
        if operators is None:
            return
        shown = ".".join(entry.name for entry in chain)
        told = f"`{shown}` to `{value.text}`" if value is not None else f"`{shown}`"
        rank = (16 if is_switch else 20) + self._weight(change, chain)
        yield Draft({"patterns": [*operators]}, "setting:missing", rank, f"`{shown}` is not set", f"set {told}")

    def _lacking(self, change: Change, settings: Sequence[str | None]) -> list[JsonObject] | None:
        """The block of a change where it holds none of some settings."""
        told = self._told(change.path)
        if told and told[-1].shape is not Shape.FAR:
            return self._lacking_in(told, settings)
        return self._lacking_beside(change, settings) if self.layout.beside is not None else None

    def _lacking_in(self, told: tuple[Entry, ...], settings: Sequence[str | None]) -> list[JsonObject] | None:
        whole, unless = (
            self._nest(told[:-1], self.layout.within(told[-1], None)),
            [self._nest(told, one) for one in settings],
        )
        if whole is None or None in unless:
            return None
        focus: list[JsonObject] = [{"focus-metavariable": self.layout.focus}] if self.layout.focus is not None else []
        return [{"pattern": whole}, *({"pattern-not": one} for one in unless), *focus]

    def _lacking_beside(self, change: Change, settings: Sequence[str | None]) -> list[JsonObject] | None:
        """The same of a block without a name of its own: it is known by another setting in it."""
        beside, anchor = self.layout.beside, self._anchor(change)
        if beside is None or anchor is None or anchor.value is None or None in settings:
            return None
        kept = anchor.value.text if anchor.name in self.layout.telling else "$ANCHOR"
        known = self.layout.given(anchor.name, kept)
        around = self._around(change.path)
        focus: list[JsonObject] = [{"focus-metavariable": "$ANCHOR"}] if kept == "$ANCHOR" else []
        unless: list[JsonObject] = [{"pattern-not": beside(known, one)} for one in settings]
        return [*around, {"pattern": beside(known, None)}, *unless, *focus]

    def _anchor(self, change: Change) -> Entry | None:
        """A setting beside the change that both sides have, one that tells before any other."""
        both = {entry.name for entry in (change.twins[-1].below if change.twins else ())} or {
            one.name for one in change.beside
        }
        plain = [
            one for one in change.beside if one.shape is Shape.VALUE and one.name in both and one.value is not None
        ]
        quiet = CATALOGUES[self.language].names.quiet
        return min(plain, key=lambda one: (one.name not in self.layout.telling, one.name in quiet), default=None)

    def _around(self, path: Sequence[Entry]) -> list[JsonObject]:
        """The innermost block around that a pattern can tell."""
        for at in range(len(path) - 1, -1, -1):
            held = self._nest(path[:at] if self.layout.levels is None else (), self.layout.within(path[at], None))
            if held is not None:
                return [{"pattern-inside": held}]
        return []

    def _at(self, path: Sequence[Entry], given: str) -> list[JsonObject]:
        """A setting inside the blocks around it; where no pattern tells how deep it stands, anywhere inside the outer ones."""
        told = self._told(path)
        far = max((at for at, entry in enumerate(told) if entry.shape is Shape.FAR), default=None)
        if far is None:
            return [{"pattern": self._nest(told, given)}]
        return [*self._around(path[: len(path) - len(told) + far + 1]), {"pattern": self._nest(told[far + 1 :], given)}]

    def _told(self, path: Sequence[Entry]) -> tuple[Entry, ...]:
        levels = self.layout.levels
        return tuple(path) if levels is None else tuple(path[-levels:])

    def _nest(self, path: Sequence[Entry], inner: str | None) -> str | None:
        """A pattern inside the patterns of blocks; None where it is none, or where one of them has no pattern."""
        for entry in reversed(path):
            inner = self.layout.within(entry, inner) if inner is not None else None
        return inner

    def _value(self, node: Node) -> Value | None:
        text = self.layout.literal(node)
        if text is None:
            return None
        if text.lower() in _ON | _OFF:
            return Value(node, Kind.SWITCH, text)
        return Value(node, Kind.NUMBER if re.fullmatch(r"-?\d+", text) else Kind.TEXT, text)

    def _together(self, value: Value, telling: Telling) -> Telling:
        """A value among those that do the same harm."""
        for group in CATALOGUES[self.language].names.together:
            if value.text in group:
                return Telling(_whole(*group), None, 0, telling.shown)
        return telling

    def _weight(self, change: Change, chain: Sequence[Entry] = ()) -> int:
        """What the names of a setting, and of the blocks that hold it alone, say of it."""
        around = change.path if self.layout.levels is not None else change.path[1:]
        entries = [*around, *(chain or [entry for entry in (change.old,) if entry])]
        last = entries[-1].name.lower() if entries else ""
        if last in CATALOGUES[self.language].names.quiet:
            return _QUIET
        names = " ".join(entry.name for entry in entries[-2:]).lower()
        if any(re.search(family.alike, names) for family in self.families if family.alike):
            return _OWN_KIND
        known = CATALOGUES[self.language].families
        return _OTHER_KIND if any(re.search(one.alike, names) for one in known if one.alike) else _NO_KIND


def _leaves(entry: Entry) -> list[tuple[Entry, ...]]:
    """Every setting of a block, with the blocks that lead to it."""
    if not entry.below or entry.shape is Shape.FAR:
        return [(entry,)]
    return [(entry, *chain) for one in entry.below for chain in _leaves(one)]


def _switched_on(old: Value, new: Value) -> bool:
    return old.kind is new.kind is Kind.SWITCH and old.text.lower() in _OFF and new.text.lower() in _ON


def _telling(value: Value, new: Value | None) -> Telling | None:
    if value.kind is Kind.SWITCH:
        return Telling(_whole(value.text), None, 0, value.text)
    telling = told_apart(value, [new] if new is not None else [])
    if telling is not None and value.kind is Kind.NUMBER and telling.regex is not None:
        return Telling(_whole(value.text), None, telling.strength, value.text)
    return telling


def _whole(*texts: str) -> str:
    return f"""^["']?({"|".join(map(re.escape, texts))})["']?$"""


def _kept(telling: Telling) -> list[JsonObject]:
    if telling.comparison is not None:
        return [{"metavariable-comparison": {"metavariable": "$VALUE", "comparison": f"$VALUE {telling.comparison}"}}]
    return [{"metavariable-regex": {"metavariable": "$VALUE", "regex": telling.regex}}]


def _rank_of(value: Value, telling: Telling, change: Change) -> int:
    if value.kind is Kind.SWITCH:
        return 12
    return (15 if change.item is not None else 14) + 3 * telling.strength
