"""How else could the same code be written?

Rewritings of the before side that keep its weakness: a rule learned from the fix should fire on them, too. And safe
look-alikes: the same call with a constant in place of the built value, the after side with other names. Each is made by
replacing spans of text, so that everything else stays as it was, and is kept only if it still parses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rsolv_ray.model.fix import FileChange
from rsolv_ray.model.rule import LineRange
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import assigned, built_values, is_built, is_text, parameters, scope_of
from rsolv_ray.synthesis.code.calls import calls_in, options
from rsolv_ray.synthesis.code.edits import hunks, is_too_wide
from rsolv_ray.synthesis.code.pieces import pieces
from rsolv_ray.synthesis.code.places import changed_units, places
from rsolv_ray.synthesis.code.syntax import Node, Tree, parse, reads, unreadable
from rsolv_ray.synthesis.forms.taint import Reach, reached_uses
from rsolv_ray.synthesis.languages import GRAMMARS, NOTATIONS
from rsolv_ray.synthesis.languages.grammar import BLOCKS

MOST_CHARACTERS = 100_000
"""Longer files are not rewritten: each rewriting is parsed and scanned whole."""
_NAMED_KEYS = frozenset({"jsx_opening_element", "jsx_closing_element", "jsx_self_closing_element", "jsx_attribute"})
_KEPT_NAMES = frozenset({"self", "cls", "this"})
_NOT_PLAIN = re.compile(r"[^\w\s=<>(),.:/*'-]+|[\r\n]+")
"""What cannot stand in a text of every language, whatever its quotes."""
_LONGEST_OPENING = 60


@dataclass(frozen=True)
class Splice:
    """Text to put in place of a span of offsets."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Variant:
    """Code with the lines where it counts."""

    code: str
    lines: tuple[LineRange, ...]
    how: str


def variants(change: FileChange) -> tuple[Variant, ...]:
    """Rewritings of the before side that keep the weakness."""
    if not _readable(change):
        return ()
    before, after = parse(change.before, change.language), parse(change.after, change.language)
    found = hunks(before, after)
    if is_too_wide(found):
        return ()
    changed = changed_units(found)
    lines = places(change).before
    reaches = reached_uses(changed)
    kept = {
        value.key for hunk in found for unit in hunk.after for one in built_values(unit) for _, value in pieces(one)
    }
    made = [
        ("names", _renamed(changed, change.language)),
        ("keyword order", _reordered(changed)),
        ("value in a variable", _extracted(before, reaches)),
        ("value in the call", _inlined(reaches)),
        *((how, _respelt(reaches, spelling, kept)) for how, spelling in NOTATIONS[change.language].spellings.items()),
    ]
    return tuple(_variants(before, lines, made))


def near_misses(change: FileChange, *, texts: bool = True) -> tuple[Variant, ...]:
    """Safe look-alikes of the before side. `texts`: whether a constant in place of a text that is put together is harmless."""
    if not _readable(change):
        return ()
    before, after = parse(change.before, change.language), parse(change.after, change.language)
    found = hunks(before, after)
    if is_too_wide(found):
        return ()
    spots = places(change)
    kept = {node.key for hunk in found for unit in hunk.after for node in unit.walk()}
    gone = [one for one in reached_uses(changed_units(found)) if not kept.issuperset(text.key for text in one.built)]
    constant = _constant(gone) if texts else []
    misses = list(_variants(before, spots.before, [("constant", constant)]))
    if after.error_line is None and spots.after:
        renamed = _renamed([unit for hunk in found for unit in hunk.after], change.language)
        misses += _variants(after, spots.after, [("fixed, other names", renamed)])
    return tuple(misses)


def _readable(change: FileChange) -> bool:
    sides = (change.before, change.after)
    return change.language in GRAMMARS and all(
        len(side) <= MOST_CHARACTERS and unreadable(side, change.language) is None for side in sides
    )


