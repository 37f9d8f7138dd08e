"""Which rules have still to be run on which files?

On a file, those that may fire there by the words that it holds and whose answer on its content is not known. Files that
lack the same rules are run together, so that new files meet all rules and old ones only the new. What is known is told
at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rsolv_ray.engine.job import OF_ANY_FILE
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.model.finding import Finding, Repository
from rsolv_ray.model.languages import LANGUAGES, canonical_language
from rsolv_ray.model.requirement import EVERY_FILE, Requirement
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.corpus import Corpus, IndexedFile
from rsolv_ray.scanning.firings import Firings, findings_of
from rsolv_ray.scanning.keys import content_key, is_bound_to_paths, path_key, rule_key
from rsolv_ray.scanning.results import ResultCache

__all__ = ["Plan", "PlanPart", "languages_of", "plan"]

_FEW = 25
"""So many files are sooner run with rules whose answer is known than in a run of the engine of their own."""


@dataclass(frozen=True, slots=True)
class PlanPart:
    """These rules (ids) are to be run on these files."""

    rules: tuple[str, ...]
    files: tuple[IndexedFile, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known, and what is to be run.

    `files` counts those in the rules' languages: on `ruled_out` of them no rule can fire by their words, `recalled` of
    them need no run since all is known, and the others stand in `parts`, each in one. `known` counts, as `files`, all
    that need no run, and holds the findings that are known, also of files that stand in a part for other rules.
    """

    known: FileScan
    parts: tuple[PlanPart, ...]
    files: int
    ruled_out: int
    recalled: int

    @property
    def to_run(self) -> int:
        """How many files stand in the parts."""
        return sum(len(part.files) for part in self.parts)


def plan(
    rules: Sequence[Rule],
    repository: Repository,
    corpus: Corpus,
    cache: ResultCache,
    requirements: Mapping[str, Requirement],
    *,
    engine_version: str,
) -> Plan:
    """What is to be done to have `rules` run over a corpus as it was refreshed last.

    `requirements` is by rule id; a rule that it does not name may fire in every file of its languages. Parts are as large
    as they come, and to be cut by `pieces`. What cannot be run, and that the cache is of no use, `known.errors` says.
    """
    wanted = _Wanted(rules)
    possible = _possible(wanted, corpus, requirements)
    memory = _Memory(wanted, [one.file for one in possible], cache, engine_version)
    groups = _joined(_grouped(possible, memory))
    for group in groups:
        for at in group.files:
            memory.known[at] &= ~group.rules
    languages = set().union(*map(languages_of, rules))
    files = sum(file.language in languages for file in corpus.files)
    to_run = sum(len(group.files) for group in groups)
    known = memory.told(repository, files=files - to_run)
    return Plan(
        known=replace(known, errors=(*_not_run(rules), *known.errors)),
        parts=tuple(
            PlanPart(wanted.ids(group.rules), tuple(possible[at].file for at in group.files)) for group in groups
        ),
        files=files,
        ruled_out=files - len(possible),
        recalled=len(possible) - to_run,
    )


def languages_of(rule: Rule) -> frozenset[str]:
    """The languages that the engine runs a rule in, by the names used here: all of them for a rule of any text."""
    named = rule.definition.get("languages")
    names = [str(name) for name in named] if isinstance(named, list) else []
    if any(name in OF_ANY_FILE for name in names):
        return LANGUAGES
    return frozenset(name for name in map(canonical_language, names) if name is not None)


def _not_run(rules: Sequence[Rule]) -> Iterator[str]:
    """What there is to say of rules whose languages are not known here."""
    for rule in rules:
        if not languages_of(rule):
            yield f"{rule.id}: not run: no file is known to be in its languages ({rule.definition.get('languages')})"


@dataclass(frozen=True)
class _Wanted:
    """The rules of a scan, the nth of them bit n of a set."""

    rules: Sequence[Rule]

    @cached_property
    def keys(self) -> list[bytes]:
        return [rule_key(rule.definition) for rule in self.rules]

    @property
    def are_bound_to_paths(self) -> bool:
        """Does one of them depend on paths?"""
        return any(is_bound_to_paths(rule.definition) for rule in self.rules)

    def ids(self, some: int) -> tuple[str, ...]:
        return tuple(str(rule.id) for bit, rule in enumerate(self.rules) if some >> bit & 1)


