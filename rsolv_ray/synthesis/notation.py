"""How is this written in a language?

What every language has, a function, an option of a call, a value put into a text, is spelt in each of them otherwise, in code and in
Semgrep's patterns, which are code with metavariables and `...` in it (https://semgrep.dev/docs/writing-rules/pattern-syntax).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject


@dataclass(frozen=True)
class Notation:
    """The spellings of one language.

    Attributes:
        put_in: patterns of a value `$X` that is put into a text.
        begun: patterns of what a value `$X` is added to, and which hold a text.
        no_values: patterns of parts of a text that are no values of their own.
        constants: a regular expression of expressions that are constants.
        functions: patterns of a function; `{body}` stands for its statements.
        parameters: patterns of a function with the parameter `$P`.
        statement: how a statement is written that holds `{code}` somewhere.
        option: how a call's option is given, by `{name}` and `{value}`.
        option_told: how people write it.
        more_options: how a call is given options that are not in sight.
        added_option: how an option is put behind the arguments `$...ARGS`, or None where that cannot be said.
        waiting: patterns inside of which the answer of a call is waited for, or handed on to be.
        set_by_name: what finds a field that is set by a name which the function is given or makes, where it goes down the object that
            it is given; nothing where that does no harm.
        walking_names: the same where all that an object holds is copied from one that the function is given.
        spellings: how a text is put together, in each way, from `{text}` and `{value}`, both without quotes and brackets.
        variable: how a name is given a value, by `{name}` and `{value}`.
        called: patterns of the calls of functions by their full names, with some arguments.
    """

    put_in: tuple[str, ...]
    begun: tuple[str, ...]
    no_values: tuple[str, ...]
    constants: str
    functions: tuple[str, ...]
    parameters: tuple[str, ...]
    statement: str
    option: str
    option_told: str
    more_options: str
    added_option: str | None
    waiting: tuple[str, ...]
    set_by_name: tuple[JsonObject, ...]
    walking_names: tuple[JsonObject, ...]
    spellings: Mapping[str, str]
    variable: str
    called: Callable[[Iterable[str], str], list[JsonObject]]

    def in_a_function(self) -> JsonObject:
        return {"pattern-either": [{"pattern-inside": one.replace("{body}", "...")} for one in self.functions]}

    def not_beside(self, code: str) -> list[JsonObject]:
        """Not in a function that holds some code, wherever it does."""
        body = self.statement.replace("{code}", code)
        return [{"pattern-not-inside": one.replace("{body}", body)} for one in self.functions]

    def any_parameter(self) -> JsonObject:
        either: list[JsonObject] = [{"pattern": one} for one in self.parameters]
        return {"patterns": [{"pattern-either": [*either]}, {"focus-metavariable": "$P"}]}

    def told(self, option: str, value: str) -> str:
        """An option with its value, as people read it."""
        return self.option_told.format(name=option, value=value)

    def call(self, name: str, arguments: str) -> JsonObject:
        """A call of one function by its full name."""
        either = self.called([name], arguments)
        return either[0] if len(either) == 1 else {"pattern-either": [*either]}

    def given(self, option: str, value: str) -> str:
        """An option with its value, as an argument."""
        return self.option.format(name=option, value=value)


def _called_in_python(names: Iterable[str], arguments: str) -> list[JsonObject]:
    return [{"pattern": f"{name}({arguments})"} for name in names]


_GLOBALS = frozenset({"window", "document", "location", "process", "console", "globalThis", "navigator", "history"})


def _called_in_ecmascript(names: Iterable[str], arguments: str) -> list[JsonObject]:
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


_PYTHON = Notation(
    put_in=(
        'f"...{$X}..."',
        '"..." % $X', '"..." % (..., $X, ...)', '"..." % {..., $K: $X, ...}',
        '"...".format(..., $X, ...)', '"...".format(..., $K=$X, ...)', '"...".format(*$X)', '"...".format(**$X)',
        '"..." + $X', '$X + "..."',
    ),
    begun=('<... "..." ...>',),
    no_values=('"..."', "(..., $T, ...)", "{..., $T: $U, ...}", "$A + $B", "$A % $B"),
    constants="-?[0-9.]+$|True$|False$|None$",
    functions=("def $FUNCTION(...):\n  {body}\n",),
    parameters=("def $FUNCTION(..., $P, ...):\n  ...\n",),
    statement="...\n  <... {code} ...>\n  ...",
    option="{name}={value}",
    option_told="{name}={value}",
    more_options="**$MORE",
    added_option="{name}={value}",
    waiting=("await ...", "return ...", "asyncio.$WAIT(...)", "$GIVEN = ..."),
    set_by_name=(),
    walking_names=(),
    spellings={
        "by %": '"{text} %s" % {value}',
        "by format": '"{text} {}".format({value})',
        "by f-string": 'f"{text} {{value}}"',
        "by +": '"{text} " + {value}',
    },
    variable="{name} = {value}",
    called=_called_in_python,
)  # fmt: skip

_ECMASCRIPT_FUNCTIONS = ("function $FUNCTION(...) { {body} }", "function (...) { {body} }")


def _where(code: str, taking: str = "...") -> list[JsonObject]:
    """In a function that holds a piece of code, and takes some parameters."""
    body = f"...\n <... {code} ...>;\n ..."
    return [
        {"pattern-inside": one.replace("(...)", f"({taking})").replace("{body}", body)} for one in _ECMASCRIPT_FUNCTIONS
    ]


def _any_of(*either: list[JsonObject]) -> JsonObject:
    return {"pattern-either": [one for some in either for one in some]}


_ECMASCRIPT = Notation(
    put_in=(
        "`...${$X}...`", '"..." + $X', '$X + "..."', '"...".concat(..., $X, ...)', 'util.format("...", ..., $X, ...)',
        '[..., "...", ..., $X, ...].join(...)', '[..., $X, ..., "...", ...].join(...)',
    ),
    begun=('<... "..." ...>', "<... `...${$TEXT}...` ...>"),
    no_values=('"..."', "$A + $B", "`...`", '$A ? "..." : "..."'),
    constants="-?[0-9.]+$|true$|false$|null$|undefined$|[A-Z][A-Z_0-9]+$",
    functions=_ECMASCRIPT_FUNCTIONS,
    parameters=("function $FUNCTION(..., $P, ...) { ... }", "function (..., $P, ...) { ... }"),
    statement="...\n <... {code} ...>;\n ...",
    option="{{..., {name}: {value}, ...}}",
    option_told="{name}: {value}",
    more_options="{..., ...$MORE, ...}",
    added_option=None,
    waiting=("await $ANSWER", "return $ANSWER;", "(...) => $ANSWER", "$ANSWER.then(...)", "$ANSWER.catch(...)", "Promise.$ALL(...)"),
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
    called=_called_in_ecmascript,
)  # fmt: skip

NOTATIONS: dict[str, Notation] = {"python": _PYTHON, "javascript": _ECMASCRIPT, "typescript": _ECMASCRIPT}
