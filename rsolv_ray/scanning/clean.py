"""How often do rules fire on code that is known to be clean?

Clean code is code that many have read and used for years: for Python the standard library and the packages that are
installed here, for other languages the folders that the operator names. Next to nothing in it is worth a finding, so what
a rule finds there is noise. Each folder has an index of its words, so that the engine reads the files alone that hold what
a rule needs. A file that is there twice counts once.
"""

from __future__ import annotations

import os
import sysconfig
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rsolv_ray.engine.requirements.prefilter import requirements
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.languages import LANGUAGES, canonical_language, kin
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.requirement import EVERY_FILE, Requirement
from rsolv_ray.model.rule import Density
from rsolv_ray.repos.corpus import Corpus, IndexedFile
from rsolv_ray.scanning.density import CleanFile, densities
from rsolv_ray.settings import INSTALLED

__all__ = ["CLEAN", "CleanCode", "CleanFolder", "clean_folders"]

CLEAN = "clean"
"""The folder of the indexes of clean code, in the data folder."""


@dataclass(frozen=True, slots=True)
class CleanFolder:
    """A folder of clean code in some languages; `besides` are paths below it that are none."""

    root: Path
    languages: frozenset[str] = LANGUAGES
    besides: tuple[str, ...] = ()


def clean_folders(named: Sequence[str]) -> tuple[CleanFolder, ...]:
    """The folders that are meant by paths and by `INSTALLED`, each once."""
    return tuple(dict.fromkeys(folder for name in named for folder in _folders(name)))


def _folders(name: str) -> Iterator[CleanFolder]:
    if name != INSTALLED:
        yield CleanFolder(Path(name))
        return
    us = Path(__file__).parents[1]
    for kind in ("stdlib", "purelib", "platlib"):
        root = Path(sysconfig.get_path(kind)).resolve()
        besides = (f"{us.relative_to(root).as_posix()}/",) if us.is_relative_to(root) else ()
        yield CleanFolder(root, frozenset({"python"}), besides)


class CleanCode:
    """The clean code of this machine, as far as it is indexed.

    Args:
        index: the folder that holds the indexes.
        folders: what counts as clean.
    """

    def __init__(self, index: Path, folders: Sequence[CleanFolder]) -> None:
        self._shelves = [_Shelf(folder, index / _name_of(folder.root)) for folder in folders]
        self._lines: dict[frozenset[str], tuple[list[int | None], int]] = {}

    def refresh(
        self, *, progress: Callable[[int, int], None] = lambda _done, _total: None, memory_mb: int = 256
    ) -> int:
        """Index what is new or has changed; returns how many lines were read. A folder that is not there is empty.

        Raises:
            StorageFull, Unavailable: an index cannot be written; what was indexed before stays.
        """
        read = 0
        for shelf in self._shelves:
            if shelf.folder.root.is_dir():
                corpus = Corpus.open(shelf.index)
                read += corpus.refresh(shelf.folder.root, progress=progress, memory_mb=memory_mb).lines
                shelf.looked_at()
        return read

    def is_older_than(self, seconds: float) -> bool:
        """Is a folder that is there not indexed, or was no index of one changed or looked at for so long?"""
        now = time.time_ns()
        stamps = (shelf.stamp() for shelf in self._shelves if shelf.folder.root.is_dir())
        return any(stamp is None or now - stamp > seconds * 1e9 for stamp in stamps)

    def lines(self, language: str) -> int:
        """How many lines of clean code are indexed in a language and its kin."""
        return self._lines_in(frozenset(kin(language)))

    def _lines_in(self, languages: frozenset[str]) -> int:
        stamps = [shelf.stamp() for shelf in self._shelves]
        counted = self._lines.get(languages)
        if counted is None or counted[0] != stamps:
            counted = stamps, sum(one.lines for one in self._possible(EVERY_FILE, languages))
            self._lines[languages] = counted
        return counted[1]

    def density(self, engine: Engine, rules: Sequence[JsonObject]) -> dict[str, Density | None]:
        """How often each rule (each with an id) fires on the clean code of its languages; None where that is not known.

        It is not where there is no clean code in any of them, and where the engine breaks on the rule or gives up.
        """
        alike = defaultdict[frozenset[str], list[JsonObject]](list)
        for rule in rules:
            alike[_languages_of(rule)].append(rule)
        told: dict[str, Density | None] = {}
        for languages, some in alike.items():
            told |= self._density(engine, some, languages)
        return told

    def _density(
        self, engine: Engine, rules: Sequence[JsonObject], languages: frozenset[str]
    ) -> dict[str, Density | None]:
        lines = self._lines_in(languages)
        if not lines:
            return {str(rule["id"]): None for rule in rules}
        needs = requirements(rules)
        possible = {name: self._possible(needs[name], languages) for name in (str(rule["id"]) for rule in rules)}
        return densities(engine, rules, possible, lines)

    def _possible(self, requirement: Requirement, languages: Collection[str]) -> list[CleanFile]:
        """The files that may meet a requirement, each content once, in the order of the hashes of their content."""
        found: dict[str, CleanFile] = {}
        for shelf in self._shelves:
            for one in shelf.that_meet(requirement, languages):
                found[one.key] = CleanFile(shelf.folder.root / one.path, one.path, one.language, one.lines)
        return [found[key] for key in sorted(found)]


class _Shelf:
    """A folder of clean code with its index, which is opened anew when another process has changed it."""

    def __init__(self, folder: CleanFolder, index: Path) -> None:
        self.folder, self.index = folder, index
        self._opened: tuple[int, Corpus] | None = None

    def that_meet(self, requirement: Requirement, languages: Collection[str]) -> Iterator[IndexedFile]:
        """The files in some languages that may meet a requirement."""
        spoken = self.folder.languages.intersection(languages)
        corpus = self._corpus() if spoken else None
        files = corpus.that_meet(requirement, spoken) if corpus else ()
        return (one for one in files if not one.path.startswith(self.folder.besides))

    def stamp(self) -> int | None:
        """Another one when the index has changed: a new index comes into its folder by a new name. None: there is none."""
        try:
            return self.index.stat().st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return None

    def looked_at(self) -> None:
        """Remember when it was brought up to date, though nothing had changed."""
        os.utime(self.index)

    def _corpus(self) -> Corpus | None:
        stamp = self.stamp()
        if stamp is None:
            return None
        if self._opened is None or self._opened[0] != stamp:
            try:
                self._opened = stamp, Corpus.open(self.index)
            except Unavailable:
                return None  # no rule waits for it; who refreshes the index is told
        return self._opened[1]


def _languages_of(rule: JsonObject) -> frozenset[str]:
    """The languages of a rule, by the names used here, with their kin."""
    named = rule.get("languages")
    known = (canonical_language(str(one)) for one in (named if isinstance(named, list) else ()))
    return frozenset(related for language in known if language is not None for related in kin(language))


def _name_of(root: Path) -> str:
    return f"{root.name or 'root'}-{blake2b(str(root).encode('utf-8', 'surrogateescape'), digest_size=8).hexdigest()}"
