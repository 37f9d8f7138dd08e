"""What is the text of a rule, and what has changed in it or in a fix? Worked out once for each that is looked at.

A page is drawn anew whenever the org's log has grown; what is asked here depends on nothing but what is given.
"""

from __future__ import annotations

import json
from functools import lru_cache

from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.engine.rules.configuration import dump_rules
from rsolv_ray.model.fix import FileChange
from rsolv_ray.model.rule import Rule

TEXTS, DIFFS = 256, 64


def text_of(rule: Rule) -> str:
    """A rule as YAML, as Semgrep reads it."""
    return _text(json.dumps(rule.definition))


@lru_cache(TEXTS)
def _text(definition: str) -> str:
    return dump_rules([json.loads(definition)])


@lru_cache(DIFFS)
def diff_of(path: str, before: str, after: str) -> str:
    """The unified diff of two texts; empty where they are equal."""
    return unified_diff(path, before, after)


def changed(change: FileChange) -> str:
    """What a fix has changed in one file."""
    return diff_of(change.path, change.before, change.after)
