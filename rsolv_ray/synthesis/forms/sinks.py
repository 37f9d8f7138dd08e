"""Where does a value go, and which places are of the same kind?

A value is used as an argument of a call, as one of its options, or as what a field of an object is set to. Each of them
can be written as the sink of a taint rule, alone or with its likes: those of a family of weaknesses, or those whose names
share a word that stands for the family.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.notation import Notation

_OWN = ("self", "cls", "this")


@dataclass(frozen=True)
class Use:
    """A place where `value` goes: the argument of `call` at `position`, its option `keyword`, the field `field` that is set, or what is
    done with it by `pattern`, where it is `$SINK`: something is asked of it, it is looked up."""

    node: Node
    value: Node
    call: Call | None = None
    position: int = -1
    keyword: str | None = None
    field: str | None = None
    pattern: str | None = None

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal for uses of the same kind."""
        return (self.call.callee if self.call else None, self.position, self.keyword, self.field, self.pattern)

    @property
    def name(self) -> str:
        """The last word of what is called or set."""
        return (self.call.name if self.call else self.field) or ""


def uses_in(nodes: Iterable[Node]) -> Iterator[Use]:
    """Every use of a value in these nodes, the outer ones first."""
    for top in nodes:
        for node in top.walk():
            if node.kind == "call":
                yield from _uses_of_call(Call(node))
            elif node.kind in ("assignment", "augmented_assignment"):
                yield from _uses_of_field(node)
            elif node.kind == "pair":
                yield from _uses_of_pair(node)
            else:
                yield from _uses_by_pattern(node)


def _uses_of_call(call: Call) -> Iterator[Use]:
    for position, argument in enumerate(call.positional):
        yield Use(call.node, argument, call, position)
    for keyword, value in call.keywords.items():
        yield Use(call.node, value, call, keyword=keyword)


def _uses_of_field(node: Node) -> Iterator[Use]:
    target, value = node.field("left"), node.field("right")
    last = target.field("attribute") if target is not None else None
    if last is not None and value is not None and node.grammar.sets_fields:
        yield Use(node, value, field=last.text)


def _uses_of_pair(node: Node) -> Iterator[Use]:
    key, value = node.field("key"), node.field("value")
    if key is not None and value is not None and node.grammar.sets_fields:
        yield Use(node, value, keyword=key.text.strip("\"'"))


def _uses_by_pattern(node: Node) -> Iterator[Use]:
    """`$SINK.name` where that calls something, and `name[$SINK]`."""
    asked, last = node.field("object"), node.field("attribute")
    if node.kind == "attribute" and node.grammar.calls_by_name and node.field_name != "function" and asked and last:
        yield Use(node, asked, pattern=f"$SINK.{last.text}")
    held, key = node.field("value"), node.field("subscript")
    if node.kind == "subscript" and held is not None and held.kind == "identifier" and key is not None:
        yield Use(node, key, pattern=f"{held.text}[$SINK]")


def sinks_for(
    use: Use, tree: Tree, families: Sequence[Family]
) -> Iterator[tuple[str, int, list[JsonObject], Family | None]]:
    """The sinks that a use stands for, with form, rank, and what it is known or named like: its family, its likes, itself."""
    notation, catalogue = NOTATIONS[tree.language], CATALOGUES[tree.language]
    name = name_of(use, tree)
    if name is None:
        return
    family = family_of(use, name, families)
    if family is not None:
        yield "family", 10, family_sinks(family, notation), family
        if use.call is None or not _is_bound(use.call, family):
            yield "call", 20, [own_sink(use, name, notation)], family
    elif use.pattern is None and use.name and use.name not in catalogue.names.quiet:
        kin = next((one for one in families if one.alike and re.search(one.alike, use.name, re.IGNORECASE)), None)
        own = use.position == 0 and name.split(".", maxsplit=1)[0] not in catalogue.names.modules
        if kin is not None and own and use.call is not None:
            yield "alike", 12, [*family_sinks(kin, notation), _alike_sink(kin, use.call, use.name)], kin
        yield "call", 15, [own_sink(use, name, notation)], kin


def name_of(use: Use, tree: Tree) -> str | None:
    """The full name of what is called, or the field that is set; None where a computed value is called."""
    return full_name(use.call, tree) if use.call else use.pattern or f"$O.{use.field}"


def family_of(use: Use, name: str, families: Sequence[Family]) -> Family | None:
    """The family whose sinks a use is one of."""
    written = {f"$O.{use.field} = $SINK", f"{{{use.keyword}: $SINK}}", f"{name}($POSITION, $SINK)"}
    written |= {name, f"{name}(..., {use.keyword}: $SINK, ...)"}
    for family in families:
        called = use.call is not None and (
            name in family.functions or use.name in family.methods or _is_bound(use.call, family)
        )
        if called or not written.isdisjoint(family.sinks) or any(_is_written(use, name, one) for one in family.sinks):
            return family
    return None


def _is_bound(call: Call, family: Family) -> bool:
    """Whether a method is called on a receiver on which it is a sink."""
    regex = family.bound.get(call.name or "")
    return regex is not None and call.receiver is not None and re.search(regex, call.receiver.text) is not None


