"""By which name should a pattern call something?

A module's function by its full name, which Semgrep follows through imports and aliases; a method on any receiver, because
the name of the variable that holds the object says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.syntax import Node, Tree

_PLAIN = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::)[A-Za-z_$][\w$]*)*")
"""A full name that can stand in a pattern: not `lodash/merge`, nor `body-parser`."""


@lru_cache(maxsize=64)
def imported(tree: Tree) -> dict[str, str]:
    """Name in this file -> full name of what was imported under it."""
    names: dict[str, str] = {}
    for node in tree.root.walk():
        if node.kind == "import_statement" and node.grammar.imports is not None:
            names |= node.grammar.imports(node.text)
        elif node.kind == "import_statement":
            module = node.field("module_name")
            names |= _from_import(node.parts, "") if module is None else _from_module(node, _path(module))
        elif node.kind == "import_from_statement":
            module = node.field("module_name")
            if module is not None:
                prefix = f"{module.text}." if not module.text.startswith(".") else ""
                names |= _from_import([part for part in node.parts if part is not module], prefix)
        elif node.kind == "assignment":
            names |= _required(node.field("left"), node.field("right"))
    return {name: full for name, full in names.items() if _PLAIN.fullmatch(full)}


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


def _path(module: Node) -> str:
    """The module that a text names: `fs` for "node:fs"; empty for a file of the same project."""
    path = module.text.strip("\"'`").removeprefix("node:")
    return "" if path.startswith(".") else path


def _from_module(statement: Node, module: str) -> dict[str, str]:
    """`import fs, * as all, { readFile as read } from "fs"`"""
    names: dict[str, str] = {}
    for part in statement.walk():
        name, alias = part.field("name"), part.field("alias")
        if part.kind == "import_specifier" and name is not None:
            names[(alias or name).text] = f"{module}.{name.text}" if module else name.text
        elif (
            part.kind == "identifier" and part.parent is not None and part.parent.kind != "import_specifier" and module
        ):
            names[part.text] = module
    return names


def _required(target: Node | None, value: Node | None) -> dict[str, str]:
    """`const fs = require("fs")`, `const { readFile: read } = require("fs")`, `const read = require("fs").readFile`"""
    if target is None or value is None or value.kind not in ("call", "attribute"):
        return {}
    member = value.field("attribute")
    module = module_required(value.field("object") if member is not None else value)
    if module is None:
        return {}
    prefix = ".".join(part for part in (module, member.text if member is not None else "") if part)
    if target.kind == "identifier":
        return {target.text: prefix} if prefix else {}
    names: dict[str, str] = {}
    for part in target.parts if target.kind == "object_pattern" else ():
        if part.kind in ("identifier", "pair_pattern") and (part.parts or [part])[-1].kind == "identifier":
            first, last = (part.parts or [part])[0], (part.parts or [part])[-1]
            names[last.text] = f"{prefix}.{first.text}" if prefix else first.text
    return names


def module_required(value: Node | None) -> str | None:
    """The module of `require("...")`, empty for a file of the same project, or None for anything else."""
    function, arguments = (value.field("function"), value.field("arguments")) if value is not None else (None, None)
    if function is None or arguments is None or function.text != "require" or len(arguments.parts) != 1:
        return None
    return _path(arguments.parts[0]) if arguments.parts[0].kind == "string" else None


def _of_type(call: Call, last: str, tree: Tree) -> str:
    """A class by its own name, without its package: as code names it, whatever it imports."""
    if call.receiver is None or call.is_construction:
        return last
    owner = type_named(call.receiver, tree)
    return f"{owner}.{last}" if owner is not None else f"$O.{last}"


def type_named(node: Node, tree: Tree) -> str | None:
    """The type, or the object that is always there, that an expression names, without its package; None where it is none.

    `Cipher`, `javax.crypto.Cipher` and `System.out` are; `cipher`, `this.cipher` and `MAX` are not.
    """
    parts = node.text.split(".")
    if not node.grammar.types_capitalised or not _PLAIN.fullmatch(node.text):
        return None
    if parts[0] in CATALOGUES[tree.language].names.modules:
        parts = _without_package(parts)
    is_type = parts[0][:1].isupper() and (not parts[0].isupper() or parts[0] in imported(tree) or len(parts[0]) < 4)
    return ".".join(parts) if is_type else None


def _without_package(parts: list[str]) -> list[str]:
    """`java.util.Map.Entry` is `Map.Entry`; of a namespace, which is capitalised as a class is, the last part alone is taken."""
    lower = next((at for at, part in enumerate(parts) if not part[:1].islower()), len(parts) - 1)
    return parts[lower or -1 :]


def full_name(call: Call, tree: Tree) -> str | None:
    """`os.system`, `$O.execute`, `run_command`, `new Function`; None where a computed value is called."""
    if call.name is None:
        return None
    told = _of_type if call.node.grammar.types_capitalised else _full_name
    name = told(call, call.name, tree)
    return f"new {name}" if call.is_construction else name


def _full_name(call: Call, last: str, tree: Tree) -> str:
    known = imported(tree)
    if call.receiver is None:
        return known.get(last, last)
    if call.joint == "::":
        return _by_path(call.receiver, last, known)
    if module := module_required(call.receiver):
        return f"{module}.{last}" if _PLAIN.fullmatch(module) else f"$O.{last}"
    head, dot, rest = call.receiver.text.partition(".")
    if head in known:
        return f"{known[head]}{dot}{rest}.{last}" if _PLAIN.fullmatch(call.receiver.text) else f"$O.{last}"
    if head in CATALOGUES[tree.language].names.modules and _PLAIN.fullmatch(call.receiver.text):
        return f"{call.receiver.text}.{last}"
    return f"$O.{last}"


def _by_path(receiver: Node, last: str, known: Mapping[str, str]) -> str:
    """The name of what is called by a path, as in `Digest::MD5`."""
    if receiver.text in receiver.grammar.plain_paths:
        return last
    head, joint, rest = receiver.text.partition("::")
    path = f"{known.get(head, head)}{joint}{rest}::{last}"
    return path if _PLAIN.fullmatch(path) else f"$O::{last}"
