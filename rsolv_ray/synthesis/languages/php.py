"""How is PHP read and written?

Grammar: tree-sitter-php, code alone (https://github.com/tree-sitter/tree-sitter-php). A page with markup round its code is read by
its code: what stands outside of the tags is blanked, and `<?=` is read as `echo`. The engine reads nothing as code before a tag, and a
cut piece is given one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import Notation

__all__ = ["GRAMMAR", "NOTATION"]

_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "function_call_expression": as_they_are("function", "arguments"),
    "member_call_expression": (("object", "object"), ("attribute", "name"), ("arguments", "arguments")),
    "nullsafe_member_call_expression": (("object", "object"), ("attribute", "name"), ("arguments", "arguments")),
    "scoped_call_expression": (("object", "scope"), ("attribute", "name"), ("arguments", "arguments")),
    "object_creation_expression": (("function", "#0"), ("arguments", "#1")),
    "member_access_expression": (("object", "object"), ("attribute", "name")),
    "nullsafe_member_access_expression": (("object", "object"), ("attribute", "name")),
    "scoped_property_access_expression": (("object", "scope"), ("attribute", "name")),
    "class_constant_access_expression": (("object", "#0"), ("attribute", "#1")),
    "subscript_expression": (("value", "#0"), ("subscript", "#1")),
    "assignment_expression": as_they_are("left", "right"),
    "reference_assignment_expression": as_they_are("left", "right"),
    "augmented_assignment_expression": as_they_are("left", "operator", "right"),
    "property_element": (("left", "name"), ("right", "default_value")),
    "const_element": (("left", "#0"), ("right", "#1")),
    "argument": (("name", "name"), ("value", "#1")),
    "array_element_initializer": (("key", "#0"), ("value", "#1")),
    "binary_expression": as_they_are("left", "operator", "right"),
    "unary_op_expression": as_they_are("operator", "argument"),
    "cast_expression": as_they_are("type", "value"),
    "function_definition": as_they_are("name", "parameters", "body"),
    "method_declaration": as_they_are("name", "parameters", "body"),
    "anonymous_function": as_they_are("parameters", "body"),
    "arrow_function": as_they_are("parameters", "body"),
    "simple_parameter": (("name", "name"), ("type", "type"), ("value", "default_value")),
    "variadic_parameter": as_they_are("name", "type"),
    "property_promotion_parameter": (("name", "name"), ("type", "type"), ("value", "default_value")),
    "class_declaration": as_they_are("name", "body"),
    "trait_declaration": as_they_are("name", "body"),
    "interface_declaration": as_they_are("name", "body"),
    "if_statement": (("condition", "condition"), ("consequence", "body")),
    "else_if_clause": (("condition", "condition"), ("consequence", "body")),
    "while_statement": as_they_are("condition", "body"),
    "do_statement": as_they_are("condition", "body"),
    "foreach_statement": as_they_are("body"),
    "for_statement": as_they_are("body"),
    "catch_clause": as_they_are("name", "body"),
}

_KINDS: dict[str, str] = {
    "program": "module", "compound_statement": "block", "declaration_list": "block", "switch_block": "block", "colon_block": "block",
    "method_declaration": "function_definition", "anonymous_function": "lambda", "arrow_function": "lambda",
    "class_declaration": "class_definition", "trait_declaration": "class_definition", "interface_declaration": "class_definition",
    "namespace_definition": "class_definition",
    "else_if_clause": "elif_clause", "foreach_statement": "for_statement", "switch_statement": "match_statement",
    "case_statement": "case_clause", "default_statement": "case_clause", "catch_clause": "except_clause",
    "throw_expression": "raise_statement", "property_declaration": "expression_statement", "const_declaration": "expression_statement",
    "function_call_expression": "call", "member_call_expression": "call", "nullsafe_member_call_expression": "call",
    "scoped_call_expression": "call", "object_creation_expression": "call", "arguments": "argument_list",
    "echo_statement": "word_call", "print_intrinsic": "word_call", "include_expression": "word_call",
    "include_once_expression": "word_call", "require_expression": "word_call", "require_once_expression": "word_call",
    "exit_statement": "word_call", "shell_command_expression": "shell_call",
    "member_access_expression": "attribute", "nullsafe_member_access_expression": "attribute",
    "scoped_property_access_expression": "attribute", "class_constant_access_expression": "attribute",
    "subscript_expression": "subscript", "assignment_expression": "assignment", "reference_assignment_expression": "assignment",
    "augmented_assignment_expression": "augmented_assignment", "property_element": "assignment", "const_element": "assignment",
    "array_creation_expression": "list", "list_literal": "array_pattern", "pair": "foreach_pair", "variadic_unpacking": "spread",
    "binary_expression": "binary_operator", "unary_op_expression": "unary_operator", "encapsed_string": "string", "heredoc": "string",
    "nowdoc": "string", "boolean": "true", "null": "none", "formal_parameters": "parameters", "simple_parameter": "typed_parameter",
    "variadic_parameter": "typed_parameter", "property_promotion_parameter": "typed_parameter", "variable_name": "identifier",
    "name": "identifier", "qualified_name": "identifier", "relative_scope": "identifier", "global_declaration": "global_statement",
    "heredoc_start": "string_start", "heredoc_end": "string_end", "nowdoc_body": "string_content", "nowdoc_string": "string_content",
}  # fmt: skip

_OPERATORS = {
    **dict.fromkeys(("==", "===", "!=", "!==", "<>", "<", "<=", ">", ">=", "<=>", "instanceof"), "comparison_operator"),
    **dict.fromkeys(("&&", "||", "and", "or", "xor", "??"), "boolean_operator"),
    "!": "not_operator",
}

_MARKUP = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|/\*.*?\*/|(?://|\#(?!\[))(?:(?!\?>)[^\n])*"""
    r"""|(?P<end>\?>)(?P<html>.*?)(?P<tag><\?(?:php\b|=)|\Z)""",
    re.DOTALL | re.IGNORECASE,
)
"""What is no code: texts and comments, in which tags say nothing, and what stands between the end of code and its next beginning."""
_HEAD = re.compile(r"\A(?P<html>[^<]*(?:<(?!\?(?:php\b|=))[^<]*)*)(?P<tag><\?(?:php\b|=))", re.IGNORECASE)


