"""How quick is a scan here, beside `semgrep scan` and the bare engine on the same files?

No service is needed: the scan runs in this process, as `rsolv scan --rules --index` runs it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.bench_report import machine, show, targets_of, tell
from rsolv_ray.cli.console import say, show_json, show_table
from rsolv_ray.cli.exits import Exit, Usage
from rsolv_ray.cli.options import AsJson

if TYPE_CHECKING:
    from rsolv_ray.bench.rule_sets import RuleSets
    from rsolv_ray.bench.scans import Bench

Quick = Annotated[bool, typer.Option("--quick", help="A tenth of the code and a quarter of the rules: minutes.")]
Lines = Annotated[int | None, typer.Option("--lines", min=1000, help="So many lines of code; 1,000,000 if not given.")]
Code = Annotated[
    list[Path] | None,
    typer.Option(
        "--code",
        exists=True,
        file_okay=False,
        help="Take code from this folder, not what is installed; several may be.",
    ),
]
RulesFile = Annotated[
    Path | None,
    typer.Option(
        "--rules", exists=True, dir_okay=False, help="Semgrep rules (YAML, JSON or .jsonl) for those by people."
    ),
]
PARTS = ("index", "new_rule", "cold", "after_commit", "memory", "growth")
Only = Annotated[
    list[str] | None, typer.Option("--only", help=f"Measure this part alone, of {', '.join(PARTS)}; several may be.")
]
FixesFile = Annotated[
    Path | None,
    typer.Option("--fixes", exists=True, dir_okay=False, help="JSON lines of fixes to learn the other rules from."),
]


@dataclass(frozen=True)
class Amounts:
    """How much is measured: lines of code, rules of each kind, lines for growth, rules and files and commits."""

    lines: int
    of_each: int
    growth: tuple[int, ...]
    pack: int
    files: int
    commits: int


FULL = Amounts(lines=1_000_000, of_each=20, growth=(100_000, 1_000_000, 4_000_000), pack=200, files=2_000, commits=3)
QUICK = Amounts(lines=100_000, of_each=5, growth=(20_000, 100_000), pack=40, files=200, commits=1)


def scan(
    *,
    quick: Quick = False,
    lines: Lines = None,
    code: Code = None,
    rules: RulesFile = None,
    fixes: FixesFile = None,
    only: Only = None,
    as_json: AsJson = False,
) -> None:
    """Measure scans: one new rule, after a commit, with nothing known; the index, growth and memory.

    Without --quick it takes half an hour or so. Exit 1: a scan did not find what its peers found.
    """
    from rsolv_ray.bench.figures import SCAN_TARGETS

    unknown = set(only or ()) - set(PARTS)
    if unknown:
        raise Usage(f"there is no part {', '.join(sorted(unknown))}: one of {', '.join(PARTS)}")
    amounts = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="rsolv-bench-", ignore_cleanup_errors=True) as made:
        bench = _bench(Path(made).resolve(), quiet=as_json)
        sets = _rule_sets(bench, amounts, rules, fixes)
        figures = _measured(bench, amounts, sets, lines or amounts.lines, code, set(only or PARTS))
    figures["same_findings"] = _all_same(figures)
    figures["targets"] = targets_of(figures, SCAN_TARGETS)
    if as_json:
        show_json(figures)
    else:
        _show(figures)
    raise typer.Exit(Exit.DONE if figures["same_findings"] else Exit.FOUND_OR_REJECTED)


def _show(figures: dict[str, Any]) -> None:
    show(figures, without=("new_rule", "growth", "same_findings"))
    if "new_rule" in figures:
        columns = ("rule", "own_s", "core_s", "semgrep_scan_s", "findings", "same_findings")
        rows = ([row[column] for column in columns] for row in figures["new_rule"]["rules"])
        show_table(columns, rows, empty="no rule was run")
    if "growth" in figures:
        columns = ("lines", "built_s", "unchanged_s", "own_s", "core_s", "semgrep_scan_s")
        show_table(columns, map(_grown, figures["growth"]), empty="")
    say("every scan found what its peers found" if figures["same_findings"] else "findings DIFFER: --json names them")


def _grown(row: dict[str, Any]) -> list[object]:
    """Of one amount of code: the index, and the medians of the new rules."""
    medians = [row["new_rule"][name]["p50"] for name in ("own_s", "core_s", "semgrep_scan_s")]
    return [row["lines"], row["index"]["built_s"], row["index"]["unchanged_s"], *medians]


def _bench(place: Path, *, quiet: bool) -> Bench:
    from rsolv_ray.bench.scans import Bench

    return Bench(place, jobs=os.cpu_count() or 1, tell=lambda line: tell(line, quiet=quiet))


def _rule_sets(bench: Bench, amounts: Amounts, rules: Path | None, fixes: Path | None) -> RuleSets:
    from rsolv_ray.bench.rule_sets import rule_sets

    bench.tell("rules learned from fixes")
    return rule_sets(rules, fixes, of_each=amounts.of_each, pack=amounts.pack)


def _measured(  # noqa: PLR0917 - what is measured, on what
    bench: Bench, amounts: Amounts, sets: RuleSets, lines: int, code: Sequence[Path] | None, parts: Collection[str]
) -> dict[str, Any]:
    from rsolv_ray.bench import scans
    from rsolv_ray.bench.code_tree import installed, plant
    from rsolv_ray.bench.commits import after_commits

    roots = tuple(code) if code else installed()
    single = [rule for _, rule in sets.single]
    bench.tell(f"{lines:,} lines of code")
    tree = plant(roots, bench.place / "code", lines=lines)
    figures: dict[str, Any] = {"machine": machine(), "code": tree.told()}
    with bench.own(tree, "indexed") as own:
        if "index" in parts or "new_rule" in parts:
            figures["index"] = scans.indexed(tree, own)
        if "new_rule" in parts:
            figures["new_rule"] = scans.new_rules(bench, tree, own, sets.single)
    if "cold" in parts:
        bench.tell(f"{len(single)} rules with nothing known")
        figures["cold"] = scans.cold(bench, tree, single)
    if "after_commit" in parts:
        repository = plant(roots, bench.place / "repository", files=amounts.files)
        figures["after_commit"] = after_commits(bench, repository, sets.pack, amounts.commits)
    if "memory" in parts:
        bench.tell("memory")
        figures["memory"] = scans.memory(bench, tree, sets)
    if "growth" in parts:
        figures["growth"] = scans.growth(bench, roots, amounts.growth, sets)
    return figures


def _all_same(figures: dict[str, Any]) -> bool:
    alone = [
        figures[name]["same_findings"] for name in ("new_rule", "cold", "after_commit", "memory") if name in figures
    ]
    grown = [one["new_rule"]["same_findings"] and one["index"]["whole"] for one in figures.get("growth", ())]
    whole = [figures["index"]["whole"]] if "index" in figures else []
    return all([*alone, *grown, *whole])
