"""Does a fingerprint change when, and only when, the finding is another one?"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.fingerprints import enclosing_definitions, fingerprint, normalised, syntax_errors
from rsolv_ray.model.languages import LANGUAGES


def test_the_form_is_fixed() -> None:
    assert fingerprint("r", "eval ( x )", ("A", "f"), 0) == "v1:e57d97aa03780b53c00d159581da0268"


@pytest.mark.parametrize(
    "other",
    [("s", "x", ("A",), 0), ("r", "y", ("A",), 0), ("r", "x", ("A", "A"), 0), ("r", "x", (), 0), ("r", "x", ("A",), 1)],
)
def test_each_part_counts(other: tuple[str, str, tuple[str, ...], int]) -> None:
    assert fingerprint(*other) != fingerprint("r", "x", ("A",), 0)


@given(st.text(max_size=10), st.lists(st.text(max_size=5), max_size=3))
def test_parts_do_not_run_into_each_other(text: str, names: list[str]) -> None:
    assert fingerprint("r", text, [*names, "x"], 0) != fingerprint("r", text, names, 0)
    assert fingerprint("r", text + "x", names, 0) != fingerprint("rx", text, names, 0)


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("python", "f(a, 'x y')", "f( a,   # why\n   'x y' )"),
        ("javascript", "f(a, `x ${y}`)", "f(/* why */ a,\n `x ${y}`)"),
        ("go", 'f(a, "x y")', 'f(a, // why\n "x y")'),
        ("java", 'f(a, "x y");', 'f( a ,\t"x y" ) ;'),
        ("dockerfile", "RUN  x", "RUN x"),
    ],
)
def test_layout_and_comments_do_not_count(language: str, one: str, two: str) -> None:
    assert normalised(one, language) == normalised(two, language)


@pytest.mark.parametrize(
    ("one", "two"), [("f(a)", "f(b)"), ("f('a b')", "f('a  b')"), ("f('# a')", "f('# b')"), ("f('\\n')", "f('a\\n')")]
)
def test_tokens_and_the_insides_of_strings_count(one: str, two: str) -> None:
    assert normalised(one, "python") != normalised(two, "python")


@pytest.mark.parametrize(
    ("language", "code", "names"),
    [
        ("python", "class A:\n  def f(self):\n    async def g(): x", ("A", "f", "g")),
        ("javascript", "class A { m() { const f = () => { x } } }", ("A", "m", "f")),
        ("javascript", "const a = { b: x }", ()),
        ("typescript", "namespace N { class A { m(): void { x } } }", ("N", "A", "m")),
        ("java", "class A { A() { x(); } }", ("A", "A")),
        ("go", "package a\nfunc (t T) F() { x() }", ("F",)),
        ("ruby", "module M; class A; def f; x; end; end; end", ("M", "A", "f")),
        ("php", "<?php class A { function f() { x(); } }", ("A", "f")),
        ("c", "int *f(void) { return x; }", ("f",)),
        ("cpp", "namespace n { int A::f() { return x; } }", ("n", "A::f")),
        ("csharp", "class A { void F() { } }", ("A", "F")),
        ("kotlin", "class A { fun f() { x } }", ("A", "f")),
        ("scala", "object A { def f() = x }", ("A", "f")),
        ("rust", "impl A { fn f() { x } }", ("A", "f")),
        ("swift", "class A { func f() { x } }", ("A", "f")),
        ("solidity", "contract A { function f() public { } }", ("A", "f")),
        ("bash", "f() { x; }", ("f",)),
        ("yaml", "a: x", ()),
    ],
)
def test_definitions_are_named_from_the_outside_in(language: str, code: str, names: tuple[str, ...]) -> None:
    assert enclosing_definitions(code, language, code.count("\n") + 1) == names


def test_a_definition_that_has_ended_does_not_enclose() -> None:
    assert enclosing_definitions("def f():\n    x\ndef g():\n    y\nz\n", "python", 4) == ("g",)
    assert enclosing_definitions("def f():\n    x\ndef g():\n    y\nz\n", "python", 5) == ()


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_can_be_fingerprinted(language: str) -> None:
    code = "x = 'a'\n"
    assert normalised(code, language)
    assert enclosing_definitions(code, language, 1) == ()


def test_broken_code_is_counted_and_still_has_tokens() -> None:
    assert syntax_errors("f(x)\n", "python") == 0
    assert syntax_errors("f(x\n", "python") == 1
    assert syntax_errors("FROM x\n", "dockerfile") is None
    assert normalised("x = = 1", "python") == "x = = 1"


def test_deeply_nested_and_long_code_takes_no_time_to_speak_of() -> None:
    began = time.monotonic()
    normalised("f(" * 20_000 + ")" * 20_000, "python")
    normalised("f();" * 20_000, "javascript")
    assert time.monotonic() - began < 8
