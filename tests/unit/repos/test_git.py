"""Is a repository fetched whole, safely, and only when it changed?

The remotes are folders of the test, reached by git's `file` transport.
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rsolv_ray.model.errors import Rejected, TooLarge, ToolFailed
from rsolv_ray.model.finding import Repository, RepositoryKind
from rsolv_ray.repos.git import Git


def git(folder: Path, *arguments: str) -> str:
    who = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b.c",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
    ]
    return subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.py").write_text("eval(1)\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    return folder


@pytest.fixture
def fetcher(tmp_path: Path) -> Git:
    return Git(tmp_path / "cache", protocols=("file",), wall_s=60.0)


def repository(location: str, branch: str | None = None) -> Repository:
    return Repository(
        id=Repository.id_of(location, branch),
        name="app",
        kind=RepositoryKind.GIT,
        location=location,
        branch=branch,
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_the_last_commit_is_checked_out(remote: Path, fetcher: Git) -> None:
    app = repository(f"file://{remote}")
    folder = fetcher.checkout(app)
    assert folder == fetcher.folder(app)
    assert (folder / "a.py").read_text() == "eval(1)\n"
    assert git(folder, "rev-list", "--count", "HEAD").strip() == "1"


def test_a_branch_is_checked_out(remote: Path, fetcher: Git) -> None:
    git(remote, "checkout", "-q", "-b", "release/1")
    (remote / "a.py").write_text("eval(2)\n")
    git(remote, "commit", "-q", "-a", "-m", "two")
    git(remote, "checkout", "-q", "main")
    folder = fetcher.checkout(repository(f"file://{remote}", "release/1"))
    assert (folder / "a.py").read_text() == "eval(2)\n"


def test_a_new_commit_is_fetched_and_an_old_one_is_not_fetched_again(remote: Path, fetcher: Git) -> None:
    app = repository(f"file://{remote}")
    folder = fetcher.checkout(app)
    (folder / "mark").write_text("kept")
    assert (fetcher.checkout(app) / "mark").exists()
    (remote / "b.py").write_text("x\n")
    git(remote, "add", "-A")
    git(remote, "commit", "-q", "-m", "two")
    folder = fetcher.checkout(app)
    assert (folder / "b.py").exists()
    assert not (folder / "mark").exists()


def test_nothing_but_the_checkout_and_its_lock_is_left(remote: Path, fetcher: Git, tmp_path: Path) -> None:
    app = repository(f"file://{remote}")
    fetcher.checkout(app)
    fetcher.checkout(app)
    assert {entry.name for entry in (tmp_path / "cache").iterdir()} == {app.id, f"{app.id}.lock"}


def test_no_other_transport_is_used(remote: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="not allowed"):
        Git(tmp_path / "cache").checkout(repository(f"file://{remote}"))


@pytest.mark.parametrize(
    "location", ["ext::sh -c touch% {mark}", "--upload-pack=touch {mark}", "-oProxyCommand=touch {mark}"]
)
def test_a_location_cannot_run_a_program(location: str, tmp_path: Path, fetcher: Git) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(ToolFailed):
        fetcher.checkout(repository(location.format(mark=mark)))
    assert not mark.exists()


def test_a_branch_cannot_be_an_option(remote: Path, fetcher: Git) -> None:
    with pytest.raises(Rejected, match="branch"):
        fetcher.checkout(repository(f"file://{remote}", "--upload-pack=id"))


def test_hooks_filters_and_submodules_are_not_run(
    remote: Path, fetcher: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, home = tmp_path / "mark", tmp_path / "home"
    (home / "hooks").mkdir(parents=True)
    (home / "hooks" / "post-checkout").write_text(f"#!/bin/sh\ntouch {mark}\n")
    (home / "hooks" / "post-checkout").chmod(0o755)
    (home / ".gitconfig").write_text(f'[core]\n hooksPath = {home}/hooks\n[filter "x"]\n smudge = touch {mark}\n')
    monkeypatch.setenv("HOME", str(home))
    (remote / ".gitattributes").write_text("*.py filter=x\n")
    git(remote, "submodule", "add", "-q", str(remote), "inner")
    git(remote, "add", "-A")
    git(remote, "commit", "-q", "-m", "two")
    mark.unlink(missing_ok=True)
    folder = fetcher.checkout(repository(f"file://{remote}"))
    assert (folder / "a.py").exists()
    assert not mark.exists()
    assert list((folder / "inner").iterdir()) == []


def test_symbolic_links_are_not_made(remote: Path, fetcher: Git) -> None:
    (remote / "out.py").symlink_to("/etc/passwd")
    git(remote, "add", "-A")
    git(remote, "commit", "-q", "-m", "two")
    folder = fetcher.checkout(repository(f"file://{remote}"))
    assert not (folder / "out.py").is_symlink()
    assert (folder / "out.py").read_text() == "/etc/passwd"


def test_what_would_unfold_too_large_is_refused_before_it_is_written(remote: Path, tmp_path: Path) -> None:
    (remote / "zeros").write_bytes(bytes(3 << 20))
    git(remote, "add", "-A")
    git(remote, "commit", "-q", "-m", "two")
    fetcher = Git(tmp_path / "cache", protocols=("file",), size_mb=2)
    app = repository(f"file://{remote}")
    with pytest.raises(TooLarge, match="3 MiB"):
        fetcher.checkout(app)
    assert not fetcher.folder(app).exists()


def test_a_pack_that_is_too_large_is_refused(remote: Path, tmp_path: Path) -> None:
    (remote / "noise").write_bytes(os.urandom(3 << 20))
    git(remote, "add", "-A")
    git(remote, "commit", "-q", "-m", "two")
    with pytest.raises(ToolFailed):
        Git(tmp_path / "cache", protocols=("file",), size_mb=2).checkout(repository(f"file://{remote}"))


def test_a_failed_fetch_keeps_what_was_there(remote: Path, fetcher: Git) -> None:
    app = repository(f"file://{remote}")
    folder = fetcher.checkout(app)
    remote.rename(remote.with_name("gone"))
    with pytest.raises(ToolFailed, match="could not fetch"):
        fetcher.checkout(app)
    assert (folder / "a.py").exists()


def test_a_fetch_that_takes_too_long_is_stopped(remote: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="within"):
        Git(tmp_path / "cache", protocols=("file",), wall_s=0.001).checkout(repository(f"file://{remote}"))


def test_an_empty_remote_is_told(tmp_path: Path, fetcher: Git) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    with pytest.raises(ToolFailed):
        fetcher.checkout(repository(f"file://{tmp_path}/empty"))


def test_a_host_that_is_not_public_is_never_asked(tmp_path: Path) -> None:
    def private(host: str) -> tuple[str, ...]:
        raise Rejected(f"{host} is not public")

    with pytest.raises(Rejected, match=r"git\.example\.org is not public"):
        Git(tmp_path / "cache", addresses=private).checkout(repository("https://git.example.org/a/b"))


def test_git_connects_to_the_addresses_that_were_checked(tmp_path: Path) -> None:
    """Nothing listens on the given address of this machine: were the name looked up again, the error would be another."""
    fetcher = Git(tmp_path / "cache", addresses=lambda _: ("127.0.0.9",), wall_s=30.0)
    with pytest.raises(ToolFailed, match=r"(?i)failed to connect|couldn't connect"):
        fetcher.checkout(repository("https://no-such-host.example.org/a/b"))


def test_a_local_folder_is_not_fetched(tmp_path: Path, fetcher: Git) -> None:
    local = repository(str(tmp_path)).model_copy(update={"kind": RepositoryKind.PATH})
    with pytest.raises(Rejected):
        fetcher.checkout(local)
