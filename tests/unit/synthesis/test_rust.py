"""What is read of Rust, and which candidates come of it."""

import pytest

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.code.building import built_values
from rsolv_ray.synthesis.code.calls import calls_in
from rsolv_ray.synthesis.code.edits import units
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.languages.rust import imports


def _names(code: str) -> list[str | None]:
    tree = parse(code, "rust")
    assert tree.error_line is None
    return [full_name(call, tree) for call in calls_in([tree.root])]


@pytest.mark.parametrize(
    ("use", "names"),
    [
        ("use std::process::Command;", {"Command": "std::process::Command"}),
        ("pub(crate) use a::b as c;", {"c": "a::b"}),
        (
            "use std::{fs, env::{self, args as given}};",
            {"fs": "std::fs", "env": "std::env", "given": "std::env::args"},
        ),
        ("use a::*;", {}),
    ],
)
def test_a_use_binds_the_last_word_of_each_path_in_it(use: str, names: dict[str, str]) -> None:
    assert imports(use) == names


def test_a_path_is_followed_through_use() -> None:
    assert _names('use std::process::Command;\nfn f() { Command::new("a"); }\n') == ["std::process::Command::new"]


def test_a_macro_is_called_with_its_sign() -> None:
    assert _names('fn f(a: &str) { println!("{}", a); }\n') == ["println!"]


@pytest.mark.parametrize(
    "text", ['&format!("a {}", x)', 'format!("a {}", x)', '"a".to_string() + &x', 'String::from("a") + x']
)
def test_a_text_with_a_value_in_it_is_built(text: str) -> None:
    tree = parse(f"fn f(x: &str) {{ run({text}); }}\n", "rust")
    call = next(one for one in calls_in([tree.root]) if one.name == "run")
    assert built_values(call.positional[0])


def test_what_stands_in_conditions_and_blocks_are_units() -> None:
    tree = parse("fn f() { if a { g(); } unsafe { h(); } match x { 1 => k(), _ => {} } }\n", "rust")
    assert {"g();", "h();", "k()"} <= {unit.text for unit in units(tree.root)}


def test_an_unsafe_block_that_is_gone_is_told() -> None:
    change = {"path": "a.rs", "before": "fn f() { unsafe { g(); } }\n", "after": "fn f() { g(); }\n"}
    fix = Fix.model_validate({"changes": [change], "cwe": ["CWE-242"]})
    assert "weak:construct" in {one.form for one in propose(fix).candidates}
