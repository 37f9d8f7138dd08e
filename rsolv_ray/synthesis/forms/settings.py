"""Which setting does the fix change, and where else is it wrong?

What is switched on by a fix was off, or was not set: what nobody sets is false, in the defaults of most tools. So a setting that was
changed is looked for with its old value, and one that was switched on, or added, wherever it is missing, in blocks of the same kind.
What is kept of a value depends on it: a switch as it is, a number as a bound, of a text the scheme or the word that says that it is
weak (`values`), of a password that it is written down. The names of settings say which of several changes mends a weakness
(`alike` in the catalogue), and one that says it all by itself is looked for in any block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Catalogue, Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.edits import MAX_HUNKS
from rsolv_ray.synthesis.code.entries import Change, Entry, Layout, Shape, compared
from rsolv_ray.synthesis.code.held_texts import SCRIPTS, gone
from rsolv_ray.synthesis.code.layouts import LAYOUTS
from rsolv_ray.synthesis.code.nesting import Nesting
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.code.values import Kind, Telling, Value, told_apart
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

__all__ = ["drafts"]

_ON, _OFF = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})
_OWN_KIND, _OTHER_KIND, _NO_KIND, _QUIET = 0, 4, 12, 45
"""What is added to the rank of a change by what its name says: the fix's kind of weakness, another, none, or that it is no weakness."""
_SEVERAL_WORDS = re.compile(r"[a-z0-9][A-Z_-]")
_CHOICE = re.compile(r"^[A-Za-z][A-Za-z_-]*$")
_SECRET = re.compile(r"(password|passwd|secret|token|api_?key|access_?key|private_?key|credentials?)$", re.IGNORECASE)
_SCHEME = re.compile(r"^([a-z][a-z0-9+]*):(.*)$", re.IGNORECASE | re.DOTALL)


def drafts(before: Tree, after: Tree, families: Sequence[Family]) -> list[Draft]:
    """Search rules for the settings that changed."""
    layout, catalogue = LAYOUTS[before.language], CATALOGUES[before.language]
    proposer = _Proposer(layout, catalogue, families, Nesting(layout, catalogue.names.quiet))
    changes = compared(layout.entries(before), layout.entries(after))
    if len(changes) > MAX_HUNKS:
        return []
    return [draft for change in changes for draft in proposer.of(change)]


