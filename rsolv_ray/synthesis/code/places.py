"""Where must a rule fire on the before side, and where be silent on the after side?

At the units that changed, and at the units that a change reaches: those that use a name which a changed unit set, until the
name is set anew, and those that an inserted check stands before. A guard put before a call changes no line of the call,
and yet the call is the place; and a method that is called on an object completes the statement that made the object.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rsolv_ray.model.fix import FileChange
from rsolv_ray.model.rule import LineRange
from rsolv_ray.synthesis.code.building import names_bound, scope_of
from rsolv_ray.synthesis.code.edits import MAX_HUNKS, Hunk, common_ends, hunks, is_too_wide, units
from rsolv_ray.synthesis.code.entries import Layout, compared
from rsolv_ray.synthesis.code.layouts import LAYOUTS
from rsolv_ray.synthesis.code.syntax import Node, Tree, parse, unreadable
from rsolv_ray.synthesis.languages import GRAMMARS

_COMPARED_LINES = 2_000
"""A stretch longer than this counts as changed throughout: where one line stands again and again, comparing takes minutes."""


@dataclass(frozen=True)
class Places:
    """Lines of the dedented sides. Empty where nothing of a side takes part in the change."""

    before: tuple[LineRange, ...]
    after: tuple[LineRange, ...]


def places(change: FileChange) -> Places:
    """Where the change took place, by syntax where the language is known here, else by lines."""
    sides = (change.before, change.after)
    if change.language not in GRAMMARS or any(unreadable(side, change.language) for side in sides):
        return _by_lines(change)
    before, after = parse(change.before, change.language), parse(change.after, change.language)
    if change.language in LAYOUTS:
        found, lines = _of_settings(before, after, LAYOUTS[change.language]), _by_lines(change)
        if found is not None and LAYOUTS[change.language].text_counts:
            return Places(
                _ranges_of(_lines((*found.before, *lines.before))), _ranges_of(_lines((*found.after, *lines.after)))
            )
        return found or lines
    found = hunks(before, after)
    if not found or is_too_wide(found):
        return _by_lines(change)
    return Places(
        _ranges(_touched([(hunk.before, hunk.after, hunk.follows) for hunk in found])),
        _ranges(_touched([(hunk.after, hunk.before, hunk.after_follows) for hunk in found])),
    )


def _of_settings(before: Tree, after: Tree, layout: Layout) -> Places | None:
    """The settings that differ, and the blocks where one is missing."""
    changes = compared(layout.entries(before), layout.entries(after))
    if not changes or len(changes) > MAX_HUNKS:
        return None
    old = {line for change in changes for line in change.lines_before(layout.levels)}
    new = {line for change in changes for line in change.lines_after(layout.levels)}
    if any(change.old is None and not change.path for change in changes):
        new |= after.root.lines()
    return Places(_ranges_of(old), _ranges_of(new))


def _lines(ranges: Iterable[LineRange]) -> set[int]:
    return {line for one in ranges for line in range(one.first, one.last + 1)}


def _ranges_of(lines: Iterable[int]) -> tuple[LineRange, ...]:
    return _joined(sorted(lines))


def changed_units(found: Sequence[Hunk]) -> list[Node]:
    """The units of the before side that changed or that an inserted check stands before."""
    before = [unit for hunk in found for unit in hunk.before]
    return before + [hunk.follows for hunk in found if hunk.only_adds and hunk.follows is not None]


def _touched(sides: Iterable[tuple[tuple[Node, ...], tuple[Node, ...], Node | None]]) -> list[Node]:
    found: list[Node] = []
    for own, other, follows in sides:
        found += own
        names = _names_set(own) | _names_checked(own, calls=not other)
        names |= _names_checked(other, calls=False) if own else _names_used(other)
        start = own[-1] if own else follows
        if start is not None:
            found += [start, *_reached(start, names)] if not own else _reached(start, names)
            found += _headed(start, other) if not own else []
            if not own or not other:
                found += _completed(own[0] if own else start, own or other)
    return found


def _completed(start: Node, inserted: Sequence[Node]) -> list[Node]:
    """What statements that were put in complete: what set the things that they are about, or the call right before them."""
    found = _set_last(start, _receivers(inserted)) or _set_last(start, _names_checked(inserted, calls=False))
    if found:
        return found
    before = [unit for unit in units(scope_of(start)) if unit.start < start.start][-1:]
    return [unit for unit in before if unit.field_name is None and unit.has("call")]


def _set_last(start: Node, names: set[str]) -> list[Node]:
    """The last unit before `start`, in its function, that sets one of the names: what is put in after it completes it."""
    found = [unit for unit in units(scope_of(start)) if unit.start < start.start and _names_replaced(unit) & names]
    return found[-1:]


def _receivers(nodes: Sequence[Node]) -> set[str]:
    found = (node for top in nodes for node in top.walk() if node.kind == "identifier")
    return {node.text for node in found if node.field_name in ("object", "value")}


def _headed(start: Node, inserted: Sequence[Node]) -> list[Node]:
    """The name of the function whose head is given more, as by a modifier: all of the function is concerned."""
    is_in_head = any(one.parent is not None and one.parent.kind == "function_definition" for one in inserted)
    name = scope_of(start).field("name") if is_in_head else None
    return [name] if name is not None else []


def _reached(start: Node, names: set[str]) -> list[Node]:
    """The units after `start`, in its function, that use one of the names before it is set anew."""
    found: list[Node] = []
    live = set(names)
    for unit in units(scope_of(start)):
        if unit.start <= start.start or not live:
            continue
        if _names_used([unit]) & live:
            found.append(unit)
        live -= _names_replaced(unit)
    return found


def _names_set(nodes: Sequence[Node]) -> set[str]:
    targets = [node.field("left") for top in nodes for node in top.walk() if "assignment" in node.kind]
    names = {name for target in targets if target is not None for name in names_bound(target)} | _names_declared(nodes)
    return names | {name for node in nodes if node.kind.startswith("import") for name in _names_imported(node)}


def _names_declared(nodes: Sequence[Node]) -> set[str]:
    """The names of declarations that give them no value."""
    declared = (part for top in nodes if top.kind == "declaration" for part in top.parts)
    return {part.text for part in declared if part.kind == "identifier" and part.field_name != "type"}


def _names_imported(node: Node) -> set[str]:
    """The last names of an import: what is bound, among others, by which no harm is done."""
    return {part.text for part in node.walk() if part.kind == "identifier"}


def _names_checked(nodes: Iterable[Node], *, calls: bool) -> set[str]:
    """The names that conditions look at, and with `calls` those that stand alone: what follows depends on them. A call that stands on
    both sides, and is another one now, does its work rather than check."""
    checks = [node for node in nodes if node.field_name == "condition" or (calls and _stands_alone(node))]
    found = (node for top in checks for node in top.walk() if node.kind == "identifier")
    return {node.text for node in found if node.field_name not in ("function", "attribute", "name")} - {
        "self",
        "cls",
        "this",
    }


def _stands_alone(node: Node) -> bool:
    return node.kind == "expression_statement" and len(node.parts) == 1 and node.parts[0].kind == "call"


def _names_replaced(unit: Node) -> set[str]:
    targets = [node.field("left") for node in unit.walk() if node.kind == "assignment"]
    return {name for target in targets if target is not None for name in names_bound(target)}


def _names_used(nodes: Iterable[Node]) -> set[str]:
    found = (node for top in nodes for node in top.walk() if node.kind == "identifier")
    return {node.text for node in found if node.field_name not in ("attribute", "name") and not _is_target(node)}


def _is_target(node: Node) -> bool:
    """A name that is only set here: `x` in `x = 1`, but not in `x += 1`."""
    return node.field_name == "left" and node.parent is not None and node.parent.kind == "assignment"


def _ranges(nodes: Iterable[Node]) -> tuple[LineRange, ...]:
    lines = sorted({line for node in nodes for line in node.lines()})
    return _joined(lines)


def _joined(lines: Sequence[int]) -> tuple[LineRange, ...]:
    ranges: list[LineRange] = []
    for line in lines:
        if ranges and line == ranges[-1].last + 1:
            ranges[-1] = LineRange(first=ranges[-1].first, last=line)
        else:
            ranges.append(LineRange(first=line, last=line))
    return tuple(ranges)


def _by_lines(change: FileChange) -> Places:
    old, new = change.before.splitlines(), change.after.splitlines()
    edits = list(_changed_lines(old, new))
    before = {line for i, j, _, _ in edits for line in range(i + 1, max(j, i + 1) + 1) if line <= len(old)}
    after = {line for _, _, k, m in edits for line in range(k + 1, max(m, k + 1) + 1) if line <= len(new)}
    return Places(_joined(sorted(before)), _joined(sorted(after)))


def _changed_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """From, to on the before side, and from, to on the after side, counted from 0."""
    first, last = common_ends(old, new)
    middle = old[first : len(old) - last], new[first : len(new) - last]
    if max(map(len, middle)) > _COMPARED_LINES:
        yield first, len(old) - last, first, len(new) - last
        return
    for tag, i, j, k, m in difflib.SequenceMatcher(None, *middle, autojunk=False).get_opcodes():
        if tag != "equal":
            yield i + first, j + first, k + first, m + first
