"""How far may the changed code be opened before it says nothing?

A ladder over what the fix took away: locals become metavariables, the same one wherever the same name stands, then literals become
`"..."`, then arguments `...`, then receivers are opened. The most general rung comes first; the judge takes the first that is silent
after. A rung that names too little is left out. (Anti-unification of one example with itself, as in Getafix: arXiv 1902.06111.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Catalogue
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import imported, type_named
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import BLOCKS, STRINGS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_LONGEST = 300
"""Changed units longer than this are not repeated in a pattern."""
_LEAST_NAMED = 2
"""A pattern that names fewer things than this is too general to be tried."""
RUNGS = ("receivers", "arguments", "literals", "names")
"""From general to special; each rung opens what it says and all that stands after it."""
_SKIPPED = frozenset(
    {"import_statement", "import_from_statement", "parameters", "identifier", "type", "modifiers", "package"}
)


@dataclass
class _Rung:
    """One way of writing a tree as a pattern. `named` counts the names and literals that stay."""

    tree: Tree
    opened: frozenset[str]
    holes: dict[str, str] = field(default_factory=dict[str, str])
    named: int = 0

    @property
    def _catalogue(self) -> Catalogue:
        return CATALOGUES[self.tree.language]

    @property
    def _common(self) -> frozenset[str]:
        return self._catalogue.names.quiet | self._catalogue.names.modules

    def written(self, node: Node) -> str:
        opened = self._opened(node)
        if opened is not None:
            return opened
        if node.kind == "identifier":
            return self._name(node)
        if node.kind == "attribute" and "receivers" in self.opened:
            return self._attribute(node)
        if node.kind == "assignment" and (declared := self._declared(node)) is not None:
            return declared
        if not node.children or node.kind in STRINGS:
            self.named += node.named
            return node.text
        return self._joined(node)

    def _opened(self, node: Node) -> str | None:
        """What stands for a part that says nothing on this rung, or None."""
        if node.kind in BLOCKS:
            return "{ ... }"
        if node.kind in STRINGS and "literals" in self.opened:
            return '"..."'
        return "(...)" if node.kind == "argument_list" and "arguments" in self.opened else None

    def _joined(self, node: Node) -> str:
        parts: list[str] = []
        at = node.start
        for child in node.children:
            parts += [node.source[at : child.start], self.written(child)]
            at = child.end
        return "".join([*parts, node.source[at : node.end]])

    def _declared(self, node: Node) -> str | None:
        """`Type name = value` without its type, which says nothing of the value; None where there is no type in front."""
        notation, kind = NOTATIONS[self.tree.language], node.field("type")
        left, right = node.field("left"), node.field("right")
        if kind is None or left is None or right is None or kind.start > left.start:
            return None
        told = notation.names_given[-1].format(name=self.written(left), value=self.written(right))
        return f"{told}{notation.ending}"

    def _name(self, node: Node) -> str:
        if node.field_name in ("function", "attribute", "name") or self._is_known(node):
            self.named += node.text not in self._common
            return node.text
        return self.holes.setdefault(node.text, f"$V{len(self.holes) + 1}")

    def _is_known(self, node: Node) -> bool:
        return (
            node.text in imported(self.tree)
            or (node.grammar.types_capitalised and node.text[:1].isupper())
            or node.text in self._catalogue.names.modules | self._catalogue.names.keywords
        )

    def _attribute(self, node: Node) -> str:
        receiver, last = node.field("object"), node.field("attribute")
        if (
            receiver is None
            or last is None
            or type_named(receiver, self.tree) is not None
            or receiver.text.split(".")[0] in self._catalogue.names.modules | set(imported(self.tree))
        ):
            return self._joined(node)
        self.named += last.text not in self._catalogue.names.quiet
        return f"{self.holes.setdefault(receiver.text, f'$V{len(self.holes) + 1}')}.{last.text}"


def drafts(before: Tree, edits: Sequence[Hunk]) -> list[Draft]:
    """Ladder rules for the simple statements and heads that the fix changed or removed."""
    found: list[Draft] = []
    for hunk in edits:
        for unit in hunk.before:
            if len(unit.text) <= _LONGEST and unit.kind not in _SKIPPED and not _is_of_head(unit):
                found += _ladder(_core(unit), before)
    return found


def _is_of_head(unit: Node) -> bool:
    """Whether it is a type, or a name, in the head of a function or a class."""
    around = unit.parent
    return (
        unit.grammar.types_capitalised
        and around is not None
        and around.kind in ("function_definition", "class_definition")
    )


@dataclass(frozen=True)
class Opened:
    """An expression as a pattern, and how many things it names."""

    text: str
    named: int


def opened(node: Node, tree: Tree) -> Opened:
    """An expression with every receiver and name opened."""
    rung = _Rung(tree, frozenset({"receivers", "names"}))
    return Opened(rung.written(node), rung.named)


def _core(unit: Node) -> Node:
    """The expression of a statement, which is found inside others, too."""
    while unit.kind in ("as_pattern", "with_item", "with_clause") and unit.parts:
        unit = unit.parts[0]
    if unit.kind == "expression_statement" and len(unit.parts) == 1:
        unit = unit.parts[0]
    if unit.kind == "assignment" and (value := unit.field("right")) is not None and value.kind == "call":
        return value
    return unit


def _ladder(node: Node, tree: Tree) -> list[Draft]:
    found: list[Draft] = []
    texts: set[str] = set()
    for number, _ in enumerate(RUNGS):
        rung = _Rung(tree, frozenset(RUNGS[number:]))
        text = rung.written(node)
        if text not in texts and rung.named >= _LEAST_NAMED:
            body: JsonObject = {"patterns": [{"pattern": text}]}
            found.append(Draft(body, f"ladder:{number + 1}", 70 + number))
        texts.add(text)
    return found
