"""The examples are what their TOML files say of them, and the one in Python works: before its fix and after."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ast_grep_py import SgNode, SgRoot

from rsolv_ray.cli.example import EXAMPLES, NAMES, BuiltExample, Expected, Place, Range, build, compare, expectations
from rsolv_ray.cli.fixes import fix_of_commit
from rsolv_ray.model.errors import Unavailable

EXPECTED = {name: expectations(name) for name in NAMES}
TEAROOM = sorted((EXAMPLES / "tearoom").glob("src/*.?s"))


def places(expected: Expected) -> tuple[Place, ...]:
    return (expected.fixed, *expected.instances, *expected.beyond, *expected.lookalikes)


@pytest.fixture(scope="module", params=NAMES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BuiltExample:
    return build(request.param, tmp_path_factory.mktemp("example") / request.param)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> BuiltExample:
    return build("shop", tmp_path_factory.mktemp("example") / "shop")


def run(root: Path, code: str) -> str:
    """What a piece of Python says in the shop's folder."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def parsed(file: Path) -> SgNode:
    language = "typescript" if file.suffix == ".ts" else "javascript"
    return SgRoot(file.read_text(encoding="utf-8"), language).root()


def test_every_example_in_the_folder_is_known() -> None:
    assert sorted(file.stem for file in EXAMPLES.glob("*.toml")) == sorted(NAMES)


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name in NAMES for place in places(EXPECTED[name])], ids=str
)
def test_each_place_is_where_it_is_said_to_be(name: str, place: Place) -> None:
    lines = (EXAMPLES / name / place.path).read_text(encoding="utf-8").splitlines()
    assert place.code in lines[place.line - 1]


@pytest.mark.parametrize("name", NAMES)
def test_no_place_is_both_an_instance_and_a_look_alike(name: str) -> None:
    known = places(EXPECTED[name])
    assert len({(place.path, place.line) for place in known}) == len(known)


@pytest.mark.parametrize("name", NAMES)
def test_the_weakness_is_there_in_several_modules_and_spellings(name: str) -> None:
    assert len({place.path for place in EXPECTED[name].instances}) >= 5
    assert len({place.note for place in EXPECTED[name].instances}) >= 6


def test_every_statement_that_is_run_in_the_shop_is_told_of_or_is_parameterised() -> None:
    """What calls execute with anything but one literal stands in shop.toml."""
    known = {(place.path, place.line) for place in places(EXPECTED["shop"])}
    unknown = [
        f"{file.name}:{number}: {line.strip()}"
        for file in sorted((EXAMPLES / "shop/shop").glob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"\.execute(many)?\((?!\"[^\"]*\"[,)]|$)", line)
        and (f"shop/{file.name}", number) not in known
        and file.name != "database.py"
    ]
    assert unknown == []


def test_every_statement_that_is_run_in_the_tea_room_is_told_of_or_is_one_literal() -> None:
    known = {(place.path, place.line) for place in places(EXPECTED["tearoom"])}
    run = [(file, call) for file in TEAROOM for call in statements(parsed(file))]
    unknown = [
        f"{file.name}: {call.text()}"
        for file, call in run
        if first_argument(call).kind() != "string" and known.isdisjoint(lines_of(file, call))
    ]
    assert len(run) > 20
    assert unknown == []


def statements(root: SgNode) -> Iterator[SgNode]:
    """The calls of a method named `query`."""
    for call in root.find_all(kind="call_expression"):
        called = call.field("function")
        if called is not None and called.text().endswith(".query"):
            yield call


def first_argument(call: SgNode) -> SgNode:
    return next(node for node in call.field("arguments").children() if node.is_named())


def lines_of(file: Path, node: SgNode) -> set[tuple[str, int]]:
    lines = range(node.range().start.line + 1, node.range().end.line + 2)
    return {(file.relative_to(EXAMPLES / "tearoom").as_posix(), line) for line in lines}


