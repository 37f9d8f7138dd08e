"""What may a request body say? Untrusted JSON in, nouns out; unknown fields are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, field_validator, model_validator

from rsolv_ray.model.finding import ProposalState, Triage, TriageLabel
from rsolv_ray.model.fix import FileChange, Fix, canonical_cwe
from rsolv_ray.model.ids import OrgName, RuleId
from rsolv_ray.model.languages import LANGUAGES, canonical_language, extension_of, language_of
from rsolv_ray.model.noun import JsonObject, Noun
from rsolv_ray.model.org import Scope
from rsolv_ray.model.rule import Case, CaseKind, CaseSource, LineRange, RuleState

MOST_CASES = 500
LONGEST_YAML = 128 * 1024
Name = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]


def _language_by_path(schema: JsonObject) -> None:
    schema["required"] = ["path", "before", "after"]


class FileChangeIn(FileChange):
    """One file, before and after. `language` may be left out where the path tells it."""

    model_config = ConfigDict(json_schema_extra=_language_by_path)


class FixIn(Fix):
    """A fix as a client sends it: `cwe` may be one weakness or several, written `CWE-89`, `cwe-89` or `89`."""

    # A field that is narrowed; nouns are frozen, so nothing wider can be put into it.
    changes: tuple[FileChangeIn, ...] = Field(min_length=1, max_length=100)  # pyright: ignore[reportIncompatibleVariableOverride]

    @field_validator("cwe", mode="before")
    @classmethod
    def _canonical(cls, given: object) -> object:
        if given is None:
            return ()
        several = given if isinstance(given, list) else [given]
        return tuple(canonical_cwe(str(one)) for one in several)

    def noun(self) -> Fix:
        """The fix itself, as the rest of the house knows it."""
        changes = tuple(FileChange.model_construct(**dict(change)) for change in self.changes)
        return Fix.model_construct(self.model_fields_set, **(dict(self) | {"changes": changes}))


class CaseIn(Noun):
    """Code that the rule must flag (`fires`) or must not (`silent`). `lines` narrows that to some lines, from 1."""

    kind: CaseKind
    code: str = Field(min_length=1)
    path: str | None = Field(default=None, min_length=1, max_length=1000)
    language: str | None = None
    lines: tuple[LineRange, ...] = ()

    @model_validator(mode="after")
    def _has_a_language(self) -> Self:
        if self._language() is None:
            raise ValueError(
                f"the case needs a 'language' or a 'path' that tells it: one of {', '.join(sorted(LANGUAGES))}"
            )
        if "\x00" in self.code:
            raise ValueError("binary content is not accepted: 'code' is source text")
        return self

    def _language(self) -> str | None:
        return canonical_language(self.language) if self.language else language_of(self.path or "")

    def noun(self) -> Case:
        """The case itself; without a path it gets a name of its language."""
        language = self._language()
        assert language is not None
        path = self.path or f"case{extension_of(language)}"
        return Case(
            kind=self.kind, path=path, language=language, code=self.code, lines=self.lines, source=CaseSource.CALLER
        )


class RuleValidationIn(Noun):
    """Any rule (a JSON object, or Semgrep YAML as text) and any cases."""

    rule: JsonObject | Annotated[str, Field(min_length=1, max_length=LONGEST_YAML)]
    cases: tuple[CaseIn, ...] = Field(default=(), max_length=MOST_CASES)


class RuleStateIn(Noun):
    """A rule's new state, and why."""

    state: RuleState
    reason: Reason


class ProposalStateIn(Noun):
    """What became of a patch, and why; on which branch, where it was applied on one."""

    state: ProposalState
    reason: Reason | None = None
    branch: Name | None = None

    @model_validator(mode="after")
    def _is_of_a_branch_where_applied(self) -> Self:
        if self.branch is not None and self.state is not ProposalState.APPLIED:
            raise ValueError("a 'branch' goes with the state 'applied' alone")
        if self.branch is not None and not self.branch.isprintable():
            raise ValueError("control characters are not accepted in the name of a branch")
        return self


class TriageIn(Noun):
    """A person's word on a finding."""

    label: TriageLabel
    reason: Reason | None = None

    def noun(self, by: str) -> Triage:
        """The triage itself, said by `by`."""
        return Triage(label=self.label, reason=self.reason, by=by)


class RepositoryIn(Noun):
    """A folder under an allowed root, or an https git URL. The name is the last part of the location by default."""

    location: str = Field(min_length=1, max_length=2000)
    name: Name | None = None
    branch: str | None = Field(default=None, min_length=1, max_length=200)

    @field_validator("location", "name", "branch")
    @classmethod
    def _is_printable(cls, text: str | None) -> str | None:
        if text is not None and not text.isprintable():
            raise ValueError("control characters are not accepted")
        return text

    @property
    def known_as(self) -> str:
        return self.name or PurePosixPath(self.location).name.removesuffix(".git")[:200] or self.location[:200]


class ScanIn(Noun):
    """Which repositories (names or ids) to scan with which rules; all of them where nothing is said."""

    repositories: tuple[Name, ...] | None = Field(default=None, min_length=1, max_length=1000)
    rules: tuple[RuleId, ...] | None = Field(default=None, min_length=1, max_length=1000)


class OrgIn(Noun):
    name: OrgName
    title: str = Field(default="", max_length=200)


def _of_an_org(scopes: frozenset[Scope]) -> frozenset[Scope]:
    if Scope.ADMIN in scopes:
        raise ValueError("a key of an org cannot hold the scope 'admin'")
    return scopes


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the moment lies beyond the calendar") from error


class KeyIn(Noun):
    """A new key of an org. It never expires unless `expires_at` is given."""

    name: Name
    scopes: Annotated[frozenset[Scope], Field(min_length=1), AfterValidator(_of_an_org)] = frozenset(
        {Scope.READ, Scope.WRITE}
    )
    expires_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None
