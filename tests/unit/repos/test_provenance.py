"""Is it told where the code of a folder comes from, without secrets?"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rsolv_ray.repos.provenance import Provenance, provenance, public_address


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    (root / "src").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    return root


def test_a_commit_its_branch_and_its_origin_are_told(tree: Path) -> None:
    git(tree, "commit", "-q", "--allow-empty", "-m", "first")
    git(tree, "remote", "add", "origin", "https://me:ghs_secret@github.com/acme/shop.git")
    assert provenance(tree / "src") == Provenance(
        prefix="src/",
        address="https://github.com/acme/shop.git",
        branch="main",
        revision=git(tree, "rev-parse", "HEAD"),
    )


def test_a_tree_without_a_commit_and_an_origin_has_a_branch_alone(tree: Path) -> None:
    assert provenance(tree) == Provenance(prefix="", address=None, branch="main", revision=None)


def test_a_detached_head_is_on_no_branch(tree: Path) -> None:
    git(tree, "commit", "-q", "--allow-empty", "-m", "first")
    git(tree, "checkout", "-q", "--detach")
    known = provenance(tree)
    assert known is not None
    assert known.branch is None


def test_a_folder_in_no_work_tree_comes_from_nowhere(tmp_path: Path) -> None:
    assert provenance(tmp_path) is None


def test_a_machine_without_git_knows_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    assert provenance(tree) is None


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://token@github.com/acme/shop.git?x=token#y", "https://github.com/acme/shop.git"),
        ("git@github.com:acme/shop.git", "ssh://github.com/acme/shop.git"),
        ("ssh://git@[::1]:2222/a b.git", "ssh://[::1]:2222/a%20b.git"),
        ("https://example.com:bad/x", None),
        ("/srv/git/shop.git", None),
        ("file:///srv/git/shop.git", None),
        ("../shop", None),
        ("ext::sh -c whoami", None),
    ],
)
def test_an_address_is_told_without_who_may_enter(remote: str, address: str | None) -> None:
    assert public_address(remote) == address
