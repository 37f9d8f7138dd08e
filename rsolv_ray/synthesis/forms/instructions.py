"""Which instruction of a Dockerfile does the fix write otherwise, add or take away?

An instruction that was added is missed before those that it is there for: a user, before the container is started (`CMD` and
`ENTRYPOINT` start it both); all else, in the stage. Of a command that is run, the words count that came or went: options, and whole
commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.edits import MAX_HUNKS
from rsolv_ray.synthesis.code.entries import Entry, Layout, compared
from rsolv_ray.synthesis.code.shell import changed_commands
from rsolv_ray.synthesis.code.syntax import Tree
from rsolv_ray.synthesis.forms.commands import of_commands
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

__all__ = ["drafts"]

_STARTING = ("CMD", "ENTRYPOINT")
_SHELL = frozenset({"RUN", "CMD", "ENTRYPOINT"})
_TAGGED = re.compile(r"^(?P<image>[^\s:@]+(?:/[^\s:@]+)*)(?::(?P<tag>[\w.-]+))?(?:@(?P<digest>\S+))?")


def drafts(before: Tree, after: Tree, layout: Layout) -> list[Draft]:
    """Search rules for the instructions that changed."""
    old = layout.entries(before)
    changes = compared(old, layout.entries(after))
    if len(changes) > MAX_HUNKS:
        return []
    added = [change.new for change in changes if change.old is None and change.new is not None]
    found: list[Draft] = []
    for change in changes:
        if change.old is not None and change.new is not None:
            found += _changed(change.old, change.new)
        elif change.old is not None:
            found += _gone(change.old, added)
        elif change.new is not None:
            found += _missing(change.new, old)
    return found


def _changed(old: Entry, new: Entry) -> Iterator[Draft]:
    was, is_now = _given(old), _given(new)
    if old.name in _SHELL:
        yield from _commands(old.name, was, is_now)
    elif old.name == "FROM":
        yield from _image(was, is_now)
    elif " " not in was:
        body: JsonObject = {
            "patterns": [
                {"pattern": f"{old.name} $VALUE"},
                {"metavariable-regex": {"metavariable": "$VALUE", "regex": f"^{re.escape(was)}$"}},
                {"focus-metavariable": "$VALUE"},
            ],
            "fix": is_now,
        }
        yield Draft(body, "setting:changed", 14, f"`{old.name} {was}` is set", f"set `{old.name} {is_now}`")


def _image(was: str, is_now: str) -> Iterator[Draft]:
    """An image without a version, or with one that moves on, where the fix names one."""
    old, new = _TAGGED.match(was), _TAGGED.match(is_now)
    if old is None or new is None:
        return
    if old["tag"] in (None, "latest") and old["digest"] is None and (new["tag"] or new["digest"]):
        any_version: list[JsonObject] = [{"pattern-not": "FROM $IMAGE:$TAG"}, {"pattern-not": "FROM $IMAGE@$DIGEST"}]
        either: list[JsonObject] = [
            {"patterns": [{"pattern": "FROM $IMAGE"}, *any_version]},
            {"pattern": "FROM $IMAGE:latest"},
        ]
        yield Draft(
            {"patterns": [{"pattern-either": [*either]}]},
            "setting:changed",
            14,
            "An image is taken without its version",
            f"name it, as in `{is_now}`",
        )
    elif old["image"] != new["image"] or old["tag"] != new["tag"]:
        tag = f":{old['tag']}" if old["tag"] else ""
        yield Draft(
            {"patterns": [{"pattern": f"FROM {old['image']}{tag}"}]},
            "setting:changed",
            40,
            f"The image `{was}` is used",
            f"use `{is_now}`",
        )


def _commands(instruction: str, was: str, is_now: str) -> Iterator[Draft]:
    for change in changed_commands(was, is_now):
        yield from of_commands(change, f"{instruction} ")


def _gone(old: Entry, added: Sequence[Entry]) -> Iterator[Draft]:
    was = _given(old)
    twin = next((one for one in added if _given(one) == was), None)
    if old.name in _SHELL and twin is None:
        yield from _commands(old.name, was, "")
    elif twin is not None and len(was.split()) == 2:
        body: JsonObject = {"patterns": [{"pattern": f"{old.name} $FROM $TO"}], "fix": f"{twin.name} $FROM $TO"}
        yield Draft(body, "call:replaced", 16, f"`{old.name}` is used", f"use `{twin.name}`")
    else:
        yield Draft(
            {"patterns": [{"pattern": f"{old.name} {was}"}]},
            "setting:changed",
            24,
            f"`{old.name} {was}` is set",
            "leave it out",
        )


def _missing(new: Entry, old: Sequence[Entry]) -> Iterator[Draft]:
    """What an added instruction is there for, without it."""
    any_given = f"{new.name} ..." if new.name in _SHELL else f"{new.name} $GIVEN"
    if new.name == "USER" and any(entry.name in _STARTING for entry in old):
        body: JsonObject = {
            "patterns": [
                {"pattern-regex": rf"(?m)^(?<STARTED>(?:{'|'.join(_STARTING)})\b(?:.*\\\n)*.*)$"},
                {"pattern-not-inside": f"{any_given}\n...\n"},
            ],
            "fix": f"{new.name} {_given(new)}\n$STARTED",
        }
        yield Draft(
            body, "setting:missing", 16, "The container is started by the root user", f"set `USER {_given(new)}` before"
        )
        return
    operators: list[JsonObject] = [
        {"pattern": "FROM $IMAGE"},
        {"pattern-not-inside": f"FROM $IMAGE\n...\n{any_given}\n"},
    ]
    yield Draft(
        {"patterns": [*operators]}, "setting:missing", 34, f"`{new.name}` is not set", f"set `{new.name} {_given(new)}`"
    )


def _given(entry: Entry) -> str:
    return entry.value.text if entry.value is not None else ""
