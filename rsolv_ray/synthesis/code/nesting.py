"""How is a setting written inside the blocks around it, and a block that lacks one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.entries import Change, Entry, Layout, Shape

__all__ = ["Nesting"]


@dataclass(frozen=True)
class Nesting:
    """Writes patterns of settings with the blocks of a path around them. `quiet`: names that say which thing a block is."""

    layout: Layout
    quiet: frozenset[str]

    def at(self, path: Sequence[Entry], given: str) -> list[JsonObject]:
        """A setting inside the blocks around it; where no pattern tells how deep it stands, anywhere inside the outer ones."""
        told = self._told(path)
        far = max((at for at, entry in enumerate(told) if entry.shape is Shape.FAR), default=None)
        if far is None:
            return [{"pattern": self.nest(told, given)}]
        around = self._around(path[: len(path) - len(told) + far + 1])
        return [*around, {"pattern": self.nest(told[far + 1 :], given)}]

    def nest(self, path: Sequence[Entry], inner: str | None) -> str | None:
        """A pattern inside the patterns of blocks; None where it is none, or where one of them has no pattern."""
        for entry in reversed(path):
            inner = self.layout.within(entry, inner) if inner is not None else None
        return inner

    def lacking(self, change: Change, settings: Sequence[str | None]) -> list[JsonObject] | None:
        """The block of a change where it holds none of some settings, or None where that cannot be written."""
        told = self._told(change.path)
        if told and told[-1].shape is not Shape.FAR:
            return self._lacking_in(told, settings)
        return self._lacking_beside(change, settings) if self.layout.beside is not None else None

    def _lacking_in(self, told: tuple[Entry, ...], settings: Sequence[str | None]) -> list[JsonObject] | None:
        whole = self.nest(told[:-1], self.layout.within(told[-1], None))
        unless = [self.nest(told, one) for one in settings]
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
        focus: list[JsonObject] = [{"focus-metavariable": "$ANCHOR"}] if kept == "$ANCHOR" else []
        unless: list[JsonObject] = [{"pattern-not": beside(known, one)} for one in settings]
        return [*self._around(change.path), {"pattern": beside(known, None)}, *unless, *focus]

    def _anchor(self, change: Change) -> Entry | None:
        """A setting beside the change that both sides have, one that tells before any other."""
        both = {entry.name for entry in change.twins[-1].below} if change.twins else None
        plain = [
            one
            for one in change.beside
            if one.shape is Shape.VALUE and one.value is not None and (both is None or one.name in both)
        ]
        return min(plain, key=lambda one: (one.name not in self.layout.telling, one.name in self.quiet), default=None)

    def _around(self, path: Sequence[Entry]) -> list[JsonObject]:
        """The innermost block around that a pattern can tell."""
        for at in range(len(path) - 1, -1, -1):
            held = self.nest(path[:at] if self.layout.levels is None else (), self.layout.within(path[at], None))
            if held is not None:
                return [{"pattern-inside": held}]
        return []

    def _told(self, path: Sequence[Entry]) -> tuple[Entry, ...]:
        levels = self.layout.levels
        return tuple(path) if levels is None else tuple(path[-levels:])
