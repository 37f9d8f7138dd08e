"""The example is what EXPECTED.toml says of it, and it works: before its fix and after."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rsolv_ray.cli.example import EXAMPLES, BuiltExample, Place, Range, build_shop, compare, expectations
from rsolv_ray.cli.fixes import fix_of_commit
from rsolv_ray.model.errors import Unavailable

EXPECTED = expectations()
PLACES = (EXPECTED.fixed, *EXPECTED.instances, *EXPECTED.beyond, *EXPECTED.lookalikes)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltExample:
    return build_shop(tmp_path_factory.mktemp("example") / "shop")


def run(root: Path, code: str) -> str:
    """What a piece of Python says in the shop's folder."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_each_place_is_where_it_is_said_to_be(place: Place) -> None:
    lines = (EXAMPLES / "shop" / place.path).read_text(encoding="utf-8").splitlines()
    assert place.code in lines[place.line - 1]


def test_no_place_is_both_an_instance_and_a_look_alike() -> None:
    assert len({(place.path, place.line) for place in PLACES}) == len(PLACES)


def test_the_weakness_is_there_in_several_modules_and_spellings() -> None:
    assert len({place.path for place in EXPECTED.instances}) >= 5
    assert len({place.note for place in EXPECTED.instances}) >= 6


def test_every_statement_that_is_run_in_the_shop_is_told_of_or_is_parameterised() -> None:
    """What calls execute with anything but one literal stands in EXPECTED.toml."""
    known = {(place.path, place.line) for place in PLACES}
    unknown = [
        f"{file.name}:{number}: {line.strip()}"
        for file in sorted((EXAMPLES / "shop/shop").glob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"\.execute(many)?\((?!\"[^\"]*\"[,)]|$)", line)
        and (f"shop/{file.name}", number) not in known
        and file.name != "database.py"
    ]
    assert unknown == []


def test_the_fix_changes_the_one_place(built: BuiltExample) -> None:
    fix = fix_of_commit(built.root, built.fix_commit)
    (change,) = fix.changes
    assert change.path == built.path == EXPECTED.fixed.path
    differing = [
        number
        for number, (old, new) in enumerate(
            zip(change.before.splitlines(), change.after.splitlines(), strict=True), start=1
        )
        if old != new
    ]
    assert differing == [EXPECTED.fixed.line]
    assert fix.cwe == ("CWE-89",)


def test_the_same_example_has_the_same_commits(built: BuiltExample, tmp_path: Path) -> None:
    again = build_shop(tmp_path / "again")
    assert (again.before_commit, again.fix_commit) == (built.before_commit, built.fix_commit)


def test_the_shop_passes_its_own_tests_before_and_after(built: BuiltExample) -> None:
    for commit in (built.before_commit, built.fix_commit):
        subprocess.run(["git", "-C", str(built.root), "checkout", "-q", commit], check=True, timeout=60)
        subprocess.run(
            [sys.executable, "-B", "-m", "unittest", "-q"], cwd=built.root, check=True, capture_output=True, timeout=60
        )
    subprocess.run(["git", "-C", str(built.root), "checkout", "-q", "main"], check=True, timeout=60)


def test_the_weakness_is_real_and_the_fix_ends_it(built: BuiltExample) -> None:
    attack = (
        "from shop.samples import filled\nfrom shop import customers\n"
        "with filled().transaction() as cursor:\n"
        "    print(customers.customer(cursor, '0 OR 1 = 1') is not None)\n"
    )
    assert run(EXAMPLES / "shop", attack) == "True"
    assert run(built.root, attack) == "False"


def test_a_finding_at_a_look_alike_is_wrong_and_one_at_no_known_place_is_told() -> None:
    lookalike, instance = EXPECTED.lookalikes[0], EXPECTED.instances[0]
    found = [
        Range(instance.path, instance.line - 1, instance.line + 1),
        Range(lookalike.path, lookalike.line, lookalike.line),
        Range("shop/money.py", 1, 1),
    ]
    comparison = compare(found, EXPECTED)
    assert comparison.found == (instance,)
    assert comparison.missed == EXPECTED.instances[1:]
    assert comparison.wrongly_flagged == (lookalike,)
    assert [str(one) for one in comparison.elsewhere] == ["shop/money.py:1"]
    assert not comparison.as_expected


def test_a_finding_at_the_fixed_place_is_wrong() -> None:
    fixed = EXPECTED.fixed
    assert compare([Range(fixed.path, fixed.line, fixed.line)], EXPECTED).wrongly_flagged == (fixed,)


def test_without_the_source_tree_it_says_where_the_example_comes_from(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="come with the source tree"):
        build_shop(tmp_path / "shop", examples=tmp_path / "nowhere")
