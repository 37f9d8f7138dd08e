"""How is Java read and written?

Classes are told by their own names, without their packages: that is how code names them, and a pattern of a class in any package finds
those that are written in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.languages.parts import first_of, give, open_up, tell_growth
from rsolv_ray.synthesis.languages.shaping import made

if TYPE_CHECKING:
    from rsolv_ray.synthesis.languages.grammar import Node

__all__ = ["GRAMMAR", "NOTATION", "called"]

_GROWING = frozenset({"append", "insert"})
_DECLARATIONS = frozenset({"local_variable_declaration", "field_declaration", "constant_declaration"})


def _shape(node: Node) -> None:
    """What `new` is said of is called; a declaration's type goes to the name that it is of."""
    match node.kind:
        case "call":
            _shape_call(node)
        case "declaration":
            _shape_declaration(node)
        case "scoped_type_identifier" if len(node.parts) == 2:
            node.kind = "attribute"
            give("object", node.parts[0])
            give("attribute", node.parts[1])
            node.parts[0].kind = "identifier" if node.parts[0].kind == "type" else node.parts[0].kind
            node.parts[1].kind = "identifier"
        case _:
            return


def _shape_call(node: Node) -> None:
    open_up(node, {"generic_type"})
    built = node.field("function")
    if built is None and node.children[0].kind == "'new'":
        built = first_of(node, "type", "attribute")
        give("function", built)
    if built is not None and built.kind == "type":
        built.kind = "identifier"
    tell_growth(node, _GROWING)


def _shape_declaration(node: Node) -> None:
    """`Type name = value;` is told as the statement of one assignment."""
    node.kind = "expression_statement"
    names = [child for child in node.children if child.kind == "assignment"]
    if len(names) != 1:
        return
    until = node.children.index(names[0]) + 1
    whole = made("assignment", node.children[:until])
    open_up(whole, {"assignment"})
    give("type", first_of(whole, "type", "generic_type", "attribute", "array_type"))


_IMPORT = re.compile(r"import\s+(?:static\s+)?([\w.]+\.(\w+))\s*;?")


def _imports(text: str) -> dict[str, str]:
    """`import a.b.C;` binds `C`; what `import a.b.*;` binds cannot be told."""
    found = _IMPORT.fullmatch(text.strip())
    return {found[2]: found[1]} if found else {}


GRAMMAR = Grammar(
    parsers=("java",),
    fields={
        "method_invocation": (("object", "object"), ("attribute", "name"), ("arguments", "arguments")),
        "object_creation_expression": as_they_are("arguments"),
        "explicit_constructor_invocation": (("function", "constructor"), ("arguments", "arguments")),
        "field_access": (("object", "object"), ("attribute", "field")),
        "array_access": (("value", "array"), ("subscript", "index")),
        "variable_declarator": (("left", "name"), ("right", "value")),
        "resource": (("type", "type"), ("left", "name"), ("right", "value")),
        "assignment_expression": as_they_are("left", "operator", "right"),
        "binary_expression": as_they_are("left", "operator", "right"),
        "instanceof_expression": as_they_are("left", "right"),
        "unary_expression": (("operator", "operator"), ("argument", "operand")),
        "cast_expression": as_they_are("type", "value"),
        "method_declaration": as_they_are("name", "parameters", "body"),
        "constructor_declaration": as_they_are("name", "parameters", "body"),
        "lambda_expression": as_they_are("parameters", "body"),
        "formal_parameter": as_they_are("name", "type"),
        "catch_formal_parameter": as_they_are("name"),
        "class_declaration": as_they_are("name", "body"),
        "interface_declaration": as_they_are("name", "body"),
        "enum_declaration": as_they_are("name", "body"),
        "record_declaration": as_they_are("name", "body"),
        "if_statement": as_they_are("condition", "consequence"),
        "while_statement": as_they_are("condition", "body"),
        "do_statement": as_they_are("condition", "body"),
        "enhanced_for_statement": (("type", "type"), ("left", "name"), ("right", "value"), ("body", "body")),
        "annotation": as_they_are("name", "arguments"),
        "marker_annotation": as_they_are("name"),
        "element_value_pair": (("name", "key"), ("value", "value")),
    },
    kinds={
        "program": "module", "class_body": "block", "interface_body": "block", "enum_body": "block", "enum_body_declarations": "block",
        "annotation_type_body": "block", "constructor_body": "block", "switch_block": "block", "switch_block_statement_group": "case_clause",
        "switch_rule": "case_clause", "switch_expression": "match_statement", "method_declaration": "function_definition",
        "constructor_declaration": "function_definition", "compact_constructor_declaration": "function_definition",
        "class_declaration": "class_definition", "interface_declaration": "class_definition", "enum_declaration": "class_definition",
        "record_declaration": "class_definition", "annotation_type_declaration": "class_definition", "lambda_expression": "lambda",
        "static_initializer": "with_statement", "synchronized_statement": "with_statement", "try_with_resources_statement": "try_statement",
        "catch_clause": "except_clause", "enhanced_for_statement": "for_statement", "throw_statement": "raise_statement",
        "import_declaration": "import_statement", "method_invocation": "call", "object_creation_expression": "call",
        "explicit_constructor_invocation": "call", "field_access": "attribute", "array_access": "subscript",
        "variable_declarator": "assignment", "resource": "assignment", "unary_expression": "unary_operator", "binary_expression": "binary_operator",
        "ternary_expression": "conditional_expression", "instanceof_expression": "comparison_operator", "formal_parameters": "parameters",
        "inferred_parameters": "parameters", "formal_parameter": "typed_parameter", "spread_parameter": "typed_parameter",
        "string_literal": "string", "string_fragment": "string_content", "multiline_string_fragment": "string_content",
        "escape_sequence": "string_content", "character_literal": "integer", "decimal_integer_literal": "integer",
        "hex_integer_literal": "integer", "octal_integer_literal": "integer", "binary_integer_literal": "integer",
        "decimal_floating_point_literal": "float", "hex_floating_point_literal": "float", "null_literal": "none", "this": "identifier",
        "super": "identifier", "type_identifier": "type", "void_type": "type", "integral_type": "type", "floating_point_type": "type",
        "boolean_type": "type", "superclass": "type", "super_interfaces": "type", "throws": "type", "dimensions": "type",
        "marker_annotation": "decorator", "annotation": "decorator", "annotation_argument_list": "argument_list",
        "element_value_pair": "keyword_argument", "package_declaration": "package",
        **dict.fromkeys(_DECLARATIONS, "declaration"),
    },
    operators={
        **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "comparison_operator"),
        **dict.fromkeys(("&&", "||"), "boolean_operator"),
        **dict.fromkeys(("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", ">>>="), "augmented_assignment"),
        "=": "assignment",
        "!": "not_operator",
    },
    layout=frozenset({";", "final"}),
    filling=frozenset({"concat", "formatted", "append"}),
    formatting=frozenset({"format"}),
    builders=frozenset({"StringBuffer", "StringBuilder"}),
    types_capitalised=True,
    enclosing=("class Fragment { ", " }"),
    imports=_imports,
    shape=_shape,
)  # fmt: skip

