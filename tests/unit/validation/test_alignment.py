"""Which text of the after side stands in place of a piece of the before side, and what counts as the same?"""

import pytest

from rsolv_ray.validation.alignment import aligned, difference, gives

BEFORE = "a()\nsave(name, key='x')\nb()\n"
AFTER = "a()\nsave(escape(name), key='x')\nb()\n"


def _piece(text: str) -> tuple[int, int]:
    return BEFORE.index(text), BEFORE.index(text) + len(text)


def test_a_changed_piece_has_its_counterpart() -> None:
    span = aligned(BEFORE, AFTER).counterpart(*_piece("save(name, key='x')"))
    assert span is not None
    assert AFTER[slice(*span)] == "save(escape(name), key='x')"


def test_what_is_put_round_a_piece_is_taken_with_it() -> None:
    span = aligned("x = f(a)", "x = g(f(a))").counterpart(4, 8)
    assert span is not None
    assert "x = g(f(a))"[slice(*span)] == "g(f(a))"


def test_a_piece_that_an_edit_only_touches_in_part_has_no_counterpart() -> None:
    assert aligned("one two three", "one 2 drei").counterpart(0, 7) is None


def test_a_piece_far_from_every_edit_is_equal() -> None:
    alignment = aligned(BEFORE, AFTER)
    assert alignment.equal(*_piece("b()"))
    assert not alignment.equal(*_piece("name"))


@pytest.mark.parametrize(
    ("put", "is_right"),
    [
        ('save( escape(name), key="x")', True),
        ("save(escape(name), key='x',)", True),
        ("save(escape(name))", False),
        ("save(escape(name), key='x', more=1)", False),
        ("save(name, key='x')", False),
        (None, False),
    ],
)
def test_a_text_is_right_where_it_says_the_same_as_the_after_side(put: str | None, is_right: bool) -> None:
    assert gives(BEFORE, [(*_piece("save(name, key='x')"), put)], AFTER) is is_right


def test_other_edits_of_the_fix_do_not_count() -> None:
    after = AFTER.replace("b()", "c(1)")
    assert gives(BEFORE, [(*_piece("name"), "escape(name)")], after)


def test_a_text_that_leaves_something_out_is_wrong() -> None:
    assert not gives("f(a)", [(0, 4, "f(a)  ")], "f(a, b)")


def test_the_difference_of_two_texts_is_told_by_whole_words() -> None:
    assert difference("f(x, 1000)", "f(x, 1024)") == (4, 9, " 1024")


def test_what_is_added_before_a_bracket_comes_with_its_comma() -> None:
    assert difference("f(x)", "f(x, y=1)") == (3, 3, ", y=1")


def test_lines_that_are_put_in_begin_with_their_line() -> None:
    before, after = "d = make()\nd.use()\n", "d = make()\nd.limit()\nd.use()\n"
    span = aligned(before, after).counterpart(0, 10)
    assert span is not None
    assert after[slice(*span)] == "d = make()\nd.limit()"


def test_lines_that_are_taken_away_begin_with_their_line() -> None:
    before, after = "d = make()\nd.limit()\nd.use()\n", "d = make()\nd.use()\n"
    assert aligned(before, after).equal(before.index("d.use"), len(before))
    assert not aligned(before, after).equal(before.index("d.limit"), before.index("d.use"))
