"""Which field does the good side give a literal of a type that the bad side leaves out?

Where objects are written as literals of their types (`tls.Config{...}`), a field that is left out has the value that the type gives it,
and that may be the weak one. The rule finds literals of the type without the field, or with the value that leaving it out means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import imported
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk]) -> list[Draft]:
    """Search rules for literals that lack a field; nothing where the language writes none of them."""
    notation = NOTATIONS[before.language]
    if notation.literal is None or notation.whole_literal is None:
        return []
    old = list(_literals([unit for hunk in edits for unit in hunk.before], before))
    new = list(_literals([unit for hunk in edits for unit in hunk.after], after))
    found: dict[str, Draft] = {}
    for name, fields in old:
        for other, given in new:
            missing = {key: value for key, value in given.items() if key not in fields} if other == name else {}
            for key, value in missing.items():
                unless = [notation.literal.format(type=name, key=key, value=_kept(value))]
                draft = _lacking(name, key, value, unless, notation.whole_literal)
                found.setdefault(str(draft.body), draft)
    return list(found.values())


def _kept(value: Node) -> str:
    """What the good side gives: a switch says which way it has to be, of anything else that it is given is enough."""
    return value.text if value.kind in ("true", "false") else "$GIVEN"


def _lacking(name: str, key: str, value: Node, unless: Sequence[str], whole: str) -> Draft:
    patterns: list[JsonObject] = [{"pattern": whole.format(type=name)}, *({"pattern-not": text} for text in unless)]
    shown = value.text if len(value.text) <= 40 and "\n" not in value.text else "a value"
    what, instead = f"`{name}` is made without `{key}`", f"set `{key}` to `{shown}`"
    return Draft({"patterns": [*patterns]}, "literal:lacks", 17, what, instead)


def _literals(units: Sequence[Node], tree: Tree) -> Iterator[tuple[str, dict[str, Node]]]:
    """The full name of each type that a literal is written of, with its fields."""
    for node in (one for unit in units for one in unit.walk()):
        name, body = node.field("type"), node.field("body")
        if (
            node.kind != "composite_literal"
            or name is None
            or body is None
            or name.kind not in ("identifier", "attribute")
        ):
            continue
        pairs = [(part.field("key"), part.field("value")) for part in body.parts if part.kind == "pair"]
        fields = {key.text: value for key, value in pairs if key is not None and value is not None}
        head, dot, rest = name.text.partition(".")
        yield f"{imported(tree).get(head, head)}{dot}{rest}", fields
