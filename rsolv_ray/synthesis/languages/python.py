"""How is Python read and written?"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.notation import Notation

__all__ = ["GRAMMAR", "NOTATION"]


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


GRAMMAR = Grammar(
    parsers=("python",),
    fields={
        "call": as_they_are("function", "arguments"),
        "attribute": as_they_are("object", "attribute"),
        "assignment": as_they_are("left", "right", "type"),
        "augmented_assignment": as_they_are("left", "operator", "right"),
        "named_expression": as_they_are("name", "value"),
        "keyword_argument": as_they_are("name", "value"),
        "default_parameter": as_they_are("name", "value"),
        "typed_default_parameter": as_they_are("name", "type", "value"),
        "pair": as_they_are("key", "value"),
        "binary_operator": as_they_are("left", "operator", "right"),
        "function_definition": as_they_are("name", "parameters", "body"),
        "class_definition": as_they_are("name", "body"),
        "if_statement": as_they_are("condition", "consequence"),
        "elif_clause": as_they_are("condition", "consequence"),
        "while_statement": as_they_are("condition", "body"),
        "for_statement": as_they_are("left", "right", "body"),
        "subscript": as_they_are("value"),
        "aliased_import": as_they_are("name", "alias"),
        "import_from_statement": as_they_are("module_name"),
    },
    joining=frozenset({"+", "%"}),
    filling=frozenset({"format"}),
    parses=_parses,
)


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    return [{"pattern": f"{name}({arguments})"} for name in names]


NOTATION = Notation(
    put_in=(
        'f"...{$X}..."',
        '"..." % $X', '"..." % (..., $X, ...)', '"..." % {..., $K: $X, ...}',
        '"...".format(..., $X, ...)', '"...".format(..., $K=$X, ...)', '"...".format(*$X)', '"...".format(**$X)',
        '"..." + $X', '$X + "..."',
    ),
    begun=('<... "..." ...>',),
    no_values=('"..."', "(..., $T, ...)", "{..., $T: $U, ...}", "$A + $B", "$A % $B"),
    constants="-?[0-9.]+$|True$|False$|None$",
    functions=("def $FUNCTION(...):\n  {body}\n",),
    parameters=("def $FUNCTION(..., $P, ...):\n  ...\n",),
    statement="...\n  <... {code} ...>\n  ...",
    option="{name}={value}",
    option_told="{name}={value}",
    more_options="**$MORE",
    added_option="{name}={value}",
    waiting=("await ...", "return ...", "asyncio.$WAIT(...)", "$GIVEN = ..."),
    pair="{{..., {key}: {value}, ...}}",
    derived=("class $CLASS(..., {base}, ...): ...",),
    decorated=("@{decorator}\ndef $FUNCTION(...): ...", "@{decorator}\nclass $CLASS: ..."),
    set_by_name=(),
    walking_names=(),
    a_list="[...]",
    spellings={
        "by %": '"{text} %s" % {value}',
        "by format": '"{text} {}".format({value})',
        "by f-string": 'f"{text} {{value}}"',
        "by +": '"{text} " + {value}',
    },
    variable="{name} = {value}",
    called=_called,
)  # fmt: skip
