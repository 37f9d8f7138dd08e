"""What of a run is remembered, and what is not?"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rsolv_ray.engine.match import EngineError, Limits, Run, Target
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.noun import JsonObject
from tests.unit.engine.samples import fake_core, rule
from tests.unit.scanning.samples import Place, ran, settle

EVAL, EXEC = rule(), rule(id="no-exec", pattern="exec($X)", message="exec")


class Meddled(Engine):
    """The engine, with something that happens before or after each of its runs."""

    def __init__(
        self, before: Callable[[], None] = lambda: None, after: Callable[[Run], Run] = lambda run: run
    ) -> None:
        super().__init__("core")
        self._before, self._after = before, after

    def run(self, rules: Sequence[JsonObject], targets: Sequence[Target], limits: Limits | None = None) -> Run:
        self._before()
        return self._after(super().run(rules, targets, limits))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.write(a="eval(x)\n", b="eval(y)\nexec(y)\n")
    settle()
    return place


def to_run(place: Place) -> dict[str, tuple[str, ...]]:
    return {file.path: part.rules for part in place.plan(EVAL, EXEC).parts for file in part.files}


@pytest.mark.parametrize("other", ["print(1)\n", "even(x)\n"])
def test_a_file_that_changes_before_the_engine_reads_it_is_unread_and_not_remembered(place: Place, other: str) -> None:
    place.engine = Meddled(before=lambda: place.write(a=other))
    told = place.scan(EVAL)
    assert told.unread == ("a.py",)
    assert "a.py: changed while the scan went on" in told.errors
    place.write(a="eval(x)\n")
    settle()
    assert list(to_run(place)) == ["a.py", "b.py"]
    assert {finding.path for finding in place.scan(EVAL).findings} >= {"b.py"}


def test_a_file_that_changed_and_changed_back_meanwhile_is_not_remembered(place: Place) -> None:
    def back(run: Run) -> Run:
        place.write(a="eval(x)\n")
        return run

    place.engine = Meddled(before=lambda: place.write(a="print(1)\n"), after=back)
    place.scan(EVAL)
    place.engine = Engine("core")
    settle()
    assert {finding.path for finding in place.scan(EVAL).findings} == {"a.py", "b.py"}


def test_a_file_that_vanishes_meanwhile_is_unread(place: Place) -> None:
    place.engine = Meddled(before=lambda: (place.root / "a.py").unlink(missing_ok=True))
    told = place.scan(EVAL)
    assert told.unread == ("a.py",)
    assert [finding.path for finding in told.findings] == ["b.py"]


def test_what_fired_in_other_content_that_was_there_for_a_moment_is_not_told(place: Place) -> None:
    def back(run: Run) -> Run:
        place.write(a="eval(x)\n")
        return run

    place.engine = Meddled(before=lambda: place.write(a="pass\n\n\neval(other)\n"), after=back)
    told = place.scan(EVAL)
    assert [finding.path for finding in told.findings] == ["b.py"]
    assert told.unread == ("a.py",)


def gone(file: Path) -> None:
    file.unlink(missing_ok=True)


def pipe(file: Path) -> None:
    gone(file)
    os.mkfifo(file)


def link(file: Path) -> None:
    gone(file)
    (file.parent.parent / "elsewhere.py").write_text("eval(x)\n")
    file.symlink_to(file.parent.parent / "elsewhere.py")


def folder(file: Path) -> None:
    gone(file)
    file.mkdir()


@pytest.mark.parametrize(
    "meddle", [gone, pipe, link, folder, lambda file: file.write_text(""), lambda file: file.write_text("eval(x)\n# grown")],
    ids=["gone", "a pipe", "a link", "a folder", "empty", "grown"],
)  # fmt: skip
def test_a_file_that_is_another_after_its_run_is_told_without_findings(
    place: Place, meddle: Callable[[Path], None]
) -> None:
    def after(run: Run) -> Run:
        meddle(place.root / "a.py")
        return run

    place.engine = Meddled(after=after)
    told = place.scan(EVAL, EXEC)
    assert [(finding.path, finding.rule) for finding in told.findings] == [("b.py", "no-eval"), ("b.py", "no-exec")]
    assert told.unread == ("a.py",)
    assert told.errors == ("a.py: changed while the scan went on",)


def error(run: Run, **named: object) -> Run:
    return replace(run, errors=(*run.errors, EngineError("Timeout", "too slow", **named)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("named", "again"),
    [
        ({"rule": "no-eval", "target": 0, "path": "a.py"}, {"a.py": True, "b.py": False}),
        ({"rule": "no-eval"}, {"a.py": True, "b.py": True}),
        ({"target": 1, "path": "b.py"}, {"a.py": False, "b.py": True}),
        ({}, {"a.py": True, "b.py": True}),
    ],
)
def test_what_an_error_names_is_not_remembered(place: Place, named: dict[str, object], again: dict[str, bool]) -> None:
    place.engine = Meddled(after=lambda run: error(run, **named))
    told = place.scan(EVAL, EXEC)
    assert any("too slow" in one for one in told.errors)
    place.engine = Engine("core")
    known = place.plan(EVAL).parts
    left = {file.path for part in known for file in part.files}
    assert {path: path in left for path in again} == again


def test_a_file_that_is_not_understood_is_unread_also_when_it_is_known(place: Place) -> None:
    place.write(a="eval(x)\nx = (\n")
    settle()
    first = place.scan(EVAL)
    steps: list = []
    again = place.scan(EVAL, tell=steps)
    assert ran(steps) == 0
    assert first.unread == again.unread == ("a.py",)


def test_a_rule_that_fires_too_often_is_not_remembered(place: Place) -> None:
    place.write(a="eval(x)\n" * 50)
    settle()
    capped = place.scan(EVAL, EXEC, limits=Limits(matches_per_rule=10))
    assert any("no-eval" in one for one in capped.errors)
    assert len(place.scan(EVAL, EXEC).findings) == 52


def test_answers_of_the_command_line_tool_are_not_remembered(place: Place) -> None:
    place.engine = Meddled(after=lambda run: replace(run, engine="semgrep 1.182.0"))
    place.scan(EVAL, EXEC)
    assert list(to_run(place)) == ["a.py", "b.py"]


class Replaced(Engine):
    """An engine whose core breaks on two files at once and then gives way to the command-line tool for one of them."""

    def run(self, rules: Sequence[JsonObject], targets: Sequence[Target], limits: Limits | None = None) -> Run:
        if len(targets) > 1:
            raise ToolFailed("broken")
        run = super().run(rules, targets, limits)
        return replace(run, engine="semgrep 1.182.0") if [one.path for one in targets] == ["a.py"] else run


def test_of_mixed_answers_those_of_the_core_alone_are_remembered(place: Place) -> None:
    place.engine = Replaced("core")
    assert len(place.scan(EVAL, EXEC).findings) == 3
    assert list(to_run(place)) == ["a.py"]


def test_a_scan_that_cannot_write_its_cache_tells_so_once_and_finds_the_same(place: Place) -> None:
    place.cache_file.mkdir(parents=True)
    told = place.scan(EVAL, EXEC)
    assert len(told.findings) == 3
    assert [one for one in told.errors if "result cache" in one] == list(told.errors)
    assert len(told.errors) == 1


def test_a_broken_engine_is_told_as_such(place: Place) -> None:
    place.engine = Engine("core", core=fake_core(place.base, "kill -9 $$"))
    with pytest.raises(ToolFailed):
        place.scan(EVAL)


def test_a_file_that_was_touched_but_not_changed_is_read(place: Place) -> None:
    place.engine = Meddled(before=lambda: os.utime(place.root / "a.py"))
    assert place.scan(EVAL).unread == ()
