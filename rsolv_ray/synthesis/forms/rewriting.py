"""How would the rest of such code be mended as this piece was?

The changed expression, or the statement around it, as a pattern, and its after side as the `fix` in the same metavariables: a value
that is wrapped, an argument that is added, a callee, an operator, a setting that is another one now, a statement that is put beside.
Where only the end of the match changes it is a `fix-regex`, which leaves all else as it was written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import Hunk, units
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.additions import additions, is_common, not_called
from rsolv_ray.synthesis.forms.templates import LEVELS, Template, has_role, spine
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import BLOCKS, LITERALS, STRINGS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_LONGEST = 300
"""Changed units longer than this are not repeated in a pattern."""
_LEAST_SHARED = 1 / 3
_MOST_PAIRS = 8
"""So many changed places of one fix are written: others that changed alike give the same rules."""
_MOST_INSERTED = 3
_PLAIN = LITERALS - STRINGS
_BARE = re.compile(r"\$\w+;?")


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk]) -> list[Draft]:
    """Search rules with a `fix`, the telling ones first."""
    found: list[Draft] = []
    for old, new in _pairs(edits):
        if old.has(*BLOCKS) or new.has(*BLOCKS) or not _are_alike(old, new):
            continue
        found += additions(old, new, before, after)
        found += _of_wrapping(old, new, before, after)
        found += _of_pair(old, new, before, after)
    for hunk in edits:
        if hunk.only_adds:
            found += _of_insertion(hunk, before, after)
    return found


def _pairs(edits: Sequence[Hunk]) -> list[tuple[Node, Node]]:
    """The changed units with their counterparts, as far as they are short enough to be written."""
    found: list[tuple[Node, Node]] = []
    for hunk in edits:
        if len(hunk.before) == len(hunk.after):
            found += zip(hunk.before, hunk.after, strict=True)
    return [(old, new) for old, new in found if max(len(old.text), len(new.text)) <= _LONGEST][:_MOST_PAIRS]


def _are_alike(old: Node, new: Node) -> bool:
    """Whether one is an edit of the other, and not something else in its place: they share words and texts."""
    was, is_now = ({one.key for one in side.walk() if one.named and not one.parts} for side in (old, new))
    return len(was & is_now) >= _LEAST_SHARED * min(len(was), len(is_now))


def _of_pair(old: Node, new: Node, before: Tree, after: Tree) -> Iterator[Draft]:
    """The smallest telling expression, and the statement, each with all values opened and with names alone."""
    ladder = spine(old, new)
    kept = _kept(old, new)
    seen: set[str] = set()
    written = 0
    for was, is_now in reversed(ladder):
        if (
            written == len(LEVELS)
            or not was.named
            or not is_now.named
            or has_role(was)
            or was.kind == "argument_list"
            or was.field_name == "left"
        ):
            continue
        for number, level in enumerate(LEVELS):
            body = _body(was, is_now, Template(before, after, kept, level), ladder)
            if body is not None and str(body) not in seen:
                seen.add(str(body))
                written += 1
                yield Draft(body, f"rewriting:{level}", 64 + number, None, f"write `{is_now.text[:80]}`")


def _kept(old: Node, new: Node) -> frozenset[int]:
    """What stands on both sides; numbers and switches only as often, since the new ones may be equal to others by chance."""
    was, is_now = (Counter(node.key for node in side.walk() if node.kind in _PLAIN) for side in (old, new))
    return _keys(old) & _keys(new) - {key for key in was if was[key] != is_now[key]}


def _keys(node: Node) -> frozenset[int]:
    return frozenset(one.key for one in node.walk() if one.named)


def _body(was: Node, is_now: Node, template: Template, ladder: Sequence[tuple[Node, Node]]) -> JsonObject | None:
    text, fix = template.pattern(was), template.mended(is_now)
    if _says_little(text, template.tree):
        return None
    if fix is None or _BARE.fullmatch(text) or template.named + template.repeated < 1 or fix == text:
        return None
    operators: list[JsonObject] = [{"pattern": text}]
    innermost = ladder[-1][0]
    spared = template.spared(is_now)
    if innermost.key in template.holes and not _BARE.fullmatch(spared):
        operators.append({"pattern-not": spared})
        if innermost.kind not in LITERALS or innermost.has("interpolation"):
            operators.append({"pattern-not": text.replace(template.holes[innermost.key], '"..."')})
    return {"patterns": [*operators], "fix": fix}


def _says_little(text: str, tree: Tree) -> bool:
    """Whether a pattern names nothing but calls that are made everywhere, or is a number."""
    names = CATALOGUES[tree.language].names
    common = "|".join(re.escape(one) + r"\w+" for one in names.weak_evidence)
    bare = re.sub(r"\$[\w.]+", "", text)
    return re.search(r"[A-Za-z_\"'`]", re.sub(common, "", bare) if common else bare) is None


def _of_wrapping(old: Node, new: Node, before: Tree, after: Tree) -> Iterator[Draft]:
    """A whole argument that goes through a call now, wherever else this is passed."""
    ladder = spine(old, new)
    value, wrapped = ladder[-1]
    around = value.parent.parent if value.field_name is None and value.parent is not None else None
    if around is None or around.kind != "call" or value.key not in _keys(wrapped) or value.kind in LITERALS:
        return
    call, notation = Call(around), NOTATIONS[before.language]
    name = full_name(call, before)
    if name is None or is_common(name, call, before) or all(one.key != value.key for one in call.arguments):
        return
    template = Template(before, after, frozenset({value.key}), "values", {value.key: "$V1"})
    fix = template.mended(wrapped)
    if fix is None or wrapped.kind != "call":
        return
    at = next(number for number, one in enumerate(call.arguments) if one.key == value.key)
    lead = "$_, " * at
    operators: list[JsonObject] = [
        notation.call(name, f"{lead}$V1, ..."),
        not_called(name, f"{lead}{Call(wrapped).callee}(...), ...", notation),
        not_called(name, f'{lead}"...", ...', notation),
        {"focus-metavariable": "$V1"},
    ]
    shown = Call(wrapped).callee
    yield Draft({"patterns": [*operators], "fix": fix}, "rewriting:wrapper", 48, None, f"pass it through `{shown}`")


def _of_insertion(hunk: Hunk, before: Tree, after: Tree) -> Iterator[Draft]:
    """A statement that is put behind the one whose name it uses, or before the one that it prepares."""
    if len(hunk.after) > _MOST_INSERTED or not all(_stands_alone(unit) for unit in hunk.after):
        return
    text = hunk.after[0].source[hunk.after[0].start : hunk.after[-1].end]
    if len(text) > _LONGEST or "\n\n" in text:
        return
    ahead, behind = _neighbours(hunk, before)
    used = {node.key for unit in hunk.after for node in unit.walk() if node.kind == "identifier"}
    if ahead is not None and (names := {name.key for name in _targets(ahead)} & used):
        yield from _beside(
            ahead, hunk.after, Template(before, after, _arguments(ahead) | names, "values"), is_behind=True
        )
    elif behind is not None:
        shared = frozenset(node.key for node in behind.walk() if node.kind == "identifier")
        template = Template(before, after, _arguments(behind) | shared, "values")
        yield from _beside(behind, hunk.after, template, is_behind=False)


def _stands_alone(unit: Node) -> bool:
    return not unit.is_head and not unit.has(*BLOCKS) and unit.parent is not None and unit.parent.kind in BLOCKS


def _neighbours(hunk: Hunk, before: Tree) -> tuple[Node | None, Node | None]:
    """The statements of the before side between which something was put."""
    every = list(units(before.root))
    at = next((number for number, unit in enumerate(every) if unit is hunk.follows), len(every))
    ahead = every[at - 1] if at else None
    near = [
        one if one is not None and _stands_alone(one) and len(one.text) <= _LONGEST else None
        for one in (ahead, hunk.follows)
    ]
    return near[0], near[1]


def _targets(unit: Node) -> list[Node]:
    """The names that a statement sets."""
    found = [node.field("left") for node in unit.walk() if node.kind == "assignment"]
    return [one for one in found if one is not None and one.kind == "identifier"]


def _arguments(unit: Node) -> frozenset[int]:
    return frozenset(one.key for call in calls_in([unit]) for one in call.arguments)


def _beside(shown: Node, added: Sequence[Node], template: Template, *, is_behind: bool) -> Iterator[Draft]:
    text = template.pattern(shown)
    written = [template.mended(one) for one in added]
    if template.named < 1 or any(one is None for one in written):
        return
    more = "\n".join(str(one) for one in written)
    both = [text, more] if is_behind else [more, text]
    operators: list[JsonObject] = [{"pattern": text}, {"pattern-not-inside": "\n...\n".join(both) + "\n...\n"}]
    yield Draft(
        {"patterns": [*operators], "fix": "\n".join(both)}, "rewriting:inserted", 66, None, f"add `{more[:80]}`"
    )
