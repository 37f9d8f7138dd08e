"""Do patches become one commit on a new branch, while all else in the repository stays as it was?

Everything here is real git in folders of the test.
"""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.model.errors import Conflict, NotFound, Rejected
from rsolv_ray.repos import branches
from rsolv_ray.repos.branches import Branches, Patch, apply_to_folder

SOURCE = "".join(f"line {number}\n" for number in range(1, 21))


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom git knows, and nothing of this machine's settings."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with one commit of `a.py`."""
    return repository(tmp_path / "shop", {"a.py": SOURCE})


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode()


def repository(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    commit_all(folder)
    return folder


def commit_all(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")


def patch(old: str, new: str, *, path: str = "a.py", source: str = SOURCE, name: str = "prp_1") -> Patch:
    assert old in source
    return Patch(name, path, unified_diff(path, source, source.replace(old, new, 1)))


MENDED = patch("line 3\n", "LINE 3\n")


def made(folder: Path, *patches: Patch, name: str = "mended", message: str = "Mend\n", base: str = "HEAD") -> str:
    """Put patches on a new branch, as the command does."""
    branches = Branches(folder)
    stack = branches.stack(branches.base(base), patches)
    assert not stack.misfits, stack.misfits
    commit = branches.commit(stack, message)
    branches.create(name, commit)
    return commit


def misfits(folder: Path, *patches: Patch) -> dict[str, str]:
    branches = Branches(folder)
    return branches.stack(branches.base("HEAD"), patches).misfits


def everything(folder: Path) -> dict[str, bytes]:
    """Each file of the work tree with its bytes, and the index."""
    files = [file for file in folder.rglob("*") if file.is_file() and ".git" not in file.relative_to(folder).parts]
    return {str(file): file.read_bytes() for file in [*files, folder / ".git/index", folder / ".git/HEAD"]}


def test_the_branch_is_one_commit_on_head_with_the_patch_and_the_message(shop: Path) -> None:
    commit = made(shop, MENDED, message="Mend a.py\n\nBecause.\n\nRsolv-Rule: r@1\n")
    assert git(shop, "rev-parse", "mended").strip() == commit
    assert git(shop, "rev-list", "main..mended").split() == [commit]
    assert git(shop, "show", "mended:a.py") == SOURCE.replace("line 3\n", "LINE 3\n")
    assert git(shop, "log", "-1", "--format=%B", "mended") == "Mend a.py\n\nBecause.\n\nRsolv-Rule: r@1\n\n"
    assert git(shop, "log", "-1", "--format=%an <%ae> %cn", "mended") == "Ada <ada@example.org> Ada\n"


def test_a_dirty_work_tree_and_its_index_stay_as_they_are_to_the_byte(shop: Path) -> None:
    (shop / "a.py").write_text("changed and not staged\n")
    (shop / "b.py").write_text("staged\n")
    git(shop, "add", "b.py")
    (shop / "c.py").write_text("unknown to git\n")
    before, status = everything(shop), git(shop, "status", "--porcelain")
    made(shop, MENDED)
    assert everything(shop) == before
    assert git(shop, "status", "--porcelain") == status
    assert git(shop, "ls-tree", "--name-only", "mended") == "a.py\n"


def test_without_keep_nothing_is_written_to_the_repository(shop: Path) -> None:
    def kept() -> set[str]:
        return {str(file) for file in shop.rglob("*")}

    before = kept()
    branches = Branches(shop)
    stack = branches.stack(branches.base("HEAD"), [MENDED], keep=False)
    assert stack.fits == ("prp_1",)
    assert "+LINE 3" in stack.diff
    assert kept() == before


def test_a_bare_repository_gets_its_branch_too(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(shop), "bare.git")
    made(tmp_path / "bare.git", MENDED)
    assert "LINE 3" in git(tmp_path / "bare.git", "show", "mended:a.py")


def test_a_detached_head_stays_detached_where_it_is(shop: Path) -> None:
    git(shop, "checkout", "-q", "--detach")
    head = (shop / ".git/HEAD").read_text()
    made(shop, MENDED)
    assert (shop / ".git/HEAD").read_text() == head


def test_the_branch_begins_at_the_base_that_is_named(shop: Path) -> None:
    (shop / "b.py").write_text("later\n")
    commit_all(shop)
    made(shop, MENDED, base="HEAD~1")
    assert git(shop, "rev-parse", "mended~1") == git(shop, "rev-parse", "main~1")
    assert git(shop, "ls-tree", "--name-only", "mended") == "a.py\n"


@pytest.mark.parametrize("base", ["nowhere", "--all", "-d", "main:a.py", ""])
def test_a_base_that_names_no_commit_is_told(shop: Path, base: str) -> None:
    with pytest.raises(NotFound, match="names no commit"):
        Branches(shop).base(base)


def test_a_repository_without_a_commit_is_told(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "empty")
    with pytest.raises(Rejected, match="no commit yet"):
        Branches(tmp_path / "empty").base("HEAD")


def test_a_folder_in_no_repository_is_told(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(Rejected, match="in no git repository"):
        Branches(tmp_path / "plain")


def test_another_repository_that_the_environment_names_is_left_alone(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository(tmp_path / "other", {"a.py": SOURCE})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    made(shop, MENDED)
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert "mended" in git(shop, "branch")
    assert "mended" not in git(other, "branch")


def test_lines_that_end_with_a_carriage_return_keep_it(tmp_path: Path) -> None:
    source = SOURCE.replace("\n", "\r\n")
    folder = repository(tmp_path / "shop", {"a.py": source})
    made(folder, patch("line 3\r\n", "LINE 3\r\n", source=source))
    assert git(folder, "show", "mended:a.py") == source.replace("line 3\r\n", "LINE 3\r\n")


def test_a_patch_made_where_line_ends_are_converted_fits_what_git_keeps(tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop", {"a.py": SOURCE, ".gitattributes": "*.py text eol=crlf\n"})
    made(folder, patch("line 3\r\n", "LINE 3\r\n", source=SOURCE.replace("\n", "\r\n")))
    assert git(folder, "show", "mended:a.py") == SOURCE.replace("line 3\n", "LINE 3\n")


def test_a_missing_line_feed_at_the_end_stays_missing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop", {"a.py": "one\ntwo"})
    made(folder, patch("two", "TWO", source="one\ntwo"))
    assert git(folder, "show", "mended:a.py") == "one\nTWO"


@pytest.mark.parametrize("path", ["grüße/ätsch 1.py", 'we"ird\tname.py', ":(top)a.py", "日本/語.py", "-d.py", "*.py"])
def test_odd_paths_are_patched(tmp_path: Path, path: str) -> None:
    folder = repository(tmp_path / "shop", {path: SOURCE, "other.py": SOURCE})
    made(folder, patch("line 3\n", "LINE 3\n", path=path))
    assert "LINE 3" in git(folder, "show", f"mended:{path}")
    assert git(folder, "diff", "--name-only", "-z", "main", "mended") == f"{path}\0"


def test_two_patches_close_together_in_a_file_of_an_odd_name_go_into_one_commit(tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop", {":(top)ä b.py": SOURCE})
    first = patch("line 3\n", "LINE 3\n", path=":(top)ä b.py")
    made(folder, first, patch("line 5\n", "LINE 5\n", path=":(top)ä b.py", name="prp_2"))
    mended = git(folder, "show", "mended::(top)ä b.py")
    assert mended == SOURCE.replace("line 3\n", "LINE 3\n").replace("line 5\n", "LINE 5\n")


def test_the_executable_bit_is_kept(shop: Path) -> None:
    (shop / "a.py").chmod(0o755)
    git(shop, "commit", "-q", "-am", "executable")
    made(shop, MENDED, patch("line 5\n", "LINE 5\n", name="prp_2"))
    assert git(shop, "ls-tree", "mended", "a.py").startswith("100755 ")


def test_a_submodule_stays_at_its_commit(shop: Path, tmp_path: Path) -> None:
    inner = repository(tmp_path / "inner", {"x": "x\n"})
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    commit_all(shop)
    made(shop, MENDED)
    assert git(shop, "ls-tree", "mended", "sub") == git(shop, "ls-tree", "main", "sub")
    assert git(shop, "diff", "--name-only", "main", "mended") == "a.py\n"


def test_a_repository_in_a_folder_of_a_larger_one_is_patched_in_its_folder(tmp_path: Path) -> None:
    top = repository(tmp_path / "mono", {"services/shop/a.py": SOURCE, "a.py": SOURCE})
    made(top / "services/shop", MENDED, patch("line 5\n", "LINE 5\n", name="prp_2"))
    assert git(top, "diff", "--name-only", "main", "mended") == "services/shop/a.py\n"


def test_no_hook_is_run(shop: Path) -> None:
    hooks = shop / "hooks"
    hooks.mkdir()
    names = (
        "pre-commit",
        "commit-msg",
        "post-commit",
        "reference-transaction",
        "post-index-change",
        "prepare-commit-msg",
    )
    for name in names:
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{shop}/ran'\nexit 1\n")
        (hooks / name).chmod(0o755)
    git(shop, "config", "core.hooksPath", str(hooks))
    made(shop, MENDED)
    assert not (shop / "ran").exists()


def test_a_commit_is_signed_where_the_user_signs_commits(shop: Path, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    made(shop, MENDED, name="unsigned")
    git(shop, "config", "gpg.format", "ssh")
    git(shop, "config", "user.signingKey", str(tmp_path / "key"))
    git(shop, "config", "commit.gpgSign", "true")
    made(shop, MENDED, name="signed")
    assert "gpgsig" not in git(shop, "cat-file", "commit", "unsigned")
    assert "gpgsig -----BEGIN SSH SIGNATURE-----" in git(shop, "cat-file", "commit", "signed")


def test_a_user_whom_git_does_not_know_is_told_what_to_set(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    branches = Branches(shop)
    stack = branches.stack(branches.base("HEAD"), [MENDED])
    with pytest.raises(Rejected, match="git does not know who you are"):
        branches.commit(stack, "Mend\n")


@pytest.mark.parametrize(
    "name",
    [
        "--force",
        "-d",
        "",
        "HEAD",
        "a..b",
        "a.lock",
        "a b",
        "@{-1}",
        "a~1",
        "/a",
        "a/",
        "ä\u202eb",
        "a\nb",
        "x" * 201,
        "@",
        "refs/heads/a",
    ],
)
def test_a_name_that_is_none_for_a_branch_is_refused(shop: Path, name: str) -> None:
    branches = git(shop, "branch", "--all")
    with pytest.raises(Rejected, match="no name for a branch"):
        made(shop, MENDED, name=name)
    assert git(shop, "branch", "--all") == branches


def test_a_branch_that_is_there_is_left_as_it_is(shop: Path) -> None:
    git(shop, "branch", "mended")
    with pytest.raises(Conflict, match="there is a branch mended already"):
        made(shop, MENDED)
    assert git(shop, "rev-parse", "mended") == git(shop, "rev-parse", "main")


def test_a_branch_that_is_in_the_way_of_the_name_is_told(shop: Path) -> None:
    git(shop, "branch", "rsolv")
    with pytest.raises(Conflict, match="cannot be made"):
        made(shop, MENDED, name="rsolv/rule/1")


def test_the_branch_that_somebody_is_about_to_begin_is_not_made_for_them(shop: Path) -> None:
    git(shop, "checkout", "-q", "--orphan", "mended")
    with pytest.raises(Conflict):
        made(shop, MENDED, base="main")
    assert "mended" not in git(shop, "branch")


def test_of_many_who_make_the_same_branch_at_once_one_does(shop: Path) -> None:
    branches = Branches(shop)
    stack = branches.stack(branches.base("HEAD"), [MENDED])
    commits = [branches.commit(stack, f"Mend {number}\n") for number in range(8)]

    def create(commit: str) -> bool:
        try:
            Branches(shop).create("mended", commit)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [commit for commit, is_made in zip(commits, pool.map(create, commits), strict=True) if is_made]
    assert [git(shop, "rev-parse", "mended").strip()] == won


def test_a_file_that_was_renamed_since_does_not_fit(shop: Path) -> None:
    git(shop, "mv", "a.py", "b.py")
    commit_all(shop)
    (reason,) = misfits(shop, MENDED).values()
    assert "a.py" in reason


def test_code_that_was_changed_since_does_not_fit(shop: Path) -> None:
    (shop / "a.py").write_text(SOURCE.replace("line 3", "line three"))
    commit_all(shop)
    assert set(misfits(shop, MENDED)) == {"prp_1"}


def test_what_does_not_fit_leaves_the_others_alone(shop: Path) -> None:
    branches = Branches(shop)
    strange = patch("line 3\n", "LINE 3\n", path="gone.py", name="prp_gone")
    stack = branches.stack(branches.base("HEAD"), [strange, MENDED])
    assert stack.fits == ("prp_1",)
    assert set(stack.misfits) == {"prp_gone"}
    assert "+LINE 3" in stack.diff


def test_of_two_patches_of_the_same_line_the_second_does_not_fit(shop: Path) -> None:
    assert set(misfits(shop, MENDED, patch("line 3\n", "line III\n", name="prp_2"))) == {"prp_2"}


def test_a_patch_that_leads_out_of_the_repository_is_refused(shop: Path) -> None:
    with pytest.raises(Rejected, match="prp_1"):
        misfits(shop, Patch("prp_1", "../x.py", unified_diff("../x.py", SOURCE, "x\n")))


def test_a_folder_is_patched_with_all_that_fit_and_the_rest_is_told(shop: Path) -> None:
    strange = patch("line 3\n", "LINE 3\n", path="gone.py", name="prp_gone")
    far = patch("line 15\n", "LINE 15\n", name="prp_far")
    assert set(apply_to_folder(shop, [MENDED, strange, far])) == {"prp_gone"}
    mended = SOURCE.replace("line 3\n", "LINE 3\n").replace("line 15\n", "LINE 15\n")
    assert (shop / "a.py").read_text() == mended


def test_many_patches_of_a_folder_take_few_tries_whether_all_fit_or_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"f{number}.py" for number in range(64)]
    shop = repository(tmp_path / "many", dict.fromkeys(names, SOURCE))
    patches = [patch("line 3\n", "LINE 3\n", path=name, name=name) for name in names]
    tries: list[str] = []
    refusal = branches._refusal
    monkeypatch.setattr(branches, "_refusal", lambda *asked: tries.append(asked[2]) or refusal(*asked))
    assert apply_to_folder(shop, patches, only_try=True) == {}
    assert len(tries) == 1
    (shop / "f40.py").unlink()
    assert set(apply_to_folder(shop, patches)) == {"f40.py"}
    assert len(tries) < 20
    assert sum("LINE 3" in (shop / name).read_text() for name in names if name != "f40.py") == 63


def test_the_lines_of_each_file_may_end_in_their_own_way(tmp_path: Path) -> None:
    crlf = SOURCE.replace("\n", "\r\n")
    shop = repository(tmp_path / "shop", {"a.py": SOURCE, "b.py": crlf, "c.py": SOURCE})
    kept = patch("line 3\r\n", "LINE 3\r\n", path="b.py", source=crlf, name="prp_b")
    bare = patch("line 3\r\n", "LINE 3\r\n", path="c.py", source=crlf, name="prp_c")
    assert apply_to_folder(shop, [MENDED, kept, bare]) == {}
    assert (shop / "b.py").read_bytes() == crlf.replace("line 3", "LINE 3").encode()
    assert (shop / "c.py").read_bytes() == SOURCE.replace("line 3", "LINE 3").encode()


def test_a_folder_that_is_only_tried_stays_as_it_is(shop: Path) -> None:
    before = everything(shop)
    assert apply_to_folder(shop, [MENDED], only_try=True) == {}
    assert everything(shop) == before


def test_a_folder_in_no_repository_is_patched_too(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    assert apply_to_folder(tmp_path, [MENDED]) == {}
    assert "LINE 3" in (tmp_path / "a.py").read_text()


def test_a_folder_within_a_repository_is_patched_and_not_its_top(tmp_path: Path) -> None:
    top = repository(tmp_path / "mono", {"services/shop/a.py": SOURCE, "a.py": SOURCE})
    assert apply_to_folder(top / "services/shop", [MENDED]) == {}
    assert "LINE 3" in (top / "services/shop/a.py").read_text()
    assert (top / "a.py").read_text() == SOURCE