def _variants(
    tree: Tree, lines: Sequence[LineRange], made: Iterable[tuple[str, Sequence[Splice]]]
) -> Iterable[Variant]:
    seen = {tree.code}
    for how, splices in made:
        if not splices:
            continue
        code = spliced(tree.code, splices)
        if code in seen or (tree.error_line is None and not reads(code, tree.language)):
            continue
        seen.add(code)
        yield Variant(code, _moved(lines, tree.code, splices), how)


def spliced(code: str, splices: Sequence[Splice]) -> str:
    """The code with every span replaced; of overlapping spans the first stands."""
    parts: list[str] = []
    at = 0
    for splice in _apart(splices):
        parts += [code[at : splice.start], splice.text]
        at = splice.end
    return "".join([*parts, code[at:]])


def _apart(splices: Sequence[Splice]) -> list[Splice]:
    """The splices in the order of the text, without those that overlap an earlier one."""
    kept: list[Splice] = []
    for splice in sorted(splices, key=lambda one: (one.start, one.end != one.start, -one.end)):
        if not kept or splice.start >= kept[-1].end:
            kept.append(splice)
    return kept


def _moved(lines: Sequence[LineRange], code: str, splices: Sequence[Splice]) -> tuple[LineRange, ...]:
    """The line ranges after the splices: what lay in a span that shrank ends with it."""
    applied = [
        (code.count("\n", 0, one.start) + 1, code.count("\n", one.start, one.end), one.text.count("\n"))
        for one in _apart(splices)
    ]

    def moved(line: int, *, last: bool) -> int:
        by = 0
        for first, old, new in applied:
            if line > first + old or (last and line == first + old):
                by += new - old
            elif line > first:
                by += min(0, first + new - line)
        return line + by

    ranges = [(moved(one.first, last=False), moved(one.last, last=True)) for one in lines]
    return tuple(LineRange(first=first, last=max(first, last)) for first, last in ranges)


def _renamed(changed: Sequence[Node], language: str) -> list[Splice]:
    """Every local name of the changed functions, spelt otherwise; names that stand for a request say something."""
    scopes = {id(scope): scope for scope in map(scope_of, changed)}
    names = CATALOGUES[language].names
    kept = _KEPT_NAMES | names.requests | names.parts | names.responses
    splices: dict[int, Splice] = {}
    for scope in scopes.values():
        locals_ = _locals(scope) - kept
        for node in scope.walk():
            if node.kind == "identifier" and node.text in locals_ and _is_variable(node):
                key = f"{node.text}: " if _is_shorthand(node) else ""
                splices[node.start] = Splice(node.start, node.end, f"{key}{node.text}_given")
    return list(splices.values())


def _locals(scope: Node) -> set[str]:
    targets = [node.field("left") for node in scope.walk() if node.kind == "assignment"]
    names = {target.text for target in targets if target is not None and target.kind == "identifier"} | set(
        parameters(scope)
    )
    shared = {
        name.text
        for node in scope.walk()
        if node.kind in ("global_statement", "nonlocal_statement")
        for name in node.parts
    }
    return names - shared


def _is_variable(node: Node) -> bool:
    around = node.parent
    if around is not None and around.kind in ("keyword_argument", "function_definition") and node.field_name == "name":
        return False
    return node.field_name not in ("attribute", "key") and (around is None or around.kind not in _NAMED_KEYS)


def _is_shorthand(node: Node) -> bool:
    """A name in an object that is its own key: `{ name }`, in a pattern `{ name = 1 }`, too."""
    around = node.parent
    if around is not None and around.kind == "default_parameter" and node.field_name == "name":
        around = around.parent
    return around is not None and around.kind in ("dictionary", "object_pattern")


