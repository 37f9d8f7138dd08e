"""How is Go read and written?

A package is called by the last word of its path, or by the name that the file gives it, which the engine follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.languages.parts import give, open_up

if TYPE_CHECKING:
    from rsolv_ray.synthesis.languages.grammar import Node

__all__ = ["GRAMMAR", "NOTATION", "imports"]

_IMPORT = re.compile(r"(?:([\w.]+)\s+)?[\"`]([^\"`]+)[\"`]")
_VERSION = re.compile(r"v\d+$")
_MOST_PLACES = 4
"""So many values of a text are told apart by their places."""
_LISTS = frozenset({"expression_list"})


def imports(text: str) -> dict[str, str]:
    """Name in the file -> package, of one line of an import: `md "crypto/md5"`."""
    found = _IMPORT.fullmatch(text.strip())
    if found is None or found[1] in (".", "_"):
        return {}
    parts = [part for part in found[2].split("/") if part and not _VERSION.match(part)]
    package = re.sub(r"\.v\d+$|^go-|[.-]go$", "", parts[-1]) if parts else ""
    return {found[1] or package: package} if re.fullmatch(r"\w+", package) else {}


def _shape(node: Node) -> None:
    """Of lists on the sides of an assignment the first plays their part: `err` beside a value says nothing."""
    for child in node.children:
        if child.kind in _LISTS and child.parts and child.field_name is not None:
            give(child.field_name, child.parts[0])
    open_up(node, _LISTS)
    if node.kind == "composite_literal":
        for pair in (part for child in node.parts if child.kind == "dictionary" for part in child.parts):
            key = pair.field("key") if pair.kind == "pair" else None
            if key is not None:
                key.field_name = "key"


GRAMMAR = Grammar(
    parsers=("go",),
    fields={
        "call_expression": as_they_are("function", "arguments"),
        "selector_expression": (("object", "operand"), ("attribute", "field")),
        "index_expression": (("value", "operand"), ("subscript", "index")),
        "short_var_declaration": as_they_are("left", "right"),
        "assignment_statement": as_they_are("left", "operator", "right"),
        "var_spec": (("left", "name"), ("type", "type"), ("right", "value")),
        "const_spec": (("left", "name"), ("type", "type"), ("right", "value")),
        "binary_expression": as_they_are("left", "operator", "right"),
        "unary_expression": (("operator", "operator"), ("argument", "operand")),
        "function_declaration": as_they_are("name", "parameters", "body"),
        "method_declaration": as_they_are("name", "parameters", "body"),
        "func_literal": as_they_are("parameters", "body"),
        "parameter_declaration": as_they_are("name", "type"),
        "variadic_parameter_declaration": as_they_are("name", "type"),
        "composite_literal": as_they_are("type", "body"),
        "keyed_element": as_they_are("key", "value"),
        "if_statement": as_they_are("condition", "consequence"),
        "for_statement": as_they_are("condition", "body"),
        "range_clause": as_they_are("left", "right"),
    },
    kinds={
        "source_file": "module", "statement_list": "block", "import_spec_list": "block", "import_declaration": "labeled_statement",
        "import_spec": "import_statement", "function_declaration": "function_definition", "method_declaration": "function_definition",
        "func_literal": "lambda", "parameter_list": "parameters", "parameter_declaration": "typed_parameter",
        "variadic_parameter_declaration": "typed_parameter", "call_expression": "call", "selector_expression": "attribute",
        "index_expression": "subscript", "short_var_declaration": "assignment", "assignment_statement": "assignment",
        "var_declaration": "expression_statement", "const_declaration": "expression_statement", "var_spec_list": "block",
        "var_spec": "assignment", "const_spec": "assignment", "binary_expression": "binary_operator", "unary_expression": "unary_operator",
        "interpreted_string_literal": "string", "raw_string_literal": "string", "interpreted_string_literal_content": "string_content",
        "raw_string_literal_content": "string_content", "escape_sequence": "string_content", "int_literal": "integer",
        "rune_literal": "integer", "float_literal": "float", "nil": "none", "literal_value": "dictionary", "keyed_element": "pair",
        "package_identifier": "identifier", "field_identifier": "identifier", "type_identifier": "identifier",
        "qualified_type": "attribute", "expression_switch_statement": "match_statement", "type_switch_statement": "match_statement",
        "select_statement": "match_statement", "expression_case": "case_clause", "default_case": "case_clause",
        "type_case": "case_clause", "communication_case": "case_clause", "variadic_argument": "spread",
    },
    operators={
        **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "comparison_operator"),
        **dict.fromkeys(("&&", "||"), "boolean_operator"),
        **dict.fromkeys(("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "&^="), "augmented_assignment"),
        "!": "not_operator",
    },
    layout=frozenset({":=", "=", ";"}),
    wrappers=frozenset({"literal_element"}),
    formatting=frozenset({"Sprintf", "Sprint", "Sprintln"}),
    imports=imports,
    shape=_shape,
)  # fmt: skip


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    return [{"pattern": f"{name}({arguments})"} for name in names]


def _in_texts(text: str, place: str) -> list[JsonObject]:
    """A value after `place` in a text that says `text`; one literal may be given a name before."""
    found: list[JsonValue] = [
        {"patterns": _told("$TEXT + $X", rf"""(?is).*{place}%?["'`]{{0,3}}$""")},
        {"patterns": _told("$TEXT += $X", rf"""(?is).*{place}%?["'`]{{0,3}}$""")},
    ]
    for at in range(_MOST_PLACES):
        before = "(?is)" + "[^%]*%[^%]" * at + "[^%]*"
        given = "$_, " * at
        found.append({"patterns": _told(f"fmt.Sprintf($TEXT, {given}$X, ...)", rf"{before}{place}(?:%%)?%[+#]?[dqsv]")})
    says: list[JsonValue] = [_told("", rf"(?is).*(?:{text})")[1]] if text else []
    return [{"patterns": [{"pattern-either": found}, *says]}]


