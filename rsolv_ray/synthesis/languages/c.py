"""How are C and C++ read and written?

A declarator (`char *name[10]`) says a name and, round it, what it is: here the name stands in the declaration itself. `p->f` is a field of
`p` as `p.f` is, in trees and in the engine's patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.languages.parts import first_of, give, open_up

if TYPE_CHECKING:
    from rsolv_ray.synthesis.languages.grammar import Node

__all__ = ["CPP", "CPP_NOTATION", "C_NOTATION", "C"]

_DECLARATORS = frozenset({
    "pointer_declarator", "array_declarator", "function_declarator", "reference_declarator", "parenthesized_declarator",
    "attributed_declarator", "abstract_function_declarator",
})  # fmt: skip
_DECLARED = ("identifier", "attribute", "destructor_name", "operator_name")


def _shape(node: Node) -> None:
    """What is declared plays the part of its declarator; `sizeof` is called as a function is."""
    for child in node.children:
        if child.kind in _DECLARATORS and child.field_name is not None:
            give(child.field_name, first_of(child, *_DECLARED))
    open_up(node, _DECLARATORS)
    if node.kind == "sizeof_expression" and len(node.children) == 2:
        node.kind = "call"
        word, held = node.children
        word.kind, word.named, word.field_name = "identifier", True, "function"
        held.kind, held.field_name = "argument_list", "arguments"
    elif node.kind == "char_literal":
        node.kind, node.children = "integer", []


_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "call_expression": as_they_are("function", "arguments"),
    "field_expression": (("object", "argument"), ("attribute", "field")),
    "qualified_identifier": (("object", "scope"), ("attribute", "name")),
    "subscript_expression": (("value", "argument"), ("subscript", "index")),
    "declaration": as_they_are("type"),
    "init_declarator": (("left", "declarator"), ("right", "value")),
    "assignment_expression": as_they_are("left", "operator", "right"),
    "binary_expression": as_they_are("left", "operator", "right"),
    "unary_expression": as_they_are("operator", "argument"),
    "cast_expression": as_they_are("type", "value"),
    "function_definition": (("name", "declarator"), ("body", "body")),
    "function_declarator": as_they_are("parameters"),
    "abstract_function_declarator": as_they_are("parameters"),
    "lambda_expression": as_they_are("body"),
    "parameter_declaration": (("type", "type"), ("name", "declarator")),
    "optional_parameter_declaration": (("type", "type"), ("name", "declarator"), ("value", "default_value")),
    "class_specifier": as_they_are("name", "body"),
    "struct_specifier": as_they_are("name", "body"),
    "namespace_definition": as_they_are("name", "body"),
    "if_statement": as_they_are("condition", "consequence"),
    "while_statement": as_they_are("condition", "body"),
    "do_statement": as_they_are("condition", "body"),
    "for_statement": as_they_are("condition", "body"),
    "initializer_pair": (("key", "designator"), ("value", "value")),
}

_KINDS: dict[str, str] = {
    "translation_unit": "module", "compound_statement": "block", "declaration_list": "block", "field_declaration_list": "block",
    "preproc_include": "import_statement", "preproc_ifdef": "labeled_statement", "preproc_if": "labeled_statement",
    "preproc_else": "labeled_statement", "preproc_elif": "labeled_statement", "preproc_elifdef": "labeled_statement",
    "linkage_specification": "class_definition", "namespace_definition": "class_definition", "class_specifier": "class_definition",
    "template_declaration": "decorated_definition", "lambda_expression": "lambda", "switch_statement": "match_statement",
    "case_statement": "case_clause", "catch_clause": "except_clause", "for_range_loop": "for_statement",
    "throw_statement": "raise_statement", "parameter_list": "parameters", "parameter_declaration": "typed_parameter",
    "optional_parameter_declaration": "typed_parameter", "call_expression": "call", "field_expression": "attribute",
    "qualified_identifier": "attribute", "subscript_expression": "subscript", "init_declarator": "assignment",
    "assignment_expression": "assignment", "binary_expression": "binary_operator", "unary_expression": "unary_operator",
    "string_literal": "string", "raw_string_literal": "string", "escape_sequence": "string_content", "number_literal": "integer",
    "null": "none", "nullptr": "none", "initializer_list": "list", "initializer_pair": "pair", "this": "identifier",
    "field_identifier": "identifier", "namespace_identifier": "identifier", "type_identifier": "identifier",
    "await_expression": "await",
}  # fmt: skip

_OPERATORS = {
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "comparison_operator"),
    **dict.fromkeys(("&&", "||", "and", "or"), "boolean_operator"),
    **dict.fromkeys(("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="), "augmented_assignment"),
    "!": "not_operator",
    "not": "not_operator",
}
_PRINTING = {"sprintf": 1, "vsprintf": 1, "snprintf": 2, "vsnprintf": 2, "asprintf": 1, "swprintf": 2}


C = Grammar(
    parsers=("c",),
    fields=_FIELDS,
    kinds=_KINDS,
    operators=_OPERATORS,
    layout=frozenset({";"}),
    leaves=frozenset({"null"}),
    joining=frozenset(),
    printing=_PRINTING,
    imports=lambda _: {},
    shape=_shape,
)
CPP = Grammar(
    parsers=("cpp",),
    fields=_FIELDS,
    kinds=_KINDS,
    operators=_OPERATORS,
    layout=frozenset({";"}),
    leaves=frozenset({"null"}),
    filling=frozenset({"append"}),
    formatting=frozenset({"format"}),
    printing=_PRINTING,
    plain_paths=frozenset({"std"}),
    imports=lambda _: {},
    shape=_shape,
)


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    return [{"pattern": f"{name}({arguments})"} for name in names]


def _called_in_cpp(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """What C brings along stands in `std`, too."""
    return [
        {"pattern": f"{path}{name}({arguments})"}
        for name in names
        for path in (("", "std::") if re.fullmatch(r"[a-z]\w*", name) else ("",))
    ]


_PRINTED = (
    'sprintf($INTO, "...", ..., $X, ...)', 'snprintf($INTO, $SIZE, "...", ..., $X, ...)', "strcat($INTO, $X)", "strncat($INTO, $X, ...)",
    'asprintf(&$INTO, "...", ..., $X, ...)',
)  # fmt: skip
_CONSTANTS = r"-?[0-9][0-9.xXa-fA-FuUlL]*$|'.*'$|true$|false$|NULL$|nullptr$|[A-Z][A-Z_0-9]+$|sizeof"
_STATEMENT = "... <... {code} ...>; ..."
_GIVEN = ("$ANSWER = $CALL(...);", "$ANSWER = ($CAST) $CALL(...);")
_CONDITIONS = ("if (<... $ANSWER ...>) { ... }", "while (<... $ANSWER ...>) { ... }")
_PASSED_ON = ("assert(<... $ANSWER ...>);", "return <... $ANSWER ...>;")
_ASKED = (
    *_CONDITIONS,
    *(f"{given}\n...\n{asked}" for given in _GIVEN for asked in (*_CONDITIONS, *_PASSED_ON)),
)
_POINTERS = (
    "$T *$P = $V;\n...\n",
    "$T *$P;\n...\n",
    "$R $F(..., $T *$P, ...) { ... }",
    "$R $F(..., $T $P[], ...) { ... }",
)
_LOCAL = ("$T $P;\n...\n", "$T $P = $V;\n...\n")
_LOCAL_ARRAYS = ("$T $P[$N];\n...\n", "$T $P[$N] = $V;\n...\n", "$T $P[] = $V;\n...\n")
_LASTING = tuple(f"static {one}" for one in (*_LOCAL, *_LOCAL_ARRAYS))
_CONSTANT_TEXTS = ('$T $V[$N] = "...";\n...\n', '$T $V[] = "...";\n...\n', '$T *$V = "...";\n...\n')
_TOUCHES = ("*$THING", "$THING[...]", "$CALLED(..., $THING, ...)", "return $THING;")

C_NOTATION = Notation(
    functions=("$TYPE $FUNCTION(...) { {body} }",),
    parameters=("$TYPE $FUNCTION(..., $T $P, ...) { ... }",),
    statement=_STATEMENT,
    no_values=('"..."',),
    constants=_CONSTANTS,
    variable="char *{name} = {value};",
    ending=";",
    grown=(),
    printed=_PRINTED,
    asked=_ASKED,
    constant_texts=_CONSTANT_TEXTS,
    local=_LOCAL,
    local_array=_LOCAL_ARRAYS,
    lasting=_LASTING,
    pointers=_POINTERS,
    touches=_TOUCHES,
    called=_called,
)
CPP_NOTATION = Notation(
    functions=("$TYPE $FUNCTION(...) { {body} }",),
    parameters=("$TYPE $FUNCTION(..., $T $P, ...) { ... }",),
    statement=_STATEMENT,
    put_in=('"..." + $X', '$X + "..."', '$TEXT.append("...").append($X)', 'std::format("...", ..., $X, ...)', 'fmt::format("...", ..., $X, ...)'),
    begun=('<... "..." ...>',),
    no_values=('"..."', "$A + $B"),
    constants=_CONSTANTS,
    spellings={"by +": 'std::string("{text} ") + {value}', "by + of three": 'std::string("{text} ") + {value} + " "'},
    variable="auto {name} = {value};",
    ending=";",
    grown=(('$V = "..."', "$V += $X"), ('$V = "..."', "$V.append($X)")),
    printed=_PRINTED,
    asked=_ASKED,
    constant_texts=_CONSTANT_TEXTS,
    local=_LOCAL,
    local_array=_LOCAL_ARRAYS,
    lasting=_LASTING,
    pointers=_POINTERS,
    objects=("this",),
    touches=_TOUCHES,
    called=_called_in_cpp,
)  # fmt: skip
