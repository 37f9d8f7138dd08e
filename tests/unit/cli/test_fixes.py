"""A fix comes from two files or from a commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rsolv_ray.cli.exits import Usage
from rsolv_ray.cli.fixes import FixSource, fix_of_commit, fix_of_files
from rsolv_ray.model.errors import NotFound, Rejected, TooLarge

BEFORE = "def f(c, x):\n    c.execute('SELECT %s' % x)\n"
AFTER = "def f(c, x):\n    c.execute('SELECT %s', (x,))\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.strip()


def commit(folder: Path, message: str, **files: str | bytes | None) -> str:
    for name, content in files.items():
        file = folder / name.replace("__", "/").replace("_py", ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def test_of_a_commit_only_modified_files_of_a_known_language_count(repository: Path) -> None:
    commit(repository, "one", app__db_py=BEFORE, notes="a", gone_py="x = 1\n")
    name = commit(repository, "two", app__db_py=AFTER, notes="b", gone_py=None, new_py="y = 2\n")
    fix = fix_of_commit(repository, name)
    assert [(change.path, change.before, change.after) for change in fix.changes] == [("app/db.py", BEFORE, AFTER)]
    assert fix.title == "two"
    assert fix.origin.commit == name


def test_a_file_that_moved_and_changed_counts_with_its_new_path(repository: Path) -> None:
    padding = "".join(f"x{number} = {number}\n" for number in range(40))
    commit(repository, "one", old_py=padding + BEFORE)
    name = commit(repository, "two", old_py=None, new_py=padding + AFTER)
    (change,) = fix_of_commit(repository, name).changes
    assert change.path == "new.py"
    assert change.before == padding + BEFORE


def test_a_merge_is_what_it_brings_to_its_first_parent(repository: Path) -> None:
    commit(repository, "one", a_py=BEFORE, b_py="x = 1\n")
    git(repository, "checkout", "-q", "-b", "side")
    commit(repository, "side", a_py=AFTER)
    git(repository, "checkout", "-q", "main")
    commit(repository, "main", b_py="x = 2\n")
    git(repository, "merge", "-q", "--no-ff", "-m", "merge", "side")
    assert [change.path for change in fix_of_commit(repository, "HEAD").changes] == ["a.py"]


def test_a_weakness_in_the_message_is_taken_unless_one_is_given(repository: Path) -> None:
    commit(repository, "one", a_py=BEFORE)
    name = commit(repository, "Stop injection (cwe-89)", a_py=AFTER)
    assert fix_of_commit(repository, name).cwe == ("CWE-89",)
    assert fix_of_commit(repository, name, cwe=["564"]).cwe == ("CWE-564",)


def test_a_first_commit_has_no_before(repository: Path) -> None:
    name = commit(repository, "one", a_py=BEFORE)
    with pytest.raises(Rejected, match="no parent"):
        fix_of_commit(repository, name)


@pytest.mark.parametrize("name", ["nosuch", "--help", "-n1", "HEAD:a.py", ""])
def test_a_name_that_is_no_commit_is_not_found(repository: Path, name: str) -> None:
    commit(repository, "one", a_py=BEFORE)
    with pytest.raises(NotFound):
        fix_of_commit(repository, name)


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="not a git repository"):
        fix_of_commit(tmp_path, "HEAD")


def test_a_commit_without_code_is_refused(repository: Path) -> None:
    commit(repository, "one", notes="a")
    name = commit(repository, "two", notes="b")
    with pytest.raises(Rejected, match="no file of a language"):
        fix_of_commit(repository, name)


def test_code_that_is_no_text_is_refused(repository: Path) -> None:
    commit(repository, "one", a_py=BEFORE)
    name = commit(repository, "two", a_py=b"x = '\xff'\n")
    with pytest.raises(Rejected, match="no UTF-8"):
        fix_of_commit(repository, name)


def test_a_hook_of_the_repository_is_not_run(repository: Path) -> None:
    commit(repository, "one", a_py=BEFORE)
    name = commit(repository, "two", a_py=AFTER)
    git(repository, "config", "core.fsmonitor", f"touch {repository}/was-run")
    fix_of_commit(repository, name)
    assert not (repository / "was-run").exists()


def test_two_files_are_a_fix(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(BEFORE)
    (tmp_path / "new.py").write_text(AFTER)
    fix = fix_of_files(tmp_path / "old.py", tmp_path / "new.py", cwe=["89"])
    assert (fix.changes[0].path, fix.changes[0].language, fix.cwe) == ("new.py", "python", ("CWE-89",))


def test_equal_files_are_no_fix(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(BEFORE)
    with pytest.raises(Rejected, match="nothing to learn"):
        fix_of_files(tmp_path / "old.py", tmp_path / "old.py")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(BEFORE)
    with (tmp_path / "new.py").open("wb") as file:
        file.truncate(2**33)
    with pytest.raises(TooLarge):
        fix_of_files(tmp_path / "old.py", tmp_path / "new.py")


@pytest.mark.parametrize(
    "given", [(None, None, None), ("a.py", None, None), ("a.py", "a.py", "HEAD"), (None, "a.py", "HEAD")]
)
def test_a_fix_comes_from_one_place(tmp_path: Path, given: tuple[str | None, str | None, str | None]) -> None:
    before, after, name = given
    source = FixSource(Path(before) if before else None, Path(after) if after else None, name, tmp_path, ())
    with pytest.raises(Usage):
        source.read()
