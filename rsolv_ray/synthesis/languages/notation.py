"""How is this written in a language?

What every language has, a function, an option of a call, a value put into a text, is spelt in each of them otherwise, in code and in
Semgrep's patterns, which are code with metavariables and `...` in it (https://semgrep.dev/docs/writing-rules/pattern-syntax).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rsolv_ray.model.noun import JsonObject


@dataclass(frozen=True)
class Notation:
    """The spellings of one language. What it does not have is left out, and the forms that need it are not made.

    Attributes:
        functions: patterns of a function; `{body}` stands for its statements.
        parameters: patterns of a function with the parameter `$P`.
        statement: how a statement is written that holds `{code}` somewhere.
        called: patterns of the calls of functions by their full names, with some arguments.
        constants: a regular expression of expressions that are constants.
        variable: how a name is given a value, by `{name}` and `{value}`.
        put_in: patterns of a value `$X` that is put into a text.
        begun: patterns of what a value `$X` is added to, and which hold a text.
        in_texts: operators that bind a value `$X` as it is put into a text, by a regular expression found in the text and one of what stands
            right before the value.
        templates: patterns of a value `$X` that is put into a text `$TEMPLATE`, known by its name alone.
        membership: patterns of a look whether something is among others.
        repeated: patterns of a literal put together with itself, as placeholders are.
        no_values: patterns of parts of a text that are no values of their own.
        spellings: how a text is put together, in each way, from `{text}` and `{value}`, both without quotes and brackets.
        option: how a call's option is given, by `{name}` and `{value}`.
        option_told: how people write it.
        more_options: how a call is given options that are not in sight.
        added_option: how an option is put behind the arguments `$...ARGS`, or None where that cannot be said.
        waiting: patterns inside of which the answer of a call is waited for, or handed on to be.
        set_by_name: what finds a field that is set by a name which the function is given or makes, where it goes down the object that
            it is given; nothing where that does no harm.
        ending: what ends a statement.
        a_list: a list in a pattern, where the language writes lists as expressions of their own.
        names_given: how a name `{name}` is given `{value}`, in patterns, where a declaration is told otherwise than a name given another value.
        grown: how a text begins, and how a value `$X` is added to it.
        printed: patterns of a value `$X` that is put into a text, which is written into `$INTO`.
        plus: the operator that adds a value to a text.
        sigil: what names of variables begin with.
        harmless: patterns of what a value can be made into that holds no text.
        of_type: how a thing of `{type}` is written, where patterns may ask for that.
        marked: patterns of a function with the parameter `$P` that is marked with `$MARK`, where parameters are known by such.
        request_parts: patterns of the parts of a request `$REQUEST`.
        behind: what finds a value that stands behind the beginning of an address.
        handed: patterns of a function that is given the part `$PART` of a request by its name.
        follows_requests: whether values are followed from a request on to a place, whatever they are on the way.
        spelt: how a pattern is spelt that is written in the words of all, where fields stand behind a dot (`$O.name`), or None.
        literal, whole_literal: a literal of `{type}` with the field `{key}` given `{value}`, and any literal of it.
        constructs: a kind of node that says that something dangerous is done -> its pattern.
        local: patterns of what comes after the name `$P` was declared as something that ends with its function; `local_array`: where the
            name stands for its address.
        lasting: patterns of the same where it does not end.
        asked: patterns of what comes after, or holds, a condition that looks at the name `$ANSWER`.
        constant_texts: patterns of what comes after `$V` was declared as a constant text.
        pointers: patterns of where the name `$P` stands for a pointer.
        objects: names for the object that a method belongs to, where they stand for a pointer.
        touches: patterns of uses of what `$THING` points to, or of handing it on.
        harmless_kinds: options of the engine by which values of some types carry no text on.
        carriers: calls that carry a value on to another, as a text that grows by a method does: `pattern-propagators` of taint rules.
        pair: a literal with a pair among others, by `{key}` and `{value}`, or None where there is no such literal.
        bare_keys, quoted_keys: whether the keys of such a literal may be written without quotes, and with them.
        field_set, key_set, name_set: how a field of anything, by `{name}`, what stands under a key, by `{key}`, and a plain name are
            given `{value}`.
        derived: patterns of a class that derives from `{base}`, among others.
        decorated: patterns of what is decorated, or annotated, with `{decorator}`.
        walking_names: the same where all that an object holds is copied from one that the function is given.
    """

    functions: tuple[str, ...]
    parameters: tuple[str, ...]
    statement: str
    called: Callable[[Iterable[str], str], list[JsonObject]]
    constants: str
    variable: str
    put_in: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    in_texts: Callable[[str, str], list[JsonObject]] | None = None
    templates: tuple[str, ...] = ()
    membership: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    no_values: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    option: str = "{name}={value}"
    option_told: str = "{name}={value}"
    more_options: str | None = None
    added_option: str | None = None
    waiting: tuple[str, ...] = ()
    pair: str | None = None
    bare_keys: bool = False
    quoted_keys: bool = True
    field_set: str = "$O.{name} = {value}"
    key_set: str = "$O[{key}] = {value}"
    name_set: str = "{name} = {value}"
    derived: tuple[str, ...] = ()
    decorated: tuple[str, ...] = ()
    set_by_name: tuple[JsonObject, ...] = ()
    walking_names: tuple[JsonObject, ...] = ()
    ending: str = ""
    a_list: str | None = None
    plus: str = "+"
    sigil: str = ""
    harmless: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    of_type: str | None = None
    request_parts: tuple[str, ...] = ("$REQUEST.$PART", "$REQUEST.$PART.$MORE(...)")
    behind: tuple[JsonObject, ...] = ()
    handed: tuple[str, ...] = ()
    follows_requests: bool = False
    spelt: Callable[[str], str] | None = None
    names_given: tuple[str, ...] = ("{name} = {value}",)
    grown: tuple[tuple[str, str], ...] = (('$V = "..."', "$V += $X"),)
    printed: tuple[str, ...] = ()
    literal: str | None = None
    whole_literal: str | None = None
    constructs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    local: tuple[str, ...] = ()
    local_array: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    constant_texts: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    carriers: tuple[JsonObject, ...] = ()
    harmless_kinds: tuple[str, ...] = ()

    def given_before(self, name: str, value: str) -> list[JsonObject]:
        """Conditions that leave out what comes after a name was given a value."""
        return [{"pattern-not-inside": self.later(one.format(name=name, value=value))} for one in self.names_given]

    def no_value(self) -> tuple[list[JsonObject], list[JsonObject]]:
        """Conditions on what `$X` itself is, and on where it stands, which leave out what is no value of its own."""
        itself: list[JsonObject] = [{"pattern-not": one} for one in (*self.no_values, *self.repeated)]
        return itself, [condition for one in self.repeated for condition in self.given_before("$X", one)]

    def later(self, code: str) -> str:
        """A pattern of what stands after a statement, and of the statement."""
        return f"{code}{self.ending}\n...\n"

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


def _no_calls(_names: Iterable[str], _arguments: str) -> list[JsonObject]:
    return []


NO_CALLS = Notation(
    functions=(), parameters=(), statement="{code}", called=_no_calls, constants="", variable="{name} = {value}"
)
"""Of languages in which nothing is called: their fixes are changes of settings (`layouts`)."""