@dataclass(frozen=True)
class _Proposer:
    layout: Layout
    catalogue: Catalogue
    families: Sequence[Family]
    nesting: Nesting

    def of(self, change: Change) -> Iterator[Draft]:
        if change.old is not None and change.old.below and change.new is None:
            for *around, leaf in _leaves(change.old):
                taken = replace(change, path=(*change.path, *around), old=leaf)
                yield from self._set(taken, leaf)
        elif change.old is not None:
            yield from self._set(change, change.old)
        if change.new is not None:
            yield from self._missing(change, change.new)

    def _set(self, change: Change, old: Entry) -> Iterator[Draft]:
        """The setting with its old value, or with a member of its old list."""
        node = change.item or old.value
        if node is None or old.shape not in (Shape.VALUE, Shape.LIST):
            return
        value, new = self._value(node), self._value(change.new.value if change.new is not None else None)
        yield from self._texts(change, old, node)
        telling = self._telling(value, new) if value is not None else None
        if value is None or telling is None:
            return
        if value.kind is Kind.TEXT and new is None and _SECRET.search(old.name) and change.item is None:
            yield self._written_down(old, change)
        given = self.layout.a_list(old.name) if change.item is not None else self.layout.given(old.name, "$VALUE")
        kept: list[JsonObject] = [*_kept(telling), {"focus-metavariable": "$VALUE"}]
        rank = (12 if value.kind is Kind.SWITCH else 14) + 3 * telling.strength + self._weight(change)
        what = f"`{self.layout.given(old.name, value.node.text)}` is set"
        instead = f"set `{self.layout.given(old.name, new.node.text)}`" if new else f"leave `{old.name}` out"
        mended = _mended(value, new) if change.item is None else {}
        if telling.strength == 0 and self.layout.names_tell and _SEVERAL_WORDS.search(old.name):
            anywhere: JsonObject = {"patterns": [{"pattern": given}, *kept], **mended}
            yield Draft(anywhere, "setting:changed", rank - 1, what, instead)
        body: JsonObject = {"patterns": [*self.nesting.at(change.path, given), *kept], **mended}
        yield Draft(body, "setting:changed", rank, what, instead)

    def _written_down(self, old: Entry, change: Change) -> Draft:
        """A secret that stands in the file: any text for any setting whose name ends as this one's."""
        word = _SECRET.findall(old.name)[0].lower()
        body: JsonObject = {
            "patterns": [
                {"pattern": self.layout.given("$KEY", "$VALUE")},
                {"metavariable-regex": {"metavariable": "$KEY", "regex": f"(?i).*{word}$"}},
                {"metavariable-regex": {"metavariable": "$VALUE", "regex": self.layout.written}},
                {"focus-metavariable": "$VALUE"},
            ]
        }
        if not self.layout.names_tell:
            body = {"patterns": [*self.nesting.at(change.path, self.layout.given(old.name, "$VALUE"))]}
        return Draft(body, "setting:secret", 13, f"`{old.name}` stands in the file", "take it from a store of secrets")

    def _texts(self, change: Change, old: Entry, node: Node) -> Iterator[Draft]:
        """A text that holds something which it holds no more; of settings that hold code, any of them."""
        if not self.layout.names_tell:
            return
        after = change.new.value.text if change.new is not None and change.new.value is not None else ""
        is_code = old.name in SCRIPTS
        given = self.layout.given("$KEY" if is_code else old.name, "$VALUE")
        names: JsonObject = {
            "metavariable-regex": {"metavariable": "$KEY", "regex": f"^({'|'.join(sorted(SCRIPTS))})$"}
        }
        pattern: JsonObject = {"pattern": given} if is_code else self.nesting.at(change.path[-1:], given)[-1]
        for piece in gone(old.name, node.text, after):
            held: JsonObject = {"metavariable-regex": {"metavariable": "$VALUE", "regex": piece.regex}}
            body: JsonObject = {"patterns": [pattern, *([names] if is_code else []), held]}
            yield Draft(body, "setting:text", piece.rank + (0 if is_code else 4), piece.what, piece.instead)

    def _missing(self, change: Change, new: Entry) -> Iterator[Draft]:
        """Blocks of this kind in which the setting is not what the fix made it."""
        old = self._value(change.old.value) if change.old is not None else None
        for chain in _leaves(new):
            value = self._value(chain[-1].value) if chain[-1].shape is Shape.VALUE else None
            is_anew = old is not None and value is not None and _chosen_anew(old, value, self._weight(change, chain))
            says_nothing = self._weight(change, chain) >= _NO_KIND and (value is None or value.kind is not Kind.SWITCH)
            if is_anew or (change.old is None and not says_nothing):
                yield from self._without(change, chain, value)
        if change.old is None and new.below:
            yield from self._without(change, (new,), None)

    def _without(self, change: Change, chain: Sequence[Entry], value: Value | None) -> Iterator[Draft]:
        leaf = chain[-1]
        is_choice = value is not None and (value.kind is Kind.SWITCH or _CHOICE.match(value.text) is not None)
        is_switch = value is not None and value.kind is Kind.SWITCH
        unless = [value.node.text, *self.layout.unknown] if value is not None and is_choice else ["$ANY"]
        given = [self.layout.given(leaf.name, one) for one in unless]
        settings = [self.layout.within(leaf, None)] if leaf.below else given
        operators = self.nesting.lacking(change, [self.nesting.nest(chain[:-1], one) for one in settings])
        if operators is None:
            return
        shown = ".".join(entry.name for entry in chain)
        told = f"`{shown}` to `{value.text}`" if value is not None else f"`{shown}`"
        rank = (16 if is_switch else 20) + (4 if change.old is not None else 0) + self._weight(change, chain)
        if value is not None and is_switch and self.layout.beside is not None and _SEVERAL_WORDS.search(leaf.name):
            operators = self._or_opposite(operators, leaf, value)
        yield Draft({"patterns": [*operators]}, "setting:missing", rank, f"`{shown}` is not set", f"set {told}")

    def _or_opposite(self, lacking: Sequence[JsonObject], leaf: Entry, value: Value) -> list[JsonObject]:
        """A block that lacks a switch, or the switch in its other position anywhere."""
        other = _OFF if value.text.lower() in _ON else _ON
        set_wrong: list[JsonObject] = [
            {"pattern": self.layout.given(leaf.name, "$VALUE")},
            {"metavariable-regex": {"metavariable": "$VALUE", "regex": f"(?i){_whole(*sorted(other))}"}},
            {"focus-metavariable": "$VALUE"},
        ]
        return [{"pattern-either": [{"patterns": [*lacking]}, {"patterns": [*set_wrong]}]}]

    def _value(self, node: Node | None) -> Value | None:
        text = self.layout.literal(node) if node is not None else None
        if node is None or text is None:
            return None
        if text.lower() in _ON | _OFF:
            return Value(node, Kind.SWITCH, text)
        return Value(node, Kind.NUMBER if re.fullmatch(r"-?\d+", text) else Kind.TEXT, text)

    def _telling(self, value: Value, new: Value | None) -> Telling | None:
        """What tells the value from the new one; one among those that do the same harm stands for all of them."""
        group = next((group for group in self.catalogue.names.together if value.text in group), None)
        if group is not None:
            return Telling(_whole(*group), None, 0, value.text)
        if value.kind is Kind.SWITCH:
            return Telling(_whole(value.text), None, 0, value.text)
        telling = told_apart(value, [new] if new is not None else [])
        if telling is not None and value.kind is Kind.NUMBER and telling.regex is not None:
            return Telling(_whole(value.text), None, telling.strength, value.text)
        return telling

    def _weight(self, change: Change, chain: Sequence[Entry] = ()) -> int:
        """What the names of a setting, and of the blocks that hold it alone, say of it."""
        around = change.path if self.layout.levels is not None else change.path[1:]
        entries = [*around, *(chain or [entry for entry in (change.old,) if entry])]
        last = entries[-1].name.lower() if entries else ""
        if last in self.catalogue.names.quiet:
            return _QUIET
        names = " ".join(entry.name for entry in entries[-2:]).lower()
        if any(re.search(family.alike, names) for family in self.families if family.alike):
            return _OWN_KIND
        known = self.catalogue.families
        return _OTHER_KIND if any(re.search(one.alike, names) for one in known if one.alike) else _NO_KIND


