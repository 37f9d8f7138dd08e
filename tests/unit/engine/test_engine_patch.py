"""When is a patch offered, and does git take it?"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.engine.patch import Withheld, patch, patches
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.finding import Finding, Proposal
from rsolv_ray.model.rule import Rule
from tests.unit.engine.plain_scan import scan_files
from tests.unit.engine.samples import NOW, repository, rule

ENGINE = Engine("core")
MENDING = rule(fix="ast.literal_eval($X)")


def found(root: Path, code: str, mending: Rule = MENDING, path: str = "a.py") -> tuple[Finding, ...]:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(code, newline="")
    return scan_files(ENGINE, [mending], repository(root), root, [path]).findings


def applied(root: Path, diff: str, path: str = "a.py") -> str:
    """The file after `git apply`, in a repository of its own."""
    work = root / "work"
    (work / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(root / path, work / path)
    subprocess.run(["git", "init", "-q", "."], cwd=work, check=True)
    subprocess.run(["git", "-c", "core.autocrlf=false", "apply", "-"], input=diff.encode(), cwd=work, check=True)
    return (work / path).read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import ast\nx = eval(y)\nz = 1\n", "import ast\nx = ast.literal_eval(y)\nz = 1\n"),
        ("import ast\r\nx = eval(y)\r\nz = 1\r\n", "import ast\r\nx = ast.literal_eval(y)\r\nz = 1\r\n"),
        ("x = eval(y)", "x = ast.literal_eval(y)"),
        ("x = 1\nif x:\n\tx = 'é𝒳' + eval('ü')", "x = 1\nif x:\n\tx = 'é𝒳' + ast.literal_eval('ü')"),
        ("x = eval(y)\n\x0c\nz = '\u2028'\n", "x = ast.literal_eval(y)\n\x0c\nz = '\u2028'\n"),
    ],
)
def test_a_patch_is_a_diff_that_git_applies(tmp_path: Path, before: str, after: str) -> None:
    (finding,) = found(tmp_path, before)
    proposal = patch(ENGINE, MENDING, finding, before, now=NOW)
    assert isinstance(proposal, Proposal)
    assert (proposal.finding, proposal.rule, proposal.path) == (finding.id, "no-eval", "a.py")
    assert applied(tmp_path, proposal.diff) == after


@pytest.mark.parametrize("path", ["a b.py", "d e/f g.py", "né.py", "ta\tb.py", 'q"u\\o.py', "li\nne.py", "-x.py"])
def test_odd_paths_are_told_as_git_tells_them(tmp_path: Path, path: str) -> None:
    (finding,) = found(tmp_path, "x = eval(y)\n", path=path)
    proposal = patch(ENGINE, MENDING, finding, "x = eval(y)\n", now=NOW)
    assert isinstance(proposal, Proposal)
    assert applied(tmp_path, proposal.diff, path) == "x = ast.literal_eval(y)\n"


@given(
    st.lists(st.sampled_from(["a\n", "b\r\n", "\n", "\x0c\n", "é\u2028\n"]), max_size=12),
    st.integers(0, 12),
    st.booleans(),
)
def test_a_diff_holds_exactly_the_lines_of_both_sides(lines: list[str], at: int, ends: bool) -> None:
    before = "".join(lines) + ("" if ends else "last")
    after = "".join([*lines[:at], "new\n", *lines[at:]]) + ("" if ends else "last")
    body = unified_diff("a.py", before, after).split("\n")[4:-1]
    assert sum(line.startswith("+") for line in body) - sum(line.startswith("-") for line in body) == 1


@pytest.mark.parametrize("path", ["a.py", "a b.py", "né.py", "ta\tb.py", 'q"u\\o.py', "x/y z.py"])
def test_a_diff_is_told_as_git_tells_it(tmp_path: Path, path: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_text("1\n2\n3\n4\n5\n6")
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    file.write_text("1\n2\n3\n4\n5\n7")
    command = ["git", "-c", "core.quotePath=false", "diff"]
    told = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout.decode()
    of_git = [line for line in told.split("\n") if not line.startswith("index ")]
    assert unified_diff(path, "1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\n7").split("\n") == of_git


def test_equal_texts_have_no_diff() -> None:
    assert unified_diff("a.py", "x\n", "x\n") == ""


def test_the_same_patch_has_the_same_id(tmp_path: Path) -> None:
    code = "x = eval(y)\n"
    (finding,) = found(tmp_path, code)
    one, two = (patch(ENGINE, MENDING, finding, code, now=NOW) for _ in range(2))
    assert isinstance(one, Proposal)
    assert isinstance(two, Proposal)
    assert one.id == two.id


def test_a_patch_tells_which_version_of_its_rule_made_it(tmp_path: Path) -> None:
    code = "x = eval(y)\n"
    (finding,) = found(tmp_path, code)
    made = patch(ENGINE, MENDING.model_copy(update={"version": 4}), finding, code, now=NOW)
    assert isinstance(made, Proposal)
    assert made.rule_version == 4


def test_only_the_place_of_the_finding_is_changed(tmp_path: Path) -> None:
    code = "eval(a)\neval(a)\n"
    second = found(tmp_path, code)[1]
    proposal = patch(ENGINE, MENDING, second, code, now=NOW)
    assert isinstance(proposal, Proposal)
    assert applied(tmp_path, proposal.diff) == "eval(a)\nast.literal_eval(a)\n"


def test_an_inner_finding_is_mended_where_an_outer_one_stays(tmp_path: Path) -> None:
    code = "eval(eval(a))\n"
    outer, inner = found(tmp_path, code)
    assert patch(ENGINE, MENDING, outer, code, now=NOW) == "the rule would still fire there"
    assert isinstance(patch(ENGINE, MENDING, inner, code, now=NOW), Proposal)


@pytest.mark.parametrize(
    ("fix", "reason"),
    [
        (None, "the rule has no fix"),
        ("eval($X)", "the fix changes nothing here"),
        ("eval(str($X))", "the rule would still fire there"),
        ("safe($X", "the fixed file would not parse"),
        ("f($X); f = lambda z: eval(z)", "the rule would still fire there"),
    ],
)
def test_a_patch_that_does_not_prove_itself_is_withheld(tmp_path: Path, fix: str | None, reason: str) -> None:
    mending = rule(fix=fix)
    (finding,) = found(tmp_path, "y = eval(x)\n", mending)
    assert patch(ENGINE, mending, finding, "y = eval(x)\n", now=NOW) == reason


@pytest.mark.parametrize(("path", "code"), [("a.php", "<?php run($x);\n"), ("a.py", "run(x)\n")])
def test_a_template_that_is_not_filled_is_withheld_even_where_it_would_parse(
    tmp_path: Path, path: str, code: str
) -> None:
    either = [{"pattern": "run($X)"}, {"pattern": "start($FORMAT)"}]
    mending = rule(languages=["python", "php"], pattern=None, pattern_either=either, fix="f($FORMAT)")
    (finding,) = found(tmp_path, code, mending, path)
    reason = "the fix does not fit this form: $FORMAT stands for nothing here"
    assert patch(ENGINE, mending, finding, code, now=NOW) == reason


def test_a_patch_that_brings_a_finding_of_another_rule_is_withheld(tmp_path: Path) -> None:
    other = rule(id="no-exec", pattern="exec($X)")
    mending = rule(fix="exec($X)")
    (finding,) = found(tmp_path, "eval(x)\n", mending)
    (answer,) = patches(ENGINE, [mending, other], [finding], {finding.repository: tmp_path}, now=NOW)
    assert answer == Withheld(finding.id, "the fix would bring a new finding")


def test_a_patch_for_code_that_changed_since_is_withheld(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "eval(x)\n")
    assert patch(ENGINE, MENDING, finding, "y = 1\neval(x)\n", now=NOW) == "the code has changed since it was scanned"


def test_many_findings_are_answered_in_order_and_each_for_itself(tmp_path: Path) -> None:
    findings = [*found(tmp_path, "eval(x)\n"), *found(tmp_path, "eval(x)\n", path="gone.py"), *found(tmp_path, "eval(eval(1))\n", path="b.py")]  # fmt: skip
    (tmp_path / "gone.py").unlink()
    answers = patches(ENGINE, [MENDING], findings, {findings[0].repository: tmp_path}, now=NOW)
    assert [type(answer) for answer in answers] == [Proposal, Withheld, Withheld, Proposal]
    assert [one.finding for one in answers] == [one.id for one in findings]


def test_nothing_is_read_through_a_link_or_from_what_is_no_text(tmp_path: Path) -> None:
    for path in ("link.py", "latin.py"):
        (finding,) = found(tmp_path, "eval(x)\n", path=path)
        (tmp_path / "secret").write_text("eval(x)\n")
        (tmp_path / path).unlink()
        if path == "link.py":
            (tmp_path / path).symlink_to(tmp_path / "secret")
        else:
            (tmp_path / path).write_bytes(b"eval(x)\n# \xe9\n")
        (answer,) = patches(ENGINE, [MENDING], [finding], {finding.repository: tmp_path}, now=NOW)
        assert answer == Withheld(finding.id, "the file is gone, or is no UTF-8 text")


def test_no_findings_need_no_engine() -> None:
    assert patches(ENGINE, [MENDING], [], {}, now=NOW) == ()
