"""Which commands does a line of shell run, with which words, and what of it does a fix run otherwise?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Command", "changed_commands", "commands"]

_BETWEEN = re.compile(r"\s*(?:&&|\|\||;|\||\n)\s*")
_JOINED = re.compile(r"\\\n\s*")
_WORD = re.compile(r"(?:[^\s\"']|\"[^\"]*\"|'[^']*')+")
_OPTION = re.compile(r"^--?[A-Za-z][\w-]*(?:=[\w./:-]*)?$")
_NAME = re.compile(r"^[\w./+-]+$")
_SUBCOMMAND = re.compile(r"^[a-z][a-z-]+$")


@dataclass(frozen=True)
class Command:
    """One command: its name, and the words after it."""

    name: str
    words: tuple[str, ...]

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(word for word in self.words if _OPTION.match(word))

    @property
    def known_by(self) -> tuple[str, ...]:
        """Its name with the name of what it is asked to do (`apt-get install`)."""
        first = next((word for word in self.words if not word.startswith("-")), "")
        return (self.name, first) if _SUBCOMMAND.match(first) else (self.name,)


@dataclass(frozen=True)
class CommandChange:
    """A command of the before side. `kept` is what it is known by on both sides, `gone` and `added` are options. `loses_values`: it was given
    values that are known when it is run, and now is given none."""

    name: str
    kept: tuple[str, ...]
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    is_gone: bool = False
    loses_values: bool = False


def commands(code: str) -> list[Command]:
    """The commands of some lines, in their order; what is no plain command is left out."""
    parts = [_WORD.findall(part) for part in _BETWEEN.split(_JOINED.sub(" ", code))]
    return [Command(words[0], tuple(words[1:])) for words in parts if words and _NAME.match(words[0])]


def changed_commands(before: str, after: str) -> list[CommandChange]:
    """The commands that are run otherwise, or no longer, each with the options that went or came."""
    old, new = commands(before), commands(after)
    left = [command for command in old if command not in new]
    right = [command for command in new if command not in old]
    return [_changed(command, right) for command in left]


def _changed(command: Command, others: Sequence[Command]) -> CommandChange:
    twin = next((one for one in others if one.known_by == command.known_by), None)
    twin = twin or next((one for one in others if one.name == command.name), None)
    if twin is None:
        return CommandChange(command.name, command.known_by, is_gone=True)
    kept = tuple(a for a, b in zip(command.known_by, twin.known_by, strict=False) if a == b)
    gone = tuple(one for one in command.options if one not in twin.options)
    added = tuple(one for one in twin.options if one not in command.options)
    loses_values = _has_values(command) and not _has_values(twin)
    return CommandChange(command.name, kept, gone, added, loses_values=loses_values)


def _has_values(command: Command) -> bool:
    return any("$" in word or "`" in word for word in command.words)