def _is_written(use: Use, name: str, sink: str) -> bool:
    """Whether a use is what a sink says with its arguments: `$O.put("$where", $SINK)`, `$O.search($BASE, $SINK, ...)`."""
    callee, bracket, inside = sink.partition("(")
    given = [one.strip() for one in inside.rpartition(")")[0].split(",")]
    if not bracket or use.call is None or callee != name:
        return False
    if use.keyword is not None:
        return f"{use.keyword}=$SINK" in given
    if "$SINK" not in given or given.index("$SINK") != use.position:
        return False
    values = use.call.positional
    return all(one.startswith("$") or one == values[at].text for at, one in enumerate(given[: use.position]))


def family_sinks(family: Family, notation: Notation, *, calls: bool = True) -> list[JsonObject]:
    """The first argument of every call that belongs to a family, and what else is one of its sinks; `calls`: or that alone."""
    sinks: list[JsonObject] = []
    if family.methods and calls:
        sinks.append(_methods_sink(family, notation))
    sinks += _bound_sinks(family) if calls else []
    either = notation.called(sorted(family.functions), "$SINK, ...") if calls else []
    for text in family.sinks:
        either.append({"pattern": text})
    if either:
        other: JsonObject = {"pattern-either": [*either]}
        sinks.append({"patterns": [other, {"focus-metavariable": "$SINK"}]})
    unguarded = [one for code in family.guards for one in notation.not_beside(code)]
    return [_with(sink, unguarded) for sink in sinks]


def _with(sink: JsonObject, conditions: Sequence[JsonObject]) -> JsonObject:
    """A sink with more conditions; what it focuses on stays last."""
    operators = sink["patterns"]
    assert isinstance(operators, list), "every sink is a list of conditions"
    return {"patterns": [*operators[:-1], *conditions, operators[-1]]} if conditions else sink


def _methods_sink(family: Family, notation: Notation) -> JsonObject:
    """The first argument, or, where that may be an object with options, those of its options that count."""
    names = "|".join(re.escape(one) for one in sorted(family.methods))
    first: JsonObject = {"pattern": "$O.$METHOD($SINK, ...)"}
    if family.spared:
        spared: list[JsonObject] = [{"pattern-not": one} for one in family.spared]
        first = {"patterns": [first, *spared]}
    given = "{}, ..." if notation.option.startswith("{{") else "..., {}, ..."
    others: list[JsonObject] = [
        {"pattern": f"$O.$METHOD({given.format(notation.given(option, '$SINK'))})"} for option in family.options
    ]
    found: JsonObject = {"pattern-either": [first, *others]} if others else first
    return {"patterns": [
        found,
        {"metavariable-regex": {"metavariable": "$METHOD", "regex": f"^({names})$"}},
        {"focus-metavariable": "$SINK"},
    ]}  # fmt: skip


def _bound_sinks(family: Family) -> list[JsonObject]:
    """The methods that are sinks on some receivers alone, those of equal receivers together."""
    found: list[JsonObject] = []
    for regex in sorted(set(family.bound.values())):
        names = "|".join(re.escape(one) for one in sorted(family.bound) if family.bound[one] == regex)
        spared: list[JsonObject] = [{"pattern-not": one} for one in family.spared]
        found.append({"patterns": [
            {"pattern": "$O.$METHOD($SINK, ...)"}, *spared,
            {"metavariable-regex": {"metavariable": "$METHOD", "regex": f"^({names})$"}},
            {"metavariable-regex": {"metavariable": "$O", "regex": regex}},
            {"focus-metavariable": "$SINK"},
        ]})  # fmt: skip
    return found


def own_sink(use: Use, name: str, notation: Notation) -> JsonObject:
    """The very argument of the very call, or the very field."""
    if use.pattern is not None:
        found: JsonObject = {"pattern": use.pattern}
    elif use.field is not None:
        found = {"pattern": f"{name} = $SINK"}
    elif use.keyword is not None and use.call is None:
        found = {"pattern": f"{{..., {use.keyword}: $SINK, ...}}"}
    elif use.keyword is not None:
        found = notation.call(name, f"..., {notation.given(use.keyword, '$SINK')}, ...")
    else:
        found = notation.call(name, "$SINK, ..." if use.position == 0 else "..., $SINK, ...")
    return {"patterns": [found, {"focus-metavariable": "$SINK"}]}


def _alike_sink(family: Family, call: Call, called: str) -> JsonObject:
    """The first argument of every call whose name shares with the one shown a word that stands for the family, and that is reached in
    the same way: a method of the object itself, a function, or a method of something else. What is made to be raised runs nothing."""
    shared = "|".join(word for word in family.alike.split("|") if word in called.lower())
    own = "|".join(_OWN)
    reached = "" if call.receiver is None else rf"(?:{own})\." if call.receiver.text in _OWN else r"[\w.()\[\]]+\."
    return {"patterns": [
        {"pattern": "$CALLEE($SINK, ...)"},
        {"metavariable-regex": {"metavariable": "$CALLEE", "regex": rf"(?i)^(?!.*(?:error|exception|warning)$){reached}\w*({shared})\w*$"}},
        {"focus-metavariable": "$SINK"},
    ]}  # fmt: skip