@dataclass(slots=True)
class _Possible:
    """A file with the set of rules that may fire in it."""

    file: IndexedFile
    rules: int = 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Files, by number, that lack some of these rules and know none of them."""

    rules: int
    files: tuple[int, ...]


def _possible(wanted: _Wanted, corpus: Corpus, requirements: Mapping[str, Requirement]) -> list[_Possible]:
    """The files in which some rule may fire, by path. Rules that ask for the same are looked up once."""
    alike: defaultdict[tuple[Requirement, frozenset[str]], int] = defaultdict(int)
    for bit, rule in enumerate(wanted.rules):
        alike[requirements.get(str(rule.id), EVERY_FILE), languages_of(rule)] |= 1 << bit
    found: dict[str, _Possible] = {}
    for (requirement, languages), rules in alike.items():
        for file in corpus.that_meet(requirement, languages):
            one = found.get(file.path)
            if one is None:
                one = found[file.path] = _Possible(file)
            one.rules |= rules
    return [found[path] for path in sorted(found)]


class _Memory:
    """What is known of files, by their numbers. Rules that depend on paths are known for a content at its path."""

    def __init__(self, wanted: _Wanted, files: Sequence[IndexedFile], cache: ResultCache, engine_version: str) -> None:
        self._wanted, self._files = wanted, files
        keys = [content_key(file.key, file.path, file.language, engine_version) for file in files]
        at_paths = (
            [path_key(key, file.path) for key, file in zip(keys, files, strict=True)]
            if wanted.are_bound_to_paths
            else []
        )
        asked = [*keys, *at_paths]
        recalled = cache.recall(asked, wanted.keys)
        self.known = recalled.rules[: len(files)]
        self._fired: dict[int, dict[int, Firings]] = defaultdict(dict)
        for at, known in enumerate(recalled.rules[len(files) :]):
            self.known[at] |= known
        for at, fired in recalled.fired.items():
            self._fired[at % len(files)].update(fired)
        self._not_understood = {at % len(files) for at in recalled.not_understood}
        cache.touch([key for at, key in enumerate(asked) if recalled.rules[at]])
        self._errors = (cache.trouble,) if cache.trouble else ()

    def told(self, repository: Repository, *, files: int) -> FileScan:
        unread = (self._files[at].path for at in sorted(self._not_understood) if self.known[at])
        return FileScan(tuple(self._findings(repository)), self._errors, files=files, unread=tuple(unread))

    def _findings(self, repository: Repository) -> Iterator[Finding]:
        for at in sorted(self._fired):
            for bit, answer in sorted(self._fired[at].items()):
                if self.known[at] >> bit & 1:
                    yield from findings_of(answer, self._wanted.rules[bit], repository, self._files[at].path)


def _grouped(possible: Sequence[_Possible], memory: _Memory) -> Iterator[_Group]:
    """Files by what is known of them, with all rules that some of them lacks."""
    files: defaultdict[int, list[int]] = defaultdict(list)
    lacking: defaultdict[int, int] = defaultdict(int)
    for at, one in enumerate(possible):
        known = memory.known[at]
        if lacks := one.rules & ~known:
            files[known].append(at)
            lacking[known] |= lacks
    for known, some in files.items():
        yield _Group(lacking[known], tuple(some))


def _joined(groups: Iterator[_Group]) -> list[_Group]:
    """Groups with the same rules are one, and so are those of few files."""
    alike: defaultdict[int, list[int]] = defaultdict(list)
    for group in groups:
        alike[group.rules] += group.files
    small = {rules: files for rules, files in alike.items() if len(files) < _FEW}
    large = [_Group(rules, tuple(sorted(files))) for rules, files in alike.items() if rules not in small]
    if not small:
        return large
    every = 0
    for rules in small:
        every |= rules
    return [*large, _Group(every, tuple(sorted(at for files in small.values() for at in files)))]
