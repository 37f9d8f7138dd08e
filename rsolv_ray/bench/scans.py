"""How quickly are rules run over much code, beside Semgrep's command and its bare engine on the same files?

One new rule over code that is indexed; everything with nothing known; the index itself; all of it over several amounts of
code; and its memory. Every run that is timed has to find what its peers find in the same run of the benchmark.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rsolv_ray.bench.code_tree import CodeTree, plant
from rsolv_ray.bench.comparison import compared
from rsolv_ray.bench.figures import Ratios, Spread
from rsolv_ray.bench.memory import peak_pss_mib
from rsolv_ray.bench.own_scan import OwnScan
from rsolv_ray.bench.peer import TimedScan, bare_core, semgrep_scan
from rsolv_ray.bench.rule_sets import RuleSets
from rsolv_ray.model.noun import JsonObject

TIMEOUT_S = 1800.0
_REFRESHES = 3
_OF_EACH_GROWN = 3
"""So many rules of each kind are run over each amount of code."""
_OF_EACH_WEIGHED = 5


@dataclass(frozen=True, slots=True)
class Bench:
    """Where it is measured: a folder of its own to write in, and how many workers each engine gets."""

    place: Path
    jobs: int
    tell: Callable[[str], None]

    def own(self, tree: CodeTree, name: str) -> OwnScan:
        """Our scan of a tree, knowing nothing of it yet."""
        folder = self.place / f"own-{name}"
        folder.mkdir()
        return OwnScan(tree.root, folder, jobs=self.jobs)

    def command(self, tree: CodeTree, rules: Sequence[JsonObject]) -> TimedScan:
        return semgrep_scan(json.dumps({"rules": list(rules)}), tree.root, self.place, timeout_s=TIMEOUT_S)

    def core(self, tree: CodeTree, rules: Sequence[JsonObject]) -> TimedScan:
        return bare_core(rules, tree.root, tree.files, self.place, jobs=self.jobs, timeout_s=TIMEOUT_S)


def new_rules(bench: Bench, tree: CodeTree, own: OwnScan, rules: Sequence[tuple[str, JsonObject]]) -> dict[str, Any]:
    """Each rule for the first time over code that is indexed. The three take turns in who goes first."""
    rows: list[dict[str, Any]] = []
    for at, (kind, rule) in enumerate(rules):
        bench.tell(f"rule {at + 1} of {len(rules)}: {rule['id']}")
        rows.append({"rule": str(rule["id"]), "kind": kind, **_one_rule(bench, tree, own, rule, at)})
    kinds = dict.fromkeys(kind for kind, _ in rules)
    return {
        **_ratios(rows),
        "same_findings": all(row["same_findings"] for row in rows),
        **{kind: _ratios([row for row in rows if row["kind"] == kind]) for kind in kinds},
        "rules": rows,
    }


def _one_rule(bench: Bench, tree: CodeTree, own: OwnScan, rule: JsonObject, turn: int) -> dict[str, Any]:
    runs = [
        ("own", lambda: own.scan([rule])),
        ("core", lambda: bench.core(tree, [rule])),
        ("semgrep_scan", lambda: bench.command(tree, [rule])),
    ]
    first = turn % len(runs)
    done = {name: run() for name, run in (*runs[first:], *runs[:first])}
    comparison = compared(done["own"], [done["core"], done["semgrep_scan"]])
    seconds = {f"{name}_s": round(done[name].seconds, 3) for name, _ in runs}
    return {**seconds, "findings": len(done["own"].places), **comparison.told()}


def _ratios(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def to(peer: str) -> dict[str, float]:
        return Ratios.of([row[f"{peer}_s"] / max(row["own_s"], 0.001) for row in rows]).rounded()

    names = ("own_s", "core_s", "semgrep_scan_s")
    return {
        "ratio_to_semgrep_scan": to("semgrep_scan"),
        "ratio_to_core": to("core"),
        **{name: Spread.of([row[name] for row in rows]).rounded() for name in names},
    }


def cold(bench: Bench, tree: CodeTree, rules: Sequence[JsonObject]) -> dict[str, Any]:
    """All rules with no index and nothing known: our time is that of indexing, too."""
    with bench.own(tree, "cold") as scanner:
        own = scanner.scan(rules)
    peer = bench.command(tree, rules)
    return {
        "rules": len(rules),
        "own_s": round(own.seconds, 2),
        "semgrep_scan_s": round(peer.seconds, 2),
        "ratio_to_semgrep_scan": round(peer.seconds / own.seconds, 2),
        "findings": len(own.places),
        **compared(own, [peer]).told(),
    }


def indexed(tree: CodeTree, own: OwnScan) -> dict[str, Any]:
    """How long the index takes to make, how large it is, and how long it takes to see that nothing changed."""
    built = own.refresh()
    again = [own.refresh() for _ in range(_REFRESHES)]
    corpus = own.corpus
    return {
        **tree.told(),
        "built_s": round(built.elapsed_s, 3),
        "lines_per_s": round(built.lines / built.elapsed_s),
        "bytes_on_disk": corpus.bytes_on_disk,
        "share_of_source": round(corpus.bytes_on_disk / corpus.source_bytes, 4),
        "unchanged_s": round(statistics.median(one.elapsed_s for one in again), 3),
        "whole": {file.path for file in corpus.files} == set(tree.files),
    }


def growth(bench: Bench, roots: Sequence[Path], amounts: Sequence[int], sets: RuleSets) -> list[dict[str, Any]]:
    """Index and new rules over several amounts of code, as far as there is so much of it."""
    told: list[dict[str, Any]] = []
    for lines in amounts:
        bench.tell(f"{lines:,} lines of code")
        tree = plant(roots, bench.place / f"grown-{lines}", lines=lines)
        rules = [("few", rule) for rule in sets.few(_OF_EACH_GROWN)]
        with bench.own(tree, f"grown-{lines}") as own:
            index = indexed(tree, own)
            rows = new_rules(bench, tree, own, rules)
        told.append({"asked_lines": lines, **tree.told(), "index": index, "new_rule": _without_rows(rows)})
    return told


def _without_rows(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name not in {"rules", "few"}}


def memory(bench: Bench, tree: CodeTree, sets: RuleSets) -> dict[str, Any]:
    """The most memory (PSS) that our index and scan take, this process included, and Semgrep's command, each alone."""
    rules = sets.few(_OF_EACH_WEIGHED)
    with bench.own(tree, "weighed") as own:
        _, before = peak_pss_mib(own.rest, with_own=True)
        _, index = peak_pss_mib(own.refresh, with_own=True)
        mine, scan = peak_pss_mib(lambda: own.scan(rules), with_own=True)
    peer, command = peak_pss_mib(lambda: bench.command(tree, rules), with_own=False)
    return {
        "rules": len(rules),
        "before_mib": round(before),
        "index_mib": round(index),
        "scan_mib": round(scan),
        "semgrep_scan_mib": round(command),
        "engine_limit_mib": own.limits.memory_mb,
        **compared(mine, [peer]).told(),
    }
