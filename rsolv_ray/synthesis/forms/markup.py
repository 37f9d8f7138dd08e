"""Which directive of a template does the fix take away, put in quotes, or add?

Pages are often templates of Jinja, Django, ERB, Handlebars and the like, and what is wrong is a value that is put in raw, or in a place where
escaping does not help: without quotes, as the beginning of an address. What is known of such engines is how they write values
(`{{ }}`, `<%= %>`) and directives (`{% %}`); the names in them come from the fix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.edits import MAX_HUNKS
from rsolv_ray.synthesis.code.entries import Change, Layout, Shape, compared
from rsolv_ray.synthesis.code.syntax import Tree
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

__all__ = ["drafts"]

_VALUE = re.compile(r"\{\{.{0,400}?\}\}|<%=.{0,400}?%>", re.DOTALL)
_FILTER = re.compile(r"\|\s*([A-Za-z_]\w*)")
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\(")
_DIRECTIVE = re.compile(r"\{%-?\s*(\w+)(?:\s+(\w+))?.{0,400}?-?%\}", re.DOTALL)
_RAW = ("{{{", "{{&", "<%-", "<%==", "{!!", "!{")
_RAW_FILTERS = frozenset({"safe", "raw", "n", "noescape", "html_safe", "safeseq", "unescaped"})
_TOKEN = re.compile(r"\w*(?:csrf|xsrf)\w*|authenticity_token|hidden_tag|antiforgery\w*", re.IGNORECASE)
_ANTIFORGERY = r"(?i)csrf|xsrf|authenticity_token|hidden_tag|antiforgery"
_BEGINS = r"""^["']?\s*(?:\{\{|<%=)"""
_UNQUOTED = r"""<[A-Za-z](?:[^<>"'{}]|"[^"]*"|'[^']*')*\s[\w:-]+\s*=\s*(?:\{\{|<%=)"""
_SAME = (("off", "false"),)


def drafts(before: Tree, after: Tree, layout: Layout) -> list[Draft]:
    """Search rules for the directives and values of templates that changed."""
    changes = compared(layout.entries(before), layout.entries(after))
    found = [draft for change in changes for draft in _of_attribute(change)]
    found = found if len(changes) <= MAX_HUNKS else []
    return [*found, *_raw(before.code, after.code), *_directives(before.code, after.code), *_token(before, after)]


def _of_attribute(change: Change) -> Iterator[Draft]:
    """The parser takes the signs of a template for names where no quotes are round them, so the first sign alone is looked at."""
    old, new = change.old, change.new
    if old is None or old.value is None or old.shape is not Shape.VALUE or not change.path:
        return
    value, other = old.value.text, new.value.text if new is not None and new.value is not None else ""
    if value.startswith(("{{", "<%=")) and not other.startswith(("{{", "<%=")):
        yield Draft(
            {"patterns": [{"pattern-regex": _UNQUOTED}]},
            "markup:unquoted",
            14,
            "A value is put into an attribute without quotes",
            "put quotes round it",
        )
    if re.match(_BEGINS, value) and not (re.match(_BEGINS, other) and _called(other) == _called(value)):
        unless = _called(other)
        spared = rf"(?!-?\s*(?:{'|'.join(map(re.escape, sorted(unless)))})\b)" if unless else ""
        operators: list[JsonObject] = [
            {"pattern": f"<{change.path[-1].name} ... {old.name}=$VALUE ...>"},
            {"metavariable-regex": {"metavariable": "$VALUE", "regex": f"{_BEGINS}{spared}"}},
        ]
        yield Draft(
            {"patterns": [*operators]},
            "markup:begins",
            19,
            f"`{old.name}` begins with a value",
            "let it begin with what is known",
        )


def _called(text: str) -> set[str]:
    return {name for value in _VALUE.findall(text) for name in _CALLED.findall(value)}


def _raw(before: str, after: str) -> Iterator[Draft]:
    """Ways of putting a value in as it is that the after side does without."""
    old, new = " ".join(_VALUE.findall(before)), " ".join(_VALUE.findall(after))
    kept = set(_FILTER.findall(new)) | set(_CALLED.findall(new))
    for name in dict.fromkeys(_FILTER.findall(old)):
        if name not in kept:
            rank = 13 if name in _RAW_FILTERS else 34
            yield _found(rf"\{{\{{[^}}]*\|\s*{name}\b[^}}]*\}}\}}", rank, f"A value is put in through `{name}`")
    for name in dict.fromkeys(_CALLED.findall(old)):
        if name not in kept:
            yield _found(rf"(?:\{{\{{[^}}]*|<%=[^%]*)\b{name}\s*\(", 30, f"A value is put in through `{name}`")
    for opening in _RAW:
        if opening in before and opening not in after:
            yield _found(rf"{re.escape(opening)}\s*[\w.@$]", 15, "A value is put in as it is")


def _directives(before: str, after: str) -> Iterator[Draft]:
    kept = {(one[1], one[2]) for one in _DIRECTIVE.finditer(after)}
    for name, word in dict.fromkeys((one[1], one[2] or "") for one in _DIRECTIVE.finditer(before)):
        if (name, word or None) in kept or name.startswith("end"):
            continue
        words = next((group for group in _SAME if word in group), (word,))
        given = rf"\s+(?:{'|'.join(words)})\b" if word else r"\b"
        yield _found(
            rf"\{{%-?\s*{name}{given}",
            20 if word in {"off", "false", "none"} else 36,
            f"`{name} {word}` is set".replace("  ", " "),
        )


def _token(before: Tree, after: Tree) -> Iterator[Draft]:
    """Forms that send something, without the token that the fix adds."""
    if not _TOKEN.search(after.code) or _TOKEN.search(before.code) or "<form" not in before.code.lower():
        return
    operators: list[JsonObject] = [
        {"pattern": "<form ... method=$METHOD ...>...</form>"},
        {"metavariable-regex": {"metavariable": "$METHOD", "regex": r"""(?i)^["']?(post|put|patch|delete)["']?$"""}},
        {"pattern-not-regex": _ANTIFORGERY},
    ]
    yield Draft(
        {"patterns": [*operators]}, "markup:token", 14, "A form is sent without a token of its own", "put the token in"
    )


def _found(regex: str, rank: int, what: str) -> Draft:
    return Draft({"patterns": [{"pattern-regex": regex}]}, "markup:directive", rank, what, "let the engine escape it")
