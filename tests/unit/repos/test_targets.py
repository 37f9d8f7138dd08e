"""Which files are scanned?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rsolv_ray.repos.targets import LARGEST_FILE, targets


@pytest.fixture(params=["a work tree", "a folder"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    if request.param == "a work tree":
        subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    return folder


def put(root: Path, *paths: str, code: bytes = b"eval(1)\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(code)


def test_files_of_the_languages_are_listed_in_order(root: Path) -> None:
    put(root, "b.py", "a/c.pyi", "a.js", "a.txt", "Dockerfile")
    assert targets(root, ["python"]) == ("a/c.pyi", "b.py")
    assert targets(root, ["py", "javascript", "docker", "klingon"]) == ("Dockerfile", "a.js", "a/c.pyi", "b.py")
    assert targets(root, []) == ()


def test_odd_names_are_listed_and_undecodable_ones_are_not(root: Path) -> None:
    put(root, "-a b.py", "é\n.py")
    put(root, os.fsdecode(b"\xff.py"))
    assert targets(root, ["python"]) == ("-a b.py", "é\n.py")


def test_what_others_wrote_is_passed_over(root: Path) -> None:
    put(root, "node_modules/a.js", "x/vendor/b.py", ".venv/lib/c.py", "third_party/d.py", "vendored.py")
    assert targets(root, ["python", "javascript"]) == ("vendored.py",)


def test_links_are_passed_over(root: Path, tmp_path: Path) -> None:
    put(tmp_path / "outside", "a.py")
    put(root, "real.py")
    (root / "link.py").symlink_to(tmp_path / "outside" / "a.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    assert targets(root, ["python"]) == ("real.py",)


def test_large_empty_and_binary_files_are_passed_over(root: Path) -> None:
    put(root, "at_most.py", code=b"#" * LARGEST_FILE)
    put(root, "over.py", code=b"#" * (LARGEST_FILE + 1))
    put(root, "empty.py", code=b"")
    put(root, "binary.py", code=b"x\0y\n")
    assert targets(root, ["python"]) == ("at_most.py",)


def test_minified_files_are_passed_over(root: Path) -> None:
    put(root, "a.min.js", "b.js")
    put(root, "c.js", code=b"f();" * 1_000)
    put(root, "d.js", code=b"f();\n" * 1_000)
    assert targets(root, ["javascript"]) == ("b.js", "d.js")


def test_a_pipe_is_not_read(root: Path) -> None:
    os.mkfifo(root / "pipe.py")
    assert targets(root, ["python"]) == ()


class TestAWorkTree:
    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
        return tmp_path

    def test_ignored_files_are_passed_over_and_untracked_ones_are_not(self, tree: Path) -> None:
        put(tree, ".gitignore", code=b"built/\n")
        put(tree, "built/a.py", "b.py", "c.py")
        subprocess.run(["git", "add", "b.py"], cwd=tree, check=True)
        assert targets(tree, ["python"]) == ("b.py", "c.py")

    def test_a_tracked_file_that_was_removed_is_passed_over(self, tree: Path) -> None:
        put(tree, "a.py", "b.py")
        subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
        (tree / "a.py").unlink()
        assert targets(tree, ["python"]) == ("b.py",)

    def test_a_tracked_folder_that_became_a_link_is_passed_over(
        self, tree: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        outside = tmp_path_factory.mktemp("outside")
        put(outside, "a.py")
        put(tree, "inner/a.py")
        subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
        (tree / "inner" / "a.py").unlink()
        (tree / "inner").rmdir()
        (tree / "inner").symlink_to(outside)
        assert targets(tree, ["python"]) == ()

    def test_a_folder_of_a_work_tree_is_listed_for_itself(self, tree: Path) -> None:
        put(tree, "a.py", "inner/b.py")
        assert targets(tree / "inner", ["python"]) == ("b.py",)

    def test_a_folder_that_the_work_tree_around_it_ignores_is_walked(self, tree: Path) -> None:
        put(tree, ".gitignore", code=b"built/\n")
        put(tree, "built/a.py")
        assert targets(tree / "built", ["python"]) == ("a.py",)

    def test_its_own_configuration_runs_no_program(self, tree: Path) -> None:
        put(tree, "a.py")
        mark = tree / "mark"
        subprocess.run(["git", "config", "core.fsmonitor", f"touch {mark}"], cwd=tree, check=True)
        assert targets(tree, ["python"]) == ("a.py",)
        assert not mark.exists()

    def test_a_broken_one_is_walked(self, tree: Path) -> None:
        put(tree, "a.py")
        (tree / ".git" / "HEAD").write_text("nonsense")
        (tree / ".git" / "config").write_text("[[[")
        assert targets(tree, ["python"]) == ("a.py",)
