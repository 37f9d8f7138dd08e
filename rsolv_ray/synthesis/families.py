"""What is told of a kind of weakness, and of a language's own names?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """A kind of weakness in one language. `methods` are called on any receiver, `functions` by their full names; `sinks`
    are patterns with `$SINK` of what is no first argument of a call; `options` are those of the object that a method may take in place
    of its first argument, and which are sinks; `spared` are calls of the methods whose first argument is none; `sanitizers` are full names of calls whose result is
    harmless; `alike` are words (`a|b`) that occur in the names which organisations give to their own wrappers of such calls."""

    name: str
    cwes: tuple[str, ...]
    methods: frozenset[str]
    functions: frozenset[str]
    sanitizers: frozenset[str]
    what: str
    why: str
    instead: str
    alike: str = ""
    sinks: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """What is known of one language.

    Attributes:
        families: its kinds of weaknesses.
        modules: names that stand for modules, or for what is always there, even where no import is in sight.
        standard: first names of what the language brings along: one call in place of another tells something only within one of them.
        weak_evidence: beginnings of full names that are no weakness by being called: a rule needs more than one of them.
        quiet: calls that are no sink by themselves: a built string may reach them anywhere.
        requests: names of what holds a request from outside.
        keywords: words of the language that its grammar may take for names.
    """

    families: tuple[Family, ...]
    modules: frozenset[str]
    standard: frozenset[str]
    weak_evidence: tuple[str, ...]
    quiet: frozenset[str]
    requests: frozenset[str]
    keywords: frozenset[str] = frozenset()
