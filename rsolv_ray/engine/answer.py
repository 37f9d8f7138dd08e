"""How is Semgrep's JSON read?

`semgrep-core -json` and `semgrep scan --json` answer in the same shape (semgrep_interfaces, semgrep_output_v1.atd),
the command-line tool with fewer fields. Before its answer the core prints a line with a dot for each target that it is done with (`-json`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from rsolv_ray.engine.match import EngineError, Match
from rsolv_ray.engine.source import Source
from rsolv_ray.engine.trace import steps

_DOTS = b". \r\n"


class UnknownShapeError(Exception):
    """The tool answered, but not in the shape that is known here."""


def _shown(text: str) -> str:
    """A text of the answer, whose undecodable bytes were kept as lone surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Answer:
    """One answer, with what is needed to put names back: rules and targets went out under numbers.

    `rules` maps the names that went out to the callers' ids; `targets` the paths that went out to indexes;
    `shown` are the targets' paths by index; `read` gives the bytes of a target by index, None where they are no longer
    those that the engine saw: what was found there is left out.
    """

    def __init__(
        self,
        output: bytes,
        *,
        rules: Mapping[str, str],
        targets: Mapping[str, int],
        shown: Sequence[str],
        read: Callable[[int], bytes | None],
    ) -> None:
        self._body = _body(output)
        self._rules = rules
        self._targets = targets
        self._shown = shown
        self._source = cache(lambda index: None if (data := read(index)) is None else Source(data))

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
            told = [match for row in self._body["results"] if (match := self._match(row)) is not None]
            found = dict(reversed([(_identity(match), match) for match in told]))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise UnknownShapeError(f"a result of the engine is of an unknown shape: {error!r}") from error
        return tuple(found[identity] for identity in sorted(found))

    def _match(self, row: dict[str, Any]) -> Match | None:
        index = self._targets[row["path"]]
        source = self._source(index)
        if source is None:
            return None
        first, last, extra = row["start"], row["end"], row["extra"]
        fix, trace = extra.get("fix"), extra.get("dataflow_trace")
        return Match(
            rule=self._rules[row["check_id"]],
            path=self._shown[index],
            target=index,
            span=source.span(first, last),
            start=source.offset(first["offset"]),
            end=source.offset(last["offset"]),
            text=source.text(first["offset"], last["offset"]),
            message=_shown(extra["message"]),
            metavariables={name: _bound(value, source) for name, value in extra.get("metavars", {}).items()},
            rendered_fix=None if fix is None else _shown(fix),
            trace=() if trace is None else steps(trace, row["path"], source),
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


def targets_done(output: bytes) -> int:
    """How many targets the core was done with, by what it had printed."""
    return output[: len(output) - len(output.lstrip(_DOTS))].count(b".")


def is_begun(output: bytes) -> bool:
    """Is there more than dots: the beginning of an answer?"""
    return output.lstrip(_DOTS).startswith(b"{")


def _body(output: bytes) -> dict[str, Any]:
    try:
        body = json.loads(output.lstrip(_DOTS).decode("utf-8", "surrogateescape"))
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
