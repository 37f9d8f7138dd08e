"""How long does a scan take after a commit that touches a few files of a repository?

With a large pack of rules whose answers are known for everything else. The peer runs all of them over all files, as
Semgrep's command does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rsolv_ray.bench.code_tree import CodeTree
from rsolv_ray.bench.comparison import compared
from rsolv_ray.bench.figures import Ratios
from rsolv_ray.bench.scans import Bench
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.repos.local_git import LocalGit

TOUCHED = 5
_AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgSign=false")
_EDIT = "\n\ndef edited_{number}(text, command):\n    import os\n    os.system(command)\n    return eval(text)\n"
"""What a commit adds to each file that it touches: there is something new to find."""


def after_commits(bench: Bench, tree: CodeTree, rules: Sequence[JsonObject], commits: int) -> dict[str, Any]:
    """Commit by commit: five files changed, our scan, and `semgrep scan` of the whole.

    The tree becomes a git repository, and its Python files are changed. Raises `Rejected` where git refuses.
    """
    git = LocalGit(tree.root)
    git.run("init", "--quiet")
    _commit(git, "all of it")
    rows: list[dict[str, Any]] = []
    with bench.own(tree, "commits") as own:
        first = own.scan(rules)
        for number in range(commits):
            bench.tell(f"commit {number + 1} of {commits}, {len(rules)} rules over {len(tree.files):,} files")
            touched = _edit(tree.root, sorted(tree.files), number)
            _commit(git, f"edit {number}")
            mine, peer = own.scan(rules), bench.command(tree, rules)
            seconds = {"own_s": round(mine.seconds, 3), "semgrep_scan_s": round(peer.seconds, 3)}
            rows.append({"touched": touched, **seconds, "findings": len(mine.places), **compared(mine, [peer]).told()})
    return {
        **tree.told(),
        "rules": len(rules),
        "first_s": round(first.seconds, 2),
        "ratio_to_semgrep_scan": Ratios.of([row["semgrep_scan_s"] / row["own_s"] for row in rows]).rounded(),
        "same_findings": all(row["same_findings"] for row in rows),
        "commits": rows,
    }


def _edit(root: Path, paths: Sequence[str], number: int) -> int:
    """Change five files that lie far from each other; other ones with each number. How many were changed."""
    python = [path for path in paths if path.endswith(".py")]
    step = max(1, len(python) // TOUCHED)
    chosen = {python[(start * step + number) % len(python)] for start in range(TOUCHED)}
    for path in chosen:
        file = root / path
        file.write_bytes(file.read_bytes() + _EDIT.format(number=number).encode())
    return len(chosen)


def _commit(git: LocalGit, message: str) -> None:
    git.run("add", "--all", "--force", wall_s=300.0)
    git.run(*_AUTHOR, "commit", "--quiet", "--message", message, wall_s=300.0)