def _leaves(entry: Entry) -> list[tuple[Entry, ...]]:
    """Every setting of a block, with the blocks that lead to it."""
    if not entry.below or entry.shape is Shape.FAR:
        return [(entry,)]
    return [(entry, *chain) for one in entry.below for chain in _leaves(one)]


def _chosen_anew(old: Value, new: Value, weight: int) -> bool:
    """Whether something was switched on, or another word was chosen among those that a tool knows, by a name that tells."""
    if old.kind is new.kind is Kind.SWITCH:
        return old.text.lower() in _OFF and new.text.lower() in _ON
    return (
        weight == _OWN_KIND and old.kind is new.kind is Kind.TEXT and all(_CHOICE.match(one.text) for one in (old, new))
    )


def _mended(value: Value, new: Value | None) -> JsonObject:
    """The new value in place of the old one; of two addresses that differ in their scheme, the scheme alone."""
    if new is None:
        return {}
    old_scheme, new_scheme = _SCHEME.match(value.text), _SCHEME.match(new.text)
    if old_scheme is None or new_scheme is None:
        return {"fix": new.node.text}
    if old_scheme[2] != new_scheme[2]:
        return {}
    return {
        "fix-regex": {"regex": rf"(?i)\b{re.escape(old_scheme[1])}:", "replacement": f"{new_scheme[1]}:", "count": 1}
    }


def _whole(*texts: str) -> str:
    return f"""^["']?({"|".join(map(re.escape, texts))})["']?$"""


def _kept(telling: Telling) -> list[JsonObject]:
    if telling.comparison is not None:
        return [{"metavariable-comparison": {"metavariable": "$VALUE", "comparison": f"$VALUE {telling.comparison}"}}]
    return [{"metavariable-regex": {"metavariable": "$VALUE", "regex": telling.regex}}]
