"""When is an answer of the engine still good?

While the content is the same, and all of the rule that changes where it fires and what it says there; and while the
engine is, and what reads its answers. A rule's id, metadata and severity change none of its matches. A file's name does
so by its extension, since some parsers go by it, and by its whole path where a rule has `paths`.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import PurePosixPath

from rsolv_ray.model.noun import JsonObject

__all__ = ["FORM", "content_key", "is_bound_to_paths", "path_key", "rule_key"]

FORM = 1
"""Raised when places are read from matches in another way: what was kept before is then no longer asked for."""
_OF_NO_MATCH = frozenset({"id", "metadata", "severity"})


def rule_key(definition: JsonObject) -> bytes:
    """16 bytes of blake2b over what a rule matches and says."""
    matching = {name: value for name, value in definition.items() if name not in _OF_NO_MATCH}
    text = json.dumps(matching, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _digest(text, 16)


def is_bound_to_paths(definition: JsonObject) -> bool:
    """Does it depend on a file's path whether the rule is run on it?"""
    return "paths" in definition


def content_key(content: str, path: str, language: str, engine: str) -> bytes:
    """24 bytes for a file's content (32 hex digits), read as `language` by `engine`."""
    return bytes.fromhex(content) + _kind(language, PurePosixPath(path).suffix, engine)


def path_key(content: bytes, path: str) -> bytes:
    """40 bytes for the content that has this key, at this path."""
    return content + _digest(path, 16)


@cache
def _kind(language: str, suffix: str, engine: str) -> bytes:
    read_by = f"{FORM} {engine} {version('ast-grep-py')}"
    return _digest(json.dumps([language, suffix, read_by]), 8)


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
