"""Do the replacements that are read from a diff give the text that the diff gives?"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.engine.sarif.replacements import Replacement, lines_before, replacements
from rsolv_ray.model.finding import Span

LINES = st.lists(
    st.sampled_from(["a", "b", "", " ", "é€", "😀x", "--- a", "@@ -1 +1 @@", "\\ No", "a\rb"]), max_size=12
)
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A file before and after: often much alike, with either line end, with and without one at the end."""
    lines = draw(LINES)
    at = draw(st.integers(0, len(lines)))
    changed = [
        *lines[:at],
        *draw(st.lists(st.sampled_from(["a", "new", "é"]), max_size=3)),
        *lines[at + draw(st.integers(0, 3)) :],
    ]
    sides = (lines, draw(st.one_of(st.just(changed), LINES)))
    before, after = (draw(ENDS).join(side) + draw(st.sampled_from(["", "\n", "\r\n"])) for side in sides)
    return before, after


def applied(text: str, changes: tuple[Replacement, ...]) -> str:
    """What a reader of SARIF makes of a file: section 3.57, with line ends `\\r\\n` and `\\n`."""
    starts = [0]
    for line in text.split("\n")[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    for change in reversed(changes):
        span = change.deleted
        first = starts[span.start_line - 1] + span.start_column - 1
        last = starts[span.end_line - 1] + span.end_column - 1
        assert first <= last <= len(text)
        text = text[:first] + change.inserted + text[last:]
    return text


@settings(max_examples=600, derandomize=True)
@given(texts())
def test_a_reader_that_applies_them_gets_the_patched_text(sides: tuple[str, str]) -> None:
    before, after = sides
    diff = unified_diff("a.py", before, after)
    assert applied(before, replacements(diff) if diff else ()) == after


@settings(max_examples=300, derandomize=True)
@given(texts())
def test_no_place_names_a_line_that_is_not_there_nor_cuts_a_line_end_in_two(sides: tuple[str, str]) -> None:
    before, after = sides
    diff = unified_diff("a.py", before, after)
    lines = before.split("\n")
    if lines[-1] == "" and len(lines) > 1:
        lines.pop()
    for change in replacements(diff) if diff else ():
        span = change.deleted
        for line, column in ((span.start_line, span.start_column), (span.end_line, span.end_column)):
            assert line <= len(lines)
            text = lines[line - 1]
            assert not (text.endswith("\r") and column == len(text) + 1 and line < len(lines))


@settings(max_examples=300, derandomize=True)
@given(texts())
def test_the_lines_that_a_diff_shows_are_those_of_the_file(sides: tuple[str, str]) -> None:
    before, after = sides
    diff = unified_diff("a.py", before, after)
    lines = before.split("\n")
    for number, line in (lines_before(diff) if diff else {}).items():
        assert lines[number - 1] == line


def test_a_change_within_a_line_stays_within_it() -> None:
    diff = unified_diff("a.py", "x\ndb.execute(q % n)\ny\n", "x\ndb.execute(q, n)\ny\n")
    place = Span(start_line=2, start_column=13, end_line=2, end_column=15)
    assert replacements(diff) == (Replacement(place, ","),)


def test_columns_count_code_points() -> None:
    diff = unified_diff("a.py", "'😀é'; f(1)\n", "'😀é'; f(2)\n")
    (change,) = replacements(diff)
    assert (change.deleted.start_column, change.deleted.end_column) == (9, 10)


def test_changes_far_apart_are_replaced_one_by_one() -> None:
    before = "".join(f"line {n}\n" for n in range(40))
    after = before.replace("line 3\n", "line three\n").replace("line 30\n", "")
    assert [change.deleted.start_line for change in replacements(unified_diff("a.py", before, after))] == [4, 31]


def test_text_without_hunks_replaces_nothing() -> None:
    assert replacements("--- a/x\n+++ b/x\n") == ()
    assert lines_before("- a\n+ b\n") == {}


def test_a_carriage_return_is_not_torn_from_its_line_feed() -> None:
    (change,) = replacements(unified_diff("a.py", "a\r\nx\n", "a\rb\nx\n"))
    assert change == Replacement(Span(start_line=1, start_column=2, end_line=2, end_column=1), "\rb\n")
