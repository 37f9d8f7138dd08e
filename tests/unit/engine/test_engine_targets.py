"""What if a target is no plain file, goes, or changes while it is looked at?"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rsolv_ray.engine.batches import Batched, run_in_batches
from rsolv_ray.engine.match import CHANGED, NO_FILE, EngineError, Limits, Target
from rsolv_ray.engine.semgrep import Engine
from tests.unit.engine.samples import definition, fake_core

ENGINE = Engine("core")


def good(folder: Path) -> Target:
    (folder / "good.py").write_text("eval(1)\n")
    return Target("good.py", folder / "good.py", "python")


def odd(folder: Path, kind: str) -> Target:
    file = folder / "odd.py"
    match kind:
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case "loop":
            file.symlink_to(file)
        case "dangling link":
            file.symlink_to(folder / "nowhere")
        case _:
            pass
    return Target("odd.py", file, "python")


def changing(folder: Path, do: str) -> Engine:
    """The engine, after which something is done to the files."""
    return Engine("core", core=fake_core(folder, f'{ENGINE._core} "$@"; {do}'))


def batched(engine: Engine, *targets: Target) -> Batched:
    return run_in_batches(engine, [definition()], targets, limits=Limits(), until=time.monotonic() + 60)


@pytest.mark.parametrize("kind", ["pipe", "folder", "loop", "dangling link", "nothing"])
@pytest.mark.parametrize("backend", ["core", "cli"])
def test_what_is_no_plain_file_is_told_and_the_others_are_scanned(tmp_path: Path, kind: str, backend: str) -> None:
    run = Engine(backend).run([definition()], [odd(tmp_path, kind), good(tmp_path)])
    assert [(error.kind, error.target, error.path) for error in run.errors] == [(NO_FILE, 0, "odd.py")]
    assert [match.target for match in run.matches] == [1]


@pytest.mark.parametrize("do", ["echo >> {}", "rm {}", "rm {0}; mkdir {0}", "echo 'x = 12' > {}"])
def test_what_was_found_in_a_file_that_changed_during_the_run_is_left_out(tmp_path: Path, do: str) -> None:
    (tmp_path / "a.py").write_text("é = 1\neval(1)\n" * 9)
    target = Target("a.py", tmp_path / "a.py", "python")
    run = changing(tmp_path, do.format(target.file)).run([definition()], [target, good(tmp_path)])
    assert [match.target for match in run.matches] == [1]
    assert run.errors == (EngineError(CHANGED, "it changed during the run", path="a.py", target=0),)


def test_a_file_that_changed_once_is_run_over_again(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    once = f"test -e {tmp_path}/done || echo 'eval(2)' > {tmp_path}/a.py; touch {tmp_path}/done"
    told = batched(changing(tmp_path, once), good(tmp_path), Target("a.py", tmp_path / "a.py", "python"))
    assert [match.text for match in told.matches] == ["eval(1)", "eval(2)"]
    assert (told.errors, told.unread) == ((), ())


def test_a_file_that_changes_all_the_time_is_told_as_unread(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("eval(1)\n")
    engine = changing(tmp_path, f"echo >> {tmp_path}/a.py")
    told = batched(engine, good(tmp_path), Target("a.py", tmp_path / "a.py", "python"))
    assert [match.path for match in told.matches] == ["good.py"]
    assert ([error.kind for error in told.errors], told.unread) == ([CHANGED], (1,))


def test_a_file_of_fifty_megabytes_costs_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_bytes(b"x = f('0123456789', \"abcdef\")\n" * 1_700_000)
    told = run_in_batches(
        ENGINE,
        [definition()],
        [Target("big.py", tmp_path / "big.py", "python"), good(tmp_path)],
        limits=Limits(rule_s=2, memory_mb=512),
        until=time.monotonic() + 90,
    )
    assert [match.path for match in told.matches] == ["good.py"]


def test_a_large_file_that_takes_all_memory_is_named(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_bytes(b"eval(1)\n" + b"x = f('0123456789', \"abcdef\")\n" * 400_000)
    told = run_in_batches(
        ENGINE,
        [definition()],
        [Target("big.py", tmp_path / "big.py", "python"), good(tmp_path)],
        limits=Limits(rule_s=60, memory_mb=256),
        until=time.monotonic() + 120,
    )
    assert [match.path for match in told.matches] == ["good.py"]
    assert told.unread == (0,)
    assert {error.path for error in told.errors} == {"big.py"}


def test_a_minified_bundle_is_scanned(tmp_path: Path) -> None:
    code = ";".join(f"function f{at}(a){{return g(a,{at})}}" for at in range(5_000)) + ";eval(q)"
    (tmp_path / "a.min.js").write_text(code)
    target = Target("a.min.js", tmp_path / "a.min.js", "javascript")
    (match,) = ENGINE.run([definition(languages=["javascript"])], [target], Limits(rule_s=30)).matches
    assert (match.span.start_line, match.start) == (1, code.index("eval(q)"))
