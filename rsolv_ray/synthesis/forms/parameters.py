"""Which statement built with `%` could pass its values as parameters, as the fix did?

Where the fix left the text of a statement as it was and moved its values into a parameter, others of the same form can be
mended by a template: `execute("... = %s" % x)` -> `execute("... = %s", (x,))`. That is right only where each placeholder
stands where a value may stand, unquoted, and where the values are bare ones. All else is left to people: a template cannot
write a text anew, so `.format`, f-strings, `+`, and quoted placeholders have none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.building import assigned, bare
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.names import full_name, imported
from rsolv_ray.synthesis.code.syntax import Node, Tree

OTHER_STYLES = ("sqlite3", "aiosqlite", "pyodbc", "duckdb", "oracledb", "cx_Oracle", "asyncpg")
"""Drivers whose placeholders are not written `%s` (PEP 249, `paramstyle`): a file that imports one is not mended."""
_OWN = frozenset({"self", "cls"})
_REFERENCE = r"[A-Za-z_]\w*(?:\.\w+|\[[^\[\]\n]*\])*"
_ONE = f"^{_REFERENCE}$"
_TUPLE = rf"^\(\s*{_REFERENCE}\s*(?:,\s*{_REFERENCE}\s*)*,?\s*\)$"
_MAPPING = rf"^(?:{_REFERENCE}|\{{[^{{}}()\n]*\}})$"
_NAMED = r"%\(\w+\)s"
_QUOTED = r"""["'][A-Za-z]*'|'["']|quot|escap|repr|literal"""
_MAYBE_QUOTED = rf"(?is)^.*(?:{_QUOTED})"
_NO_BARE_VALUE = rf"""(?is)^(?:[(\["']|[A-Za-z]{{1,2}}["']|.*(?:[%+]|join|format|tuple|list|{_QUOTED}))"""
"""What a name may be given that is text made of others, quoted by hand perhaps, or several values at once."""

_Shape = tuple[tuple[JsonObject, ...], str]


@dataclass(frozen=True)
class Moved:
    """How a fix moved the values of a built statement into parameters.

    `call` is the pattern of the calls that can be mended alike, `conditions` narrow it, `fix` is what stands in place of
    the call's argument, whose pattern is `BUILT`.
    """

    call: str
    conditions: tuple[JsonObject, ...]
    fix: str

    def in_rule(self, body: JsonObject) -> JsonObject:
        """A taint rule that finds what `body` finds, and mends what can be mended."""
        sinks = body["pattern-sinks"]
        assert isinstance(sinks, list), "a taint rule has sinks"
        return {**body, "pattern-sinks": [self._sink(), *(self._spared(sink) for sink in sinks)], "fix": self.fix}

    def _sink(self) -> JsonObject:
        return {"patterns": [{"pattern-inside": self.call}, {"pattern": BUILT}, *self.conditions]}

    def _spared(self, sink: JsonValue) -> JsonObject:
        """A sink without what can be mended: of two sinks at one place the engine reports either, bound as it may be."""
        operators = sink["patterns"] if isinstance(sink, dict) else None
        assert isinstance(operators, list), "every sink is a list of conditions, the focus last"
        mendable: JsonObject = {"patterns": [{"pattern": self.call}, *self.conditions]}
        return {"patterns": [*operators[:-1], {"pattern-not": mendable}, operators[-1]]}


BUILT = "$FORMAT % $VALUE"


def moved(call: Call, built: Sequence[Node], tree: Tree, after: Sequence[Node]) -> Moved | None:
    """What the changed units of the after side show of a call that one built text reached, or None.

    The call must be of a method of something other than the object itself, with that argument alone.
    """
    name = full_name(call, tree)
    if name != f"$O.{call.name}" or call.receiver is None or call.receiver.text in _OWN or len(call.arguments) != 1:
        return None
    parts = _parts(built[0]) if len(built) == 1 else None
    if parts is None or any(full.split(".")[0] in OTHER_STYLES for full in imported(tree).values()):
        return None
    for twin in calls_in(after):
        if twin.callee == call.callee and len(twin.arguments) == len(twin.positional) == 2:
            given, parameters = twin.positional
            if parts[0].key in _texts(given) and (shape := _shape(*parts, parameters)) is not None:
                return Moved(f"{name}({BUILT})", (*shape[0], *_where(call.receiver)), shape[1])
    return None


def _parts(built: Node) -> tuple[Node, Node] | None:
    """Text and values of `text % values`."""
    built = bare(built)
    left, operator, right = (built.field(name) for name in ("left", "operator", "right"))
    if left is None or operator is None or right is None or operator.text != "%" or left.kind != "string":
        return None
    return left, bare(right)


def _texts(given: Node) -> set[int]:
    """The keys of the text that is passed, directly or by its name."""
    return {bare(given).key} if given.kind != "identifier" else {bare(value).key for value in assigned(given)}


def _shape(text: Node, values: Node, parameters: Node) -> _Shape | None:
    """The conditions on text and values, and the template, of the shape that a fix shows."""
    if values.kind == "tuple":
        return _as_it_was(text, values, parameters, "%s", _TUPLE)
    if values.kind == "dictionary" or _is_statement(text, _NAMED):
        return _as_it_was(text, values, parameters, _NAMED, _MAPPING)
    return _one_value(text, values, parameters)


def _as_it_was(text: Node, values: Node, parameters: Node, placeholder: str, pattern: str) -> _Shape | None:
    """`text % (a, b)` -> `text, (a, b)`, and the same with a mapping."""
    if parameters.key != values.key or not re.search(pattern, values.text) or not _is_statement(text, placeholder):
        return None
    conditions = (
        _regex("$FORMAT", statement(placeholder)),
        _regex("$VALUE", pattern),
        _unless_given("$ANY", _MAYBE_QUOTED),
    )
    return conditions, "$FORMAT, $VALUE"


def _one_value(text: Node, value: Node, parameters: Node) -> _Shape | None:
    """`text % x` -> `text, (x,)`, or in a list."""
    if parameters.kind not in ("tuple", "list") or [part.key for part in parameters.parts] != [value.key]:
        return None
    if not re.search(_ONE, value.text) or not _is_statement(text, "%s", single=True):
        return None
    conditions: tuple[JsonObject, ...] = (
        _regex("$FORMAT", statement("%s", single=True)),
        _regex("$VALUE", _ONE),
        _unless_given("$VALUE", _NO_BARE_VALUE),
        {"pattern-not-inside": "def $FUNCTION(..., *$VALUE, ...):\n  ...\n"},
    )
    return conditions, "$FORMAT, ($VALUE,)" if parameters.kind == "tuple" else "$FORMAT, [$VALUE]"


def _is_statement(text: Node, placeholder: str, *, single: bool = False) -> bool:
    return re.search(statement(placeholder, single=single), text.text) is not None


def _regex(name: str, pattern: str) -> JsonObject:
    return {"metavariable-regex": {"metavariable": name, "regex": pattern}}


def _unless_given(name: str, text: str) -> JsonObject:
    """Not in a function where `name` is given something that `text` matches."""
    return {
        "pattern-not-inside": {
            "patterns": [
                {"pattern": f"def $FUNCTION(...):\n  ...\n  {name} = $GIVEN\n  ...\n"},
                _regex("$GIVEN", text),
            ]
        }
    }


def _where(receiver: Node) -> list[JsonObject]:
    """On which objects, in which files: the one shown, any cursor if it is one, and no driver of another style."""
    last = re.split(r"\W+", receiver.text.rstrip("()"))[-1]
    names = rf"{re.escape(last)}|\w*cur(?:sor)?" if "cur" in last.lower() else re.escape(last)
    conditions = [_regex("$O", rf"(?i)^(?:[\w.]*\.)?(?:{names})(?:\(\))?$")]
    for module in OTHER_STYLES:
        conditions.append({"pattern-not-inside": f"import {module}\n...\n"})
        conditions.append({"pattern-not-inside": f"from {module} import $NAME\n...\n"})
    return conditions


def statement(placeholder: str, *, single: bool = False) -> str:
    r"""A pattern of string literals of one line whose placeholders all stand where SQL has values: after a comparison,
    `LIKE`, `BETWEEN`, or in a list of `VALUES`. `single`: there is exactly one.

    >>> bool(re.search(statement("%s"), '"SELECT a FROM t WHERE b = %s"'))
    True
    >>> bool(re.search(statement("%s"), '"SELECT a FROM t WHERE b = \'%s\'"'))
    False
    """
    only = rf"(?!.*{placeholder}.*{placeholder})" if single else ""
    either = "|".join(_literal(placeholder, delimiter) for delimiter in "\"'")
    return rf"(?i)^(?!.*(?:--|/\*)){only}[ur]?(?:{either})$"


def _literal(one: str, delimiter: str) -> str:
    other = "'" if delimiter == '"' else '"'
    text = r"""(?:[^'"`%\\\n]|%%)*"""
    quoted = rf"%%|{other}{text}{other}|`{text}`"
    plain = rf"""(?:[^'"`%;\\\n]|{quoted})*"""
    listed = rf"""(?:,\s*{one}(?=\s*[,)])|[^()'"`%;\\\n]|{quoted})*"""
    compared = rf"""(?:[=<>]\s*|\bI?LIKE\s+|\bBETWEEN\s+{one}\s+AND\s+|\bBETWEEN\s+){one}(?=[\s,);{delimiter}])"""
    values = rf"\bVALUES\s*\((?:\s*{one}(?=\s*[,)]))?{listed}\)"
    return (
        rf"{delimiter}\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH)\b"
        rf"{plain}(?:(?:{compared}|{values}){plain})+;?\s*{delimiter}"
    )
