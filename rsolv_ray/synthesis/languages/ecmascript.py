"""How are JavaScript and TypeScript read and written?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import Notation

__all__ = ["JAVASCRIPT", "NOTATION", "TYPESCRIPT"]

_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "call_expression": as_they_are("function", "arguments"),
    "new_expression": (("function", "constructor"), ("arguments", "arguments")),
    "member_expression": (("object", "object"), ("attribute", "property")),
    "subscript_expression": (("value", "object"), ("subscript", "index")),
    "variable_declarator": (("left", "name"), ("right", "value"), ("type", "type")),
    "assignment_expression": as_they_are("left", "right"),
    "augmented_assignment_expression": as_they_are("left", "operator", "right"),
    "field_definition": (("left", "property"), ("right", "value")),
    "public_field_definition": (("left", "name"), ("type", "type"), ("right", "value")),
    "pair": as_they_are("key", "value"),
    "jsx_attribute": (),
    "binary_expression": as_they_are("left", "operator", "right"),
    "unary_expression": as_they_are("operator", "argument"),
    "function_declaration": as_they_are("name", "parameters", "body"),
    "generator_function_declaration": as_they_are("name", "parameters", "body"),
    "method_definition": as_they_are("name", "parameters", "body"),
    "function_expression": as_they_are("name", "parameters", "body"),
    "generator_function": as_they_are("name", "parameters", "body"),
    "arrow_function": (("parameters", "parameters"), ("parameters", "parameter"), ("body", "body")),
    "required_parameter": (("name", "pattern"), ("type", "type"), ("value", "value")),
    "optional_parameter": (("name", "pattern"), ("type", "type"), ("value", "value")),
    "assignment_pattern": (("name", "left"), ("value", "right")),
    "object_assignment_pattern": (("name", "left"), ("value", "right")),
    "class_declaration": as_they_are("name", "body"),
    "abstract_class_declaration": as_they_are("name", "body"),
    "if_statement": as_they_are("condition", "consequence"),
    "while_statement": as_they_are("condition", "body"),
    "for_in_statement": as_they_are("left", "right", "body"),
    "import_specifier": as_they_are("name", "alias"),
    "import_statement": (("module_name", "source"),),
}

_KINDS: dict[str, str] = {
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

_OPERATORS = {
    **dict.fromkeys(("==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "instanceof"), "comparison_operator"),
    **dict.fromkeys(("&&", "||", "??"), "boolean_operator"),
    "!": "not_operator",
}


def _grammar(*parsers: str) -> Grammar:
    return Grammar(
        parsers=parsers,
        fields=_FIELDS,
        kinds=_KINDS,
        operators=_OPERATORS,
        layout=frozenset({";", '"', "'", "var", "let", "const"}),
        filling=frozenset({"concat"}),
        formatting=frozenset({"format", "sprintf", "vsprintf"}),
        options_in_objects=True,
        sets_fields=True,
    )


JAVASCRIPT = _grammar("javascript", "tsx")
TYPESCRIPT = _grammar("typescript", "tsx")

_GLOBALS = frozenset({"window", "document", "location", "process", "console", "globalThis", "navigator", "history"})


def _called(names: Iterable[str], arguments: str) -> list[JsonObject]:
    """A name is followed by the engine through `require` and named imports, not through `import fs from "fs"`, nor where the module is
    called `node:fs`: these are told beside it."""
    found: list[JsonObject] = []
    of_modules: dict[str, list[str]] = {}
    for name in names:
        found.append({"pattern": f"{name}({arguments})"})
        module, dot, last = name.rpartition(".")
        if dot and re.fullmatch(r"[a-z]\w*", module) and module not in _GLOBALS:
            of_modules.setdefault(module, []).append(last)
    for module, functions in of_modules.items():
        found += _imported_otherwise(module, functions, arguments)
    return found


def _imported_otherwise(module: str, functions: list[str], arguments: str) -> list[JsonObject]:
    own, any_ = f'"=~/^node:{module}$/"', f'"=~/^(node:)?{module}$/"'
    whole = (f"import $MODULE from {any_}", f"import * as $MODULE from {own}", f"$MODULE = require({own})")
    parts = (f"import {{..., $NAME, ...}} from {own}", f"const {{..., $NAME, ...}} = require({own})")
    named: JsonObject = {"metavariable-regex": {"metavariable": "$NAME", "regex": f"^({'|'.join(functions)})$"}}
    return [
        {"patterns": [_after(whole), {"pattern": f"$MODULE.$NAME({arguments})"}, named]},
        {"patterns": [_after(parts), {"pattern": f"$NAME({arguments})"}, named]},
        {"patterns": [{"pattern": f"require({any_}).$NAME({arguments})"}, named]},
    ]


def _after(statements: Iterable[str]) -> JsonObject:
    return {"pattern-either": [{"pattern-inside": f"{one}\n...\n"} for one in statements]}


_FUNCTIONS = ("function $FUNCTION(...) { {body} }", "function (...) { {body} }")


def _where(code: str, taking: str = "...") -> list[JsonObject]:
    """In a function that holds a piece of code, and takes some parameters."""
    body = f"...\n <... {code} ...>;\n ..."
    return [{"pattern-inside": one.replace("(...)", f"({taking})").replace("{body}", body)} for one in _FUNCTIONS]


def _any_of(*either: list[JsonObject]) -> JsonObject:
    return {"pattern-either": [one for some in either for one in some]}


NOTATION = Notation(
    put_in=(
        "`...${$X}...`", '"..." + $X', '$X + "..."', '"...".concat(..., $X, ...)', 'util.format("...", ..., $X, ...)',
        '[..., "...", ..., $X, ...].join(...)', '[..., $X, ..., "...", ...].join(...)',
    ),
    begun=('<... "..." ...>', "<... `...${$TEXT}...` ...>"),
    no_values=('"..."', "$A + $B", "`...`", '$A ? "..." : "..."'),
    constants="-?[0-9.]+$|true$|false$|null$|undefined$|[A-Z][A-Z_0-9]+$",
    functions=_FUNCTIONS,
    parameters=("function $FUNCTION(..., $P, ...) { ... }", "function (..., $P, ...) { ... }"),
    statement="...\n <... {code} ...>;\n ...",
    option="{{..., {name}: {value}, ...}}",
    option_told="{name}: {value}",
    more_options="{..., ...$MORE, ...}",
    added_option=None,
    waiting=("await $ANSWER", "return $ANSWER;", "(...) => $ANSWER", "$ANSWER.then(...)", "$ANSWER.catch(...)", "Promise.$ALL(...)"),
    handed=(
        "function $FUNCTION({..., $PART, ...}, ...) { ... }", "function ({..., $PART, ...}, ...) { ... }",
        "function ({..., $PART, ...}: $TYPE, ...) { ... }",
    ),
    follows_requests=True,
    behind=(
        {"patterns": [
            {"pattern": "$HEAD + $TAIL"},
            {"metavariable-regex": {"metavariable": "$HEAD", "regex": r"""^(?!["'`](\w+:)?(//)?["'`]$)"""}},
            {"focus-metavariable": "$TAIL"},
        ]},
        {"pattern-regex": r"`https?://[^/`$]+/[^`]*`"},
    ),
    harmless=("$X.length", "typeof $X", "!$X", "$X === $Y", "$X !== $Y", "$X == $Y", "$X != $Y"),
    pair="{{..., {key}: {value}, ...}}",
    bare_keys=True,
    derived=("class $CLASS extends {base} { ... }",),
    set_by_name=(
        {"pattern": "$OBJECT[$KEY] = $VALUE"},
        {"metavariable-regex": {"metavariable": "$KEY", "regex": r"^(?![A-Z_]+$|i$|j$|i(nde)?x$)[A-Za-z_$][\w$]*$"}},
        _any_of(
            _where("$OBJECT = $OBJECT[$STEP]"),
            _where("$NEXT = $OBJECT[$STEP]", "..., $OBJECT, ..."),
            _where("$CALL(..., $OBJECT[$STEP], ...)", "..., $OBJECT, ..."),
        ),
        _any_of(
            _where("$OBJECT[$KEY]", "..., $KEY, ..."),
            [{"pattern-inside": "var $KEY = $GIVEN;\n...\n"}],
            [{"pattern-inside": "for (var $KEY of $NAMES) $BODY"}],
        ),
        {"pattern-not-inside": "var $KEY = Symbol(...);\n...\n"},
    ),
    walking_names=(
        {"pattern": "$OBJECT[$KEY] = $VALUE"},
        {"pattern-inside": "for (var $KEY in $FROM) $BODY"},
        {"pattern": "$OBJECT[$KEY] = <... $FROM[$KEY] ...>"},
        {"pattern-not-inside": "for (var $KEY in $OBJECT) $BODY"},
        _any_of(_where("$FROM", "..., $FROM, ..."), _where("$FROM = $GIVEN[$AT]")),
    ),
    spellings={
        "by template": "`{text} ${{value}}`",
        "by +": '"{text} " + {value}',
        "by + of three": '"{text} " + {value} + " "',
        "by concat": '"{text} ".concat({value})',
    },
    variable="const {name} = {value};",
    a_list="[...]",
    called=_called,
)  # fmt: skip
