"""Which command does the fix run otherwise, or no longer?

The option that went or came is kept, and the command's name; where a command was given values and is given none any more, it is looked
for with values. `instruction` is what stands before commands where they are run (`RUN ` in a Dockerfile).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.shell import CommandChange, changed_commands
from rsolv_ray.synthesis.code.syntax import Tree
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

__all__ = ["drafts", "of_commands"]

_AS_ANOTHER = frozenset({"sudo", "su", "doas"})
_CONSTANT = r"^[^$`]*$"


def drafts(before: Tree, edits: Sequence[Hunk]) -> Iterator[Draft]:
    """Search rules for the commands that changed in a shell script."""
    quiet = CATALOGUES[before.language].names.quiet
    for hunk in edits:
        was, is_now = ("\n".join(unit.text for unit in units) for units in (hunk.before, hunk.after))
        for change in changed_commands(was, is_now):
            if change.name not in quiet:
                yield from of_commands(change, "")


def of_commands(change: CommandChange, instruction: str) -> Iterator[Draft]:
    """The rules for one command."""
    name, kept = change.name, " ".join(change.kept) or change.name
    for option in change.gone:
        body: JsonObject = {"patterns": [{"pattern": f"{instruction}{name} ... {option} ..."}]}
        yield Draft(body, "command:option", 15, f"`{name}` is run with `{option}`", f"leave `{option}` out")
    for option in change.added:
        operators: list[JsonObject] = [
            {"pattern": f"{instruction}{kept} ..."},
            {"pattern-not": f"{instruction}{kept} ... {option} ..."},
        ]
        yield Draft(
            {"patterns": [*operators]},
            "command:option",
            22 if option.startswith("--") else 36,
            f"`{kept}` is run without `{option}`",
            f"pass `{option}`",
        )
    if change.loses_values:
        body = {"patterns": [{"pattern": f"{instruction}{name} ..."}, {"pattern-not-regex": _CONSTANT}]}
        yield Draft(body, "command:value", 24, f"`{name}` is run on values", "run it on what stands in the script")
    if change.is_gone:
        body = {"patterns": [{"pattern": f"{instruction}{name} ..."}]}
        yield Draft(body, "command:gone", 25 if name in _AS_ANOTHER else 50, f"`{name}` is run", "do without it")
