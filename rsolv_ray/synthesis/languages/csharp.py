"""How is C# read and written?

Classes are told by their own names, without their namespaces, since `using` brings in whole namespaces. What an object is given as it is
made (`new Cookie { Secure = false }`) are pairs of a key and a value.
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

__all__ = ["GRAMMAR", "NOTATION"]

_GROWING = frozenset({"Append", "AppendFormat", "AppendLine", "Insert"})
_NAMED = frozenset({"identifier", "attribute", "type"})


def _shape(node: Node) -> None:
    if node.kind in _SHAPES:
        _SHAPES[node.kind](node)


def _shape_call(node: Node) -> None:
    """The class of `new`, and of a function of many types the name, is called."""
    open_up(node, {"generic_name"})
    if node.field("function") is None:
        built = first_of(node, *_NAMED)
        if built is not None and built.kind == "type":
            built.kind = "identifier"
        give("function", built)
    tell_growth(node, _GROWING)


def _shape_attribute(node: Node) -> None:
    open_up(node, {"generic_name", "member_binding_expression"})
    inside = node.parts
    if node.field("attribute") is None and inside:
        named = [part for part in inside if part.kind == "identifier"]
        give("attribute", named[-1] if named else None)
    if node.field("object") is None:
        give("object", node.children[0])


def _shape_declaration(node: Node) -> None:
    """`Type name = value;` is told as the statement of one assignment."""
    node.kind = "expression_statement"
    inner = first_of(node, "variable_declaration")
    if inner is None:
        return
    names = [child for child in inner.children if child.kind == "assignment"]
    if len(names) == 1:
        open_up(node, {"variable_declaration"})
        until = next(at for at, child in enumerate(node.children) if child is names[0]) + 1
        whole = made("assignment", node.children[:until])
        open_up(whole, {"assignment"})


def _shape_variables(node: Node) -> None:
    kind = next((part for part in node.parts if part.kind != "assignment"), None)
    if kind is not None:
        kind.kind = "type"
        give("type", kind)


def _shape_variable(node: Node) -> None:
    """`name = value`, of which the grammar names the name alone."""
    if node.field("operator") is None and len(node.parts) > 1 and node.field("right") is None:
        give("right", node.parts[-1])


def _shape_initializer(node: Node) -> None:
    """`{ Key = value }` behind a class."""
    for child in node.children:
        if child.kind == "assignment" and child.parts[0].kind == "identifier":
            child.kind = "pair"
            for part in child.children:
                part.field_name = {"left": "key", "right": "value"}.get(part.field_name or "")


def _shape_argument(node: Node) -> None:
    named = len(node.children) == 3 and node.children[1].text in (":", "=")
    node.kind = "keyword_argument" if named else "spread"
    if named:
        give("name", node.children[0])
        give("value", node.children[2])


def _shape_switch(node: Node) -> None:
    node.kind = node.text


def _shape_unary(node: Node) -> None:
    node.kind = "not_operator" if node.text.startswith("!") else "unary_operator"


def _shape_parameter(node: Node) -> None:
    kind = node.field("type")
    if kind is not None:
        kind.kind = "type"


def _shape_function(node: Node) -> None:
    for child in node.children:
        if child.field_name == "type":
            child.kind = "type"


def _shape_module(node: Node) -> None:
    open_up(node, {"global_statement"})


def _shape_postfix(node: Node) -> None:
    node.kind = "parenthesized_expression" if node.text.endswith("!") else "unary_operator"


_SHAPES = {
    "call": _shape_call, "attribute": _shape_attribute, "declaration": _shape_declaration, "variable_declaration": _shape_variables,
    "assignment": _shape_variable, "initializer_expression": _shape_initializer, "argument": _shape_argument, "switch": _shape_switch,
    "prefix_unary_expression": _shape_unary, "postfix_unary_expression": _shape_postfix, "typed_parameter": _shape_parameter,
    "function_definition": _shape_function, "module": _shape_module,
}  # fmt: skip
_USING = re.compile(r"(?:global\s+)?using\s+(\w+)\s*=\s*([\w.]+)\s*;")


def _imports(text: str) -> dict[str, str]:
    """`using Name = A.B;`; what a whole namespace brings in cannot be told."""
    found = _USING.fullmatch(text.strip())
    return {found[1]: found[2]} if found else {}


GRAMMAR = Grammar(
    parsers=("csharp",),
    fields={
        "invocation_expression": as_they_are("function", "arguments"),
        "object_creation_expression": (("function", "type"), ("arguments", "arguments")),
        "implicit_object_creation_expression": as_they_are("arguments"),
        "member_access_expression": (("object", "expression"), ("attribute", "name")),
        "element_access_expression": (("value", "expression"), ("subscript", "subscript")),
        "variable_declarator": (("left", "name"),),
        "assignment_expression": as_they_are("left", "operator", "right"),
        "binary_expression": as_they_are("left", "operator", "right"),
        "is_expression": as_they_are("left", "right"),
        "method_declaration": (("type", "returns"), ("type", "type"), ("name", "name"), ("parameters", "parameters"), ("body", "body")),
        "local_function_statement": (("type", "type"), ("name", "name"), ("parameters", "parameters"), ("body", "body")),
        "constructor_declaration": as_they_are("name", "parameters", "body"),
        "lambda_expression": as_they_are("parameters", "body"),
        "anonymous_method_expression": as_they_are("parameters", "body"),
        "parameter": as_they_are("type", "name"),
        "class_declaration": as_they_are("name", "body"),
        "interface_declaration": as_they_are("name", "body"),
        "struct_declaration": as_they_are("name", "body"),
        "record_declaration": as_they_are("name", "body"),
        "namespace_declaration": as_they_are("name", "body"),
        "if_statement": as_they_are("condition", "consequence"),
        "while_statement": as_they_are("condition", "body"),
        "foreach_statement": as_they_are("left", "right", "body"),
        "attribute": as_they_are("name", "arguments"),
        "cast_expression": as_they_are("type", "value"),
    },
    kinds={
        "compilation_unit": "module", "declaration_list": "block", "switch_body": "block", "arrow_expression_clause": "block",
        "accessor_list": "block", "accessor_declaration": "function_definition", "namespace_declaration": "class_definition",
        "file_scoped_namespace_declaration": "class_definition", "class_declaration": "class_definition", "interface_declaration": "class_definition",
        "struct_declaration": "class_definition", "record_declaration": "class_definition", "enum_declaration": "class_definition",
        "method_declaration": "function_definition", "local_function_statement": "function_definition",
        "constructor_declaration": "function_definition", "lambda_expression": "lambda", "anonymous_method_expression": "lambda",
        "parameter_list": "parameters", "parameter": "typed_parameter", "local_declaration_statement": "declaration",
        "field_declaration": "declaration", "variable_declarator": "assignment", "assignment_expression": "assignment",
        "using_statement": "with_statement", "lock_statement": "with_statement", "foreach_statement": "for_statement",
        "switch_statement": "match_statement", "switch_section": "case_clause", "catch_clause": "except_clause",
        "throw_statement": "raise_statement", "throw_expression": "raise_statement", "using_directive": "import_statement",
        "invocation_expression": "call", "object_creation_expression": "call", "implicit_object_creation_expression": "call",
        "member_access_expression": "attribute", "conditional_access_expression": "attribute", "qualified_name": "attribute",
        "element_access_expression": "subscript", "binary_expression": "binary_operator", "is_expression": "comparison_operator",
        "await_expression": "await", "attribute": "decorator", "attribute_argument_list": "argument_list", "attribute_argument": "argument",
        "bracketed_argument_list": "index", "string_literal": "string", "verbatim_string_literal": "string", "raw_string_literal": "string",
        "interpolated_string_expression": "string", "string_literal_content": "string_content", "escape_sequence": "string_content",
        "character_literal": "integer", "integer_literal": "integer", "real_literal": "float", "null_literal": "none", "boolean_literal": "switch",
        "predefined_type": "type", "array_type": "type", "nullable_type": "type", "implicit_type": "type", "base_list": "type", "modifier": "modifiers",
    },
    operators={
        **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "comparison_operator"),
        **dict.fromkeys(("&&", "||"), "boolean_operator"),
        **dict.fromkeys(("+=", "-=", "*=", "/=", "%=", "??=", "|=", "&="), "augmented_assignment"),
        "=": "assignment",
    },
    layout=frozenset({";", "var"}),
    filling=frozenset({"Append", "AppendFormat"}),
    formatting=frozenset({"Format", "Concat"}),
    builders=frozenset({"StringBuilder"}),
    sets_fields=True,
    types_capitalised=True,
    enclosing=("class Fragment { ", " }"),
    imports=_imports,
    shape=_shape,
    wrappers=frozenset({"argument", "attribute_argument"}),
    bare_statements=True,
)  # fmt: skip

_OF_TYPE = re.compile(r"(new )?[A-Z]\w*(\.[\w$]+)*")


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """A class is called by its own name, or written in full with its namespace."""
    found: list[JsonObject] = []
    for name in names:
        found.append({"pattern": f"{name}({arguments})"})
        if _OF_TYPE.fullmatch(name) and ("." in name or name.startswith("new ")):
            new, kind = ("new ", name[4:]) if name.startswith("new ") else ("", name)
            found.append({"pattern": f"{new}$NAMESPACE.{kind}({arguments})"})
    return found


NOTATION = Notation(
    put_in=(
        '$"...{$X}..."', '"..." + $X', '$X + "..."', 'string.Format("...", ..., $X, ...)', 'String.Format("...", ..., $X, ...)',
        'string.Concat(..., "...", ..., $X, ...)', 'String.Concat(..., "...", ..., $X, ...)', '$TEXT.AppendFormat("...", ..., $X, ...)',
        "(StringBuilder $TEXT).Append($X)", '$TEXT.Append("...").Append($X)', 'new StringBuilder("...").Append($X)',
    ),
    begun=('<... "..." ...>', '<... $"...{$TEXT}..." ...>'),
    no_values=('"..."', "$A + $B", "string.Format(...)", "String.Format(...)"),
    constants=r"-?[0-9.]+[LlFfDdMm]?$|true$|false$|null$|([A-Za-z_]\w*\.)*[A-Z][A-Z_0-9]+$|nameof\(",
    functions=("$TYPE $FUNCTION(...) { {body} }",),
    parameters=("$TYPE $FUNCTION(..., $T $P, ...) { ... }",),
    statement="...\n <... {code} ...>;\n ...",
    spellings={
        "by template": '$"{text} {{value}}"',
        "by +": '"{text} " + {value}',
        "by + of three": '"{text} " + {value} + " "',
        "by format": 'string.Format("{text} {0}", {value})',
    },
    option="{name}: {value}",
    option_told="{name}: {value}",
    added_option="{name}: {value}",
    variable="var {name} = {value};",
    waiting=("await $ANSWER", "return $ANSWER;", "$GIVEN = $ANSWER;", "var $GIVEN = $ANSWER;", "$ANSWER.Wait()", "$ANSWER.Result"),
    ending=";",
    names_given=("{name} = {value}", "var {name} = {value}"),
    grown=(('$V = "..."', "$V += $X"), ('var $V = "..."', "$V += $X")),
    harmless=("$X.Length", "$X.Count"),
    harmless_kinds=("taint_assume_safe_booleans", "taint_assume_safe_comparisons", "taint_assume_safe_numbers"),
    of_type="({type} $O)",
    marked=("$TYPE $FUNCTION(..., [$MARK] $T $P, ...) { ... }", "$TYPE $FUNCTION(..., [$MARK(...)] $T $P, ...) { ... }"),
    request_parts=("$REQUEST.$PART", "$REQUEST.$PART[...]", "$REQUEST.$PART(...)"),
    pair="new $TYPE {{..., {key} = {value}, ...}}",
    bare_keys=True,
    quoted_keys=False,
    carriers=(
        {"pattern": "(StringBuilder $TEXT).Append($FROM)", "from": "$FROM", "to": "$TEXT"},
        {"pattern": "(StringBuilder $TEXT).AppendFormat(..., $FROM, ...)", "from": "$FROM", "to": "$TEXT"},
    ),
    called=_called,
)  # fmt: skip
