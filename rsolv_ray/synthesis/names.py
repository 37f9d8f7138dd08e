"""By which name should a pattern call something?

A module's function by its full name, which Semgrep follows through imports and aliases; a method on any receiver, because
the name of the variable that holds the object says nothing.
"""

from __future__ import annotations

from functools import lru_cache

from rsolv_ray.synthesis.calls import Call
from rsolv_ray.synthesis.syntax import Node, Tree
from rsolv_ray.synthesis.weaknesses import MODULES


@lru_cache(maxsize=64)
def imported(tree: Tree) -> dict[str, str]:
    """Name in this file -> full name of what was imported under it."""
    names: dict[str, str] = {}
    for node in tree.root.walk():
        if node.kind == "import_statement":
            names |= _from_import(node.parts, "")
        elif node.kind == "import_from_statement":
            module = node.field("module_name")
            if module is not None:
                prefix = f"{module.text}." if not module.text.startswith(".") else ""
                names |= _from_import([part for part in node.parts if part is not module], prefix)
    return names


def _from_import(parts: list[Node], prefix: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for part in parts:
        name, alias = part.field("name"), part.field("alias")
        if name is not None and alias is not None:
            names[alias.text] = prefix + name.text
        elif part.kind == "dotted_name":
            names[part.text if prefix else part.text.split(".")[0]] = prefix + (
                part.text if prefix else part.text.split(".")[0]
            )
    return names


def full_name(call: Call, tree: Tree) -> str | None:
    """`os.system`, `$O.execute`, `run_command`; None where a computed value is called."""
    if call.name is None:
        return None
    known = imported(tree)
    if call.receiver is None:
        return known.get(call.name, call.name)
    head, dot, rest = call.receiver.text.partition(".")
    if head in known:
        return f"{known[head]}{dot}{rest}.{call.name}"
    if head in MODULES and call.receiver.kind in ("identifier", "attribute"):
        return f"{call.receiver.text}.{call.name}"
    return f"$O.{call.name}"
