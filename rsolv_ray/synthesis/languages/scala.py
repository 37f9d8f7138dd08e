"""How is Scala read and written?

Commands are run by operators behind them (`"ls".!`, `cmd !!`): these are told as calls of the operator with what stands before it.
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

_GROWING = frozenset({"append", "insert"})
_TEXTS = frozenset({"s", "f", "raw"})
_RUNNING = frozenset({"!", "!!", "!<", "!!<"})


def _shape(node: Node) -> None:
    if node.kind in _SHAPES:
        _SHAPES[node.kind](node)


def _shape_call(node: Node) -> None:
    """Brackets of types are left out; a block that is given says nothing as a value."""
    open_up(node, {"generic_type", "generic_function"})
    first = node.children[0]
    callee = first_of(node, "type", "attribute") if first.kind == "'new'" else first
    if callee is not None and callee.kind == "type":
        callee.kind = "identifier"
    give("function", callee)
    for child in node.children:
        if child.field_name == "arguments" and child.kind != "argument_list":
            child.field_name = None
    tell_growth(node, _GROWING)


def _shape_arguments(node: Node) -> None:
    for child in node.children:
        if child.kind == "assignment":
            child.kind = "keyword_argument"
            for part in child.children:
                part.field_name = {"left": "name", "right": "value"}.get(part.field_name or "")


def _shape_attribute(node: Node) -> None:
    if node.children[-1].text in _RUNNING:
        _run(node)


def _shape_postfix(node: Node) -> None:
    if node.children[-1].text in _RUNNING:
        _run(node)
    else:
        node.kind = "attribute"
        give("object", node.children[0])
        give("attribute", node.children[-1])


def _run(node: Node) -> None:
    """`command !` and `command.!`"""
    node.kind = "call"
    for child in node.children:
        child.field_name = None
    command, operator = node.children[0], node.children[-1]
    operator.kind = "identifier"
    give("function", operator)
    made("argument_list", [command], role="arguments")


def _shape_interpolated(node: Node) -> None:
    """`s"a $b"` is a text; of another word before it, a call that is given the text and its values apart."""
    word, text = node.children[0], node.children[-1]
    _put_texts_in(text)
    if word.text in _TEXTS:
        node.kind = "string"
        open_up(node, {"interpolated_string"})
        word.kind = "string_start"
    else:
        node.kind, text.kind = "call", "string"
        give("function", word)
        give("arguments", text)


def _put_texts_in(text: Node) -> None:
    """The grammar names the values alone; what stands between them makes a text what it is, too."""
    whole: list[Node] = []
    for child, after in zip(text.children, [*text.children[1:], None], strict=True):
        whole.append(child)
        if after is not None and child.end < after.start:
            gap = text.like("string_content", end=after.start, end_line=after.line)
            gap.start, gap.line, gap.parent = child.end, child.end_line, text
            whole.append(gap)
    text.children = whole


def _shape_prefix(node: Node) -> None:
    node.kind = "not_operator" if node.text.startswith("!") else "unary_operator"


def _shape_switch(node: Node) -> None:
    node.kind = node.text


def _shape_class(node: Node) -> None:
    give("parameters", first_of(node, "parameters"))


def _shape_function(node: Node) -> None:
    """A body without brackets is a block of one statement."""
    body = node.field("body")
    if body is not None and body.kind not in ("block", "lambda"):
        body.field_name = None
        made("block", [body], role="body")


_SHAPES = {
    "call": _shape_call, "argument_list": _shape_arguments, "attribute": _shape_attribute, "postfix_expression": _shape_postfix,
    "interpolated_string_expression": _shape_interpolated, "prefix_expression": _shape_prefix, "switch": _shape_switch,
    "class_definition": _shape_class, "function_definition": _shape_function,
}  # fmt: skip
_IMPORT = re.compile(r"import\s+([\w.]+)\.(?:(\w+)|\{([^}]*)\})\s*;?", re.DOTALL)


def _imports(text: str) -> dict[str, str]:
    """`import a.b.C`, `import a.b.{C, D => E}`"""
    found = _IMPORT.fullmatch(text.strip())
    if found is None or found[2] == "_":
        return {}
    if found[2]:
        return {found[2]: f"{found[1]}.{found[2]}"}
    pairs = [re.split(r"=>|\sas\s", part) for part in found[3].split(",")]
    return {pair[-1].strip(): f"{found[1]}.{pair[0].strip()}" for pair in pairs if pair[-1].strip() != "_"}


GRAMMAR = Grammar(
    parsers=("scala",),
    fields={
        "call_expression": as_they_are("function", "arguments"),
        "instance_expression": as_they_are("arguments"),
        "field_expression": (("object", "value"), ("attribute", "field")),
        "val_definition": (("left", "pattern"), ("type", "type"), ("right", "value")),
        "var_definition": (("left", "pattern"), ("type", "type"), ("right", "value")),
        "assignment_expression": as_they_are("left", "right"),
        "infix_expression": as_they_are("left", "operator", "right"),
        "function_definition": as_they_are("name", "parameters", "body"),
        "lambda_expression": as_they_are("parameters", "body"),
        "class_definition": as_they_are("name", "body"),
        "object_definition": as_they_are("name", "body"),
        "trait_definition": as_they_are("name", "body"),
        "parameter": as_they_are("name", "type"),
        "class_parameter": as_they_are("name", "type"),
        "if_expression": as_they_are("condition", "consequence"),
        "while_expression": as_they_are("condition", "body"),
    },
    kinds={
        "compilation_unit": "module", "template_body": "block", "indented_block": "block", "case_block": "block",
        "object_definition": "class_definition", "trait_definition": "class_definition", "package_object": "class_definition",
        "enum_definition": "class_definition", "class_parameters": "parameters", "parameter": "typed_parameter",
        "class_parameter": "typed_parameter", "call_expression": "call", "instance_expression": "call", "arguments": "argument_list",
        "field_expression": "attribute", "val_definition": "assignment", "var_definition": "assignment", "assignment_expression": "assignment",
        "infix_expression": "binary_operator", "lambda_expression": "lambda", "if_expression": "if_statement",
        "match_expression": "match_statement", "while_expression": "while_statement", "do_while_expression": "do_statement",
        "for_expression": "for_statement", "try_expression": "try_statement", "catch_clause": "except_clause",
        "throw_expression": "raise_statement", "return_expression": "return_statement", "import_declaration": "import_statement",
        "package_clause": "package", "annotation": "decorator", "type_identifier": "type", "tuple_expression": "tuple",
        "integer_literal": "integer", "floating_point_literal": "float", "character_literal": "integer", "null_literal": "none",
        "boolean_literal": "switch", "extends_clause": "type", "operator_identifier": "operator_identifier",
    },
    operators={
        **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "eq", "ne"), "comparison_operator"),
        **dict.fromkeys(("&&", "||"), "boolean_operator"),
        **dict.fromkeys(("+=", "-=", "*=", "/="), "augmented_assignment"),
    },
    layout=frozenset({";", "val", "var"}),
    filling=frozenset({"format", "concat", "append"}),
    formatting=frozenset({"format"}),
    builders=frozenset({"StringBuffer", "StringBuilder"}),
    types_capitalised=True,
    enclosing=("class Fragment { ", " }"),
    imports=_imports,
    shape=_shape,
    bare_statements=True,
)  # fmt: skip


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """A class is called by its own name, or written in full with its package; an operator stands behind what it is given."""
    found: list[JsonObject] = []
    for name in names:
        if not name[:1].isalpha() and not name.startswith("$"):
            first = arguments.split(",", maxsplit=1)[0]
            found.append({"pattern": f"{'$COMMAND' if first.startswith(('...', '$...')) else first}.{name}"})
            continue
        found.append({"pattern": f"{name}({arguments})"})
        if re.fullmatch(r"[A-Z]\w*(\.[\w$]+)*", name):
            found.append({"pattern": f"$PACKAGE.{name}({arguments})"})
    return found


NOTATION = Notation(
    put_in=(
        's"...$X..."', 's"...${$X}..."', '"..." + $X', '$X + "..."', '"...".format(..., $X, ...)', 'String.format("...", ..., $X, ...)',
        '"...".concat($X)', 'f"...${$X}..."', '$TEXT.append("...").append($X)', 'new StringBuilder("...").append($X)',
    ),
    begun=('<... "..." ...>',),
    no_values=('"..."', "$A + $B", '"...".format(...)'),
    constants=r"-?[0-9.]+[LlFfDd]?$|true$|false$|null$|([A-Za-z_]\w*\.)*[A-Z][A-Z_0-9]+$",
    functions=("def $FUNCTION(...) = { {body} }",),
    parameters=("def $FUNCTION(..., $P: $T, ...) = $BODY",),
    statement="...\n <... {code} ...>\n ...",
    spellings={
        "by template": 's"{text} ${{value}}"',
        "by +": '"{text} " + {value}',
        "by + of three": '"{text} " + {value} + " "',
        "by format": '"{text} %s".format({value})',
    },
    option="{name} = {value}",
    option_told="{name} = {value}",
    added_option="{name} = {value}",
    variable="val {name} = {value}",
    harmless=("$X.toInt", "$X.toLong", "$X.toDouble", "$X.toBoolean", "$X.length", "$X.size"),
    harmless_kinds=("taint_assume_safe_booleans", "taint_assume_safe_comparisons", "taint_assume_safe_numbers"),
    of_type="($O: {type})",
    marked=("def $FUNCTION(..., @$MARK $P: $T, ...) = $BODY",),
    grown=(('$V = "..."', "$V += $X"), ("$V = new StringBuilder(...)", "$V.append($X)")),
    request_parts=("$REQUEST.$PART(...)", "$REQUEST.$PART"),
    carriers=(
        {"pattern": "$TEXT.append($FROM)", "from": "$FROM", "to": "$TEXT"},
        {"pattern": "$TEXT += $FROM", "from": "$FROM", "to": "$TEXT"},
    ),
    called=_called,
)  # fmt: skip
