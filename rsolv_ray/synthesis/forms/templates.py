"""How is a changed piece of code written as a pattern, and its after side in the same metavariables?

Anti-unification of the two sides with shared holes: what stands on both is opened, and the same piece gets the same metavariable
on either side; what only one side has stays as it is written (Plotkin, A note on inductive generalization, 1970; for edits
Getafix, arXiv 1902.06111).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rsolv_ray.synthesis.catalogue.families import Names
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import assigned, parameters, scope_of
from rsolv_ray.synthesis.code.names import imported
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.languages.grammar import BLOCKS, LITERALS, STRINGS

LEVELS = ("values", "names")
"""What is opened: every value that stands on both sides, or the names alone, so that literals and calls stay."""
_VALUES = LITERALS | {
    "attribute", "subscript", "call", "binary_operator", "boolean_operator", "comparison_operator", "await",
    "conditional_expression", "list", "tuple", "dictionary", "lambda", "parenthesized_expression", "unary_operator", "not_operator",
}  # fmt: skip
_ROLES = ("function", "attribute", "name", "key", "type", "operator")
"""A part that plays one of these says what is done, and stays."""
_WORD = re.compile(r"[^\W\d]\w+")
_OWN = frozenset({"self", "cls", "this"})
_ASSIGNMENTS = ("assignment", "augmented_assignment")


@dataclass
class Template:
    """Writes the two sides of one change.

    `kept` are the keys of the pieces that stand on both sides. `holes` maps the key of an opened piece to its metavariable;
    `named` counts the telling names and literals that the pattern keeps, `repeated` the pieces that stand in it once more.
    """

    tree: Tree
    after: Tree
    kept: frozenset[int]
    level: str
    holes: dict[int, str] = field(default_factory=dict[int, str])
    named: int = 0
    repeated: int = 0

    def pattern(self, node: Node) -> str:
        """A piece of the before side."""
        if self._opens(node):
            self.repeated += node.key in self.holes
            return self.holes.setdefault(node.key, f"$V{len(self.holes) + 1}")
        if _is_whole(node):
            self.named += self._tells(node)
            return node.text
        return joined(node, self.pattern)

    def mended(self, node: Node) -> str | None:
        """A piece of the after side; None where it needs a name of its function that the pattern does not bind."""
        if any(self._is_foreign(name) for name in self._names_left(node)):
            return None
        return _written(node, self.holes)

    def spared(self, node: Node) -> str:
        """A piece of the after side as a pattern whose metavariables bind nothing of the other's."""
        return _written(node, {key: name.replace("$V", "$AFTER") for key, name in self.holes.items()})

    @property
    def _known(self) -> Names:
        return CATALOGUES[self.tree.language].names

    def _opens(self, node: Node) -> bool:
        if not node.named or node.key not in self.kept or has_role(node) or node.has(*BLOCKS):
            return False
        if node.kind == "identifier":
            return not self._is_global(node)
        if self.level != "values" or node.kind not in _VALUES or _is_set(node):
            return False
        head = node.text.partition(".")[0]
        return node.field_name != "object" or head not in self._known.modules | set(imported(self.tree))

    def _is_global(self, name: Node) -> bool:
        return name.text in self._known.modules | self._known.keywords or name.text in imported(self.tree)

    def _tells(self, node: Node) -> bool:
        if node.kind in LITERALS:
            return len(node.text) > 3 if node.kind in STRINGS else node.kind in ("integer", "float", "regex")
        return node.named and bool(_WORD.search(node.text)) and node.text not in self._known.quiet | _OWN

    def _names_left(self, node: Node) -> Iterator[Node]:
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one.key in self.holes and not has_role(one):
                continue
            if one.kind == "identifier":
                yield one
            waiting += one.children

    def _is_foreign(self, name: Node) -> bool:
        """Whether a name of the after side means something only in the function that was fixed."""
        if has_role(name) or name.field_name == "left" or name.text in _OWN or self._is_global(name):
            return False
        if name.text in imported(self.after) or name.text.isupper():
            return False
        return name.text in parameters(scope_of(name)) or bool(assigned(name))


def has_role(node: Node) -> bool:
    """Whether a part says what is done rather than to what."""
    return node.field_name in _ROLES


def joined(node: Node, written: Callable[[Node], str]) -> str:
    """The text of a node, its children written by `written`."""
    parts: list[str] = []
    at = node.start
    for child in node.children:
        parts += [node.source[at : child.start], written(child)]
        at = child.end
    return "".join([*parts, node.source[at : node.end]])


def _written(node: Node, holes: dict[int, str]) -> str:
    if node.key in holes and not has_role(node):
        return holes[node.key]
    return node.text if _is_whole(node) else joined(node, lambda child: _written(child, holes))


def _is_whole(node: Node) -> bool:
    return not node.children or (node.kind in LITERALS and not node.has("interpolation"))


def _is_set(node: Node) -> bool:
    """Whether a piece is, or is a literal of, what an assignment sets: the name of a setting stays."""
    if node.field_name == "left" and node.parent is not None and node.parent.kind in _ASSIGNMENTS:
        return True
    if node.kind not in LITERALS:
        return False
    around = node.parent
    while around is not None and around.kind in ("attribute", "subscript"):
        if around.field_name == "left":
            return True
        around = around.parent
    return False


def spine(old: Node, new: Node) -> list[tuple[Node, Node]]:
    """From two units down to the smallest pieces that hold all that differs."""
    found = [(old, new)]
    while old.kind == new.kind and len(old.children) == len(new.children) and old.kind not in LITERALS:
        differing = [(a, b) for a, b in zip(old.children, new.children, strict=True) if a.key != b.key]
        if len(differing) != 1 or old.has(*BLOCKS):
            break
        old, new = differing[0]
        found.append((old, new))
    return found
