"""What belongs together in a weakness?

For each language, and each family of weaknesses in it: the calls that are its sinks, what makes values harmless, and how to
tell people of it. The catalogue steers generalisation (which siblings a sink has, which receivers are modules); a rule
is made only where a fix gives evidence for it. It stands in `catalogue/`: `weaknesses.toml` says what a family is in every
language, and the other files, one for a kinship of languages each, what belongs to it there; they may say it in other words.
CWE names: https://cwe.mitre.org, list 4; categories: OWASP Top 10:2021 with the CWEs that it maps, https://owasp.org/Top10.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, JsonValue

from rsolv_ray.synthesis.catalogue.families import Catalogue, Family, Names, Weakness, Words

__all__ = ["CATALOGUES", "WEAKNESSES", "WORDS", "families_of", "full_title"]

_SHARED = "weaknesses.toml"


class _Weaknesses(BaseModel):
    """The file of what is shared: family -> its words, CWE -> what it is, and words by which weak things are known."""

    model_config = ConfigDict(extra="forbid")

    families: dict[str, dict[str, JsonValue]]
    cwes: dict[str, Weakness]
    words: Words


class _OfLanguages(BaseModel):
    """The file of some languages: family -> what belongs to it, and their names; `like`: the file of others that holds for them, too, but
    for what they write `without`."""

    model_config = ConfigDict(extra="forbid")

    languages: tuple[str, ...]
    like: str | None = None
    without: str = ""
    names: dict[str, JsonValue]
    families: dict[str, dict[str, JsonValue]]


def _catalogues() -> Iterator[tuple[str, Catalogue]]:
    folder = files("rsolv_ray.synthesis") / "catalogue"
    read = {
        file.name.removesuffix(".toml"): _OfLanguages.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".toml") and file.name != _SHARED
    }
    for told in read.values():
        whole = _joined(read[told.like], told) if told.like is not None else told
        families = tuple(_family(name, body) for name, body in whole.families.items())
        for language in told.languages:
            yield language, Catalogue(families, Names.model_validate(whole.names))


def _joined(other: _OfLanguages, own: _OfLanguages) -> _OfLanguages:
    """What belongs to other languages belongs to these, too, each entry without what these write not."""
    families = {
        name: _with_more(other.families.get(name, {}), own.families.get(name, {}), own.without)
        for name in dict.fromkeys([*other.families, *own.families])
    }
    return own.model_copy(update={"names": _with_more(other.names, own.names, own.without), "families": families})


def _with_more(theirs: dict[str, JsonValue], own: dict[str, JsonValue], without: str) -> dict[str, JsonValue]:
    def fitted(value: JsonValue) -> JsonValue:
        return (
            [one.replace(without, "") if isinstance(one, str) else one for one in value]
            if isinstance(value, list)
            else value
        )

    taken = {key: fitted(value) for key, value in theirs.items()}
    for key, value in own.items():
        before = taken.get(key)
        taken[key] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return taken


def _family(name: str, body: dict[str, JsonValue]) -> Family:
    return Family.model_validate({"name": name, **_WEAKNESSES.families.get(name, {}), **body})


_WEAKNESSES = _Weaknesses.model_validate(
    tomllib.loads((files("rsolv_ray.synthesis") / "catalogue" / _SHARED).read_text(encoding="utf-8"))
)
WEAKNESSES = _WEAKNESSES.cwes
WORDS = _WEAKNESSES.words
CATALOGUES: dict[str, Catalogue] = dict(_catalogues())


def families_of(language: str, cwes: Sequence[str]) -> tuple[Family, ...]:
    """The families that a fix's weaknesses belong to; without any weakness named, all of the language."""
    known = CATALOGUES[language].families if language in CATALOGUES else ()
    return tuple(family for family in known if set(family.cwes) & set(cwes)) if cwes else known


def takes_texts(families: Sequence[Family]) -> bool:
    """Whether a text that is put together may be what is weak: where no family is known, it may."""
    return not families or any(family.takes_texts for family in families)


def full_title(cwe: str) -> str:
    """`CWE-89: Improper Neutralization ...`, or the number alone where the name is not known here."""
    return f"{cwe}: {WEAKNESSES[cwe].name}" if cwe in WEAKNESSES else cwe
