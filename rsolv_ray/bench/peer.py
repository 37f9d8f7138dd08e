"""How long do others take for the same rules on the same files, and what do they find there?

The peers are Semgrep's own command, as a user types it, and its bare engine, the binary inside the wheel, with nothing
around it. Their answers are read here and not by `engine.answer`, so that a mistake there would be seen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rsolv_ray.engine.backends import core_of_the_wheel
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.noun import JsonObject

TIMEOUT_S = 300.0
RULE_S = 5
"""So many seconds a rule may take on one file: the command's default, and ours."""
_MATCHES_PER_FILE = 10_000


class Place(NamedTuple):
    """Where a rule fires: a path from the root, lines and columns (in characters) from 1, the end column exclusive."""

    rule: str
    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class TimedScan:
    """Wall seconds of one run, how many results it told, and the places of them, waived ones left out.

    `unsure` are the (rule, path) pairs on which a rule ran out of time or of room: what is told of them is left to chance.
    """

    seconds: float
    findings: int
    places: frozenset[Place] = frozenset()
    unsure: frozenset[tuple[str, str]] = frozenset()


def semgrep_scan(rules: str, root: Path, folder: Path, *, timeout_s: float = TIMEOUT_S) -> TimedScan:
    """Run `semgrep scan` on the folder `root` once, offline.

    `rules` is a Semgrep configuration in YAML or JSON, `folder` a place for a file, outside `root`.

    Raises:
        ToolFailed: it failed, or took more than `timeout_s` seconds.
    """
    file = folder / ("rules.json" if rules.lstrip().startswith("{") else "rules.yaml")
    file.write_text(rules, encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("semgrep")), "scan", "--config", str(file), "--json", "--quiet",
        "--metrics=off", "--disable-version-check", "--no-rewrite-rule-ids", ".",
    ]  # fmt: skip
    return _timed(command, root, timeout_s)


def bare_core(
    definitions: Sequence[JsonObject],
    root: Path,
    files: Mapping[str, str],
    folder: Path,
    *,
    jobs: int,
    timeout_s: float = TIMEOUT_S,
) -> TimedScan:
    """Run the bare engine once over `files` (path from `root` -> language) with `jobs` workers. Raises as `semgrep_scan`."""
    rules, targets = folder / "core-rules.json", folder / "core-targets.json"
    rules.write_text(json.dumps({"rules": definitions}), encoding="utf-8")
    targets.write_text(json.dumps(["Targets", [_target(root, *one) for one in files.items()]]), encoding="utf-8")
    command = [
        str(core_of_the_wheel()), "-rules", str(rules), "-targets", str(targets), "-json_nodots", "-fast", "-j", str(jobs),
        "-timeout", str(RULE_S), "-max_match_per_file", str(_MATCHES_PER_FILE),
    ]  # fmt: skip
    return _timed(command, root, timeout_s)


def _target(root: Path, path: str, language: str) -> list[Any]:
    names = {"fpath": str(root / path), "ppath": f"/{path}"}
    return ["CodeTarget", {"path": names, "analyzer": language, "products": ["sast"]}]


def _timed(command: Sequence[str], root: Path, timeout_s: float) -> TimedScan:
    environment = {**os.environ, "SEMGREP_SEND_METRICS": "off"}
    began = time.perf_counter()
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=True, timeout=timeout_s
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(f"{Path(command[0]).name}: {error}") from error
    except FileNotFoundError as error:
        raise ToolFailed(f"{error.filename} is not there: install rsolv-ray with its requirements") from error
    taken = time.perf_counter() - began
    answer = json.loads(done.stdout)
    told = [row for row in answer["results"] if not row["extra"].get("is_ignored")]
    return TimedScan(taken, len(told), places_of(told, root), frozenset(_unsure(answer["errors"], root)))


def places_of(rows: Iterable[Mapping[str, Any]], root: Path) -> frozenset[Place]:
    """The places of the results of Semgrep's JSON, whose columns count bytes."""
    by_path: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_path.setdefault(_from_root(row["path"], root), []).append(row)
    found: set[Place] = set()
    for path, of_file in by_path.items():
        lines = (root / path).read_bytes().split(b"\n")
        found.update(
            Place(row["check_id"], path, *_position(lines, row["start"]), *_position(lines, row["end"]))
            for row in of_file
        )
    return frozenset(found)


def _from_root(path: str, root: Path) -> str:
    return os.path.relpath(root / path, root).replace(os.sep, "/")


def _position(lines: Sequence[bytes], position: Mapping[str, int]) -> tuple[int, int]:
    line, column = position["line"], position["col"]
    if line > len(lines):  # the end of a match that ends with the file's last line feed
        return line, column
    before = lines[line - 1][: column - 1]
    return line, column + len(before.decode("utf-8", "replace")) - len(before)


def _unsure(errors: Iterable[Mapping[str, Any]], root: Path) -> Iterable[tuple[str, str]]:
    for error in errors:
        path = error.get("path") or (error.get("location") or {}).get("path")
        kind = error.get("type", error.get("error_type", ""))
        name = kind[0] if isinstance(kind, list) else kind
        if path and name in {"Timeout", "Out of memory", "Too many matches", "Stack overflow"}:
            yield str(error.get("rule_id") or "*"), _from_root(path, root)
