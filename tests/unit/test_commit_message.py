"""Does a commit's message explain, and can nothing that a rule or a fix says break it?"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.commit_message import commit_message, mailbox, subject
from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.model.explanation import Explanation, Teacher
from rsolv_ray.model.fix import Origin
from rsolv_ray.model.ids import FindingId, FixId, ProposalId, RuleId

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FIX = FixId.of("fix")
BUILT = (
    "A database statement is built by putting values into its text: a value that holds SQL of its own changes what the "
    "statement does. Instead, leave placeholders in the statement and pass the values as parameters."
)
HOSTILE = [
    "x\n\nRsolv-Rule: forged@9\nSigned-off-by: The Boss <boss@example.org>",
    "---\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+evil",
    "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\nSubject: other",
    "word " * 30 + "--- " + "From: a@b " + "word " * 30 + "diff --git a b",
    "-- >8 --\nSubject: [PATCH] fixup! everything\x00\x1b[31m\u202e\r\u2028 end",
    "x" * 5000,
    "Instead, fixup! x.",
    "Instead, [PATCH] x.",
    "Instead, re: x.",
    "Instead, grüße alle.",
    "",
]


def explained(number: int = 0, **fields: Any) -> Explanation:
    return Explanation(**{
        "proposal": ProposalId.of(number),
        "finding": FindingId.of(number),
        "path": "shop/orders.py",
        "line": 12,
        "rule": RuleId("python-cwe-89-a88b9b857f"),
        "rule_version": 2,
        "message": BUILT,
        "cwe": ("CWE-89",),
        **fields,
    })  # fmt: skip


def trailers(message: str) -> list[str]:
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message.encode(), capture_output=True, check=True
    )
    return done.stdout.decode().splitlines()


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, input=given, check=True, capture_output=True).stdout


def received(tmp_path: Path, explanation: Explanation, *, before: str, after: str) -> tuple[str, bytes]:
    """The message and the file after `git am` of the patch in mailbox form."""
    git(tmp_path, "init", "-q")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/orders.py").write_bytes(before.encode())
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one")
    mail = mailbox(explanation, unified_diff("shop/orders.py", before, after), at=AT)
    git(tmp_path, "am", "-q", given=mail.encode())
    assert git(tmp_path, "rev-list", "--count", "HEAD") == b"2\n"
    return git(tmp_path, "log", "-1", "--format=%B").decode().removesuffix("\n"), (
        tmp_path / "shop/orders.py"
    ).read_bytes()


def test_the_message_tells_what_why_from_whom_and_what_was_proved() -> None:
    teacher = Teacher(
        fix=FIX,
        title="Pass the customer's name as a parameter",
        origin=Origin(repository="shop", commit="3f2a9c1", url="https://git.example.org/shop/commit/3f2a9c1"),
    )
    assert commit_message([explained(taught_by=(teacher,))]) == (
        f"""\
Fix possible SQL injection in shop/orders.py

The rule python-cwe-89-a88b9b857f flags
- shop/orders.py, line 12

  A database statement is built by putting values into its text: a value
  that holds SQL of its own changes what the statement does. Instead,
  leave placeholders in the statement and pass the values as parameters.

Weakness: CWE-89 (SQL injection).

It was learned from
- Pass the customer's name as a parameter
  commit 3f2a9c1 of shop
  https://git.example.org/shop/commit/3f2a9c1

The whole patched file was parsed and scanned again before the patch was
offered: it parses as well as before, the rule is silent at that place,
and nothing new was found in the file.

Rsolv-Rule: python-cwe-89-a88b9b857f@2
Rsolv-Finding: {FindingId.of(0)}
Rsolv-Proposal: {ProposalId.of(0)}
"""
    )


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"message": "X: y. Instead, set `shell=False`."}, "Set `shell=False` in shop/orders.py"),
        ({"path": "a/very/long/way/down/to/where/the/code/of/this/shop/is/kept/orders.py"}, "Fix possible SQL injection in orders.py"),
        ({"path": "x" * 100}, "Fix possible SQL injection"),
        ({"cwe": ("CWE-1",)}, "Fix possible CWE-1 in shop/orders.py"),
        ({"cwe": (), "message": None}, "Fix a possible weakness in shop/orders.py"),
        ({"path": "a\nb.py"}, "Fix possible SQL injection in a b.py"),
    ],
)  # fmt: skip
def test_the_subject_says_what_is_done_and_where(fields: dict[str, Any], line: str) -> None:
    assert subject([explained(**fields)]) == line


def test_a_path_of_the_machine_that_a_fix_came_from_is_not_told() -> None:
    teacher = Teacher(fix=FIX, origin=Origin(repository="/home/ada/src/shop", commit="3f2a9c1"))
    message = commit_message([explained(taught_by=(teacher,))])
    assert f"- the fix {FIX}\n  commit 3f2a9c1\n" in message
    assert "/home" not in message


def test_several_patches_have_one_message_with_the_places_by_rule() -> None:
    other = explained(2, path="shop/b.py", rule=RuleId("python-cwe-78-0"), cwe=("CWE-78",), message="Shell.", line=None)
    message = commit_message([explained(), explained(1, path="shop/c.py", line=3), other])
    assert message.startswith("Fix possible weaknesses in 3 files\n")
    assert "flags\n- shop/orders.py, line 12\n- shop/c.py, line 3\n" in message
    assert "The rule python-cwe-78-0 flags\n- shop/b.py\n" in message
    assert "For each patch by itself" in message
    assert trailers(message) == [
        "Rsolv-Rule: python-cwe-89-a88b9b857f@2",
        "Rsolv-Rule: python-cwe-78-0@2",
        *(f"Rsolv-Finding: {FindingId.of(number)}" for number in range(3)),
        *(f"Rsolv-Proposal: {ProposalId.of(number)}" for number in range(3)),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_rules_and_fixes_say_is_data(text: str, tmp_path: Path) -> None:
    teacher = Teacher(
        fix=FIX, title=text[:500], origin=Origin(repository=text[:500], commit=text[:100], url=text[:2000])
    )
    explanation = explained(message=text, taught_by=(teacher,), cwe=())
    message = commit_message([explanation])
    assert trailers(message) == [
        "Rsolv-Rule: python-cwe-89-a88b9b857f@2",
        f"Rsolv-Finding: {FindingId.of(0)}",
        f"Rsolv-Proposal: {ProposalId.of(0)}",
    ]
    assert all(line.isprintable() for line in message.split("\n"))
    assert len(message.split("\n")[0]) <= 72
    assert received(tmp_path, explanation, before="a\n", after="b\n") == (message, b"b\n")


@pytest.mark.parametrize("path", ["x\n\nRsolv-Rule: forged@9", "---", "a\r\nFrom: b"])
def test_a_path_is_data_too(path: str) -> None:
    message = commit_message([explained(path=path)])
    assert len(trailers(message)) == 3
    assert "\n---" not in message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\r\nb\r\n", "a\r\nc\r\n"),
        ("a\nb", "a\nc"),
        ("a\nFrom b Mon Sep 17 00:00:00 2001\n", "b\nFrom b Mon Sep 17 00:00:00 2001\n"),
        ("grüße\n---\n-- \n", "日本\n---\n-- \n"),
        ("a\fb\n\tc \n", "a\fc\n\tc \n"),
    ],
)
def test_git_am_makes_the_same_commit_of_the_mailed_patch(before: str, after: str, tmp_path: Path) -> None:
    explanation = explained()
    told, file = received(tmp_path, explanation, before=before, after=after)
    assert told == commit_message([explanation])
    assert file == after.encode()
