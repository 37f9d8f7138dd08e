"""What is set in a piece of configuration, and what does a fix set otherwise?

Blocks of Terraform, mappings of YAML and elements of HTML are all the same here: entries with a name, which are given a value or
hold entries. Both sides are laid side by side level by level: what is equal falls away, the rest is paired by name and labels, in
the order of the text. What is left is a setting with another value, one that is only there after the fix, or only before.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rsolv_ray.synthesis.code.syntax import Node, Tree

__all__ = ["Change", "Entry", "Layout", "Shape", "compared"]


class Shape(StrEnum):
    """What an entry is. `FAR`: it holds others at some depth that its pattern does not tell (a list, a call)."""

    VALUE = "value"
    LIST = "list"
    BLOCK = "block"
    OBJECT = "object"
    FAR = "far"


@dataclass(frozen=True, eq=False)
class Entry:
    """Something that is set. `value` is what it is given, None of a block; `items` are the plain members of a list, and `labels` what a
    block is called beside its name."""

    name: str
    node: Node
    shape: Shape
    labels: tuple[str, ...] = ()
    value: Node | None = None
    items: tuple[Node, ...] = ()
    below: tuple[Entry, ...] = ()


@dataclass(frozen=True, eq=False)
class Change:
    """A setting that differs. `path` holds the blocks around it on the before side, outermost first, `twins` those of the after
    side, and `beside` what stands in the innermost. One of `old` and `new` may be None; `item` was taken out of a list."""

    path: tuple[Entry, ...]
    twins: tuple[Entry, ...]
    old: Entry | None
    new: Entry | None
    beside: tuple[Entry, ...]
    item: Node | None = None

    @property
    def name(self) -> str:
        entry = self.old or self.new
        return entry.name if entry else ""

    def lines_before(self, levels: int | None) -> set[int]:
        """Where a rule of this may fire: at the setting, or at the block where it is missing. `levels`: of how many blocks around it
        the rule may tell."""
        told = self.path if levels is None else self.path[-levels:]
        if self.old is not None:
            return self.old.node.lines() | {entry.node.line for entry in told}
        return told[0].node.lines() if told else {line for entry in self.beside for line in entry.node.lines()}

    def lines_after(self, levels: int | None) -> set[int]:
        """Where it must not."""
        told = self.twins if levels is None else self.twins[-levels:]
        around = told[0].node.lines() if told else set[int]()
        return around | (self.new.node.lines() if self.new is not None else set())


@dataclass(frozen=True)
class Layout:
    """How the settings of a language are read, and written as patterns.

    Attributes:
        entries: what a file sets, at its outermost level.
        within: the pattern of a block that holds a pattern, or anything; None where no pattern tells how deep that stands.
        given: how a setting is given a value.
        written: a regular expression of texts that stand in the file.
        levels: how many of the blocks around a setting its pattern tells, from the inside; None: all.
        literal: the text of a value that is a constant, without its quotes, or None.
        a_list: how a setting is given a list that holds `$VALUE`.
        beside: the pattern of a block that is known by a setting in it, with another or without; None where blocks have names.
        telling: settings that say what a block is by their value.
        unknown: values that are known only when the code is run.
        names_tell: whether the name of a setting of several words means the same in any block.
        text_counts: whether a rule may look at what stands between settings, too.
        focus: the metavariable that stands for the place of a block whose setting is missing, or None.
    """

    entries: Callable[[Tree], tuple[Entry, ...]]
    within: Callable[[Entry, str | None], str | None]
    given: Callable[[str, str], str]
    literal: Callable[[Node], str | None]
    a_list: Callable[[str], str]
    beside: Callable[[str, str | None], str] | None = None
    telling: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    written: str = r"""^["']?[^"'${}<>\s]+["']?$"""
    levels: int | None = None
    names_tell: bool = True
    text_counts: bool = False
    focus: str | None = None


def compared(old: Sequence[Entry], new: Sequence[Entry]) -> list[Change]:
    """Every setting that differs, in the order of the text, what is only there after the fix last."""
    return list(_compared(old, new, (), ()))


def _compared(
    old: Sequence[Entry], new: Sequence[Entry], path: tuple[Entry, ...], twins: tuple[Entry, ...]
) -> Iterator[Change]:
    for one, other in _paired(old, new):
        if one is None or other is None:
            yield Change(path, twins, one, other, tuple(old))
        elif one.below and other.below:
            yield from _compared(one.below, other.below, (*path, one), (*twins, other))
        elif one.items and other.items:
            kept = {item.key for item in other.items}
            gone = [item for item in one.items if item.key not in kept]
            yield from (Change(path, twins, one, other, tuple(old), item) for item in gone)
        else:
            yield Change(path, twins, one, other, tuple(old))


def _paired(old: Sequence[Entry], new: Sequence[Entry]) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Entries that differ, each with its counterpart: one of the same labels before one of the same kind, before any of its name."""
    same = {one.node.key for one in old} & {one.node.key for one in new}
    left = [one for one in old if one.node.key not in same]
    right = [one for one in new if one.node.key not in same]
    twins: dict[int, Entry] = {}
    taken: set[int] = set()
    for likeness in (_labels, _kind, _name):
        waiting = defaultdict[tuple[str, ...], deque[Entry]](deque)
        for two in right:
            if id(two) not in taken:
                waiting[likeness(two)].append(two)
        for one in left:
            if id(one) not in twins and (queue := waiting.get(likeness(one))):
                twins[id(one)] = queue.popleft()
                taken.add(id(twins[id(one)]))
    yield from ((one, twins.get(id(one))) for one in left)
    yield from ((None, one) for one in right if id(one) not in taken)


def _labels(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.labels)


def _kind(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.labels[:1])


def _name(entry: Entry) -> tuple[str, ...]:
    return (entry.name,)
