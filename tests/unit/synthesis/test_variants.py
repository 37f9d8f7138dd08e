"""Rewritings of a before side, and safe look-alikes."""

from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.fix import FileChange
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.variants import Splice, near_misses, spliced, variants

BEFORE = 'def f(db, name):\n    db.fetch("find %s" % name, limit=1, safe=False)\n    return 1\n'
AFTER = 'def f(db, name):\n    db.fetch("find ?", (name,), limit=1, safe=False)\n    return 1\n'
CHANGE = FileChange.model_validate({"path": "shop.py", "before": BEFORE, "after": AFTER})


def _by(how: str) -> str:
    return next(one.code for one in variants(CHANGE) if one.how == how)


def test_locals_are_renamed_and_nothing_else() -> None:
    assert _by("names") == BEFORE.replace("name", "name_given").replace("db", "db_given")


def test_keyword_arguments_change_their_order() -> None:
    assert "safe=False, limit=1" in _by("keyword order")


def test_a_built_value_is_put_into_a_variable_before_the_call() -> None:
    assert '    prepared = "find %s" % name\n    db.fetch(prepared, ' in _by("value in a variable")


def test_a_value_in_a_variable_is_put_into_the_call() -> None:
    before = 'def f(db, name):\n    q = "find %s" % name\n    db.fetch(q)\n'
    change = FileChange.model_validate({"path": "shop.py", "before": before, "after": AFTER})
    assert any('db.fetch(("find %s" % name))' in one.code for one in variants(change))


def test_a_built_value_is_spelt_in_the_other_ways() -> None:
    assert 'f"find {name}"' in _by("by f-string")
    assert '"find {}".format(name)' in _by("by format")
    assert '"find " + name' in _by("by +")


def test_every_variant_parses() -> None:
    assert all(parse(one.code, "python").error_line is None for one in variants(CHANGE))


def test_no_variant_repeats_another_or_the_code_itself() -> None:
    codes = [BEFORE, *(one.code for one in variants(CHANGE))]
    assert len(set(codes)) == len(codes)


def test_lines_follow_what_was_put_before_them() -> None:
    moved = next(one for one in variants(CHANGE) if one.how == "value in a variable")
    assert [(line.first, line.last) for line in moved.lines] == [(2, 3)]


def test_lines_of_a_value_that_shrank_end_with_it() -> None:
    before = 'def f(db, name):\n    x = 1\n    q = (\n        "find %s"\n        % name\n    )\n    db.fetch(q)\n'
    change = FileChange.model_validate({"path": "shop.py", "before": before, "after": before.replace("% name", "")})
    short = next(one for one in variants(change) if one.how == "by f-string")
    assert [(line.first, line.last) for line in short.lines] == [(3, 4)]


def test_a_constant_in_place_of_the_value_is_a_near_miss() -> None:
    assert any('db.fetch("find", limit=1' in one.code for one in near_misses(CHANGE))


def test_the_fixed_code_with_other_names_is_a_near_miss() -> None:
    assert any("(name_given,)" in one.code for one in near_misses(CHANGE))


@given(
    st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.text(max_size=3)), max_size=5)
)
def test_splicing_keeps_all_text_outside_the_spans(code: str, made: list[tuple[int, int, str]]) -> None:
    splices = [Splice(min(at, len(code)), min(at + size, len(code)), text) for at, size, text in made]
    covered = {index for one in splices for index in range(one.start, one.end)}
    kept = "".join(letter for index, letter in enumerate(code) if index not in covered)
    rest = iter(spliced(code, splices))
    assert all(letter in rest for letter in kept)
