"""How is Ruby read and written?

Grammar: tree-sitter-ruby (https://github.com/tree-sitter/tree-sitter-ruby). What is asked of a value without arguments is told as a
field, since the engine's patterns do so, too; options are the pairs among the arguments, with or without brackets.
"""

from __future__ import annotations

from collections.abc import Iterable

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import Notation

__all__ = ["GRAMMAR", "NOTATION"]

_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "call": (("object", "receiver"), ("attribute", "method"), ("arguments", "arguments"), ("block", "block")),
    "scope_resolution": (("object", "scope"), ("attribute", "name")),
    "element_reference": (("value", "object"), ("subscript", "#1")),
    "assignment": as_they_are("left", "right"),
    "operator_assignment": as_they_are("left", "operator", "right"),
    "pair": as_they_are("key", "value"),
    "binary": as_they_are("left", "operator", "right"),
    "unary": as_they_are("operator"),
    "method": as_they_are("name", "parameters", "body"),
    "singleton_method": as_they_are("name", "parameters", "body"),
    "do_block": as_they_are("parameters", "body"),
    "block": as_they_are("parameters", "body"),
    "lambda": as_they_are("parameters", "body"),
    "optional_parameter": as_they_are("name", "value"),
    "keyword_parameter": as_they_are("name", "value"),
    "splat_parameter": as_they_are("name"),
    "hash_splat_parameter": as_they_are("name"),
    "block_parameter": as_they_are("name"),
    "class": as_they_are("name", "body"),
    "module": as_they_are("name", "body"),
    "if": as_they_are("condition", "consequence"),
    "unless": as_they_are("condition", "consequence"),
    "elsif": as_they_are("condition", "consequence"),
    "if_modifier": as_they_are("condition", "body"),
    "unless_modifier": as_they_are("condition", "body"),
    "while": as_they_are("condition", "body"),
    "until": as_they_are("condition", "body"),
    "for": (("left", "pattern"), ("right", "value"), ("body", "body")),
    "case": as_they_are("value"),
    "when": as_they_are("body"),
}

_KINDS: dict[str, str] = {
    "program": "module", "module": "class_definition", "class": "class_definition", "singleton_class": "class_definition",
    "body_statement": "block", "block_body": "block", "then": "block", "do": "block",
    "method": "function_definition", "singleton_method": "function_definition", "do_block": "lambda", "block": "lambda",
    "lambda": "lambda", "method_parameters": "parameters", "block_parameters": "parameters", "lambda_parameters": "parameters",
    "optional_parameter": "default_parameter", "keyword_parameter": "default_parameter", "splat_parameter": "typed_parameter",
    "hash_splat_parameter": "typed_parameter", "block_parameter": "typed_parameter",
    "if": "if_statement", "unless": "if_statement", "if_modifier": "if_statement", "unless_modifier": "if_statement",
    "elsif": "elif_clause", "else": "else_clause", "while": "while_statement", "until": "while_statement",
    "while_modifier": "while_statement", "until_modifier": "while_statement", "for": "for_statement", "case": "match_statement",
    "when": "case_clause", "begin": "try_statement", "rescue": "except_clause", "ensure": "finally_clause",
    "return": "return_statement", "break": "break_statement", "next": "continue_statement", "yield": "yield",
    "scope_resolution": "attribute", "element_reference": "subscript", "operator_assignment": "augmented_assignment",
    "binary": "binary_operator", "unary": "unary_operator", "conditional": "conditional_expression", "hash": "dictionary",
    "array": "list", "string_array": "list", "symbol_array": "list", "bare_string": "string", "bare_symbol": "symbol",
    "parenthesized_statements": "parenthesized_expression", "chained_string": "concatenated_string", "subshell": "shell_call",
    "simple_symbol": "symbol", "delimited_symbol": "symbol", "hash_key_symbol": "symbol", "nil": "none", "constant": "identifier",
    "instance_variable": "identifier", "class_variable": "identifier", "global_variable": "identifier", "self": "identifier",
    "heredoc_beginning": "string", "heredoc_content": "string_content", "splat_argument": "spread", "hash_splat_argument": "spread",
    "left_assignment_list": "array_pattern",
}  # fmt: skip

_OPERATORS = {
    **dict.fromkeys(("==", "===", "!=", "<", "<=", ">", ">=", "<=>", "=~", "!~"), "comparison_operator"),
    **dict.fromkeys(("&&", "||", "and", "or"), "boolean_operator"),
    "!": "not_operator",
    "not": "not_operator",
}

GRAMMAR = Grammar(
    parsers=("ruby",),
    fields=_FIELDS,
    kinds=_KINDS,
    operators=_OPERATORS,
    layout=frozenset({";", '"', "'", "(", ")", "then", "do", "{", "}", "end"}),
    joining=frozenset({"+", "%", "<<"}),
    filling=frozenset({"concat"}),
    formatting=frozenset({"format", "sprintf"}),
    sets_fields=True,
    bare_statements=True,
    calls_by_name=True,
)


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """A command in backticks, or in `%x(...)`, is what it holds."""
    shell = "`...#{$SINK}...`" if "$SINK" in arguments else "`...`"
    texts = [shell if name.startswith(("`", "%x")) else f"{name}({arguments})" for name in names]
    return [{"pattern": text} for text in dict.fromkeys(texts)]


NOTATION = Notation(
    put_in=(
        '"...#{$X}..."', '"..." + $X', '"..." % $X', '"..." % [..., $X, ...]', '"..." % {..., $K => $X, ...}',
        'format("...", ..., $X, ...)', 'sprintf("...", ..., $X, ...)', 'Kernel::sprintf("...", ..., $X, ...)',
        'Kernel::format("...", ..., $X, ...)', '"..." << $X', '"...".concat($X)', '[..., "...", ..., $X, ...].join(...)',
        '[..., $X, ..., "...", ...].join(...)',
    ),
    begun=('<... "..." ...>', '<... "...#{$TEXT}..." ...>'),
    no_values=('"..."', "$A + $B", "$A % $B", "[..., $T, ...]", "{..., $T => $U, ...}", ":$T", '$A ? "..." : "..."'),
    constants=r"-?[0-9.]+$|true$|false$|nil$|[A-Z][A-Z_0-9]+$|([A-Z]\w*::)+[A-Z][A-Z_0-9]*$",
    functions=("def $FUNCTION(...)\n  {body}\nend\n",),
    parameters=("def $FUNCTION(..., $P, ...)\n  ...\nend\n",),
    statement="...\n  <... {code} ...>\n  ...",
    option="{name}: {value}",
    option_told="{name}: {value}",
    more_options="**$MORE",
    added_option="{name}: {value}",
    pair="{{..., {key} => {value}, ...}}",
    field_set="$O.{name} = {value}",
    a_list="[...]",
    derived=("class $CLASS < {base}\n  ...\nend\n",),
    harmless=("$O.to_i", "$O.to_f", "$O.size", "$O.length", "$O.present?", "$O.nil?", "$O.blank?"),
    request_parts=("$REQUEST",),
    grown=(('$V = "..."', "$V += $X"), ('$V = "..."', "$V << $X")),
    spellings={
        "by interpolation": '"{text} #{{value}}"',
        "by +": '"{text} " + {value}',
        "by + of three": '"{text} " + {value} + " "',
        "by %": '"{text} %s" % {value}',
        "by format": 'format("{text} %s", {value})',
    },
    variable="{name} = {value}",
    called=_called,
)  # fmt: skip
