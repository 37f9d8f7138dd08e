"""How is Solidity read and written?

What a call is sent along with (`target.call{value: x}(data)`) stands between its name and its arguments: here the call is of the name, and
a pattern of it is written both ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.languages.parts import first_of, give, open_up
from rsolv_ray.synthesis.languages.shaping import made

if TYPE_CHECKING:
    from rsolv_ray.synthesis.languages.grammar import Node

__all__ = ["GRAMMAR", "NOTATION"]

_DECLARED = frozenset({"variable_declaration"})
_FUNCTIONS = frozenset(
    {"function_definition", "constructor_definition", "modifier_definition", "fallback_receive_definition"}
)


def _shape(node: Node) -> None:
    """Brackets become a list of arguments or of parameters; a declaration is the statement of one assignment."""
    match node.kind:
        case "call":
            _shape_call(node)
        case "function_definition":
            _bracketed(node, "parameters", "parameters")
        case "variable_declaration_statement":
            _shape_declaration(node)
        case _:
            return


def _shape_call(node: Node) -> None:
    _bracketed(node, "argument_list", "arguments")
    sent = first_of(node, "struct_expression")
    if sent is not None and sent.parts:
        callee = sent.parts[0]
        node.children = [callee if child is sent else child for child in node.children]
        callee.parent = node
        give("function", callee)


def _bracketed(node: Node, kind: str, role: str) -> None:
    opening, closing = first_of(node, "'('"), first_of(node, "')'")
    if opening is not None and closing is not None:
        first, last = node.children.index(opening), node.children.index(closing)
        if first < last:
            made(kind, node.children[first : last + 1], role=role)


def _shape_declaration(node: Node) -> None:
    node.kind = "expression_statement"
    value = node.field("value")
    if value is None:
        return
    whole = made("assignment", node.children[: node.children.index(value) + 1])
    open_up(whole, _DECLARED)
    give("right", value)
    give("type", first_of(whole, "type_name"))
    give("left", first_of(whole, "identifier", "variable_declaration_tuple"))


def _imports(_text: str) -> dict[str, str]:
    """Files are imported, and their names with them as they are."""
    return {}


GRAMMAR = Grammar(
    parsers=("solidity",),
    fields={
        "call_expression": as_they_are("function"),
        "emit_statement": (("function", "name"),),
        "member_expression": (("object", "object"), ("attribute", "property")),
        "array_access": (("value", "base"), ("subscript", "index")),
        "assignment_expression": as_they_are("left", "right"),
        "augmented_assignment_expression": as_they_are("left", "right"),
        "binary_expression": as_they_are("left", "operator", "right"),
        "unary_expression": as_they_are("operator", "argument"),
        "update_expression": as_they_are("argument"),
        "call_struct_argument": as_they_are("name", "value"),
        "variable_declaration_statement": as_they_are("value"),
        "variable_declaration": as_they_are("name", "type"),
        "state_variable_declaration": (("left", "name"), ("right", "value"), ("type", "type")),
        "parameter": as_they_are("name", "type"),
        "function_definition": as_they_are("name", "body"),
        "constructor_definition": as_they_are("body"),
        "modifier_definition": as_they_are("name", "body"),
        "contract_declaration": as_they_are("name", "body"),
        "if_statement": (("condition", "condition"), ("consequence", "body")),
        "while_statement": as_they_are("condition", "body"),
        "for_statement": as_they_are("condition", "body"),
    },
    kinds={
        "source_file": "module", "contract_body": "block", "function_body": "block", "block_statement": "block", "unchecked_block": "block",
        "contract_declaration": "class_definition", "interface_declaration": "class_definition", "library_declaration": "class_definition",
        **dict.fromkeys(_FUNCTIONS, "function_definition"), "import_directive": "import_statement", "call_expression": "call",
        "member_expression": "attribute", "array_access": "subscript", "assignment_expression": "assignment",
        "augmented_assignment_expression": "augmented_assignment", "binary_expression": "binary_operator",
        "unary_expression": "unary_operator", "ternary_expression": "conditional_expression", "parameter": "typed_parameter",
        "string_literal": "string", "hex_string_literal": "string", "unicode_string_literal": "string", "number_literal": "integer",
        "boolean_literal": "true", "call_struct_argument": "keyword_argument", "catch_clause": "except_clause",
        "revert_statement": "raise_statement", "state_variable_declaration": "assignment", "payable_conversion_expression": "call",
    },
    operators={
        **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "comparison_operator"),
        **dict.fromkeys(("&&", "||"), "boolean_operator"),
        "!": "not_operator",
    },
    layout=frozenset({";"}),
    wrappers=frozenset({"expression", "statement", "call_argument"}),
    leaves=frozenset({"string_literal", "hex_string_literal", "unicode_string_literal", "boolean_literal"}),
    joining=frozenset(),
    imports=_imports,
    shape=_shape,
)  # fmt: skip


def _sent(name: str, arguments: str) -> Iterator[JsonObject]:
    for sent in ("value: $SENT", "gas: $GAS", "value: $SENT, gas: $GAS"):
        yield {"pattern": f"{name}{{{sent}}}({arguments})"}


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """What is called on an address may be sent something along."""
    found: list[JsonObject] = []
    for name in names:
        found.append({"pattern": f"{name}({arguments})"})
        if name.endswith((".call", ".delegatecall", ".staticcall")):
            found += [*_sent(name, arguments)]
    return found


NOTATION = Notation(
    functions=("function $FUNCTION(...) { {body} }",),
    parameters=("function $FUNCTION(..., $T $P, ...) { ... }",),
    statement="... {code} ...",
    constants=r"-?[0-9.]+$|0x[0-9a-fA-F]+$|true$|false$|[A-Z][A-Z_0-9]+$",
    variable="uint {name} = {value};",
    ending=";",
    called=_called,
)
