"""How would a rule mend what it finds?

By its own `fix`, where that gives the after side at the changed places of the fix that the rule was learned from; else by a template
read off there: the text that stands on the after side in place of the match, with the rule's metavariables where the engine bound
them to a part of it, or a replacement in the match's text (`fix-regex`) where the rule leaves the rest open. What the engine makes of
either has to be the after side again, up to layout, the kind of quotes, and commas before closing brackets. The after side was
scanned and the rule was silent on it. A fix that gives anything else is dropped, and the rule stays; one whose template binds nothing
there is kept for the places that it binds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.building import assigned, parameters, scope_of
from rsolv_ray.synthesis.code.names import imported
from rsolv_ray.synthesis.code.syntax import parse, unreadable
from rsolv_ray.synthesis.forms.templates import has_role
from rsolv_ray.synthesis.languages import GRAMMARS
from rsolv_ray.validation.alignment import Aligned, aligned, difference, gives
from rsolv_ray.validation.gates import Evidence, Hit

__all__ = ["FIXES", "derived", "mends", "own_fix", "says_nothing", "without_fix"]

FIXES = ("fix", "fix-regex")
_AT_A_NAME = frozenset({"setting:missing", "guard:sender"})
"""Forms whose match is the name of what lacks something: another name in its place mends nothing."""
_WORD = re.compile(r"[^\W\d]\w*")
_METAVARIABLE = re.compile(r"\$(?:\.\.\.)?[A-Z_][A-Z_0-9]*(?!\w)")
_LONGEST = 600
"""What is put in place of a match is no longer than this."""
_NEAR = 8
"""So many signs may stand between a name and what is given to it."""
_LITERAL = re.compile(r"""["'`][^"'`\n]*["'`]|[\w.-]+""")
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdrifxu]")
"""In another text it may be quoted, or of another type: how its values are moved out of it is for `parameters` to say."""
_CLOSING = re.compile(r"[\s,]*[)\]}>][\s)\]}>;,]*$")


@dataclass(frozen=True)
class _Change:
    """What stands in place of a match on the after side."""

    hit: Hit
    after: str


def own_fix(definition: JsonObject) -> JsonObject | None:
    """The part of a definition that mends, or None."""
    found = {name: value for name, value in definition.items() if name in FIXES}
    return found or None


def without_fix(definition: JsonObject) -> JsonObject:
    return {name: value for name, value in definition.items() if name not in FIXES}


def mends(evidence: Evidence) -> bool:
    """Whether what the engine filled in gives the after side wherever the rule fires at a changed place."""
    sides = [(before, hits, after) for before, hits, after, _ in _sides(evidence)]
    return bool(sides) and all(
        gives(before, [(hit.start, hit.end, hit.rendered_fix) for hit in hits], after) for before, hits, after in sides
    )


def says_nothing(evidence: Evidence) -> bool:
    """Whether the template binds none of the changed places: the engine left its metavariables as they stand there. Such a fix is
    made for places of another form, and withheld at all others."""
    hits = [hit for _, found, _, _ in _sides(evidence) for hit in found]
    unfilled = (_METAVARIABLE.search(hit.rendered_fix or "") and not _METAVARIABLE.search(hit.text) for hit in hits)
    return bool(hits) and all(unfilled)


def derived(evidence: Evidence) -> JsonObject | None:
    """A fix that is read off the after side, the same at every changed place, or none: what has to be put into the definition."""
    if evidence.candidate.form in _AT_A_NAME:
        return None
    found = [_derived(evidence, change, alignment) for alignment, change in _changes(evidence)]
    if not found or any(one is None or one != found[0] for one in found):
        return None
    return found[0]


def _sides(evidence: Evidence) -> Iterator[tuple[str, list[Hit], str, Aligned]]:
    """Each before side where the rule fires at what was edited, with the hits there, and its after side."""
    for index, other in evidence.sides():
        before, after = evidence.cases[index].code, evidence.cases[other].code
        if counted := evidence.counted(index):
            alignment = aligned(before, after)
            if hits := [hit for hit in counted if not alignment.equal(hit.start, hit.end)]:
                yield before, hits, after, alignment


def _changes(evidence: Evidence) -> Iterator[tuple[Aligned, _Change | None]]:
    for _, hits, after, alignment in _sides(evidence):
        for hit in hits:
            span = alignment.counterpart(hit.start, hit.end)
            is_short = span is not None and span[1] - span[0] <= _LONGEST
            yield alignment, _Change(hit, _dedented(after, *span)) if span is not None and is_short else None


def _dedented(code: str, start: int, end: int) -> str:
    """A piece of code without the indentation of the line that it begins in, which the engine puts before further lines itself."""
    line = code.rfind("\n", 0, start) + 1
    margin = (
        code[line:start] if not code[line:start].strip() else code[line : len(code) - len(code[line:].lstrip(" \t"))]
    )
    first, feed, rest = code[start:end].partition("\n")
    lines = [one.removeprefix(margin) for one in rest.split("\n")] if feed else []
    return "\n".join([first, *lines])


def _derived(evidence: Evidence, change: _Change | None, alignment: Aligned) -> JsonObject | None:
    if change is None or _PLACEHOLDER.search(change.hit.text):
        return None
    definition, hit = evidence.candidate.definition, change.hit
    known = {word.lower() for word in _WORD.findall(" ".join(_patterns(definition)))}
    template = _filled_back(change.after, hit.metavariables)
    left, there = set(_WORD.findall(_METAVARIABLE.sub(" ", template))), set(_WORD.findall(hit.text))
    if (left - there) & _local_names(evidence, alignment, change):
        return None
    is_narrow = _is_narrow(definition)
    if not is_narrow and (value := _value(definition, change)) is not None:
        return value
    if not is_narrow and _is_open(definition):
        return _replacement(hit.text, change.after, known)
    is_bound = all(word.lower() in known for word in left & there)
    if not _is_closed(template):
        return None
    return {"fix": template} if is_bound else _replacement(hit.text, change.after, known)


def _is_closed(template: str) -> bool:
    """Whether every bracket that a template opens is closed in it, and none else is."""
    open_: list[str] = []
    for sign in re.sub(r"""(["'`])(?:\\.|(?!\1).)*\1""", "", template):
        if sign in "([{":
            open_.append(sign)
        elif sign in ")]}" and (not open_ or open_.pop() + sign not in ("()", "[]", "{}")):
            return False
    return not open_


def _is_narrow(definition: JsonObject) -> bool:
    """Whether what is found is a metavariable alone."""
    return any(name == "focus-metavariable" for name, _ in _operators(definition))


def _is_open(definition: JsonObject) -> bool:
    """Whether what the rule matches holds something that its metavariables do not, or is written in more than one way."""
    return any(
        name == "pattern-either" or (name == "pattern" and "..." in str(value))
        for name, value in _operators(definition)
    )


def _operators(definition: JsonObject) -> Iterator[tuple[str, JsonValue]]:
    for name in ("patterns", "pattern-sinks"):
        operators = definition.get(name)
        for one in operators if isinstance(operators, list) else ():
            if isinstance(one, dict):
                yield from one.items()
                yield from _operators(one)


def _value(definition: JsonObject, change: _Change) -> JsonObject | None:
    """What stands in place of a metavariable on which the rule has a condition, where that alone is another literal now."""
    hit, patterns = change.hit, definition.get("patterns")
    if not isinstance(patterns, list):
        return None
    start, end, come = difference(hit.text, change.after)
    start += len(hit.text[start:end]) - len(hit.text[start:end].lstrip())
    for name, condition in _operators(definition):
        told = (
            condition.get("metavariable") if isinstance(condition, dict) and name.startswith("metavariable") else None
        )
        text = hit.metavariables.get(str(told), "")
        at = hit.text.rfind(text, 0, end + len(text)) if _LITERAL.fullmatch(text) else -1
        if at < 0 or not at <= start < end <= at + len(text):
            continue
        other = text[: start - at] + come.strip() + text[end - at :]
        if _LITERAL.fullmatch(other):
            return {"patterns": [*patterns, {"focus-metavariable": told}], "fix": other}
    return None


def _patterns(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("message", "metadata", "id"):
                yield from _patterns(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _patterns(inner)


def _filled_back(text: str, bound: Mapping[str, str]) -> str:
    """The text with the metavariables in place of what they are bound to, the longest first."""
    names = {content: name for name, content in sorted(bound.items(), reverse=True) if re.search(r"\w", content)}
    if not names:
        return text
    either = "|".join(_apart(one) for one in sorted(names, key=lambda one: (-len(one), one)))
    return re.sub(either, lambda found: names[found.group()], text)


def _apart(text: str) -> str:
    """A regular expression of a text that stands there as words of its own."""
    start = r"(?<![\w$])" if re.match(r"\w", text) else ""
    end = r"(?!\w)" if re.search(r"\w$", text) else ""
    return f"{start}{re.escape(text)}{end}"


def _local_names(evidence: Evidence, alignment: Aligned, change: _Change) -> set[str]:
    """The names in the new text that mean something only in the function that was fixed."""
    language = evidence.cases[0].language
    span = alignment.counterpart(change.hit.start, change.hit.end)
    if span is None or language not in GRAMMARS or unreadable(alignment.after, language):
        return set()
    tree = parse(alignment.after, language)
    names = [
        node for node in tree.root.walk()
        if node.kind == "identifier" and span[0] <= node.start and node.end <= span[1] and not has_role(node)
    ]  # fmt: skip
    return {
        name.text for name in names
        if name.text not in imported(tree) and (name.text in parameters(scope_of(name)) or assigned(name)) and not name.text.isupper()
    } - set(change.hit.metavariables.values())  # fmt: skip


def _replacement(before: str, after: str, known: set[str]) -> JsonObject | None:
    """The one piece of the match that differs: new text before its closing brackets, or other words behind one that the rule names."""
    start, end, come = difference(before, after)
    gone, rest = before[start:end], before[end:]
    if not gone.strip() and _CLOSING.fullmatch(rest):
        closing = r"\s*".join(
            ["", *(re.escape(sign) + ("?" if sign == "," else "") for sign in re.findall(r"\S", rest))]
        )
        return _regex(rf"([^\s,])({closing})$", rf"\1{_literal(come)}\2")
    gone, come = gone.strip(), come.strip()
    words, there = list(_WORD.finditer(before[:start])), set(_WORD.findall(before))
    if not gone or any(word in there and word.lower() not in known for word in _WORD.findall(come)):
        return None
    if words and words[-1].group().lower() in known and start - words[-1].end() <= _NEAR:
        behind = rf"({_apart(words[-1].group())}\W{{0,{_NEAR}}}?){re.escape(gone)}"
        return _regex(behind + (r"(?!\w)" if re.search(r"\w$", gone) else ""), rf"\1{_literal(come)}")
    if before.count(gone) == 1 and {word.lower() for word in _WORD.findall(gone)} <= known and re.search(r"\w", gone):
        return _regex(_apart(gone), _literal(come))
    return None


def _regex(regex: str, replacement: str) -> JsonObject:
    return {"fix-regex": {"regex": regex, "replacement": replacement, "count": 1}}


def _literal(text: str) -> str:
    return text.replace("\\", r"\\")