def _told(pattern: str, regex: str) -> list[JsonValue]:
    told: JsonObject = {"metavariable": "$TEXT", "regex": regex, "constant-propagation": True}
    return [{"pattern": pattern}, {"metavariable-regex": told}]


NOTATION = Notation(
    put_in=(
        '"..." + $X', '$X + "..."', 'fmt.Sprintf("...", ..., $X, ...)', 'fmt.Sprint(..., "...", ..., $X, ...)',
        'fmt.Sprintln(..., "...", ..., $X, ...)', "fmt.Sprintf($FORMAT, ..., $X, ...)", 'strings.Replace("...", "...", $X, ...)',
        'strings.ReplaceAll("...", "...", $X)', 'strings.Join([]string{..., "...", ..., $X, ...}, ...)',
    ),
    begun=('<... "..." ...>',),
    in_texts=_in_texts,
    no_values=('"..."', "$A + $B"),
    constants=r"-?[0-9.]+$|true$|false$|nil$|([a-z]\w*\.)?[A-Z][A-Z_0-9]+$",
    functions=("func $FUNCTION(...) { {body} }", "func (...) { {body} }"),
    parameters=("func $FUNCTION(..., $P $T, ...) { ... }", "func (..., $P $T, ...) { ... }"),
    statement="...; <... {code} ...>; ...",
    spellings={
        "by Sprintf": 'fmt.Sprintf("{text} %v", {value})',
        "by +": '"{text} " + {value}',
        "by + of three": '"{text} " + {value} + " "',
    },
    variable="{name} := {value}",
    pair="$TYPE{{..., {key}: {value}, ...}}",
    bare_keys=True,
    literal="{type}{{..., {key}: {value}, ...}}",
    whole_literal="{type}{{...}}",
    grown=(('$V = "..."', "$V += $X"), ('$V.WriteString("...")', "$V.WriteString($X)")),
    names_given=("{name} = {value}", "{name}, ... = {value}"),
    request_parts=("$REQUEST", "$REQUEST.$PART", "$REQUEST.$PART.$MORE(...)"),
    carriers=(
        {"pattern": "$TEXT.WriteString($FROM)", "from": "$FROM", "to": "$TEXT"},
        {"pattern": "fmt.Fprintf($TEXT, ..., $FROM, ...)", "from": "$FROM", "to": "$TEXT"},
    ),
    harmless_kinds=("taint_assume_safe_booleans", "taint_assume_safe_comparisons", "taint_assume_safe_numbers"),
    called=_called,
)  # fmt: skip