def _masked(code: str) -> str:
    """The code of a page without its markup. A line break stays where it is."""
    first = _HEAD.match(code)
    if first and first["html"].strip():
        code = _blank(first["html"]) + _tag(first["tag"]) + code[first.end() :]
    return _MARKUP.sub(lambda one: f";{_ended(_blank(one[0][1:]), one['tag'])}" if one["end"] else one[0], code)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _tag(tag: str) -> str:
    return " " * len(tag)


def _ended(blank: str, tag: str) -> str:
    """The blanks before code, which end with the word that `<?=` stands for."""
    return f"{blank[:-4]}echo" if tag == "<?=" and len(blank) >= 4 and "\n" not in blank[-4:] else blank


GRAMMAR = Grammar(
    parsers=("php",),
    fields=_FIELDS,
    kinds=_KINDS,
    operators=_OPERATORS,
    layout=frozenset({";", '"', "'", "var", "public"}),
    joining=frozenset({"."}),
    formatting=frozenset({"sprintf", "vsprintf", "implode", "strtr", "str_replace"}),
    options_in_objects=True,
    wrappers=frozenset({"argument", "array_element_initializer"}),
    leaves=frozenset({"variable_name", "qualified_name"}),
    by_token={"argument": (":", "keyword_argument"), "array_element_initializer": ("=>", "pair")},
    bare_statements=True,
    bare_values=True,
    opening="<?php ",
    enclosing=("class Piece { ", "}"),
    masked=_masked,
)

_WORDS = frozenset({"die", "empty", "eval", "exit", "include", "include_once", "print", "require", "require_once"})


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """`echo` takes what stands behind it, other words of the language take one value, and the backtick holds one."""
    return [{"pattern": _call(name, arguments)} for name in names]


def _call(name: str, arguments: str) -> str:
    if name == "echo":
        return (
            f"echo ..., {arguments.removeprefix('..., ').removesuffix(', ...')}, ...;"
            if "$" in arguments
            else "echo ...;"
        )
    if name in _WORDS:
        return f"{name}({arguments.removeprefix('..., ').removesuffix(', ...')})"
    if name == "`":
        return "`...{$SINK}...`" if "$SINK" in arguments else "`...`"
    return f"{name}({arguments})"


_MEMBER = re.compile(r"(\$(?!V\d)[A-Z][A-Z_]*)\.(?=[\w$])")


def _spelt(pattern: str) -> str:
    """A member of anything, which is written with an arrow here; it stands for static members, too."""
    while (arrows := _MEMBER.sub(r"\1->", pattern)) != pattern:
        pattern = arrows
    return pattern


_FUNCTIONS = ("function $FUNCTION(...) { {body} }", "function (...) { {body} }")

NOTATION = Notation(
    put_in=(
        '"...{$X}..."', '"..." . $X', '$X . "..."', 'sprintf("...", ..., $X, ...)', 'vsprintf("...", [..., $X, ...])',
        'implode("...", [..., $X, ...])',
    ),
    begun=('<... "..." ...>', '<... "...{$TEXT}..." ...>'),
    plus=".",
    grown=(('$V = "..."', "$V .= $X"),),
    no_values=('"..."', "$A . $B", '$A ? "..." : "..."', "(int)$T", "(float)$T", "(bool)$T", "isset($T)", "empty($T)"),
    constants="-?[0-9.]+$|(?i:true|false|null)$|[A-Z][A-Z_0-9]+$|__[A-Z]+__$|self::[A-Z]|static::[A-Z]",
    functions=_FUNCTIONS,
    parameters=("function $FUNCTION(..., $P, ...) { ... }", "function (..., $P, ...) { ... }"),
    statement="...\n <... {code} ...>;\n ...",
    ending=";",
    option="[..., '{name}' => {value}, ...]",
    option_told="'{name}' => {value}",
    pair="[..., {key} => {value}, ...]",
    field_set="$O->{name} = {value}",
    a_list="[...]",
    derived=("class $CLASS extends {base} { ... }",),
    harmless=("(int)$CAST", "(float)$CAST", "(bool)$CAST", "(integer)$CAST", '$_FILES[...]["tmp_name"]', '$_FILES[...]["size"]'),
    request_parts=("$REQUEST",),
    spelt=_spelt,
    spellings={
        "by interpolation": '"{text} {{value}}"',
        "by .": '"{text} " . {value}',
        "by . of three": '"{text} " . {value} . " "',
        "by sprintf": 'sprintf("{text} %s", {value})',
    },
    variable="{name} = {value};",
    sigil="$",
    called=_called,
)  # fmt: skip
