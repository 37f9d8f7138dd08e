"""Does the fix write the own state before it calls another contract?

What is called may call back, and finds the books as they were. The rule is the order itself: the call, and after it, anywhere in the same
function, a state variable that is written; of the variable the kind is kept, of the call the name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

__all__ = ["drafts"]

_FAMILY = "reentrancy"
_RANK = 22
_MOST = 4
_WRITES = frozenset({"assignment", "augmented_assignment"})


def drafts(before: Tree, after: Tree, families: Sequence[Family]) -> Iterator[Draft]:
    """Search rules for calls that stand before writes on the before side alone."""
    family = next((one for one in families if one.name == _FAMILY), None)
    if family is None:
        return
    kept = {pattern for function in _functions(after) for pattern in _orders(function, after)}
    found = dict.fromkeys(pattern for function in _functions(before) for pattern in _orders(function, before))
    for pattern in [one for one in found if one not in kept][:_MOST]:
        yield Draft({"patterns": [{"pattern": pattern}]}, "order:call", _RANK, family.what, family.instead)


def _functions(tree: Tree) -> list[Node]:
    return [node for node in tree.root.walk() if node.kind == "function_definition"]


def _orders(function: Node, tree: Tree) -> Iterator[str]:
    """Patterns of each call with each write that comes later, those nearest to each other first."""
    quiet = CATALOGUES[tree.language].names.quiet
    local = {
        name.text
        for node in function.walk()
        if node.kind in ("typed_parameter", "variable_declaration")
        for name in node.parts[-1:]
    }
    local |= {
        left.text
        for node in function.walk()
        if node.kind == "assignment" and node.field("type") and (left := node.field("left"))
    }
    writes = [
        node for node in function.walk() if node.kind in _WRITES and not node.field("type") and _root(node) not in local
    ]
    for call in calls_in([function]):
        name = call.name
        if name is None or name in quiet or (not call.receiver and not name.startswith(("_", "do"))):
            continue
        later = [node for node in writes if node.start >= call.node.end]
        yield from (f"{_called(call)};\n...\n{text};" for text in dict.fromkeys(map(_write, later)) if text)


def _called(call: Call) -> str:
    name = f"$TARGET.{call.name}" if call.receiver is not None else f"{call.name}"
    sent = any(child.kind == "'{'" for child in call.node.children) or "{" in call.node.text.split("(")[0]
    return f"{name}{{value: $SENT}}($DATA)" if sent and call.name == "call" else f"{name}(...)"


def _root(node: Node) -> str:
    target = node.field("left")
    while target is not None and target.parts and target.kind != "identifier":
        target = target.parts[0]
    return target.text if target is not None else ""


def _write(node: Node) -> str | None:
    """A pattern of what is written: of a mapping the kind, of a plain variable its name."""
    target = node.field("left")
    operator = next((child.text for child in node.children if not child.named and child.text.endswith("=")), "=")
    if target is None:
        return None
    if target.kind == "identifier":
        return f"{target.text} {operator} $NEW"
    field = target.field("attribute") if target.kind == "attribute" else None
    base = target.field("object") if field is not None else target
    if base is None or base.kind != "subscript":
        return f"$STATE.{field.text} {operator} $NEW" if field is not None else None
    return f"$BOOKS[$KEY]{f'.{field.text}' if field is not None else ''} {operator} $NEW"
