"""What should stand there instead?

A `fix:` template in the rule's own metavariables, where the after side can be said in them. The engine fills it in; whoever
offers the result parses and scans it again before it is shown.
"""

from __future__ import annotations

from rsolv_ray.synthesis.code.calls import Call


def replaced_callee(name: str, other: str, old: Call, new: Call) -> tuple[str, str | None]:
    """The pattern of a call whose callee was replaced, and the template that mends it, or None.

    A template needs the same arguments on both sides, some of the keywords left out at most, and a name that is in scope
    wherever the old one is: a sibling in the same module, or a method of the same object.
    """
    if not _in_scope(name, other):
        return f"{name}(...)", None
    if [one.key for one in old.arguments] == [one.key for one in new.arguments]:
        return f"{name}($...ARGS)", f"{other}($...ARGS)"
    kept = [one.key for one in new.arguments]
    if kept and kept == [one.key for one in old.positional]:
        values = ", ".join(f"$A{number}" for number in range(1, len(kept) + 1))
        return f"{name}({values}, ...)", f"{other}({values})"
    return f"{name}(...)", None


def _in_scope(name: str, other: str) -> bool:
    module, dot, _ = name.rpartition(".")
    return bool(dot) and other.rpartition(".")[0] == module
