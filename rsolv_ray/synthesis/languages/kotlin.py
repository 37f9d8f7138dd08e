"""How is Kotlin read and written?

Its grammar gives no child a role: they are told by their places. Objects are made by calling their class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import BLOCKS, Grammar
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.languages.parts import first_of, give, open_up, tell_growth
from rsolv_ray.synthesis.languages.shaping import made

if TYPE_CHECKING:
    from rsolv_ray.synthesis.languages.grammar import Node

__all__ = ["GRAMMAR", "NOTATION"]

_GROWING = frozenset({"append", "insert"})
_OPERATIONS = frozenset({"binary_operator", "comparison_operator", "boolean_operator"})
_SWITCHES = {"true": "true", "false": "false"}
_JUMPS = {"return": "return_statement", "throw": "raise_statement"}


def _shape(node: Node) -> None:
    """Gives the children of a node their roles."""
    if node.kind in _SHAPES:
        _SHAPES[node.kind](node)
    elif node.kind in _OPERATIONS and len(node.children) == 3:
        for role, child in zip(("left", "operator", "right"), node.children, strict=True):
            give(role, child)
    elif node.kind in BLOCKS:
        open_up(node, {"block"} if node.kind == "block" else {"block", "import_list"})


def _shape_call(node: Node) -> None:
    open_up(node, {"call_suffix"})
    open_up(node, {"annotated_lambda"})
    give("function", node.children[0])
    give("arguments", first_of(node, "argument_list"))
    tell_growth(node, _GROWING)


def _shape_argument(node: Node) -> None:
    if len(node.children) == 3 and node.children[1].text == "=":
        node.kind = "keyword_argument"
        give("name", node.children[0])
        give("value", node.children[2])
    else:
        node.kind = "spread"


def _shape_attribute(node: Node) -> None:
    open_up(node, {"navigation_suffix"})
    give("object", node.children[0])
    give("attribute", node.children[-1])


def _shape_subscript(node: Node) -> None:
    open_up(node, {"indexing_suffix"})
    give("value", node.children[0])
    give("subscript", node.parts[-1])


def _shape_target(node: Node) -> None:
    """What is set: a name, a field, or what stands under a key."""
    if len(node.children) == 2:
        node.kind = "attribute" if node.children[1].kind == "navigation_suffix" else "subscript"
        _shape(node)


def _shape_assignment(node: Node) -> None:
    """`val name: Type = value`, or `name = value`."""
    open_up(node, {"variable_declaration", "binding_pattern_kind", "target"})
    sign = next((at for at, child in enumerate(node.children) if child.text in _SETS), None)
    give(
        "left",
        first_of(node, "identifier", "attribute", "subscript") if sign is None else _last_name(node.children[:sign]),
    )
    give("type", first_of(node, "type"))
    if sign is not None and sign + 1 < len(node.children):
        node.kind = "assignment" if node.children[sign].text == "=" else "augmented_assignment"
        give("operator", node.children[sign])
        give("right", node.children[sign + 1])


def _last_name(before: list[Node]) -> Node | None:
    return next((one for one in before if one.kind in ("identifier", "attribute", "subscript")), None)


def _shape_text(node: Node) -> None:
    for child in list(node.children):
        if child.kind == "interpolated_identifier":
            child.kind = "identifier"
            made("interpolation", [child])


def _shape_function(node: Node) -> None:
    give("name", first_of(node, "identifier"))
    give("parameters", first_of(node, "parameters"))
    give("body", first_of(node, "block"))


def _shape_lambda(node: Node) -> None:
    give("parameters", first_of(node, "parameters"))
    give("body", first_of(node, "block"))


def _shape_class(node: Node) -> None:
    name = first_of(node, "type")
    if name is not None:
        name.kind = "identifier"
    give("name", name)
    give("body", first_of(node, "block"))


def _shape_parameter(node: Node) -> None:
    give("name", first_of(node, "identifier"))
    give("type", first_of(node, "type"))


def _shape_condition(node: Node) -> None:
    give("condition", next((part for part in node.parts if part.kind not in BLOCKS), None))


def _shape_switch(node: Node) -> None:
    node.kind = _SWITCHES.get(node.text, "identifier")


def _shape_jump(node: Node) -> None:
    node.kind = _JUMPS.get(node.children[0].text if node.children else "", "jump")


def _shape_prefix(node: Node) -> None:
    node.kind = "not_operator" if node.text.startswith("!") else "unary_operator"


_SHAPES = {
    "call": _shape_call, "value_argument": _shape_argument, "attribute": _shape_attribute, "subscript": _shape_subscript,
    "directly_assignable_expression": _shape_target, "assignment": _shape_assignment, "string": _shape_text,
    "function_definition": _shape_function, "lambda": _shape_lambda, "class_definition": _shape_class, "typed_parameter": _shape_parameter,
    "if_statement": _shape_condition, "while_statement": _shape_condition, "switch": _shape_switch, "jump_expression": _shape_jump,
    "prefix_expression": _shape_prefix,
}  # fmt: skip
_SETS = frozenset({"=", "+=", "-=", "*=", "/=", "%="})
_IMPORT = re.compile(r"import\s+([\w.]+\.(\w+))(?:\s+as\s+(\w+))?\s*;?")


def _imports(text: str) -> dict[str, str]:
    found = _IMPORT.fullmatch(text.strip())
    return {found[3] or found[2]: found[1]} if found else {}


GRAMMAR = Grammar(
    parsers=("kotlin",),
    fields={},
    kinds={
        "source_file": "module", "class_body": "block", "enum_class_body": "block", "function_body": "block", "statements": "block",
        "control_structure_body": "block", "function_declaration": "function_definition", "secondary_constructor": "function_definition",
        "anonymous_function": "lambda", "lambda_literal": "lambda", "lambda_parameters": "parameters", "class_declaration": "class_definition",
        "object_declaration": "class_definition", "companion_object": "class_definition", "function_value_parameters": "parameters",
        "parameter": "typed_parameter", "class_parameter": "typed_parameter", "property_declaration": "assignment",
        "call_expression": "call", "value_arguments": "argument_list", "navigation_expression": "attribute",
        "indexing_expression": "subscript", "simple_identifier": "identifier", "this_expression": "identifier", "super_expression": "identifier",
        "additive_expression": "binary_operator", "multiplicative_expression": "binary_operator", "infix_expression": "binary_operator",
        "elvis_expression": "binary_operator", "comparison_expression": "comparison_operator", "equality_expression": "comparison_operator",
        "conjunction_expression": "boolean_operator", "disjunction_expression": "boolean_operator",
        "postfix_expression": "parenthesized_expression", "string_literal": "string", "line_string_literal": "string",
        "multi_line_string_literal": "string", "interpolated_expression": "interpolation", "character_escape_seq": "string_content",
        "character_literal": "integer", "integer_literal": "integer", "long_literal": "integer", "hex_literal": "integer", "bin_literal": "integer",
        "unsigned_literal": "integer", "real_literal": "float", "null_literal": "none", "boolean_literal": "switch",
        "if_expression": "if_statement", "when_expression": "match_statement", "when_entry": "case_clause", "try_expression": "try_statement",
        "catch_block": "except_clause", "finally_block": "finally_clause", "do_while_statement": "do_statement", "import_header": "import_statement",
        "package_header": "package", "annotation": "decorator", "user_type": "type", "nullable_type": "type", "function_type": "type",
        "type_identifier": "type", "collection_literal": "list", "directly_assignable_expression": "directly_assignable_expression",
    },
    operators={},
    layout=frozenset({";", "val", "var"}),
    filling=frozenset({"format", "plus", "append"}),
    formatting=frozenset({"format"}),
    builders=frozenset({"StringBuffer", "StringBuilder"}),
    types_capitalised=True,
    enclosing=("class Fragment { ", " }"),
    imports=_imports,
    shape=_shape,
    wrappers=frozenset({"value_argument", "directly_assignable_expression"}),
    bare_statements=True,
)  # fmt: skip


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """A class is called by its own name, or written in full with its package."""
    found: list[JsonObject] = []
    for name in names:
        found.append({"pattern": f"{name}({arguments})"})
        if re.fullmatch(r"[A-Z]\w*(\.[\w$]+)*", name):
            found.append({"pattern": f"$PACKAGE.{name}({arguments})"})
    return found


NOTATION = Notation(
    put_in=(
        '"...${$X}..."', '"..." + $X', '$X + "..."', '"...".format(..., $X, ...)', 'String.format("...", ..., $X, ...)', '"...".plus($X)',
        '$TEXT.append("...").append($X)', 'StringBuilder("...").append($X)',
    ),
    begun=('<... "..." ...>', '<... "...${$TEXT}..." ...>'),
    no_values=('"..."', "$A + $B", '"...".format(...)'),
    constants=r"-?[0-9.]+[LlFf]?$|true$|false$|null$|([A-Za-z_]\w*\.)*[A-Z][A-Z_0-9]+$",
    functions=("fun $FUNCTION(...) { {body} }",),
    parameters=("fun $FUNCTION(..., $P: $T, ...) { ... }", "fun $FUNCTION(..., $P: $T, ...) = ..."),
    statement="...;\n <... {code} ...>;\n ...",
    spellings={
        "by template": '"{text} ${{value}}"',
        "by +": '"{text} " + {value}',
        "by + of three": '"{text} " + {value} + " "',
        "by format": '"{text} %s".format({value})',
    },
    option="{name} = {value}",
    option_told="{name} = {value}",
    added_option="{name} = {value}",
    variable="val {name} = {value}",
    harmless=("$X.length", "$X.size"),
    harmless_kinds=("taint_assume_safe_booleans", "taint_assume_safe_comparisons", "taint_assume_safe_numbers"),
    of_type="($O: {type})",
    marked=("fun $FUNCTION(..., @$MARK $P: $T, ...) { ... }", "fun $FUNCTION(..., @$MARK(...) $P: $T, ...) { ... }"),
    grown=(('$V = "..."', "$V += $X"), ("$V = StringBuilder(...)", "$V.append($X)")),
    request_parts=("$REQUEST.$PART(...)", "$REQUEST.$PART"),
    carriers=({"pattern": "$TEXT.append($FROM)", "from": "$FROM", "to": "$TEXT"},),
    called=_called,
)  # fmt: skip
