"""From which fixes is learned while it is measured? From those that come with the benchmark, or from a file of others."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.languages import canonical_language

__all__ = ["fixes_of", "own_fixes"]


def own_fixes() -> tuple[Fix, ...]:
    """The fixes that come with the benchmark."""
    text = files("rsolv_ray.bench").joinpath("scan_rules", "fixes.yaml").read_text(encoding="utf-8")
    return tuple(_fix(row, f"{row['name']}.py") for row in YAML(typ="safe", pure=True).load(text)["fixes"])


def fixes_of(file: Path, *, where: Sequence[str] = ()) -> tuple[Fix, ...]:
    """The fixes of a file of JSON lines (`.gz`: packed by gzip): each with `before`, `after`, and `language` or `path`;
    `cwe` may be there. `where` names fields that have to be true. Those in a language that is not known are passed over.

    Raises:
        Rejected: a line is no such fix; the reason names it.
    """
    found: list[Fix] = []
    for number, row in _rows(file):
        try:
            if all(row.get(name) for name in where) and _is_known(row):
                found.append(_fix(row, str(row.get("path") or row.get("file") or f"fix{number}.py")))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Rejected(
                f"{file.name}, line {number} is no fix with 'before' and 'after': {_first(error)}"
            ) from error
    return tuple(found)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise Rejected(f"{file.name}, line {number} is no JSON: {error}") from error
            if not isinstance(row, dict):
                raise Rejected(f"{file.name}, line {number} is no fix with 'before' and 'after': it is no object")
            yield number, row


def _is_known(row: dict[str, Any]) -> bool:
    named = row.get("language") or row.get("lang")
    return named is None or canonical_language(str(named)) is not None


def _fix(row: dict[str, Any], path: str) -> Fix:
    fields = {"path": path, "before": row["before"], "after": row["after"]}
    if named := row.get("language") or row.get("lang"):
        fields["language"] = named
    cwe = row.get("cwe") or ()
    names = [cwe] if isinstance(cwe, str) else list(cwe)
    return Fix.model_validate({"changes": [fields], "cwe": [one for one in names if not one.startswith("NVD-CWE-")]})


def _first(error: Exception) -> str:
    return str(error.errors()[0]["msg"]) if isinstance(error, ValidationError) else repr(error)[:200]
