"""What does a YAML text say, with nothing unfolded and no object made?

Anchors, aliases and tags are refused while the text is read, before anything is built: a few lines of them may unfold to
gigabytes or to objects. Plain scalars mean what YAML 1.2's core schema says, so that `yes`, `on` and dates are text.
Source: YAML 1.2.2, section 10.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from rsolv_ray.engine.rules.values import DEEPEST, MOST_VALUES
from rsolv_ray.model.errors import Rejected

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0(?:x[0-9a-fA-F]+|o[0-7]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_NUMBER = 400


def read_yaml(text: str) -> object:
    """The one document of a text, as plain values; None where there is none.

    Raises:
        Rejected: it is no YAML, more than one document, repeats a key, or has one of the forms that are refused.
    """
    try:
        return _Document().value_of(_checked(text))
    except (YAMLError, UnicodeError, ValueError) as error:
        raise Rejected(f"the rules are no YAML: {' '.join(str(error).split())[:300]}") from error


def _checked(text: str) -> Iterator[Event]:
    """The events of the text, as long as they are harmless."""
    depth = documents = values = 0
    for event in YAML(typ="safe").parse(text):
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise Rejected(f"YAML anchors and aliases are refused: line {line}")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise Rejected(f"YAML tags are refused: {str(tag)[:60]!r} in line {line}")
        documents += isinstance(event, DocumentStartEvent)
        values += isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent)
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
        if documents > 1:
            raise Rejected(f"the rules are no YAML of a single document: another begins in line {line}")
        if depth > DEEPEST:
            raise Rejected(f"the rules are nested more than {DEEPEST} deep")
        if values > MOST_VALUES:
            raise Rejected(f"the rules have more than {MOST_VALUES} values")
        yield event


class _Document:
    """Builds the value from the events; `_open` are the lists and mappings that are not closed yet, with their keys."""

    def __init__(self) -> None:
        self._open: list[tuple[Any, list[str]]] = []
        self._root: object = None

    def value_of(self, events: Iterator[Event]) -> object:
        for event in events:
            match event:
                case ScalarEvent():
                    self._put(event)
                case MappingStartEvent():
                    self._begin({}, event)
                case SequenceStartEvent():
                    self._begin([], event)
                case MappingEndEvent() | SequenceEndEvent():
                    self._open.pop()
                case _:
                    pass
        return self._root

    def _begin(self, holder: Any, event: Event) -> None:
        if self._open and isinstance(self._open[-1][0], dict) and not self._open[-1][1]:
            raise Rejected(f"a key is text, and no list or mapping: line {event.start_mark.line + 1}")
        self._add(holder)
        self._open.append((holder, []))

    def _put(self, event: ScalarEvent) -> None:
        if self._open and isinstance(self._open[-1][0], dict) and not self._open[-1][1]:
            self._name(event)
        else:
            self._add(_scalar(event))

    def _name(self, event: ScalarEvent) -> None:
        mapping, keys = self._open[-1]
        key = _scalar(event)
        if not isinstance(key, str):
            raise Rejected(f"the key {event.value[:60]!r} is no text: line {event.start_mark.line + 1}")
        if key in mapping:
            raise Rejected(f"a duplicate key, {key[:60]!r}: line {event.start_mark.line + 1}")
        keys.append(key)

    def _add(self, value: object) -> None:
        if not self._open:
            self._root = value
            return
        holder, keys = self._open[-1]
        if isinstance(holder, dict):
            holder[keys.pop()] = value
        else:
            holder.append(value)


def _scalar(event: ScalarEvent) -> object:
    text: str = event.value
    if event.style or not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return _number(text)


def _number(text: str) -> object:
    is_whole = _INTEGER.fullmatch(text) or _OTHER_BASE.fullmatch(text)
    if is_whole and len(text) > _LONGEST_NUMBER:
        raise Rejected("a number that does not fit into 64 bits")
    if is_whole:
        return int(text, 0) if text.startswith(("0x", "0o")) else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _ENDLESS.fullmatch(text):
        raise Rejected("a number that is not finite is no JSON")
    return text
