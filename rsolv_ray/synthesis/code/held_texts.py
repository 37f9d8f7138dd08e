"""What does a text hold that is given to a setting, and no longer holds after the fix?

Scripts in workflows, policies and templates are texts to the file that they stand in. A placeholder that was put into one, an option of
a command in it, a line of a policy, or a word that stands for something, as `::name` does, is looked for in texts of the same setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rsolv_ray.synthesis.code.shell import changed_commands

__all__ = ["SCRIPTS", "Gone", "gone"]

SCRIPTS = frozenset({
    "run", "script", "scripts", "source", "command", "args", "entrypoint", "before_script", "after_script", "shell", "cmd",
    "user_data", "inline",
})  # fmt: skip
"""Settings that hold code."""
_PLACEHOLDER = re.compile(r"\{\{-?\s*([A-Za-z_][\w.-]*)")
_SIGNED = re.compile(r"(?<![\w/.])(?:::|--?|@|/)[A-Za-z][\w-]{3,}")
_MEMBER = re.compile(r"\"([A-Za-z]+)\"\s*[:=]\s*(\[?\s*\"[^\"]*\*[^\"]*\"|\"\*\")")
_MOST = 3


@dataclass(frozen=True)
class Gone:
    """A piece that the after side lacks: a regular expression of texts that hold it, the rank of a rule, and how it is shown."""

    regex: str
    rank: int
    what: str
    instead: str


def gone(name: str, before: str, after: str) -> Iterator[Gone]:
    """The pieces of a text that its new one does not hold, those that say most first."""
    yield from _members(before, after)
    if name in SCRIPTS:
        yield from _placeholders(before, after)
        yield from _options(before, after)
        yield from _signed(before, after)


def _placeholders(before: str, after: str) -> Iterator[Gone]:
    """Its value is put into the text before that is used: what it begins with says where it comes from."""
    there = set(_PLACEHOLDER.findall(after))
    for told in dict.fromkeys(one for one in _PLACEHOLDER.findall(before) if one not in there):
        begins = ".".join(told.split(".")[:2])
        regex = rf"(?s).*\{{\{{-?\s*{re.escape(begins)}\b"
        yield Gone(regex, 14, f"`{{{{ {begins} }}}}` is put into a text", "pass it as a variable of the environment")


def _members(before: str, after: str) -> Iterator[Gone]:
    """Of a policy in JSON, what allows anything."""
    for match in _MEMBER.finditer(before):
        if match[0] not in after:
            value = re.escape(match[2].lstrip("[ \n"))
            regex = rf"(?s).*\"{match[1]}\"\s*[:=]\s*\[?\s*{value}"
            yield Gone(regex, 15, f"`{match[1]}` allows anything", "name what is needed")


def _options(before: str, after: str) -> Iterator[Gone]:
    for change in changed_commands(before, after):
        for option in change.gone:
            regex = rf"(?s).*\b{re.escape(change.name)}\b[^\n;|&]*\s{re.escape(option)}(?![\w-])"
            yield Gone(regex, 16, f"`{change.name}` is run with `{option}`", f"leave `{option}` out")


def _signed(before: str, after: str) -> Iterator[Gone]:
    found = dict.fromkeys(word for word in _SIGNED.findall(before) if word not in after)
    for word in list(found)[:_MOST]:
        yield Gone(rf"(?s).*(?<![\w/.]){re.escape(word)}(?![\w-])", 26, f"`{word}` is used", "do without it")
