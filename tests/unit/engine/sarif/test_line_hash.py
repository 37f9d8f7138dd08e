"""Is a line marked as GitHub's upload action marks it?"""

from __future__ import annotations

import pytest

from rsolv_ray.engine.sarif.line_hash import line_hashes

# What GitHub's own code gives for these texts (codeql-action, src/fingerprints.ts, run on them).
KNOWN = {
    "": ["c129715d7a2bc9a3:1"],
    "def f():\n    return 1\n": ["b278a546672c29d4:1", "c640be1c5b5a107a:1", "c129715d7a2bc9a3:1"],
    "a\na\n": ["ee4468fa4a9bc719:1", "243cbaa4685aab12:1", "c129715d7a2bc9a3:1"],
    "😀\r\n\tx\n": ["19b71f61280b5d6c:1", "828973aa50c68d6d:1", "c129715d7a2bc9a3:1"],
}


@pytest.mark.parametrize("source", KNOWN)
def test_marks_are_those_of_github(source: str) -> None:
    assert line_hashes(source) == KNOWN[source]


def test_layout_does_not_change_a_mark() -> None:
    assert line_hashes("if x:\r\n\trun( q )\r\n") == line_hashes("if x:\n    run(q)\n")


def test_equal_lines_are_told_apart_by_their_count() -> None:
    marks = line_hashes(("x" * 120 + "\n") * 3)
    assert [mark.partition(":")[2] for mark in marks[:2]] == ["1", "2"]


def test_every_line_has_a_mark() -> None:
    assert len(line_hashes("\n" * 40)) == 41
