"""How is Python read and written?"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import Notation

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


_MOST_PLACES = 3
"""So many values of a tuple, or arguments of `format`, are told apart by their places."""


def _in_texts(text: str, place: str) -> list[JsonObject]:
    """A value after `place` in a text that says `text`, in each spelling; one literal may be given a name before."""
    found: list[JsonObject] = [
        {"patterns": _told("$TEXT % $X", rf"(?is).*{place}(?:%%)?%[sr]")},
        {"patterns": _told("$TEXT % {..., $KEY: $X, ...}", rf"(?is).*{place}(?:%%)?%\(")},
        {"patterns": _told("$TEXT % $X", rf"(?is).*{place}(?:%%)?%\(")},
        {
            "patterns": [
                {
                    "pattern-either": [
                        {"pattern": f"$TEXT.format({one})"} for one in ("..., $KEY=$X, ...", "*$X", "**$X")
                    ]
                },
                _told("", rf"(?is).*{place}%?[{{]")[1],
            ]
        },
        {"patterns": _told("$TEXT + $X", rf"""(?is).*{place}%?["']{{0,3}}$""")},
    ]
    for at in range(_MOST_PLACES):
        skipped = "$_, " * at
        before = "(?is)" + "[^%]*%[^%]" * at + "[^%]*"
        found.append({"patterns": _told(f"$TEXT % ({skipped}$X, ...)", rf"{before}{place}(?:%%)?%[sr]")})
        before = "(?is)" + "[^{}]*[{][^{}]*[}]" * at + "[^{}]*"
        found.append({"patterns": _told(f"$TEXT.format({skipped}$X, ...)", rf"{before}{place}%?[{{](?![0-9])")})
        found.append({"patterns": _told(f"$TEXT.format({skipped}$X, ...)", rf"(?is).*{place}%?[{{]{at}[}}:!]")})
    either: list[JsonValue] = [*found]
    says: list[JsonValue] = [_told("", rf"(?is).*(?:{text})")[1]] if text else []
    return [{"patterns": [{"pattern-either": either}, *says]}, _in_f_string(text, place)]


def _told(pattern: str, regex: str) -> list[JsonValue]:
    told: JsonObject = {"metavariable": "$TEXT", "regex": regex, "constant-propagation": True}
    return [{"pattern": pattern}, {"metavariable-regex": told}]


def _in_f_string(text: str, place: str) -> JsonObject:
    """Its text cannot be bound: it is found in the lines that the value stands in."""
    conditions: list[JsonValue] = [{"pattern": 'f"...{$X}..."'}, {"focus-metavariable": "$X"}]
    if place:
        conditions.append({"pattern-regex": rf"(?i){place}%?\{{[^{{}}]*\}}"})
    if text:
        spans = [(quote, rf"[^{quote}\n]") for quote in "\"'"]
        spans += [(quote, rf"(?:(?!{quote})[\s\S])") for quote in ('"{3}', "'{3}")]
        either = "|".join(rf"{quote}{one}*?(?:{text.replace('.*', f'{one}*')}){one}*" for quote, one in reversed(spans))
        conditions.append({"pattern-regex": rf"(?i)\bf(?:{either})"})
    return {"patterns": conditions}


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
    in_texts=_in_texts,
    templates=("$TEMPLATE % $X", "$TEMPLATE % (..., $X, ...)", "$TEMPLATE.format(..., $X, ...)", "$TEMPLATE.format(..., $K=$X, ...)"),
    no_values=('"..."', "(..., $T, ...)", "{..., $T: $U, ...}", "$A + $B", "$A % $B"),
    membership=("$CHECKED in $ALLOWED", "$CHECKED not in $ALLOWED"),
    repeated=(
        '"...".join(["..."] * $N)', '"...".join("..." * $N)', '"...".join("..." for $A in $B)', '"...".join(["..." for $A in $B])',
    ),
    carriers=tuple(
        {"pattern": one, "from": "$VALUE", "to": "$GROWN"}
        for one in ("$GROWN.append($VALUE)", "$GROWN.extend($VALUE)", "$GROWN.insert($AT, $VALUE)", "$GROWN.add($VALUE)")
    ),
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