@pytest.mark.parametrize("file", TEAROOM, ids=lambda file: file.name)
def test_the_tea_room_is_written_in_correct_javascript_and_typescript(file: Path) -> None:
    wrong = [node for node in nodes(parsed(file)) if node.kind() == "ERROR" or node.text() == ""]
    assert [f"line {node.range().start.line + 1}: {node.kind()}" for node in wrong] == []


def nodes(node: SgNode) -> Iterator[SgNode]:
    """A node and all below it. What the parser had to invent so as to go on has no text."""
    yield node
    for child in node.children():
        yield from nodes(child)


def test_the_fix_changes_the_one_place(built: BuiltExample) -> None:
    fix = fix_of_commit(built.root, built.fix_commit)
    (change,) = fix.changes
    assert change.path == built.expected.fixed.path
    differing = [
        number
        for number, (old, new) in enumerate(
            zip(change.before.splitlines(), change.after.splitlines(), strict=True), start=1
        )
        if old != new
    ]
    assert differing == [built.expected.fixed.line]
    assert fix.cwe == ("CWE-89",)


def test_the_same_example_has_the_same_commits(built: BuiltExample, tmp_path: Path) -> None:
    again = build(built.name, tmp_path / "again")
    assert (again.before_commit, again.fix_commit) == (built.before_commit, built.fix_commit)


def test_the_shop_passes_its_own_tests_before_and_after(shop: BuiltExample) -> None:
    for commit in (shop.before_commit, shop.fix_commit):
        subprocess.run(["git", "-C", str(shop.root), "checkout", "-q", commit], check=True, timeout=60)
        subprocess.run(
            [sys.executable, "-B", "-m", "unittest", "-q"], cwd=shop.root, check=True, capture_output=True, timeout=60
        )
    subprocess.run(["git", "-C", str(shop.root), "checkout", "-q", "main"], check=True, timeout=60)


def test_the_weakness_is_real_and_the_fix_ends_it(shop: BuiltExample) -> None:
    attack = (
        "from shop.samples import filled\nfrom shop import customers\n"
        "with filled().transaction() as cursor:\n"
        "    print(customers.customer(cursor, '0 OR 1 = 1') is not None)\n"
    )
    assert run(EXAMPLES / "shop", attack) == "True"
    assert run(shop.root, attack) == "False"


def test_a_finding_at_a_look_alike_is_wrong_and_one_at_no_known_place_is_told() -> None:
    expected = EXPECTED["shop"]
    lookalike, instance = expected.lookalikes[0], expected.instances[0]
    found = [
        Range(instance.path, instance.line - 1, instance.line + 1),
        Range(lookalike.path, lookalike.line, lookalike.line),
        Range("shop/money.py", 1, 1),
    ]
    comparison = compare(found, expected)
    assert comparison.found == (instance,)
    assert comparison.missed == expected.instances[1:]
    assert comparison.wrongly_flagged == (lookalike,)
    assert "flagged, but at no place that is known: shop/money.py:1" in comparison.unexpected


def test_a_finding_at_the_fixed_place_is_wrong() -> None:
    fixed = EXPECTED["shop"].fixed
    assert compare([range_of(fixed)], EXPECTED["shop"]).wrongly_flagged == (fixed,)


@pytest.mark.parametrize("name", NAMES)
def test_all_found_and_patched_where_it_should_be_is_as_expected(name: str) -> None:
    expected = EXPECTED[name]
    comparison = compare(map(range_of, expected.instances), expected, map(range_of, expected.patched))
    assert comparison.unexpected == ""


def test_a_patch_that_is_not_there_is_told() -> None:
    expected = EXPECTED["shop"]
    assert expected.patched
    comparison = compare(map(range_of, expected.instances), expected)
    assert comparison.unexpected == f"without a patch: {', '.join(map(str, expected.patched))}"


def range_of(place: Place) -> Range:
    return Range(place.path, place.line, place.line)


def test_without_the_source_tree_it_says_where_the_example_comes_from(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="come with the source tree"):
        build("shop", tmp_path / "shop", examples=tmp_path / "nowhere")
