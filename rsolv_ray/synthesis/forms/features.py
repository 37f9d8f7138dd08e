"""What does one side of a fix have that can be held against the other?

Its calls, by the name that a pattern calls them with, and what each is given, by position or by option; its settings (a field, a
key, an option that is given a fixed value), its constants, what its classes derive from and what they and its functions are
decorated with. All in the vocabulary of `grammar`: a language that names these kinds has these features.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rsolv_ray.synthesis.catalogue.families import Family, Names
from rsolv_ray.synthesis.catalogue.weak_words import weak_in
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES, WORDS
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.names import full_name, imported
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.code.values import Kind, Value, value_of

_CAPITAL = re.compile(r"[A-Z]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
TELLING = 2
"""The weight of a call whose name says what harm it does; a sink of the weakness's family has less."""
QUIET = 30
"""The weight of a call that is made everywhere."""
_SHORT = 6
"""A method's name that is no longer than this, and of one word, says little."""


@dataclass(frozen=True)
class Made:
    """A call with the name that a pattern calls it by, and its slots: what is given at each position, and by each option."""

    call: Call
    name: str

    @cached_property
    def slots(self) -> dict[int | str, Value]:
        options = self.call.keywords
        held = {id(value) for value in options.values()}
        bare = [one for one in self.call.positional if not _holds(one, held)]
        return {
            **{at: value_of(one) for at, one in enumerate(bare)},
            **{key: value_of(one) for key, one in options.items()},
        }

    @property
    def last(self) -> str:
        return self.call.name or self.name


def _holds(argument: Node, values: set[int]) -> bool:
    """Whether the options of a call are in this argument, as they are where they are given as an object."""
    return argument.kind == "dictionary" and any(id(part.field("value")) in values for part in argument.parts)


@dataclass(frozen=True)
class Setting:
    """A fixed value under a name: a field, a key, a plain name."""

    node: Node
    name: str
    value: Value


@dataclass(frozen=True)
class Side:
    """The parts of one or more sides that take part in a change, each with the tree that it stands in."""

    parts: tuple[tuple[Tree, tuple[Node, ...]], ...]

    @cached_property
    def nodes(self) -> tuple[tuple[Tree, Node], ...]:
        return tuple((tree, node) for tree, units in self.parts for unit in units for node in unit.walk())

    @cached_property
    def calls(self) -> tuple[Made, ...]:
        """The calls whose callee has a name, each spelling once."""
        found: dict[int, Made] = {}
        for tree, node in self.nodes:
            if node.kind == "call" and (name := _called(node, tree)):
                found.setdefault(node.key, Made(Call(node), name))
        return tuple(found.values())

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        return tuple(one for _, node in self.nodes for one in _settings(node))

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """All fixed values: what calls are given, and what names are set to."""
        given = [value for made in self.calls for value in made.slots.values()]
        return tuple(one for one in [*given, *(setting.value for setting in self.settings)] if one.is_fixed)

    @cached_property
    def constants(self) -> dict[str, Node]:
        """Full name -> a constant of a module or class, or a function of one that is named and not called."""
        found: dict[str, Node] = {}
        for tree, node in self.nodes:
            stands = node.kind == "attribute" and node.field_name not in ("function", "object")
            if stands and (name := _named(node, tree)):
                found.setdefault(name, node)
        return found

    @cached_property
    def bases(self) -> dict[str, Node]:
        """Full name -> what a class derives from."""
        return {full(part, tree): part for tree, units in self.parts for unit in units for part in _bases(unit)}

    @cached_property
    def decorators(self) -> dict[str, Node]:
        """Full name -> a decorator, the name alone where it is called."""
        marks = [(tree, node.parts[0]) for tree, node in self.nodes if node.kind == "decorator" and node.parts]
        return {full(mark.field("function") or mark, tree): mark for tree, mark in marks}


def _called(node: Node, tree: Tree) -> str | None:
    """The name for a pattern; that of a class stays before its function, since it is no variable."""
    call = Call(node)
    name = full_name(call, tree)
    receiver = call.receiver
    if name is not None and name.startswith("$O.") and receiver is not None and _is_class(receiver):
        return f"{receiver.text}.{call.name}"
    return name


def _is_class(receiver: Node) -> bool:
    return (
        receiver.kind == "identifier" and _CAPITAL.fullmatch(receiver.text) is not None and not receiver.text.isupper()
    )


def full(node: Node, tree: Tree) -> str:
    """A dotted name with its head followed through the imports."""
    head, dot, rest = node.text.partition(".")
    return f"{imported(tree).get(head, head)}{dot}{rest}"


def _named(node: Node, tree: Tree) -> str | None:
    head, _, rest = node.text.partition(".")
    if not re.fullmatch(r"[\w.]+", node.text) or not rest:
        return None
    if head in imported(tree) or head in CATALOGUES[tree.language].names.modules:
        return full(node, tree)
    return node.text if value_of(node).kind is Kind.CONSTANT and _CAPITAL.match(head) else None


def _settings(node: Node) -> Iterator[Setting]:
    target, value = (node.field("key"), node.field("value")) if node.kind == "pair" else (None, None)
    if node.kind == "assignment":
        target, value = node.field("left"), node.field("right")
    if target is None or value is None:
        return
    name = _setting(target)
    if name is not None:
        yield Setting(node, name, value_of(value))


def _setting(target: Node) -> str | None:
    """What is set: the last part of a field, the text of a key, the name itself where it is written in capitals."""
    match target.kind:
        case "attribute":
            last = target.field("attribute")
            return last.text if last else None
        case "subscript":
            key = target.parts[-1] if len(target.parts) > 1 else None
            return value_of(key).text if key is not None and value_of(key).kind is Kind.TEXT else None
        case "identifier":
            return target.text
        case "string":
            return value_of(target).text
        case _:
            return None


def _bases(unit: Node) -> Iterator[Node]:
    """What stands in the head of a class beside its name and its body."""
    if unit.parent is None or unit.parent.kind != "class_definition" or unit.field_name is not None:
        return
    yield from (one for one in (unit, *unit.parts) if one.kind in ("identifier", "attribute"))


def family_of(made: Made, families: Sequence[Family]) -> Family | None:
    """The family whose sink a call is."""
    return next(
        (one for one in families if made.name in one.functions or (made.call.receiver and made.last in one.methods)),
        None,
    )


def weight(made: Made, tree: Tree, families: Sequence[Family]) -> int:
    """How little a call says by its name, from 0: a sink of the weakness's family, a name that says what it does, a function of a module,
    a method by its length, a function of the file's own, and what is called everywhere."""
    names = CATALOGUES[tree.language].names
    is_of_module = "." in made.name and not made.name.startswith("$O")
    if family_of(made, families) is not None:
        return 0
    if (made.last in names.quiet and not is_of_module) or made.name.startswith(names.weak_evidence):
        return QUIET
    if says_harm(made.name):
        return TELLING
    return 5 if is_of_module else _weight_of_name(made, names)


def says_harm(name: str) -> bool:
    """Whether a name says what harm a call of it does: it holds a telling word, or a weak one."""
    parts = [part.lower() for part in _PART.findall(name.removeprefix("$O."))]
    return not WORDS.telling.isdisjoint(parts) or weak_in(name) is not None


def _weight_of_name(made: Made, names: Names) -> int:
    if made.call.is_construction:
        return 6
    if made.call.receiver is None:
        return 24 if made.last in names.standard else 14
    return 8 if len(_PART.findall(made.last)) > 1 or len(made.last) > _SHORT else 16
