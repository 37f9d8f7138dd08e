"""What does `semgrep scan` find, as a user would run it over a folder?"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from rsolv_ray.engine.match import Match, Target
from rsolv_ray.engine.semgrep import Engine, Limits
from rsolv_ray.model.languages import language_of

Found = tuple[str, str, int, int]
"""Rule, path, and the range: the offsets in characters of its first and of the one after its last."""

UNKNOWN = "generic"
"""What a file in no known language is for the engine: text."""


@dataclass(frozen=True)
class Code:
    """Rules, and files by path (with their text) to run all of them over."""

    rules: Sequence[dict[str, Any]]
    files: dict[str, str]

    def written(self, folder: Path) -> Path:
        for path, text in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
        return folder

    def targets(self, folder: Path) -> list[Target]:
        return [Target(path, folder / path, language_of(path) or UNKNOWN) for path in self.files]


def benchmark(file: Path, share: int = 1) -> Code:
    """One rule in `share` (by hash) of a benchmark of rules with test files, JSON lines with `record_id`, `rule`,
    `test_path`, `test_text_clean`, and all their files. Rules that join others' findings are left out."""
    rules: dict[str, dict[str, Any]] = {}
    files: dict[str, str] = {}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            digest = hashlib.sha256(json.dumps(row["rule"], sort_keys=True).encode()).hexdigest()
            if row["mode"] == "join" or int(digest[:8], 16) % share:
                continue
            rules[digest] = {**row["rule"], "id": f"r{digest[:12]}"}
            text = row["test_text_clean"]
            name = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:10]
            files[f"{name}/{PurePosixPath(row['test_path']).name}"] = text
    return Code(tuple(rules.values()), files)


def found_by_plain(code: Code, folder: Path) -> set[Found]:
    """The findings of `semgrep scan` over the written code."""
    config = folder.parent / f"{folder.name}-rules.json"
    config.write_text(json.dumps({"rules": list(code.rules)}))
    ran = subprocess.run(
        [
            str(Path(sys.executable).parent / "semgrep"), "scan", "--json", "--metrics", "off", "--disable-version-check",
            "--no-rewrite-rule-ids", "--disable-nosem", "--config", str(config), "--jobs", "2", ".",
        ],
        cwd=folder,
        env={**os.environ, "HOME": str(folder.parent), "SEMGREP_SEND_METRICS": "off"},
        capture_output=True,
        timeout=900,
        check=True,
    )  # fmt: skip
    return {_found(row, folder) for row in json.loads(ran.stdout)["results"]}


def found_by(matches: Sequence[Match]) -> set[Found]:
    return {(one.rule, one.path, one.start, one.end) for one in matches}


def engine(backend: str) -> Engine:
    return Engine(backend, Limits(wall_s=900, jobs=2, matches_per_rule=100_000))


def _found(row: dict[str, Any], folder: Path) -> Found:
    data = (folder / row["path"]).read_bytes()
    start, end = (len(data[: row[at]["offset"]].decode("utf-8", "replace")) for at in ("start", "end"))
    return row["check_id"], row["path"], start, end
