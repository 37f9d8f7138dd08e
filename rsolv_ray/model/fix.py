"""What is a security fix, as received?

Wire form: contracts of `POST /orgs/{org}/fixes`. A fix is its content: the id is a digest of the changes, the
weakness, the caller's rule and the caller's cases, and of nothing that may differ between two sendings.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Self, cast

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from rsolv_ray.model.ids import CycleId, FixId
from rsolv_ray.model.languages import LANGUAGES, canonical_language, language_of
from rsolv_ray.model.noun import JsonObject, Noun

Cwe = Annotated[str, StringConstraints(pattern=r"^CWE-[1-9][0-9]{0,4}$")]
_CWE = re.compile(r"(?i)^(?:cwe[-_: ]?)?0*([1-9][0-9]{0,4})\b")


def canonical_cwe(text: str) -> str:
    """`CWE-89` from `cwe-89`, `89` or `CWE-89: SQL injection`.

    Raises:
        ValueError: it names no weakness.
    """
    found = _CWE.match(text.strip())
    if not found:
        raise ValueError(f"{text[:60]!r} is no CWE: write it like 'CWE-89'")
    return f"CWE-{found[1]}"


def _named(language: str) -> str:
    found = canonical_language(language)
    if found is None:
        raise ValueError(f"unsupported language {language[:40]!r}: one of {', '.join(sorted(LANGUAGES))}")
    return found


def _by_path(path: str) -> str:
    found = language_of(path)
    if found is None:
        raise ValueError(f"the language of {path[:80]!r} is not known by its name: give 'language'")
    return found


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class OriginKind(StrEnum):
    COMMIT = "commit"
    PULL_REQUEST = "pull_request"
    ISSUE = "issue"
    MANUAL = "manual"
    BACKFILL = "backfill"


class Origin(Noun):
    """Where a fix comes from."""

    kind: OriginKind = OriginKind.MANUAL
    repository: str | None = Field(default=None, max_length=500)
    commit: str | None = Field(default=None, max_length=100)
    url: str | None = Field(default=None, max_length=2000)


def _within(path: str) -> str:
    if path.startswith("/") or ".." in PurePosixPath(path).parts or not path.isprintable():
        raise ValueError(f"{path[:80]!r} is no path within a repository: relative, without '..' and control characters")
    return path


RelativePath = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_within)]
"""A path within a repository, with `/`."""


class FileChange(Noun):
    """One file, before and after: whole files or functions, as text."""

    path: RelativePath
    before: str
    after: str
    language: str

    @model_validator(mode="before")
    @classmethod
    def _language_from_path(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        fields = cast("dict[str, object]", data)
        given = fields.get("language")
        return {
            **fields,
            "language": _named(str(given)) if given is not None else _by_path(str(fields.get("path", ""))),
        }

    @model_validator(mode="after")
    def _is_text(self) -> Self:
        if "\x00" in self.path + self.before + self.after:
            raise ValueError("binary content is not accepted: 'before' and 'after' are source text")
        return self


class CodeSample(Noun):
    """Code that a rule must, or must not, flag, as given by the caller."""

    path: RelativePath
    code: str = Field(min_length=1)


class FixContext(Noun):
    """What the caller knows beyond the change itself."""

    fires: tuple[CodeSample, ...] = ()
    silent: tuple[CodeSample, ...] = ()
    notes: str | None = Field(default=None, max_length=10_000)


class Fix(Noun):
    """A security fix: at least one file that differs between before and after."""

    changes: tuple[FileChange, ...] = Field(min_length=1, max_length=100)
    cwe: tuple[Cwe, ...] = ()
    title: str | None = Field(default=None, max_length=500)
    severity: Severity = Severity.HIGH
    origin: Origin = Origin()
    rule: JsonObject | None = None
    context: FixContext = FixContext()
    scan: bool = True

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not any(change.before.strip() for change in self.changes):
            raise ValueError("the fix is empty: no change has a 'before' side to learn from")
        if all(change.before == change.after for change in self.changes):
            raise ValueError("'before' equals 'after': there is nothing to learn")
        return self

    @property
    def id(self) -> FixId:
        said = self.model_dump(mode="json", include={"changes", "cwe", "rule", "context"})
        return FixId.of(said)

    @property
    def cycle(self) -> CycleId:
        """The cycle that this fix sets off: one, however often the fix is received."""
        return CycleId.of(self.id)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({change.language for change in self.changes}))
