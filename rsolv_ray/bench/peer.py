"""How long does Semgrep's own command take for the same rule on the same files?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rsolv_ray.model.errors import ToolFailed

TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class PeerScan:
    """Wall seconds of one run, and how many places it flagged."""

    seconds: float
    findings: int


def semgrep_scan(rules: str, root: Path, folder: Path) -> PeerScan:
    """Run `semgrep scan` once, offline. `rules` is a Semgrep configuration, `folder` a place for a file.

    Raises:
        ToolFailed: it failed, or took more than five minutes.
    """
    file = folder / "rules.yaml"
    file.write_text(rules, encoding="utf-8")
    tool = Path(sys.executable).with_name("semgrep")
    command = [
        str(tool),
        "scan",
        "--config",
        str(file),
        "--json",
        "--quiet",
        "--metrics=off",
        "--disable-version-check",
    ]
    began = time.perf_counter()
    try:
        done = subprocess.run(
            [*command, str(root)],
            cwd=folder,
            env={**os.environ, "SEMGREP_SEND_METRICS": "off"},
            capture_output=True,
            text=True,
            check=True,
            timeout=TIMEOUT_S,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(f"semgrep scan: {error}") from error
    taken = time.perf_counter() - began
    return PeerScan(taken, len(json.loads(done.stdout)["results"]))
