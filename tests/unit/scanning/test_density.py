"""Is a sample of clean code as good as all of it, and is told how good?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.engine.semgrep import Engine
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
