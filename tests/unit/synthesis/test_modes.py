"""Modes of files that a fix made narrower."""

import re

import pytest

from rsolv_ray.synthesis.code.edits import hunks
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.forms import modes
from rsolv_ray.synthesis.rules.semgrep_rule import Draft


def _drafts(before: str, after: str, language: str = "python") -> list[Draft]:
    old, new = parse(before, language), parse(after, language)
    return modes.drafts(old, hunks(old, new))


def _regex(draft: Draft) -> str:
    return next(
        str(one["metavariable-regex"]["regex"])  # type: ignore[index, call-overload]
        for one in draft.body["patterns"]  # type: ignore[union-attr]
        if "$MODE" in str(one.get("metavariable-regex"))  # type: ignore[union-attr]
    )


@pytest.mark.parametrize(
    ("new", "wide", "narrow"),
    [
        ("0o600", ("0o777", "0o644", "0o601", "0666"), ("0o600", "0o700", "0400")),
        ("0o755", ("0o777", "0o757", "0o775"), ("0o755", "0o700", "0o644")),
        ("0o640", ("0o660", "0o644"), ("0o640", "0o600")),
    ],
)
def test_modes_that_let_others_do_more_than_the_new_one_are_found(
    new: str, wide: tuple[str, ...], narrow: tuple[str, ...]
) -> None:
    (draft,) = _drafts("os.chmod(p, 0o777)\n", f"os.chmod(p, {new})\n")
    assert draft.body["fix"] == new
    assert all(re.search(_regex(draft), one) for one in wide)
    assert not any(re.search(_regex(draft), one) for one in narrow)


def test_a_mode_that_was_made_wider_teaches_nothing() -> None:
    assert not _drafts("os.chmod(p, 0o600)\n", "os.chmod(p, 0o644)\n")


def test_a_number_of_a_call_that_takes_no_mode_teaches_nothing() -> None:
    assert not _drafts("limit(p, 0o777)\n", "limit(p, 0o600)\n")
