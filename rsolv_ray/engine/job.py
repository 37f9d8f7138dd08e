"""What goes out in one run of the engine?

Rules go out under numbers, so that their ids are neither rewritten nor confused, and their languages under Semgrep's
first names, since the core takes `python3` for another language than `python`. The core runs a rule on the files that
are listed under the rule's own language: those of `regex` and `generic` read any file, so files are listed for them too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rsolv_ray.engine.match import Limits, Target
from rsolv_ray.engine.standby import Spare
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.languages import LANGUAGES, canonical_language, extension_of
from rsolv_ray.model.noun import JsonObject

RULES, TARGETS, ANSWER = "rules.json", "targets.json", "answer.json"
"""What stands in the folder of a job."""
OF_ANY_FILE = ("generic", "regex")
"""The languages of rules that read any file; a target of one of them is text in no known language."""
_REGEX_TOO = "none"


@dataclass(frozen=True, slots=True)
class Job:
    """One run as it goes out: everything of it is in `folder`, but for the files to scan.

    `rules` maps the names that go out to ids; `there` are the indexes of the targets that go out. `spare` is an engine that
    waits in the folder.
    """

    folder: Path
    rules: Mapping[str, str]
    any_file: Sequence[str]
    targets: Sequence[Target]
    there: Sequence[int]
    limits: Limits
    spare: Spare | None = None

    @property
    def rules_file(self) -> Path:
        return self.folder / RULES

    @property
    def targets_file(self) -> Path:
        return self.folder / TARGETS

    @property
    def paths(self) -> dict[str, int]:
        """The files that go out, in order -> the indexes of their targets."""
        return {os.path.abspath(self.targets[index].file): index for index in self.there}  # noqa: PTH100 - resolves no link

    def write_targets(self) -> None:
        """The targets as the core reads them."""
        listed = [
            ["CodeTarget", {"path": {"fpath": path, "ppath": _in_rules_eyes(target)}, "analyzer": language, "products": ["sast"]}]
            for path, index in self.paths.items()
            for target in [self.targets[index]]
            for language in dict.fromkeys((target.language, *self.any_file))
        ]  # fmt: skip
        text = json.dumps(["Targets", listed], ensure_ascii=False)
        self.targets_file.write_bytes(text.encode("utf-8", "surrogateescape"))


def job_of(
    rules: Sequence[JsonObject],
    targets: Sequence[Target],
    there: Sequence[int],
    limits: Limits,
    folder: Path,
    *,
    spare: Spare | None = None,
) -> Job:
    """The job that runs `rules` over the targets at the indexes `there`; its rules are written.

    Raises:
        Rejected: a rule has no id.
    """
    names = {f"r{index}": _id_of(rule) for index, rule in enumerate(rules)}
    outgoing = [_outgoing(rule, name) for rule, name in zip(rules, names, strict=True)]
    spoken = {language for rule in rules for language in languages_of(rule)}
    any_file = [language for language in OF_ANY_FILE if language in spoken]
    job = Job(folder=folder, rules=names, any_file=any_file, targets=targets, there=there, limits=limits, spare=spare)
    job.rules_file.write_bytes(json.dumps({"rules": outgoing}, ensure_ascii=False).encode("utf-8", "replace"))
    return job


def known(target: Target) -> Target:
    """The target under the first name of its language.

    Raises:
        Rejected: the language is not known.
    """
    return replace(target, language=language_named(target.language))


def language_named(name: str) -> str:
    """The first name of a language. Raises Rejected where it is not known."""
    language = _first_name(name)
    if language not in LANGUAGES and language not in OF_ANY_FILE:
        raise Rejected(f"unsupported language {name[:40]!r}")
    return language


def extension(language: str) -> str:
    """The usual file extension, with its dot, of a language under its first name."""
    return extension_of(language) if language in LANGUAGES else ".txt"


def _in_rules_eyes(target: Target) -> str:
    return "/" + target.path.encode("utf-8", "replace").decode()


def _id_of(rule: JsonObject) -> str:
    name = rule.get("id")
    if not isinstance(name, str):
        raise Rejected("a rule needs an 'id'")
    return name


def languages_of(rule: JsonObject) -> Sequence[str]:
    """The languages of a rule by their first names, also those that are not known here."""
    languages = rule.get("languages")
    return [_first_name(str(one)) for one in languages] if isinstance(languages, list) else []


def _first_name(language: str) -> str:
    named = language.strip().lower()
    return canonical_language(named) or ("regex" if named == _REGEX_TOO else named)


def _outgoing(rule: JsonObject, name: str) -> JsonObject:
    if not isinstance(rule.get("languages"), list):
        return {**rule, "id": name}
    return {**rule, "id": name, "languages": list(languages_of(rule))}
