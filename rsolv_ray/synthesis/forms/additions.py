"""Which calls are given less than the fix gives them?

Arguments, keywords and options that the fix put behind those that were there are put behind those of other calls that lack them; a
switch that is off where it is not given is turned where it stands. The mending is a replacement at the closing bracket (`fix-regex`),
which leaves all else as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.templates import Template, spine
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import BLOCKS, LITERALS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_SWITCHES = ("true", "false")
_SEVERAL_WORDS = re.compile(r"[a-z]+(?:_[a-z]|[A-Z])")


def additions(old: Node, new: Node, before: Tree, after: Tree) -> Iterator[Draft]:
    """A call that is given more behind its arguments: `f(x)` -> `f(x, timeout=5)`, `f(x, {a: 1})` -> `f(x, {a: 1, b: 2})`."""
    for was, is_now in _calls(old, new):
        name = full_name(was, before)
        if name is None or is_common(name, was, before):
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
    for was, is_now in spine(old, new):
        if was.kind == "call" == is_now.kind and Call(was).callee == Call(is_now).callee:
            yield Call(was), Call(is_now)


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
        unless = [not_called(name, ", ".join(["$_"] * position + ["$MORE", "..."]), notation)]
    else:
        called = notation.call(name, "...")
        unless = [not_called(name, f"..., {notation.given(key, _given(value))}, ...", notation) for key, value in pairs]
        if notation.more_options is not None:
            unless.append(not_called(name, f"..., {notation.more_options}", notation))
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
        unless.append(not_called(name, f"..., {{..., {key.text}: $ANY, ...}}, ...", notation))
    more = ", ".join(one.text for one in added)
    if notation.more_options is not None:
        unless.append(not_called(name, f"..., {notation.more_options}, ...", notation))
    regex = r"([^\s,{(])(,?\s*)\}\s*\)$"
    body: JsonObject = {
        "patterns": [notation.call(name, "..., {...}"), *unless],
        "fix-regex": _ending(regex, f", {more}", "})"),
    }
    shown = name.removeprefix("$O.")
    yield Draft(body, "keyword:added", 21, f"`{shown}` is called without `{more}`", f"pass `{more}`")


def is_common(name: str, call: Call, tree: Tree) -> bool:
    names = CATALOGUES[tree.language].names
    return name.startswith(names.weak_evidence) or call.name in names.quiet


def not_called(name: str, arguments: str, notation: Notation) -> JsonObject:
    patterns = notation.called([name], arguments)
    texts = [one["pattern"] for one in patterns if set(one) == {"pattern"}]
    return {"pattern-not": texts[0]}
