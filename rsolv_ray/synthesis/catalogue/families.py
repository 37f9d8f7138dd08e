"""What is told of a kind of weakness, and of a language's own names?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_NONE: frozenset[str] = frozenset()


Level = Literal["LOW", "MEDIUM", "HIGH"]


class Weakness(BaseModel):
    """A weakness of MITRE's list.

    Attributes:
        name: its name there.
        owasp: the category of OWASP's Top 10 that it is mapped to, where it is.
        likelihood: how likely it is to be exploited where it stands in the way of an attacker; our judgement.
        impact: how bad that usually is; our judgement.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    owasp: str | None = None
    likelihood: Level
    impact: Level


class Group(BaseModel):
    """Functions that are weak for one reason, one as much as the other.

    Attributes:
        functions: their full names.
        types: full names of types that are weak by being used.
        common: whether they are called everywhere, so that a call by itself says little.
        only: patterns of the calls of them that are meant; none: all. `$CALLED` is whichever is called.
        spared: patterns of those that are not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    functions: tuple[str, ...]
    types: tuple[str, ...] = ()
    common: bool = False
    only: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()


class Form(BaseModel):
    """A known form of a weakness, in patterns.

    Attributes:
        either: patterns of it; of the sinks, where there are sources.
        sources: patterns of the values that must not get there.
        inside, unless, outside: around it; what it is not; around what it is not.
        where: name of a metavariable -> regular expression of its text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    either: tuple[str, ...]
    sources: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    where: dict[str, str] = {}


class Family(BaseModel):
    """A kind of weakness in one language.

    Attributes:
        name: what it is called here.
        cwes: the weaknesses that are of this kind.
        what, why, instead: what is wrong, why it harms, what to do instead, in words for people.
        methods: sinks that are called on any receiver, by their first argument.
        bound: methods that are sinks on some receivers alone -> a regular expression of those.
        functions: sinks by their full names, by their first argument.
        sinks: patterns with `$SINK` of what is no first argument of a call.
        options: of the object that a method may take in place of its first argument, those that are sinks.
        spared: calls of the methods whose first argument is none.
        sanitizers: full names of calls whose result is harmless.
        harmless: patterns of what a value can be made into that is harmless, and is no call with arguments.
        groups: functions that are weak by being called.
        begins: whether of an address only the beginning counts: what stands behind a host of the program's own says less.
        takes_texts: whether a text that is put together is weak where it goes to its sinks.
        answers: functions whose answer has to be looked at.
        literal: whether its sinks take a literal, and everything else is weak.
        measures: functions that are asked for the size of their argument.
        sized: patterns of calls that write to `$INTO` what is in `$FROM`, `$SIZE` at most.
        appending: the same where it is added to what is there.
        releases: functions after which their first argument must not be used.
        kin: functions that do the same to the same thing.
        companions: functions that have to be called beside one of its own.
        checks: functions that look at what is under a name, their first argument.
        uses: functions that use what is under a name, their first argument, whatever it has become.
        guards: patterns of checks that functions make which are left alone.
        text: a regular expression found in texts of the family's own language, whatever values are put into them.
        place: a regular expression of what stands before a place of such a text where a value belongs; empty: anything.
        alike: words (`a|b`) that occur in the names which organisations give to their own wrappers of such calls.
        forms: what it is known by wherever it stands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    cwes: tuple[str, ...]
    what: str
    why: str
    instead: str
    methods: frozenset[str] = _NONE
    bound: dict[str, str] = Field(default_factory=dict[str, str])
    functions: frozenset[str] = _NONE
    sinks: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    sanitizers: frozenset[str] = _NONE
    harmless: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    takes_texts: bool = True
    begins: bool = False
    answers: tuple[Group, ...] = ()
    literal: bool = False
    measures: frozenset[str] = _NONE
    sized: tuple[str, ...] = ()
    appending: tuple[str, ...] = ()
    releases: frozenset[str] = _NONE
    kin: tuple[tuple[str, ...], ...] = ()
    companions: frozenset[str] = _NONE
    checks: frozenset[str] = _NONE
    uses: frozenset[str] = _NONE
    guards: tuple[str, ...] = ()
    text: str = ""
    place: str = ""
    alike: str = ""
    forms: tuple[Form, ...] = ()


class Names(BaseModel):
    """What the names of a language tell.

    Attributes:
        modules: names that stand for modules, or for what is always there, even where no import is in sight.
        standard: first names of what the language brings along: one call in place of another tells something only within one of them.
        weak_evidence: beginnings of full names that are no weakness by being called: a rule needs more than one of them.
        quiet: calls that are no sink by themselves: a built string may reach them anywhere.
        requests: names of what holds a request from outside.
        responses: names of what answers a request.
        parts: names of the parts of a request, where functions may be given them alone.
        marks: decorators of parameters that are given a part of a request.
        keywords: words of the language that its grammar may take for names.
        modes: a regular expression of the functions that are given the mode of a file.
        off_unless_given: switches that protect, and are off where they are not given -> a regular expression of what takes them.
        together: values of settings that do the same harm.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    modules: frozenset[str] = _NONE
    standard: frozenset[str] = _NONE
    weak_evidence: tuple[str, ...] = ()
    quiet: frozenset[str] = _NONE
    requests: frozenset[str] = _NONE
    parts: frozenset[str] = _NONE
    responses: frozenset[str] = _NONE
    marks: frozenset[str] = _NONE
    keywords: frozenset[str] = _NONE
    modes: str = ""
    off_unless_given: dict[str, str] = Field(default_factory=dict[str, str])
    together: tuple[tuple[str, ...], ...] = ()


class Words(BaseModel):
    """Words of all languages, in small letters.

    Attributes:
        weak: what is weak wherever it is named, in a text or as a part of a name, in groups: `md5` and `md4`, `des` and `rc4`.
        texts: what is weak as a whole text: an address that stands for all, a mode that lets all in.
        telling: parts of the names of calls that do harm: `unsafe`, `raw`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weak: dict[str, frozenset[str]]
    texts: frozenset[str]
    telling: frozenset[str]


@dataclass(frozen=True)
class Catalogue:
    """What is known of one language: its kinds of weaknesses, and its names."""

    families: tuple[Family, ...]
    names: Names
