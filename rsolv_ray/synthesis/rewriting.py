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
from rsolv_ray.synthesis.calls import Call, calls_in
from rsolv_ray.synthesis.edits import Hunk, units
from rsolv_ray.synthesis.grammar import BLOCKS, LITERALS, STRINGS
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.names import full_name
from rsolv_ray.synthesis.notation import Notation
from rsolv_ray.synthesis.semgrep_rule import Draft
from rsolv_ray.synthesis.syntax import Node, Tree
from rsolv_ray.synthesis.templates import LEVELS, Template, has_role
from rsolv_ray.synthesis.weaknesses import CATALOGUES

_LONGEST = 300
"""Changed units longer than this are not repeated in a pattern."""
_LEAST_SHARED = 1 / 3
_MOST_PAIRS = 8
"""So many changed places of one fix are written: others that changed alike give the same rules."""
_MOST_INSERTED = 3
_PLAIN = LITERALS - STRINGS
_SWITCHES = ("true", "false")
_SEVERAL_WORDS = re.compile(r"[a-z]+(?:_[a-z]|[A-Z])")
_BARE = re.compile(r"\$\w+;?")


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk]) -> list[Draft]:
    """Search rules with a `fix`, the telling ones first."""
    found: list[Draft] = []
    for old, new in _pairs(edits):
        if old.has(*BLOCKS) or new.has(*BLOCKS) or not _are_alike(old, new):
            continue
        found += _of_arguments(old, new, before, after)
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


def _spine(old: Node, new: Node) -> list[tuple[Node, Node]]:
    """From two units down to the smallest pieces that hold all that differs."""
    found = [(old, new)]
    while old.kind == new.kind and len(old.children) == len(new.children) and old.kind not in LITERALS:
        differing = [(a, b) for a, b in zip(old.children, new.children, strict=True) if a.key != b.key]
        if len(differing) != 1 or old.has(*BLOCKS):
            break
        old, new = differing[0]
        found.append((old, new))
    return found


def _of_pair(old: Node, new: Node, before: Tree, after: Tree) -> Iterator[Draft]:
    """The smallest telling expression, and the statement, each with all values opened and with names alone."""
    spine = _spine(old, new)
    kept = _kept(old, new)
    seen: set[str] = set()
    written = 0
    for was, is_now in reversed(spine):
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
            body = _body(was, is_now, Template(before, after, kept, level), spine)
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


def _body(was: Node, is_now: Node, template: Template, spine: Sequence[tuple[Node, Node]]) -> JsonObject | None:
    text, fix = template.pattern(was), template.mended(is_now)
    if fix is None or _BARE.fullmatch(text) or template.named + template.repeated < 1 or fix == text:
        return None
    operators: list[JsonObject] = [{"pattern": text}]
    innermost = spine[-1][0]
    spared = template.spared(is_now)
    if innermost.key in template.holes and not _BARE.fullmatch(spared):
        operators.append({"pattern-not": spared})
        if innermost.kind not in LITERALS or innermost.has("interpolation"):
            operators.append({"pattern-not": text.replace(template.holes[innermost.key], '"..."')})
    return {"patterns": [*operators], "fix": fix}


def _of_arguments(old: Node, new: Node, before: Tree, after: Tree) -> Iterator[Draft]:
    """A call that is given more behind its arguments: `f(x)` -> `f(x, timeout=5)`, `f(x, {a: 1})` -> `f(x, {a: 1, b: 2})`."""
    for was, is_now in _calls(old, new):
        name = full_name(was, before)
        if name is None or _is_common(name, was, before):
            continue
        notation = NOTATIONS[before.language]
        name = _of_any_object(name, was)
        if notation.option == "{name}={value}":
            yield from _switched_on(name, was, is_now, before, notation)
        if added := _appended(was.arguments, is_now.arguments):
            yield from _more_arguments(name, was, added, notation, Template(before, after, frozenset(), "names"))
        elif (added := _appended_options(was, is_now)) is not None:
            yield from _more_options(name, added, notation)


