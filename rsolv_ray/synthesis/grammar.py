"""How does a language's own grammar name what all languages have?

Trees are told in one vocabulary, that of the tree-sitter grammar of Python: a call is a `call` with `function` and `arguments`,
a function inside an expression a `lambda`, whatever else a grammar calls them. A language enters rule synthesis with a
`Grammar` here, a `Notation` (how its patterns are written) and a catalogue in `weaknesses`; nothing else asks for a
language by name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

BLOCKS = frozenset({"module", "block"})
"""What holds statements."""
COMPOUNDS = frozenset({
    "function_definition", "class_definition", "decorated_definition", "if_statement", "elif_clause", "else_clause",
    "for_statement", "while_statement", "do_statement", "try_statement", "except_clause", "except_group_clause",
    "finally_clause", "with_statement", "match_statement", "case_clause", "labeled_statement",
})  # fmt: skip
"""Statements, and clauses of them, that hold blocks."""
FUNCTIONS = frozenset({"function_definition", "lambda"})
STRINGS = frozenset({"string", "concatenated_string"})
LITERALS = STRINGS | {"integer", "float", "true", "false", "none", "regex"}
GROUPS = frozenset({"tuple", "list", "dictionary", "pair", "keyword_argument", "interpolation", "spread"})
"""Expressions that hold values and are none of themselves."""


@dataclass(frozen=True)
class Grammar:
    """What differs between languages in their trees.

    Attributes:
        parsers: ast-grep's names; where the first cannot read a text, the others are asked, and the best answer is taken.
        fields: the grammar's kind -> (role here, role there) of the children that have one.
        kinds: the grammar's kind -> the kind here; kinds that are left out keep their names.
        operators: the kind here of an expression with two operands, by its operator.
        layout: tokens that say nothing: code that differs in them alone is equal.
        joining: operators that put text and values together.
        filling: methods of a text that put values into it.
        formatting: functions that put values into their first argument, by their names.
        options_in_objects: whether options are given as an object among the arguments.
        sets_fields: whether setting a field may do something by itself, as it does with the elements of a page.
        parses: a second opinion on text that the tree-sitter grammar cannot read, or None.
    """

    parsers: tuple[str, ...]
    fields: Mapping[str, tuple[tuple[str, str], ...]]
    kinds: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    operators: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    layout: frozenset[str] = frozenset()
    joining: frozenset[str] = frozenset({"+"})
    filling: frozenset[str] = frozenset()
    formatting: frozenset[str] = frozenset()
    options_in_objects: bool = False
    sets_fields: bool = False
    parses: Callable[[str], bool] | None = None


def _as_they_are(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


def _parses_in_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


_PYTHON = Grammar(
    parsers=("python",),
    fields={
        "call": _as_they_are("function", "arguments"),
        "attribute": _as_they_are("object", "attribute"),
        "assignment": _as_they_are("left", "right", "type"),
        "augmented_assignment": _as_they_are("left", "operator", "right"),
        "named_expression": _as_they_are("name", "value"),
        "keyword_argument": _as_they_are("name", "value"),
        "default_parameter": _as_they_are("name", "value"),
        "typed_default_parameter": _as_they_are("name", "type", "value"),
        "pair": _as_they_are("key", "value"),
        "binary_operator": _as_they_are("left", "operator", "right"),
        "function_definition": _as_they_are("name", "parameters", "body"),
        "class_definition": _as_they_are("name", "body"),
        "if_statement": _as_they_are("condition", "consequence"),
        "elif_clause": _as_they_are("condition", "consequence"),
        "while_statement": _as_they_are("condition", "body"),
        "for_statement": _as_they_are("left", "right", "body"),
        "subscript": _as_they_are("value"),
        "aliased_import": _as_they_are("name", "alias"),
        "import_from_statement": _as_they_are("module_name"),
    },
    joining=frozenset({"+", "%"}),
    filling=frozenset({"format"}),
    parses=_parses_in_python,
)

_ECMASCRIPT_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "call_expression": _as_they_are("function", "arguments"),
    "new_expression": (("function", "constructor"), ("arguments", "arguments")),
    "member_expression": (("object", "object"), ("attribute", "property")),
    "subscript_expression": (("value", "object"), ("subscript", "index")),
    "variable_declarator": (("left", "name"), ("right", "value"), ("type", "type")),
    "assignment_expression": _as_they_are("left", "right"),
    "augmented_assignment_expression": _as_they_are("left", "operator", "right"),
    "field_definition": (("left", "property"), ("right", "value")),
    "public_field_definition": (("left", "name"), ("type", "type"), ("right", "value")),
    "pair": _as_they_are("key", "value"),
    "jsx_attribute": (),
    "binary_expression": _as_they_are("left", "operator", "right"),
    "unary_expression": _as_they_are("operator", "argument"),
    "function_declaration": _as_they_are("name", "parameters", "body"),
    "generator_function_declaration": _as_they_are("name", "parameters", "body"),
    "method_definition": _as_they_are("name", "parameters", "body"),
    "function_expression": _as_they_are("name", "parameters", "body"),
    "generator_function": _as_they_are("name", "parameters", "body"),
    "arrow_function": (("parameters", "parameters"), ("parameters", "parameter"), ("body", "body")),
    "required_parameter": (("name", "pattern"), ("type", "type"), ("value", "value")),
    "optional_parameter": (("name", "pattern"), ("type", "type"), ("value", "value")),
    "assignment_pattern": (("name", "left"), ("value", "right")),
    "object_assignment_pattern": (("name", "left"), ("value", "right")),
    "class_declaration": _as_they_are("name", "body"),
    "abstract_class_declaration": _as_they_are("name", "body"),
    "if_statement": _as_they_are("condition", "consequence"),
    "while_statement": _as_they_are("condition", "body"),
    "for_in_statement": _as_they_are("left", "right", "body"),
    "import_specifier": _as_they_are("name", "alias"),
    "import_statement": (("module_name", "source"),),
}

_ECMASCRIPT_KINDS: dict[str, str] = {
    "program": "module", "statement_block": "block", "class_body": "block", "switch_body": "block",
    "function_declaration": "function_definition", "generator_function_declaration": "function_definition",
    "method_definition": "function_definition", "function_expression": "lambda", "generator_function": "lambda",
    "arrow_function": "lambda", "class_declaration": "class_definition", "abstract_class_declaration": "class_definition",
    "export_statement": "decorated_definition", "internal_module": "class_definition", "for_in_statement": "for_statement",
    "catch_clause": "except_clause", "switch_statement": "match_statement", "switch_case": "case_clause",
    "switch_default": "case_clause", "throw_statement": "raise_statement", "lexical_declaration": "expression_statement",
    "variable_declaration": "expression_statement", "call_expression": "call", "new_expression": "call",
    "arguments": "argument_list", "member_expression": "attribute", "subscript_expression": "subscript",
    "variable_declarator": "assignment", "assignment_expression": "assignment", "field_definition": "assignment",
    "public_field_definition": "assignment", "augmented_assignment_expression": "augmented_assignment",
    "binary_expression": "binary_operator", "unary_expression": "unary_operator", "ternary_expression": "conditional_expression",
    "await_expression": "await", "object": "dictionary", "array": "list", "spread_element": "spread",
    "template_string": "string", "template_substitution": "interpolation", "string_fragment": "string_content",
    "escape_sequence": "string_content", "number": "integer", "null": "none", "undefined": "none", "this": "identifier",
    "property_identifier": "identifier", "private_property_identifier": "identifier", "shorthand_property_identifier": "identifier",
    "shorthand_property_identifier_pattern": "identifier", "formal_parameters": "parameters", "required_parameter": "typed_parameter",
    "optional_parameter": "typed_parameter", "assignment_pattern": "default_parameter", "object_assignment_pattern": "default_parameter",
    "non_null_expression": "parenthesized_expression",
}  # fmt: skip

_ECMASCRIPT_OPERATORS = {
    **dict.fromkeys(("==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "instanceof"), "comparison_operator"),
    **dict.fromkeys(("&&", "||", "??"), "boolean_operator"),
    "!": "not_operator",
}


def _ecmascript(*parsers: str) -> Grammar:
    return Grammar(
        parsers=parsers,
        fields=_ECMASCRIPT_FIELDS,
        kinds=_ECMASCRIPT_KINDS,
        operators=_ECMASCRIPT_OPERATORS,
        layout=frozenset({";", '"', "'", "var", "let", "const"}),
        filling=frozenset({"concat"}),
        formatting=frozenset({"format", "sprintf", "vsprintf"}),
        options_in_objects=True,
        sets_fields=True,
    )


GRAMMARS: dict[str, Grammar] = {
    "python": _PYTHON,
    "javascript": _ecmascript("javascript", "tsx"),
    "typescript": _ecmascript("typescript", "tsx"),
}
