"""What did the fix change?

Both sides are read as a sequence of units: simple statements, and the heads of compound ones (`if x:` without its
body; a call without the bodies of the functions it is given). Units that differ only in layout or comments are equal, so formatting falls away by itself; equal units that were
moved or indented anew are dropped, too. What is left is grouped into hunks, and what each hunk did to its calls is told
as one change of a call: argument, keyword, callee, wrapper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rsolv_ray.synthesis.code.syntax import Node, Tree, head_of
from rsolv_ray.synthesis.languages.grammar import BLOCKS, COMPOUNDS, FUNCTIONS, STRINGS

MAX_HUNKS = 100
MAX_CHANGED = 400
"""A change with more separate edits, or more changed units, than this is no fix of one weakness."""
_FEW_WORDS = 8
_ALIKE = 0.4
"""Code of eight words or more, with a smaller share of them in common, was not made one of the other."""
_MANY_UNITS = 2_000
"""In sides longer than this, units that come again and again are not used to find what is equal: it would take minutes."""


@dataclass(frozen=True)
class Hunk:
    """Units that were replaced by others; one side may be empty. `follows` is the unit of the before side that comes
    next, and `after_follows` that of the after side: for a pure insertion, the code that it protects."""

    before: tuple[Node, ...]
    after: tuple[Node, ...]
    follows: Node | None = None
    after_follows: Node | None = None

    @property
    def only_adds(self) -> bool:
        return not self.before


def is_too_wide(found: Sequence[Hunk]) -> bool:
    """Whether there is too much to learn from."""
    return len(found) > MAX_HUNKS or sum(len(hunk.before) + len(hunk.after) for hunk in found) > MAX_CHANGED


def is_edit(before: Tree, after: Tree) -> bool:
    """Whether one side may have been made of the other: a bad and a good function are told by their different names, other code by
    having nothing in common."""
    old, new = _defined(before), _defined(after)
    if old and new and old.isdisjoint(new):
        return False
    first, second = _words(before), _words(after)
    if min(len(first), len(second)) < _FEW_WORDS or max(len(first), len(second)) > _MANY_UNITS:
        return True
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= _ALIKE


def is_mostly_kept(before: Tree, after: Tree) -> bool:
    """Whether most of the before side stands in the after side as it was, so that what differs is what the fix did."""
    old = _without_imports(list(units(before.root)))
    kept = {unit.key for unit in units(after.root)}
    return 2 * sum(unit.key in kept for unit in old) > len(old)


def _words(tree: Tree) -> list[str]:
    """The words of a side, without those of its imports."""
    found = _without_imports(list(units(tree.root)))
    return [node.text for unit in found for node in unit.walk() if not node.children]


def _without_imports(found: Sequence[Node]) -> tuple[Node, ...]:
    return tuple(unit for unit in found if not unit.kind.startswith("import"))


def _defined(tree: Tree) -> set[str]:
    """The names of the outermost functions and classes."""
    found: set[str] = set()
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        name = node.field("name") if node.kind in ("function_definition", "class_definition") else None
        if name is not None:
            found.add(name.text)
        elif node.kind not in FUNCTIONS:
            waiting.extend(node.parts)
    return found


def hunks(before: Tree, after: Tree) -> tuple[Hunk, ...]:
    """The edits between two sides, in the order of the text; the whole of both, where one is not made of the other."""
    if not is_edit(before, after):
        old, new = list(units(before.root)), list(units(after.root))
        return (Hunk(_without_imports(old), _without_imports(new)),)
    return _without_moves(aligned(before, after))


def aligned(before: Tree, after: Tree) -> list[Hunk]:
    """The edits between two sides with what was only moved."""
    old, new = list(units(before.root)), list(units(after.root))
    first, last = common_ends([unit.key for unit in old], [unit.key for unit in new])
    middle = [unit.key for unit in old[first : len(old) - last]], [unit.key for unit in new[first : len(new) - last]]
    matcher = SequenceMatcher(None, *middle, autojunk=max(map(len, middle)) > _MANY_UNITS)
    return [
        Hunk(
            tuple(old[i + first : j + first]),
            tuple(new[k + first : m + first]),
            _at(old, j + first),
            _at(new, m + first),
        )
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]


def common_ends(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int]:
    """How many members are equal at the beginning, and how many of the rest at the end."""
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - first
    last = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return first, last


def units(root: Node) -> Iterator[Node]:
    """Simple statements, for a compound statement each part of its head, and for one that holds functions with a body
    its head: the statement without those bodies, which are read for themselves."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.kind in BLOCKS or node.kind in COMPOUNDS:
            waiting.extend(reversed([child for child in node.parts if not _is_docstring(child)]))
        elif node.holds_blocks:
            yield head_of(node)
            waiting.extend(reversed(_bodies(node)))
        else:
            yield node


def _bodies(node: Node) -> list[Node]:
    """The outermost blocks inside an expression or a simple statement."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.kind in BLOCKS:
            found.append(one)
        else:
            waiting.extend(reversed(one.children))
    return found


def _is_docstring(node: Node) -> bool:
    stands_alone = node.kind == "expression_statement" and len(node.parts) == 1 and node.parts[0].kind in STRINGS
    return stands_alone and not node.grammar.bare_statements


def _at(nodes: Sequence[Node], index: int) -> Node | None:
    return nodes[index] if index < len(nodes) else None


def _without_moves(found: Sequence[Hunk]) -> tuple[Hunk, ...]:
    removed = Counter(unit.key for hunk in found for unit in hunk.before)
    added = Counter(unit.key for hunk in found for unit in hunk.after)
    moved = frozenset(removed & added)
    kept = [_without(hunk, moved) for hunk in found]
    return tuple(hunk for hunk in kept if hunk.before or hunk.after)


def _without(hunk: Hunk, moved: frozenset[int]) -> Hunk:
    return Hunk(
        tuple(unit for unit in hunk.before if unit.key not in moved),
        tuple(unit for unit in hunk.after if unit.key not in moved),
        hunk.follows,
        hunk.after_follows,
    )
