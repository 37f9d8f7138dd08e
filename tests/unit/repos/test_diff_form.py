"""Is only a diff taken that changes the contents of the file that was told, whatever else it could do to a repository?

Each attack is tried on real git, on a branch and in a folder; the pure check is tried on its own, too.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.model.errors import Rejected
from rsolv_ray.repos import told
from rsolv_ray.repos.branches import Branches, Patch, Stack, apply_to_folder
from rsolv_ray.repos.diff_form import refusal

SOURCE = "import yaml\n\ndef load(t):\n    return yaml.load(t)\n"
GOOD = unified_diff("y/l.py", SOURCE, SOURCE.replace("yaml.load", "yaml.safe_load"))


def created(path: str, mode: str = "100755") -> str:
    return f"diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+evil\n"


def head_of(old: str, new: str) -> str:
    return f"diff --git {old} {new}\n--- {old}\n+++ {new}\n@@ -1,4 +1,4 @@\n"


DELETED = (
    "diff --git a/y/l.py b/y/l.py\ndeleted file mode 100644\n--- a/y/l.py\n+++ /dev/null\n@@ -1,4 +0,0 @@\n"
    + "".join(f"-{line}\n" for line in SOURCE.splitlines())
)
LINKED = (
    "diff --git a/{0} b/{0}\nnew file mode 120000\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 @@\n+/etc/passwd\n"
    "\\ No newline at end of file\n"
)
ATTACKS = {
    "hook": created(".git/hooks/post-checkout"),
    "hook in capitals": created(".GIT/hooks/post-checkout"),
    "outside": created("../../outside"),
    "absolute": "--- /dev/null\n+++ /tmp/abs_outside\n@@ -0,0 +1 @@\n+evil\n",
    "absolute, stripped": "--- /dev/null\n+++ b//tmp/abs_outside\n@@ -0,0 +1 @@\n+evil\n",
    "workflow": created(".github/workflows/ci.yml"),
    "second file": GOOD + created("setup.py"),
    "second file before": created("setup.py") + GOOD,
    "second file changed": GOOD + GOOD.replace("y/l.py", "y/m.py"),
    "second file without a git line": GOOD + "--- a/y/m.py\n+++ b/y/m.py\n@@ -1 +1,2 @@\n import yaml\n+import evil\n",
    "another file": "diff --git a/Makefile b/Makefile\n--- a/Makefile\n+++ b/Makefile\n@@ -1 +1,2 @@\n all:\n+\tcurl evil\n",
    "deletion of another": (
        "diff --git a/Makefile b/Makefile\ndeleted file mode 100644\n--- a/Makefile\n+++ /dev/null\n@@ -1 +0,0 @@\n-all:\n"
    ),
    "deletion": DELETED,
    "deletion without its mode": DELETED.replace("deleted file mode 100644\n", ""),
    "rename": (
        "diff --git a/Makefile b/evil.mk\nsimilarity index 100%\nrename from Makefile\nrename to evil.mk\n"
    ),
    "rename of the file": (
        "diff --git a/y/l.py b/evil.py\nsimilarity index 100%\nrename from y/l.py\nrename to evil.py\n"
    ),
    "copy": "diff --git a/y/l.py b/evil.py\nsimilarity index 100%\ncopy from y/l.py\ncopy to evil.py\n",
    "symlink in its place": DELETED + LINKED.format("y/l.py"),
    "symlink": LINKED.format("lnk"),
    "file behind a new symlink": LINKED.format("lnk") + created("lnk/evil"),
    "file behind a symlink": created("outlink/evil"),
    "mode": "diff --git a/y/l.py b/y/l.py\nold mode 100644\nnew mode 100755\n",
    "mode and contents": GOOD.replace("--- a", "old mode 100644\nnew mode 100755\n--- a"),
    "target of a symlink": GOOD.replace("y/l.py", "sl.py"),
    "quoted": (
        'diff --git "a/y/l.py" "b/\\056git/config2"\n--- /dev/null\n+++ "b/\\056git/config2"\n@@ -0,0 +1 @@\n+x\n'
    ),
    "gitlink": (
        "diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/sub\n@@ -0,0 +1 @@\n"
        f"+Subproject commit {'1' * 40}\n"
    ),
    "attributes": created(".gitattributes", "100644"),
    "binary": "diff --git a/y/l.py b/y/l.py\nindex 1111111..2222222 100644\nGIT binary patch\nliteral 1\nIc${Nk-~j*r000310RR91\n\n",
    "garbage": "hello\n",
    "garbage before": "hello\n" + GOOD,
    "garbage behind": GOOD + "hello\n",
    "empty": "",
    "head alone": "".join(GOOD.splitlines(keepends=True)[:3]),
    "cut off": GOOD[:-1],
    "NUL": GOOD.replace("yaml.safe_load", "yaml.\0x"),
    "lone surrogate": GOOD.replace("yaml.safe_load", "yaml.\ud800x"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with code, a Makefile, and symlinks that lead out of it."""
    folder, outside = tmp_path / "shop", tmp_path / "outside"
    (folder / "y").mkdir(parents=True)
    outside.mkdir()
    for name in ("y/l.py", "y/m.py"):
        (folder / name).write_text(SOURCE)
    (folder / "Makefile").write_text("all:\n")
    (outside / "t.py").write_text(SOURCE)
    (folder / "outlink").symlink_to(outside)
    (folder / "sl.py").symlink_to(outside / "t.py")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def everything(folder: Path) -> dict[str, object]:
    """What lies in a folder and beside it, except git's objects: contents, modes, and where symlinks lead."""
    found = (file for file in folder.parent.rglob("*") if "objects" not in file.parts)
    return {
        str(file): file.readlink() if file.is_symlink() else (file.stat().st_mode, file.is_file() and file.read_bytes())
        for file in found
    }


