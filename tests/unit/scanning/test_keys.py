"""When is an answer taken for another question's?"""

from __future__ import annotations

import pytest

from rsolv_ray.scanning.keys import content_key, path_key, rule_key
from tests.unit.engine.samples import definition

CONTENT = "00" * 16


@pytest.mark.parametrize("change", [{"id": "other"}, {"severity": "INFO"}, {"metadata": {"cwe": "CWE-95"}}])
def test_what_changes_no_match_changes_no_key(change: dict[str, object]) -> None:
    assert rule_key(definition(**change)) == rule_key(definition())


@pytest.mark.parametrize(
    "change",
    [
        {"message": "other"},
        {"fix": "f($X)"},
        {"pattern": "exec($X)"},
        {"languages": ["go"]},
        {"options": {"symbolic_propagation": True}},
        {"paths": {"include": ["*.py"]}},
    ],
)
def test_what_changes_a_match_or_its_words_changes_the_key(change: dict[str, object]) -> None:
    assert rule_key(definition(**change)) != rule_key(definition())


def test_the_order_of_keys_in_a_rule_is_of_no_matter() -> None:
    turned = dict(reversed(definition().items()))
    assert rule_key(turned) == rule_key(definition())


def test_the_order_of_patterns_is_of_matter() -> None:
    both = [{"pattern": "eval($X)"}, {"pattern-not": "eval(1)"}]
    assert rule_key(definition(patterns=both)) != rule_key(definition(patterns=both[::-1]))


@pytest.mark.parametrize(
    "other",
    [
        ("11" * 16, "a.py", "python", "semgrep 1"),
        (CONTENT, "a.pyi", "python", "semgrep 1"),
        (CONTENT, "a.py", "go", "semgrep 1"),
        (CONTENT, "a.py", "python", "semgrep 2"),
    ],
)
def test_content_extension_language_and_engine_are_of_matter(other: tuple[str, str, str, str]) -> None:
    assert content_key(*other) != content_key(CONTENT, "a.py", "python", "semgrep 1")


def test_a_renamed_file_has_the_same_content_key_and_another_path_key() -> None:
    before, after = (content_key(CONTENT, path, "python", "semgrep 1") for path in ("a.py", "lib/b.py"))
    assert before == after
    assert path_key(before, "a.py") != path_key(after, "lib/b.py")