def _calls(old: Node, new: Node) -> Iterator[tuple[Call, Call]]:
    """The calls on the way down to what differs."""
    for was, is_now in _spine(old, new):
        if was.kind == "call" == is_now.kind and Call(was).callee == Call(is_now).callee:
            yield Call(was), Call(is_now)


def _is_common(name: str, call: Call, tree: Tree) -> bool:
    names = CATALOGUES[tree.language].names
    return name.startswith(names.weak_evidence) or call.name in names.quiet


def _of_any_object(name: str, call: Call) -> str:
    """A method of several words on an object that was imported says the same on any other: `flask.response.set_cookie`."""
    is_of_module = name.count(".") < 2 or call.is_construction or call.name is None
    return name if is_of_module or not _SEVERAL_WORDS.match(str(call.name)) else f"$O.{call.name}"


def _appended(old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
    """What stands behind the arguments that were there already."""
    is_longer = len(new) > len(old) and [one.key for one in new[: len(old)]] == [one.key for one in old]
    return list(new[len(old) :]) if is_longer else []


def _more_arguments(
    name: str, old: Call, added: Sequence[Node], notation: Notation, template: Template
) -> Iterator[Draft]:
    texts = [template.mended(one) for one in added]
    if any(text is None for text in texts) or any(one.has(*BLOCKS) for one in added):
        return
    more, position = ", ".join(str(text) for text in texts), len(old.arguments)
    pairs = [(key.text, value) for one in added if (key := one.field("name")) and (value := one.field("value"))]
    if not pairs:
        called = notation.call(name, ", ".join(["$_"] * position))
        unless = [_not_called(name, ", ".join(["$_"] * position + ["$MORE", "..."]), notation)]
    else:
        called = notation.call(name, "...")
        unless = [
            _not_called(name, f"..., {notation.given(key, _given(value))}, ...", notation) for key, value in pairs
        ]
        if notation.more_options is not None:
            unless.append(_not_called(name, f"..., {notation.more_options}", notation))
    regex = _ending(r"([^\s,(])(,?\s*)\)$" if position else r"(\()\s*()\)$", f"{', ' if position else ''}{more}", ")")
    if len(pairs) == 1 and pairs[0][1].kind in _SWITCHES:
        regex = _switched(*pairs[0], notation)
    shown = name.removeprefix("$O.")
    body: JsonObject = {"patterns": [called, *unless], "fix-regex": regex}
    yield Draft(body, "keyword:added", 21, f"`{shown}` is called without `{more}`", f"pass `{more}`")


def _switched_on(name: str, old: Call, new: Call, tree: Tree, notation: Notation) -> Iterator[Draft]:
    """A switch that protects, and is off where it is not given: calls of all that take it, and that do not switch it on."""
    known = old.keywords
    turned = {one: value for one, value in new.keywords.items() if one not in known or known[one].key != value.key}
    for option, value in turned.items() if len(turned) == 1 else ():
        was, takers = old.keywords.get(option), CATALOGUES[tree.language].names.off_unless_given.get(option)
        is_turned = value.kind in _SWITCHES and (was is None or (was.kind in _SWITCHES and was.key != value.key))
        if not is_turned or takers is None or not re.search(rf"^({takers})$", old.name or ""):
            continue
        unless: list[JsonObject] = [{"pattern-not": f"$CALLEE(..., {notation.given(option, value.text)}, ...)"}]
        if notation.more_options is not None:
            unless.append({"pattern-not": f"$CALLEE(..., {notation.more_options})"})
        taking: JsonObject = {"metavariable-regex": {"metavariable": "$CALLEE", "regex": rf"^(.*\.)?({takers})$"}}
        operators: list[JsonObject] = [{"pattern": "$CALLEE(...)"}, taking, *unless]
        body: JsonObject = {"patterns": [*operators], "fix-regex": _switched(option, value, notation)}
        shown = name.removeprefix("$O.")
        yield Draft(body, "keyword:added", 11, f"`{shown}` is called without `{option}`", f"set `{option}`")


def _given(value: Node) -> str:
    """What a call may be given so that it is spared: a switch as the fix set it, or anything."""
    return value.text if value.kind in _SWITCHES else "$ANY"


def _switched(option: str, value: Node, notation: Notation) -> JsonObject:
    """A switch is turned where it stands, or put behind the arguments where it does not."""
    turned = re.escape(notation.given(option, "")).replace("=", r"\s*=\s*")
    absent = rf"(?![\s\S]*\b{turned})"
    regex = rf"^(?:([\s\S]*?),\s*{turned}\w+|({absent}[\s\S]*[^\s,(]))((?:,[\s\S]*)?)\)$"
    return {"regex": regex, "replacement": rf"\1\2, {notation.given(option, value.text)}\3)", "count": 1}


def _not_called(name: str, arguments: str, notation: Notation) -> JsonObject:
    patterns = notation.called([name], arguments)
    texts = [one["pattern"] for one in patterns if set(one) == {"pattern"}]
    return {"pattern-not": texts[0]}


def _ending(regex: str, more: str, closing: str) -> JsonObject:
    """What is put before the closing brackets, `\\1` and `\\2` being what stands before them."""
    literal = more.replace("\\", r"\\")
    return {"regex": regex, "replacement": rf"\1{literal}\2{closing}", "count": 1}


def _appended_options(old: Call, new: Call) -> list[Node] | None:
    """The options that the object at the end of the arguments has got, or None where anything else changed."""
    if not old.arguments or len(old.arguments) != len(new.arguments) or not old.node.grammar.options_in_objects:
        return None
    last, other = old.arguments[-1], new.arguments[-1]
    if last.kind != "dictionary" or other.kind != "dictionary" or not last.parts:
        return None
    if [one.key for one in old.arguments[:-1]] != [one.key for one in new.arguments[:-1]]:
        return None
    known = {one.key for one in last.parts}
    added = [one for one in other.parts if one.key not in known]
    is_grown = len(other.parts) == len(last.parts) + len(added) and bool(added)
    return added if is_grown and all(one.kind == "pair" for one in added) else None


def _more_options(name: str, added: Sequence[Node], notation: Notation) -> Iterator[Draft]:
    unless: list[JsonObject] = []
    for one in added:
        key, value = one.field("key"), one.field("value")
        if key is None or value is None or value.kind not in LITERALS:
            return
        unless.append(_not_called(name, f"..., {{..., {key.text}: $ANY, ...}}, ...", notation))
    more = ", ".join(one.text for one in added)
    if notation.more_options is not None:
        unless.append(_not_called(name, f"..., {notation.more_options}, ...", notation))
    regex = r"([^\s,{(])(,?\s*)\}\s*\)$"
    body: JsonObject = {
        "patterns": [notation.call(name, "..., {...}"), *unless],
        "fix-regex": _ending(regex, f", {more}", "})"),
    }
    shown = name.removeprefix("$O.")
    yield Draft(body, "keyword:added", 21, f"`{shown}` is called without `{more}`", f"pass `{more}`")


def _of_wrapping(old: Node, new: Node, before: Tree, after: Tree) -> Iterator[Draft]:
    """A whole argument that goes through a call now, wherever else this is passed."""
    spine = _spine(old, new)
    value, wrapped = spine[-1]
    around = value.parent.parent if value.field_name is None and value.parent is not None else None
    if around is None or around.kind != "call" or value.key not in _keys(wrapped) or value.kind in LITERALS:
        return
    call, notation = Call(around), NOTATIONS[before.language]
    name = full_name(call, before)
    if name is None or _is_common(name, call, before) or all(one.key != value.key for one in call.arguments):
        return
    template = Template(before, after, frozenset({value.key}), "values", {value.key: "$V1"})
    fix = template.mended(wrapped)
    if fix is None or wrapped.kind != "call":
        return
    at = next(number for number, one in enumerate(call.arguments) if one.key == value.key)
    lead = "$_, " * at
    operators: list[JsonObject] = [
        notation.call(name, f"{lead}$V1, ..."),
        _not_called(name, f"{lead}{Call(wrapped).callee}(...), ...", notation),
        _not_called(name, f'{lead}"...", ...', notation),
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
