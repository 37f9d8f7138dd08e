"""Does an index that cannot be written answer as long as it says what is so, and tell what to do when it does not?"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rsolv_ray.model.errors import Unavailable
from rsolv_ray.repos.corpus import Corpus
from tests.unit.repos.token_index.conftest import Tree, answers, right_answers
from tests.unit.repos.token_index.test_index_damage import refresh_apart

pytestmark = pytest.mark.usefixtures("without_git")
UNSHARE = shutil.which("unshare")
READ_ONLY = (
    'PATH=/usr/bin:/bin:/usr/sbin:/sbin; mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 77; '
    'export PATH=; exec "$2" -c "$3" "$4" "$1"'
)
CHILD = """
    import sys
    from pathlib import Path
    from rsolv_ray.model.errors import RsolvError
    from rsolv_ray.repos.corpus import Corpus
    corpus = Corpus.open(Path(sys.argv[2]))
    try:
        corpus.refresh(Path(sys.argv[1]))
    except RsolvError as error:
        print(type(error).__name__, error)
    print(*(file.path for file in corpus.files))
"""


def refresh_read_only(tree: Tree, index: Path) -> list[str]:
    """What a refresh tells, and then the files that the index knows; its folder is a read-only mount of the process alone."""
    if UNSHARE is None:
        pytest.skip("there is no unshare here")
    ended = subprocess.run(
        [UNSHARE, "--mount", "--map-root-user", "/bin/sh", "-c", READ_ONLY, "sh",
         str(index), sys.executable, textwrap.dedent(CHILD), str(tree.root)],
        check=False, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[4],
    )  # fmt: skip
    if "unshare" in ended.stderr or ended.returncode == 77:
        pytest.skip("mounts of a process's own are not allowed here")
    assert not ended.stderr
    return ended.stdout.splitlines()


@pytest.fixture
def index(tree: Tree, tmp_path: Path) -> Path:
    tree.put("a.py", b"eval")
    os.utime(tree.root / "a.py", (1, 1))
    Corpus.open(tmp_path / "index").refresh(tree.root)
    return tmp_path / "index"


@pytest.mark.parametrize("is_locked_before", [True, False])
def test_a_read_only_index_answers_where_nothing_changed(tree: Tree, index: Path, *, is_locked_before: bool) -> None:
    if not is_locked_before:
        (index / "lock").unlink()
    assert refresh_read_only(tree, index) == ["a.py"]


def test_a_read_only_index_answers_where_a_file_was_touched_alone(tree: Tree, index: Path) -> None:
    (tree.root / "a.py").touch()
    assert refresh_read_only(tree, index) == ["a.py"]


def test_a_read_only_index_answers_for_a_copy_of_the_folder(tree: Tree, index: Path, tmp_path: Path) -> None:
    shutil.copytree(tree.root, tmp_path / "copy")
    tree.root = tmp_path / "copy"
    assert refresh_read_only(tree, index) == ["a.py"]


def test_a_read_only_index_tells_what_to_do_where_something_changed(tree: Tree, index: Path) -> None:
    tree.put("b.py", b"eval")
    told, files = refresh_read_only(tree, index)
    assert told.startswith(f"Unavailable the token index in {index} cannot be written: Read-only file system: ")
    assert told.endswith("make the folder writable, or keep the index in another one")
    assert files == "a.py"


def test_a_damaged_read_only_index_tells_what_to_do(tree: Tree, index: Path) -> None:
    (index / "manifest.json").write_text("odd")
    assert "keep the index in another one" in refresh_read_only(tree, index)[0]


def test_a_full_disk_is_no_hindrance_where_a_file_was_touched_alone(tree: Tree, index: Path) -> None:
    (tree.root / "a.py").touch()
    ended = refresh_apart(tree, index, largest=1)
    assert ended.returncode == 0, ended.stderr
    assert answers(Corpus.open(index)) == right_answers(tree)


def test_a_full_disk_tells_what_to_do_where_something_changed(tree: Tree, index: Path) -> None:
    tree.put("b.py", b"eval")
    told = refresh_apart(tree, index, largest=1).stderr
    assert "File too large: free some space there, or keep the index in another folder" in told


@pytest.fixture
def lock_of_another(index: Path, monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The lock is opened by a user who may not write it, in a folder that others may write. Root could: hence refused here."""
    refused = {os.O_RDWR}
    really = os.open

    def opened(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path) == index / "lock" and flags & os.O_ACCMODE in refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really(path, flags, mode)

    monkeypatch.setattr(os, "open", opened)
    return refused


@pytest.mark.usefixtures("lock_of_another")
def test_a_lock_that_can_be_read_alone_locks(tree: Tree, index: Path) -> None:
    tree.put("b.py", b"eval")
    Corpus.open(index).refresh(tree.root)
    assert answers(Corpus.open(index)) == right_answers(tree)


class TestWithoutTheLock:
    def test_the_index_answers_where_nothing_changed(self, tree: Tree, index: Path, lock_of_another: set[int]) -> None:
        lock_of_another.add(os.O_RDONLY)
        corpus = Corpus.open(index)
        assert corpus.refresh(tree.root).unchanged == 1
        assert answers(corpus) == right_answers(tree)

    def test_nothing_is_written(self, tree: Tree, index: Path, lock_of_another: set[int]) -> None:
        lock_of_another.add(os.O_RDONLY)
        before = {path: path.read_bytes() for path in index.iterdir()}
        tree.put("b.py", b"eval")
        with pytest.raises(Unavailable, match="Permission denied: make the folder writable"):
            Corpus.open(index).refresh(tree.root)
        assert {path: path.read_bytes() for path in index.iterdir()} == before
