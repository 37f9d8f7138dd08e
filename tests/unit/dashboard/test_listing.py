"""Is code from outside shown so that it can do nothing and hide nothing?"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from rsolv_ray.dashboard import listing
from rsolv_ray.model.finding import Span


@pytest.mark.parametrize("odd", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x1b", "\r", "\u2028", "\U000e0041", "\x00"])
def test_what_cannot_be_seen_is_shown_by_its_number(odd: str) -> None:
    told = listing.shown(f"adm{odd}in")
    assert odd not in told
    assert f' data-code="{ord(odd):04X}" ' in told
    assert f">U+{ord(odd):04X}</span>" in told


def test_text_in_other_writings_stays_as_it_is() -> None:
    assert listing.shown("Größe, 日本, שלום, tab\t.") == "Größe, 日本, שלום, tab\t."


def test_markup_in_code_is_text() -> None:
    told = listing.code("<script>alert('x')</script>")
    assert "<script>" not in told
    assert "&lt;script&gt;" in told


def test_lines_bear_the_numbers_that_they_have_in_their_file() -> None:
    told = listing.code("a\nb\n", first=41)
    assert 'data-n="41">a\n</span>' in told
    assert 'data-n="42">b\n</span>' in told
    assert 'data-n="43"' not in told


def test_the_flagged_columns_stand_out() -> None:
    span = Span(start_line=8, start_column=3, end_line=8, end_column=6)
    told = listing.code("x\nab<c>d", first=7, flagged=span)
    assert 'class="line flagged" data-n="8">ab<mark>&lt;c&gt;</mark>d' in told
    assert 'class="line " data-n="7">x' in told


def test_a_flag_over_several_lines_leaves_out_the_indent() -> None:
    span = Span(start_line=1, start_column=2, end_line=2, end_column=4)
    told = listing.code("a(b,\n  c)", flagged=span)
    assert "a<mark>(b,</mark>" in told
    assert "  <mark>c</mark>)" in told


def test_columns_that_do_not_fit_the_line_do_no_harm() -> None:
    span = Span(start_line=1, start_column=50, end_line=1, end_column=60)
    assert 'class="line flagged" data-n="1">short</span>' in listing.code("short", flagged=span)


def test_a_diff_tells_what_goes_and_what_comes() -> None:
    told = listing.diff("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-- old\n+++ new\n")
    kinds = [part.split('"')[0] for part in told.split('class="line ')[1:]]
    assert kinds == ["head", "head", "head", "hunk", "", "less", "more"]


def test_the_next_file_of_a_diff_begins_with_its_head() -> None:
    told = listing.diff("@@ -1 +1 @@\n-a\ndiff --git a/y b/y\n--- a/y\n")
    assert [part.split('"')[0] for part in told.split('class="line ')[1:]] == ["hunk", "less", "head", "head"]


@pytest.mark.parametrize("text", ["a\nb", "a\nb\n", "a\n\n\n", "a\r\nb\u200d\r\n", "\n", "x", ""])
@pytest.mark.parametrize("draw", [listing.code, listing.diff, listing.yaml])
def test_the_drawing_holds_the_text_to_the_last_line_break(draw: Callable[[str], str], text: str) -> None:
    bare = re.sub(
        r'<span class="odd" data-code="(\w+)"[^>]*>[^<]*</span>', lambda odd: chr(int(odd[1], 16)), draw(text)
    )
    assert unescape(re.sub("<[^>]*>", "", bare)) == text


def test_what_is_shown_in_part_is_not_offered_to_be_copied() -> None:
    assert 'data-copy="x"' in listing.copying("x", "patch", "a\n" * listing.MOST_LINES)
    assert listing.copying("x", "patch", "a\n" * (listing.MOST_LINES + 1)) == ""


def test_keys_of_yaml_stand_out_and_values_do_not() -> None:
    told = listing.yaml("rules:\n  - id: a: b\n    message: 'x: <y>'\n")
    assert "<b>rules</b>:" in told
    assert "  - <b>id</b>: a: b" in told
    assert "&lt;y&gt;" in told


def test_of_very_long_code_the_beginning_is_shown() -> None:
    told = listing.code("x\n" * (listing.MOST_LINES + 5))
    assert told.count('class="line') == listing.MOST_LINES + 1
    assert "…" in told


def test_the_first_line_that_says_something_is_told_and_cut() -> None:
    assert listing.first_line("\n   \n\tx = 1\ny") == "x = 1"
    assert listing.first_line("a" * 50, 10) == "a" * 9 + "…"
