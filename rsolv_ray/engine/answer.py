"""How is Semgrep's JSON read?

`semgrep-core -json_nodots` and `semgrep scan --json` answer in the same shape (semgrep_interfaces, semgrep_output_v1.atd),
the command-line tool with fewer fields. Offsets and columns are in bytes there, also for code that is not ASCII
(seen with the parsers of Python, JavaScript, TypeScript, Go, Java, Ruby, PHP and Rust); here they become characters.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from rsolv_ray.engine.match import EngineError, Match
from rsolv_ray.model.finding import Span


class UnknownShapeError(Exception):
    """The tool answered, but not in the shape that is known here."""


class Source:
    """The bytes of one file, to be cut at byte offsets and counted in characters."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ascii = data.isascii()
        self._bytes = [0]
        self._characters = [0]
        if not self._ascii:
            for line in data.split(b"\n")[:-1]:
                self._bytes.append(self._bytes[-1] + len(line) + 1)
                self._characters.append(self._characters[-1] + len(_decoded(line)) + 1)

    def offset(self, at: int) -> int:
        """The character offset of a byte offset."""
        if self._ascii:
            return at
        line = bisect_right(self._bytes, at) - 1
        return self._characters[line] + len(_decoded(self._data[self._bytes[line] : at]))

    def column(self, at: int, column: int) -> int:
        """The column in characters of a byte offset that is at a column in bytes, both columns from 1."""
        return column if self._ascii else len(_decoded(self._data[at - (column - 1) : at])) + 1

    def text(self, start: int, end: int) -> str:
        return _decoded(self._data[start:end])


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _shown(text: str) -> str:
    """A text of the answer, whose undecodable bytes were kept as lone surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Answer:
    """One answer, with what is needed to put names back: rules and targets went out under numbers.

    `rules` maps the names that went out to the callers' ids; `targets` the paths that went out to indexes;
    `shown` are the targets' paths by index; `read` gives the bytes of a target by index.
    """

    def __init__(
        self,
        output: bytes,
        *,
        rules: Mapping[str, str],
        targets: Mapping[str, int],
        shown: Sequence[str],
        read: Callable[[int], bytes],
    ) -> None:
        self._body = _body(output)
        self._rules = rules
        self._targets = targets
        self._shown = shown
        self._source = cache(lambda index: Source(read(index)))

    @property
    def version(self) -> str:
        return str(self._body.get("version", "?"))

    @property
    def fatal(self) -> str | None:
        """What ended the run as a whole, in the engine's words, or None."""
        errors = (error for error in self.errors() if error.kind == "Fatal error")
        return next((error.message for error in errors), None)

    def matches(self) -> tuple[Match, ...]:
        """The matches by target and place; of several ways for a rule to match one place, the engine's first.

        Raises:
            UnknownShapeError: a match lacks what every match has.
        """
        try:
            found = dict(reversed([(_identity(match), match) for match in map(self._match, self._body["results"])]))
        except (KeyError, TypeError, ValueError) as error:
            raise UnknownShapeError(f"a result of the engine is of an unknown shape: {error!r}") from error
        return tuple(found[identity] for identity in sorted(found))

    def _match(self, row: dict[str, Any]) -> Match:
        index = self._targets[row["path"]]
        source = self._source(index)
        first, last, extra = row["start"], row["end"], row["extra"]
        fix = extra.get("fix")
        return Match(
            rule=self._rules[row["check_id"]],
            path=self._shown[index],
            target=index,
            span=Span(
                start_line=first["line"],
                start_column=source.column(first["offset"], first["col"]),
                end_line=last["line"],
                end_column=source.column(last["offset"], last["col"]),
            ),
            start=source.offset(first["offset"]),
            end=source.offset(last["offset"]),
            text=source.text(first["offset"], last["offset"]),
            message=_shown(extra["message"]),
            metavariables={name: _bound(value, source) for name, value in extra.get("metavars", {}).items()},
            rendered_fix=None if fix is None else _shown(fix),
        )

    def errors(self) -> tuple[EngineError, ...]:
        """What the engine could not do."""
        return tuple(map(self._error, self._body["errors"]))

    def _error(self, row: dict[str, Any]) -> EngineError:
        kind = row.get("error_type", row.get("type", "?"))
        place = row.get("location") or next(iter(row.get("spans") or []), {})
        path = row.get("path") or place.get("path") or place.get("file")
        index = self._targets.get(str(path))
        rule = row.get("rule_id")
        return EngineError(
            kind=str(kind[0] if isinstance(kind, list) else kind),
            message=_shown(str(row.get("message", ""))).strip()[:2000],
            rule=None if rule is None else self._rules.get(rule, rule),
            path=None if index is None else self._shown[index],
            target=index,
            lines=_lines(place) if index is not None else None,
        )


def _body(output: bytes) -> dict[str, Any]:
    try:
        body = json.loads(output.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise UnknownShapeError(f"the engine did not answer in JSON: {output[:200]!r}") from error
    if not isinstance(body, dict) or not all(isinstance(body.get(key), list) for key in ("results", "errors")):
        raise UnknownShapeError("the engine's answer has no lists of results and errors")
    return body


def _identity(match: Match) -> tuple[int, int, int, str]:
    return (match.target, match.start, match.end, match.rule)


def _bound(value: dict[str, Any], source: Source) -> str:
    # The engine's own text of a binding leaves out commas and the like: `f(a b)` for `f(a, b)`.
    start, end = value["start"]["offset"], value["end"]["offset"]
    return source.text(start, end) if end > start else _shown(value["abstract_content"])


def _lines(place: dict[str, Any]) -> tuple[int, int] | None:
    try:
        return place["start"]["line"], place["end"]["line"]
    except KeyError:
        return None
