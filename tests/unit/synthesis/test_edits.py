"""What a fix changed, unit by unit."""

from rsolv_ray.synthesis.code.edits import hunks
from rsolv_ray.synthesis.code.syntax import parse


def _texts(before: str, after: str) -> list[tuple[list[str], list[str]]]:
    found = hunks(parse(before, "python"), parse(after, "python"))
    return [([unit.text for unit in hunk.before], [unit.text for unit in hunk.after]) for hunk in found]


def test_a_changed_statement_is_one_hunk() -> None:
    assert _texts("a = 1\nb = 2\n", "a = 1\nb = 3\n") == [(["b = 2"], ["b = 3"])]


def test_formatting_and_comments_are_no_edit() -> None:
    assert _texts("f(a, b)\n", "# why\nf(\n    a,\n    b)\n") == []


def test_a_docstring_is_no_edit() -> None:
    assert _texts('def f():\n    "old"\n    g()\n', 'def f():\n    "new"\n    g()\n') == []


def test_statements_indented_anew_under_a_check_leave_the_check_alone() -> None:
    before = "def f(a):\n    use(a)\n"
    after = "def f(a):\n    if ok(a):\n        use(a)\n"
    assert _texts(before, after) == [([], ["ok(a)"])]


def test_a_moved_statement_is_no_edit() -> None:
    assert _texts("a = 1\nb = 2\nc = 3\n", "b = 2\nc = 3\na = 1\n") == []


def test_a_changed_condition_leaves_its_body_out() -> None:
    before = "if a:\n    run()\n"
    after = "if a and b:\n    run()\n"
    assert _texts(before, after) == [(["a"], ["a and b"])]


def test_an_insertion_knows_what_it_stands_before() -> None:
    found = hunks(parse("a = 1\nuse(a)\n", "python"), parse("a = 1\ncheck(a)\nuse(a)\n", "python"))
    assert found[0].only_adds
    assert found[0].follows is not None
    assert found[0].follows.text == "use(a)"
