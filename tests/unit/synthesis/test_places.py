"""Where a rule must fire, and where it must be silent."""

from rsolv_ray.model.fix import FileChange
from rsolv_ray.synthesis.code.places import Places, places


def _places(before: str, after: str, path: str = "shop.py") -> Places:
    return places(FileChange.model_validate({"path": path, "before": before, "after": after}))


def _lines(ranges: tuple[object, ...]) -> list[tuple[int, int]]:
    return [(one.first, one.last) for one in ranges]  # type: ignore[attr-defined]


BEFORE = 'def f(db, a):\n    q = "x %s" % a\n    log(a)\n    db.fetch(q)\n    q = "y"\n    db.fetch(q)\n'


def test_the_use_of_a_changed_variable_is_a_place_until_it_is_set_anew() -> None:
    spots = _places(BEFORE, BEFORE.replace('"x %s" % a', '"x"'))
    assert _lines(spots.before) == [(2, 2), (4, 4)]


def test_what_an_inserted_check_stands_before_is_a_place() -> None:
    spots = _places("def f(a):\n    b = 1\n    use(a)\n", "def f(a):\n    b = 1\n    check(a)\n    use(a)\n")
    assert _lines(spots.before) == [(3, 3)]


def test_the_statement_that_an_inserted_call_completes_is_a_place_on_both_sides() -> None:
    before = "def f(a):\n    c = make(a)\n    log(a)\n    use(a)\n"
    spots = _places(before, before.replace("    use", "    c.secure(True)\n    use"))
    assert _lines(spots.before) == [(2, 2), (4, 4)]
    assert _lines(spots.after) == [(2, 2), (4, 4)]


def test_a_call_that_is_another_one_now_checks_nothing() -> None:
    before = "def f(a):\n    show(a)\n    show(a)\n"
    spots = _places(before, before.replace("    show(a)\n", "    show(quote(a))\n", 1))
    assert _lines(spots.before) == [(2, 2)]


def test_the_uses_of_a_replaced_import_are_places() -> None:
    spots = _places("from a import load\nx = 1\nload(x)\n", "from b import load\nx = 1\nload(x)\n")
    assert _lines(spots.before) == [(1, 1), (3, 3)]


def test_a_language_without_a_grammar_is_told_by_lines() -> None:
    spots = _places("a\nb\nc\n", "a\nB\nc\n", path="shop.rb")
    assert _lines(spots.before) == [(2, 2)]
    assert _lines(spots.after) == [(2, 2)]