def stack(folder: Path, *patches: Patch) -> Stack:
    made = Branches(folder)
    return made.stack(made.base("HEAD"), patches)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_diff_that_does_anything_else_is_refused_on_a_branch(shop: Path, attack: str) -> None:
    before = everything(shop)
    with pytest.raises(Rejected, match=r"prp_1 .*y/l\.py"):
        stack(shop, Patch("prp_1", "y/l.py", ATTACKS[attack]))
    assert everything(shop) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_diff_that_does_anything_else_is_refused_in_a_folder(shop: Path, attack: str) -> None:
    before = everything(shop)
    with pytest.raises(Rejected, match=r"prp_1 .*y/l\.py"):
        apply_to_folder(shop, [Patch("prp_1", "y/l.py", ATTACKS[attack])])
    assert everything(shop) == before


def test_the_diff_that_the_attacks_are_made_of_is_taken(shop: Path) -> None:
    assert stack(shop, Patch("prp_1", "y/l.py", GOOD)).fits == ("prp_1",)
    assert apply_to_folder(shop, [Patch("prp_1", "y/l.py", GOOD)]) == {}
    assert git(shop, "status", "--porcelain") == " M y/l.py\n"


@pytest.mark.parametrize("path", ["../x.py", "/x.py", "y//l.py", "./l.py", ".git/config", "y/.GIT/hooks/x", ""])
def test_a_path_that_leads_elsewhere_is_refused_though_the_diff_says_the_same(path: str) -> None:
    assert refusal(path, unified_diff(path, SOURCE, "x\n")) is not None


@pytest.mark.parametrize(
    "path", ["a.py", "grüße/ätsch 1.py", 'we"ird\tname.py', "日本/語.py", "-d.py", "back\\slash.py", ".github/x.py"]
)
def test_odd_paths_of_our_own_diffs_are_taken(path: str) -> None:
    assert refusal(path, unified_diff(path, SOURCE, SOURCE.replace("yaml", "json"))) is None


@pytest.mark.parametrize("quotes", ["true", "false"])
@pytest.mark.parametrize("path", ["a.py", "grüße/ätsch 1.py", 'we"ird\tname.py', "a b/c.py"])
def test_what_git_itself_writes_of_such_a_change_is_taken(shop: Path, path: str, quotes: str) -> None:
    (shop / path).parent.mkdir(exist_ok=True)
    (shop / path).write_text(SOURCE)
    git(shop, "add", "-A")
    (shop / path).write_text(SOURCE.replace("yaml", "json"))
    diff = git(shop, "-c", f"core.quotePath={quotes}", "diff")
    assert refusal(path, diff) is None


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends_and_a_missing_last_one_are_taken(ends: str) -> None:
    before = ends.join(["one", "two", "-- three", "++ four"])
    assert refusal("a.py", unified_diff("a.py", before, before.replace("four", "4"))) is None
    assert refusal("a.py", unified_diff("a.py", before, before.replace("four", "4") + ends)) is None


def test_lines_that_look_like_heads_within_a_hunk_are_contents(shop: Path) -> None:
    source = "-- a/Makefile\n" + SOURCE
    (shop / "y/l.py").write_text(source)
    changed = source.replace("-- a/Makefile", "++ b/Makefile")
    assert apply_to_folder(shop, [Patch("prp_1", "y/l.py", unified_diff("y/l.py", source, changed))]) == {}
    assert (shop / "y/l.py").read_text() == changed


@pytest.mark.parametrize("attack", ["workflow", "another file", "mode", "symlink", "deletion", "gitlink", "attributes"])
def test_the_result_is_looked_at_too(shop: Path, attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "refusal", lambda path, diff: None)
    before = everything(shop)
    patch = Patch("prp_1", "y/l.py", ATTACKS[attack])
    with pytest.raises(Rejected, match="prp_1"):
        stack(shop, patch)
    with pytest.raises(Rejected, match="prp_1"):
        apply_to_folder(shop, [patch])
    assert everything(shop) == before


def test_a_symlink_is_not_led_elsewhere(shop: Path) -> None:
    (shop / "sl.py").unlink()
    (shop / "sl.py").symlink_to("y/l.py")
    git(shop, "commit", "-q", "-am", "two")
    patch = Patch("prp_1", "sl.py", unified_diff("sl.py", "y/l.py", "../outside/t.py"))
    before = everything(shop)
    with pytest.raises(Rejected, match="prp_1"):
        stack(shop, patch)
    with pytest.raises(Rejected, match="prp_1"):
        apply_to_folder(shop, [patch])
    assert everything(shop) == before