_OF_TYPE = re.compile(r"(new )?[A-Z]\w*(\.[\w$]+)*")


def called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """A class is called by its own name, or written in full with its package."""
    found: list[JsonObject] = []
    for name in names:
        found.append({"pattern": f"{name}({arguments})"})
        if _OF_TYPE.fullmatch(name) and ("." in name or name.startswith("new ")):
            new, kind = ("new ", name[4:]) if name.startswith("new ") else ("", name)
            found.append({"pattern": f"{new}$PACKAGE.{kind}({arguments})"})
    return found


NOTATION = Notation(
    put_in=(
        '"..." + $X', '$X + "..."', '"...".concat($X)', 'String.format("...", ..., $X, ...)', '"...".formatted(..., $X, ...)',
        'String.format($LOCALE, "...", ..., $X, ...)', 'MessageFormat.format("...", ..., $X, ...)', 'String.join(..., "...", ..., $X, ...)',
        "(StringBuilder $TEXT).append($X)", "(StringBuffer $TEXT).append($X)", '$TEXT.append("...").append($X)',
        'new StringBuilder("...").append($X)', 'new StringBuilder().append("...").append($X)',
    ),
    begun=('<... "..." ...>',),
    no_values=('"..."', "$A + $B", '$A ? "..." : "..."', "String.format(...)"),
    constants=r"-?[0-9.]+[LlFfDd]?$|'.'$|true$|false$|null$|([A-Za-z_]\w*\.)*[A-Z][A-Z_0-9]+$",
    functions=("$TYPE $FUNCTION(...) { {body} }",),
    parameters=("$TYPE $FUNCTION(..., $T $P, ...) { ... }",),
    statement="...\n <... {code} ...>;\n ...",
    spellings={
        "by +": '"{text} " + {value}',
        "by + of three": '"{text} " + {value} + " "',
        "by format": 'String.format("{text} %s", {value})',
        "by concat": '"{text} ".concat({value})',
    },
    variable="String {name} = {value};",
    ending=";",
    harmless_kinds=("taint_assume_safe_booleans", "taint_assume_safe_comparisons", "taint_assume_safe_numbers"),
    of_type="({type} $O)",
    marked=("$TYPE $FUNCTION(..., @$MARK $T $P, ...) { ... }", "$TYPE $FUNCTION(..., @$MARK(...) $T $P, ...) { ... }"),
    request_parts=("$REQUEST.$PART(...)",),
    carriers=(
        {"pattern": "(StringBuilder $TEXT).append($FROM)", "from": "$FROM", "to": "$TEXT"},
        {"pattern": "(StringBuffer $TEXT).append($FROM)", "from": "$FROM", "to": "$TEXT"},
    ),
    called=called,
)  # fmt: skip