def _reordered(changed: Sequence[Node]) -> list[Splice]:
    """The keyword arguments of every changed call, the other way round."""
    splices: list[Splice] = []
    for call in calls_in(changed):
        keywords = [one for one in call.arguments if one.kind == "keyword_argument"] or list(options(call.arguments))
        splices += [Splice(old.start, old.end, new.text) for old, new in zip(keywords, reversed(keywords), strict=True)]
    return splices if len(splices) > 1 else []


def _extracted(tree: Tree, reaches: Sequence[Reach]) -> list[Splice]:
    """A value built inside a call, put into a variable before it."""
    splices: list[Splice] = []
    for reach in reaches:
        built = next((node for node in reach.built if is_built(node)), None)
        statement = _statement(reach.use.node)
        if built is None or statement is None or not (statement.start <= built.start < statement.end):
            continue
        margin = tree.code[tree.code.rfind("\n", 0, statement.start) + 1 : statement.start]
        if margin.strip() == "":
            name = f"{NOTATIONS[tree.language].sigil}prepared"
            prepared = NOTATIONS[tree.language].variable.format(name=name, value=_flat(built))
            splices.append(Splice(statement.start, statement.start, f"{prepared}\n{margin}"))
            splices.append(Splice(built.start, built.end, name))
        break
    return splices


def _inlined(reaches: Sequence[Reach]) -> list[Splice]:
    """A value built into a variable, built inside the call instead."""
    splices: list[Splice] = []
    for reach in reaches:
        given = reach.use.value
        values = assigned(given) if given.kind == "identifier" else []
        if len(values) == 1 and is_built(values[0]):
            splices.append(Splice(given.start, given.end, f"({_flat(values[0])})"))
    return splices


def _respelt(reaches: Sequence[Reach], spelling: str, kept: Collection[int]) -> list[Splice]:
    """The built values, put together in another way; `kept` are the keys of values that the after side still puts into texts."""
    splices: list[Splice] = []
    for reach in reaches:
        for built in reach.built:
            given = _first_value(built, kept)
            if given is not None and is_built(built):
                text = spelling.replace("{text} ", given[0]).replace("{value}", given[1])
                splices.append(Splice(built.start, built.end, text))
    return splices


def _constant(reaches: Sequence[Reach]) -> list[Splice]:
    """Every built value, replaced by a literal; nothing where a string grows by `+=`, which a literal alone does not undo."""
    if not all(is_built(built) for reach in reaches for built in reach.built):
        return []
    return [Splice(one.start, one.end, f'"{_opening(one).strip()}"') for reach in reaches for one in reach.built]


def _first_value(built: Node, kept: Collection[int] = ()) -> tuple[str, str] | None:
    """A name that is put into a text, one that the fix takes out if it can be told, and what the text says before it."""
    said = pieces(built)
    for before, value in sorted(said, key=lambda one: one[1].key in kept):
        for node in value.walk():
            if _is_name(node):
                return _plain(before), value.text if value.kind == "attribute" else node.text
    name = next((node.text for node in built.walk() if _is_name(node)), None)
    return (_plain(""), name) if name is not None else None


def _is_name(node: Node) -> bool:
    return node.kind == "identifier" and node.field_name not in ("attribute", "name", "function") and not is_text(node)


def _plain(said: str) -> str:
    """What is said, as far as it can stand in a text of every language."""
    plain = re.sub(r"\s+", " ", _NOT_PLAIN.sub(" ", said))[-_LONGEST_OPENING:].lstrip("' ")
    return plain if re.search(r"\w", plain) else "text "


def _opening(built: Node) -> str:
    """What a built text says before its first value."""
    said = pieces(built)
    return _plain(said[0][0] if said else "")


def _statement(node: Node) -> Node | None:
    around = [node, *node.ancestors()]
    return next((one for one, outer in pairwise(around) if outer.kind in BLOCKS), None)


def _flat(node: Node) -> str:
    return (
        " ".join(line.strip() for line in node.text.splitlines())
        if '"""' not in node.text and "'''" not in node.text
        else node.text
    )
