"""Is a sample of clean code as good as all of it, and is told how good?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.engine.match import TOO_MANY_MATCHES, EngineError, Limits, Run, Target
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Density
from rsolv_ray.scanning import density
from rsolv_ray.scanning.density import CleanFile, densities
from tests.unit.engine.samples import definition

ENGINE = Engine("core")
EVAL = definition(id="eval", pattern="eval($X)")
LINES = 10


@pytest.fixture(autouse=True)
def _small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(density, "SHARES", (20 * LINES, 60 * LINES))


def _files(folder: Path, findings: list[int]) -> list[CleanFile]:
    """Files of ten lines with so many findings each."""
    made: list[CleanFile] = []
    for number, count in enumerate(findings):
        file = folder / f"f{number}.py"
        file.write_text("eval(x)\n" * count + "pass\n" * (LINES - count))
        made.append(CleanFile(file, file.name, "python", LINES))
    return made


def _of(files: list[CleanFile], lines: int, rule: dict[str, Any] = EVAL) -> Density:
    told = densities(ENGINE, [rule], {rule["id"]: files}, lines)[rule["id"]]
    assert told is not None
    return told


def test_what_fits_into_a_sample_is_counted_without_error(tmp_path: Path) -> None:
    told = _of(_files(tmp_path, [1, 0] * 10), 100_000)
    assert (told.findings, told.per_100k_lines, told.margin, told.sampled) == (10, 10.0, 0.0, False)


def test_a_sample_stands_for_all_files(tmp_path: Path) -> None:
    told = _of(_files(tmp_path, [1, 0, 0, 0] * 50), 100_000)
    assert told.sampled
    assert (told.files, told.possible_files) == (60, 200)
    assert told.findings == 15
    assert told.per_100k_lines == 50.0


def test_the_error_is_that_of_the_ratio_estimate(tmp_path: Path) -> None:
    """Files of equal size: 200 x sqrt((1 - 60/200) x s² / 60), with the variance s² of 15 ones among 60."""
    scatter = (15 * 0.75**2 + 45 * 0.25**2) / 59
    expected = 200 * ((1 - 60 / 200) * scatter / 60) ** 0.5
    assert _of(_files(tmp_path, [1, 0, 0, 0] * 50), 100_000).margin == pytest.approx(expected, abs=1e-3)


def test_nothing_found_may_be_one_that_was_missed(tmp_path: Path) -> None:
    told = _of(_files(tmp_path, [0] * 100), 1_000_000)
    assert (told.findings, told.per_100k_lines) == (0, 0.0)
    assert told.margin == pytest.approx(1 / (told.files * LINES) * 1000 / 1_000_000 * 100_000, abs=1e-4)


@pytest.mark.parametrize(
    ("findings", "lines", "files"),
    [(2, 100_000, 20), (0, 10_000_000, 20), (0, 100_000, 60)],
    ids=["loud beyond doubt", "rare beyond doubt", "in doubt"],
)
def test_the_sample_grows_only_while_there_is_doubt(tmp_path: Path, findings: int, lines: int, files: int) -> None:
    assert _of(_files(tmp_path, [findings] * 100), lines).files == files


def test_the_same_files_give_the_same_answer(tmp_path: Path) -> None:
    files = _files(tmp_path, [1, 0, 2] * 30)
    assert _of(files, 100_000) == _of(files, 100_000)


def test_a_rule_that_fires_everywhere_is_told_as_loud_and_not_run_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(density, "MOST_FINDINGS", 15)
    told = _of(_files(tmp_path, [9] * 100), 100_000)
    assert told.findings == 15
    assert told.per_100k_lines == 75.0
    assert told.files == 20


def test_a_rule_counts_in_its_own_sample_alone(tmp_path: Path) -> None:
    files = _files(tmp_path, [1] * 4)
    rules = [EVAL, definition(id="other", pattern="eval($Y)")]
    told = densities(ENGINE, rules, {"eval": files, "other": files[:1]}, 100)
    assert {name: one.findings for name, one in told.items() if one} == {"eval": 4, "other": 1}


def _in_vain(files: list[CleanFile], *errors: EngineError) -> Density | None:
    """What is told where the engine finds nothing and says why."""

    class Silent(Engine):
        def run(self, rules: Sequence[JsonObject], targets: Sequence[Target], limits: Limits | None = None) -> Run:
            return Run((), errors, 0.0, self.version)

    return densities(Silent("core"), [EVAL], {"eval": files}, 100)["eval"]


@pytest.mark.parametrize(
    ("error", "read"),
    [
        (EngineError("Timeout", "slow", rule="eval", target=0), 2),
        (EngineError("Fatal error", "broke", rule="eval", target=0), 2),
        (EngineError("changed", "it is gone", target=0), 2),
        (EngineError("Timeout", "slow", rule="other", target=0), 3),
        (EngineError("Syntax error", "odd code", target=0), 3),
    ],
)
def test_a_file_on_which_the_engine_broke_is_not_taken_for_clean(tmp_path: Path, error: EngineError, read: int) -> None:
    told = _in_vain(_files(tmp_path, [1, 1, 1]), error)
    assert told is not None
    assert told.files == read


def test_a_rule_for_which_the_engine_broke_on_all_files_is_unknown(tmp_path: Path) -> None:
    assert _in_vain(_files(tmp_path, [1]), EngineError("Fatal error", "broke", rule="eval", target=0)) is None


def test_a_file_in_which_a_rule_fires_too_often_makes_it_loud(tmp_path: Path) -> None:
    told = _in_vain(_files(tmp_path, [1]), EngineError(TOO_MANY_MATCHES, "loud", rule="eval", target=0))
    assert told is not None
    assert told.findings == density.MOST_FINDINGS
