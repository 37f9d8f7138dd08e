"""What is a thing called, so that naming it twice names it once?

Ids of received and derived things come from their content: a fix that is sent twice has one id, and so has
everything that follows from it. Ids of orgs and keys are ULIDs (https://github.com/ulid/spec).
"""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Id(str):
    """A string that was checked once. Subclasses name their pattern."""

    pattern: ClassVar[re.Pattern[str]]
    example: ClassVar[str]
    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not cls.pattern.fullmatch(value):
            raise ValueError(f"{value[:80]!r} is no {cls.__name__}: expected something like {cls.example!r}")
        return super().__new__(cls, value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(pattern=f"^(?:{cls.pattern.pattern})$", max_length=200)
        return core_schema.no_info_after_validator_function(cls, text, serialization=core_schema.to_string_ser_schema())


class _ContentId(Id):
    """An id that is a digest of what it names."""

    prefix: ClassVar[str]
    __slots__ = ()

    def __init_subclass__(cls) -> None:
        cls.pattern = re.compile(rf"{cls.prefix}_[0-9a-f]{{24}}")
        cls.example = f"{cls.prefix}_0123456789abcdef01234567"

    @classmethod
    def of(cls, *parts: object) -> Self:
        """The id of whatever these JSON-able parts describe."""
        return cls(f"{cls.prefix}_{digest(*parts)}")


class OrgId(Id):
    """A ULID: the name of the org's folder on disk."""

    pattern = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
    example = "01JD3Z6Q4T8V5W2X9Y7A1B0C3D"
    __slots__ = ()


class OrgName(Id):
    """The short name of an org in addresses."""

    pattern = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
    example = "acme"
    __slots__ = ()


class KeyId(Id):
    """The public part of an API key."""

    pattern = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
    example = "01JD3Z6Q4T8V5W2X9Y7A1B0C3D"
    __slots__ = ()


class RuleId(Id):
    """A rule's lineage: readable, and safe as a Semgrep rule id."""

    pattern = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?")
    example = "python-cwe-89-3fa9c1de42"
    __slots__ = ()


class FixId(_ContentId):
    prefix = "fix"
    __slots__ = ()


class CycleId(_ContentId):
    prefix = "cyc"
    __slots__ = ()


class CandidateId(_ContentId):
    prefix = "can"
    __slots__ = ()


class ScanId(_ContentId):
    prefix = "scn"
    __slots__ = ()


class LessonId(_ContentId):
    prefix = "lsn"
    __slots__ = ()


class FindingId(_ContentId):
    prefix = "fnd"
    __slots__ = ()


class ProposalId(_ContentId):
    prefix = "prp"
    __slots__ = ()


class PatternId(_ContentId):
    prefix = "pat"
    __slots__ = ()


class RepositoryId(_ContentId):
    prefix = "rep"
    __slots__ = ()


def digest(*parts: object) -> str:
    """24 hex digits of blake2b over the canonical JSON of `parts`."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
