"""How is Rust read and written?

A function of a module is called by its path, which the engine follows through `use`. What is given to a macro is read as
arguments where it looks like them; `&x` and `x?` are told as `x`.
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

__all__ = ["GRAMMAR", "NOTATION", "imports"]

_PASSED = frozenset({"try_expression", "reference_expression", "generic_function", "mut_pattern"})


def imports(text: str) -> dict[str, str]:
    """Name in the file -> full path, of a `use` with all its groups and new names."""
    body = re.sub(r"^\s*(pub(\([^)]*\))?\s+)?use\s+|;\s*$", "", re.sub(r"//.*", "", text))
    return dict(_used("", re.sub(r"\s+", " ", body).strip()))


def _used(prefix: str, tree: str) -> Iterable[tuple[str, str]]:
    """A loop over the groups, from the outside in: each `path::{a, b}` gives its parts with the path before them."""
    waiting = [(prefix, tree)]
    while waiting:
        path, rest = waiting.pop()
        head, brace, inside = rest.partition("{")
        if brace:
            waiting += [(path + head.strip(), part) for part in _apart(inside.rstrip().removesuffix("}"))]
            continue
        told = re.fullmatch(r"([\w:]+)(?: as (\w+))?", rest.strip())
        if told is None:
            continue
        full = f"{path}{told[1]}".removesuffix("::self").removeprefix("::")
        yield told[2] or full.rpartition("::")[2], full


def _apart(inside: str) -> list[str]:
    """The parts between commas that stand in no inner group."""
    parts, level = [""], 0
    for sign in inside:
        level += (sign == "{") - (sign == "}")
        if sign == "," and not level:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


def _owned(node: Node) -> Node | None:
    """The literal of `"a".to_string()`, or of `String::from("a")`, which is told as in brackets."""
    function, given = node.field("function"), node.field("arguments")
    if node.kind != "call" or function is None or given is None:
        return None
    held, name = function.field("object"), function.field("attribute")
    if (
        held is not None
        and name is not None
        and held.kind == "string"
        and name.text in ("to_string", "to_owned", "into")
    ):
        return held
    first = given.parts[0] if function.text == "String::from" and given.parts else None
    return first if first is not None and first.kind == "string" else None


def _shape(node: Node) -> None:
    """What a reference or `?` is said of plays its part; a switch is a leaf; a macro is given arguments."""
    for child in node.children:
        if child.kind in _PASSED and child.field_name is not None:
            give(child.field_name, next((part for part in child.parts if part.kind != "type_arguments"), None))
    open_up(node, _PASSED)
    if node.kind == "boolean_literal":
        node.kind, node.children = node.text, []
    elif (text := _owned(node)) is not None:
        node.kind, node.children = "parenthesized_expression", [text]
        text.parent, text.field_name = node, None
    elif node.kind == "call" and len(node.children) > 1 and node.children[1].kind == "'!'":
        give("arguments", first_of(node, "argument_list"))


GRAMMAR = Grammar(
    parsers=("rust",),
    fields={
        "call_expression": as_they_are("function", "arguments"),
        "macro_invocation": (("function", "macro"),),
        "field_expression": (("object", "value"), ("attribute", "field")),
        "scoped_identifier": (("object", "path"), ("attribute", "name")),
        "let_declaration": (("left", "pattern"), ("type", "type"), ("right", "value")),
        "const_item": (("left", "name"), ("type", "type"), ("right", "value")),
        "static_item": (("left", "name"), ("type", "type"), ("right", "value")),
        "assignment_expression": as_they_are("left", "right"),
        "compound_assignment_expr": as_they_are("left", "operator", "right"),
        "binary_expression": as_they_are("left", "operator", "right"),
        "function_item": as_they_are("name", "parameters", "body"),
        "closure_expression": as_they_are("parameters", "body"),
        "parameter": (("name", "pattern"), ("type", "type")),
        "impl_item": as_they_are("body"),
        "trait_item": as_they_are("name", "body"),
        "mod_item": as_they_are("name", "body"),
        "struct_expression": (("type", "name"), ("body", "body")),
        "field_initializer": (("key", "field"), ("value", "value")),
        "if_expression": as_they_are("condition", "consequence"),
        "while_expression": as_they_are("condition", "body"),
        "for_expression": (("left", "pattern"), ("right", "value"), ("body", "body")),
    },
    kinds={
        "source_file": "module", "declaration_list": "block", "match_block": "block", "function_item": "function_definition",
        "closure_expression": "lambda", "closure_parameters": "parameters", "impl_item": "class_definition",
        "trait_item": "class_definition", "mod_item": "class_definition", "use_declaration": "import_statement",
        "if_expression": "if_statement", "while_expression": "while_statement", "loop_expression": "while_statement",
        "for_expression": "for_statement", "match_expression": "match_statement", "match_arm": "case_clause",
        "return_expression": "return_statement", "call_expression": "call", "macro_invocation": "call", "arguments": "argument_list",
        "token_tree": "argument_list", "field_expression": "attribute", "scoped_identifier": "attribute", "index_expression": "subscript",
        "let_declaration": "assignment", "const_item": "assignment", "static_item": "assignment", "assignment_expression": "assignment",
        "compound_assignment_expr": "augmented_assignment", "binary_expression": "binary_operator", "unary_expression": "unary_operator",
        "await_expression": "await", "parameter": "typed_parameter", "string_literal": "string", "raw_string_literal": "string",
        "escape_sequence": "string_content", "integer_literal": "integer", "char_literal": "integer", "float_literal": "float",
        "array_expression": "list", "field_initializer_list": "dictionary", "field_initializer": "pair", "field_identifier": "identifier",
        "type_identifier": "identifier", "self": "identifier", "crate": "identifier", "super": "identifier",
    },
    operators={
        **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "comparison_operator"),
        **dict.fromkeys(("&&", "||"), "boolean_operator"),
    },
    layout=frozenset({";"}),
    wrappers=frozenset({"expression_statement"}),
    leaves=frozenset({"char_literal"}),
    formatting=frozenset({"format", "format!", "concat!"}),
    imports=imports,
    shape=_shape,
)  # fmt: skip


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    return [{"pattern": f"{name}({arguments})"} for name in names]


NOTATION = Notation(
    put_in=('format!("...", ..., $X, ...)', '"...".to_string() + $X', 'String::from("...") + $X', '"...".to_owned() + $X', '["...", $X].concat()'),
    begun=('<... "..." ...>',),
    no_values=('"..."', "$A + $B"),
    constants=r"-?[0-9][0-9._a-z]*$|true$|false$|None$|[A-Z][A-Z_0-9]+$",
    functions=("fn $FUNCTION(...) { {body} }",),
    parameters=("fn $FUNCTION(..., $P: $T, ...) { ... }",),
    statement="... <... {code} ...>; ...",
    spellings={
        "by format": 'format!("{text} {}", {value})',
        "by +": '"{text} ".to_string() + {value}',
    },
    variable="let {name} = {value};",
    ending=";",
    grown=(
        ('let $V = <... "..." ...>', "$V += $X"), ('let $V = <... "..." ...>', "$V.push_str($X)"),
    ),
    names_given=("let {name} = {value}", "{name} = {value}"),
    constructs={"unsafe_block": "unsafe { ... }"},
    harmless_kinds=("taint_assume_safe_booleans", "taint_assume_safe_comparisons", "taint_assume_safe_numbers"),
    called=_called,
)  # fmt: skip
