"""What if the engine crashes, hangs, swells or talks nonsense?"""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rsolv_ray.engine.match import EngineRun, Interrupted
from rsolv_ray.engine.semgrep import Engine, Limits
from rsolv_ray.model.errors import Rejected, ToolFailed
from tests.processes import has_ended
from tests.unit.engine.samples import definition, fake_core, python

CODE = [python("eval(1)\n")]


def test_a_crash_is_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match=r"status -11.*oops"):
        Engine("core", core=fake_core(tmp_path, "echo oops >&2; kill -SEGV $$")).run_texts([definition()], CODE)


def test_an_answer_before_a_crash_is_no_evidence_either(tmp_path: Path) -> None:
    core = fake_core(tmp_path, """echo '{"results": [], "errors": [{"message": "m"}]}'; exit 3""")
    with pytest.raises(ToolFailed, match="status 3"):
        Engine("core", core=core).run_texts([definition()], CODE)


@pytest.mark.parametrize(
    "junk", ["junk", '{"results": 1}', '{"results": [{"check_id": "r0"}], "errors": []}', "[" * 99999]
)
def test_nonsense_is_no_evidence(tmp_path: Path, junk: str) -> None:
    (tmp_path / "junk").write_text(junk)
    with pytest.raises(ToolFailed):
        Engine("core", core=fake_core(tmp_path, f"cat {tmp_path}/junk")).run_texts([definition()], CODE)


def test_nonsense_from_the_core_is_made_good_by_the_command_line_tool(tmp_path: Path) -> None:
    run = Engine("auto", core=fake_core(tmp_path, "echo junk")).run_texts([definition()], CODE)
    assert [match.text for match in run.matches] == ["eval(1)"]
    assert run.engine.startswith("semgrep 1.")


def test_each_run_of_a_program_is_told_and_how_it_ended(tmp_path: Path) -> None:
    runs: list[EngineRun] = []
    Engine("auto", core=fake_core(tmp_path, "echo junk"), on_run=runs.append).run_texts([definition()], CODE)
    assert [(run.engine, run.result) for run in runs] == [("semgrep-core", "failed"), ("semgrep", "done")]
    assert all(run.elapsed_s > 0 for run in runs)


def test_a_missing_core_is_made_good_by_the_command_line_tool(tmp_path: Path) -> None:
    run = Engine("auto", core=tmp_path / "nothing").run_texts([definition()], CODE)
    assert [match.text for match in run.matches] == ["eval(1)"]


def test_a_missing_core_is_told_where_nothing_else_may_stand_in(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="cannot be started"):
        Engine("core", core=tmp_path / "nothing").run_texts([definition()], CODE)


UNTRIED = """echo >> {}/asked; echo '{{"version": "1.999.0", "results": [], "errors": []}}'"""


def test_a_core_of_a_version_that_was_not_tried_is_refused_with_what_to_do(tmp_path: Path) -> None:
    core = fake_core(tmp_path, UNTRIED.format(tmp_path))
    with pytest.raises(ToolFailed, match=r"1\.999\.0.*1\.182\.\*.*constraints\.txt"):
        Engine("core", core=core).run_texts([definition()], CODE)


def test_a_core_of_a_version_that_was_not_tried_gives_way_to_the_command_line_tool_and_is_not_asked_again(
    tmp_path: Path,
) -> None:
    engine = Engine("auto", core=fake_core(tmp_path, UNTRIED.format(tmp_path)))
    runs = [engine.run_texts([definition()], CODE) for _ in range(2)]
    assert [run.engine.startswith("semgrep 1.182.") and len(run.matches) == 1 for run in runs] == [True, True]
    assert len((tmp_path / "asked").read_text().splitlines()) == 1


def test_the_core_is_used_where_it_answers() -> None:
    assert Engine("auto").run_texts([definition()], CODE).engine.startswith("semgrep-core 1.")


def test_when_the_time_is_up_the_whole_process_group_is_gone(tmp_path: Path) -> None:
    core = fake_core(tmp_path, f"sleep 300 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/self; wait")
    began = time.monotonic()
    with pytest.raises(ToolFailed, match=r"within 1 s"):
        Engine("core", Limits(wall_s=1.0), core=core).run_texts([definition()], CODE)
    assert time.monotonic() - began < 10
    for name in ("child", "self"):
        pid = int((tmp_path / name).read_text())
        _wait_for(lambda pid=pid: has_ended(pid))


def test_a_child_that_the_engine_leaves_behind_is_killed(tmp_path: Path) -> None:
    script = f"""sleep 300 >/dev/null 2>&1 & echo $! > {tmp_path}/child; echo '{{"version": "1.182.0", "results": [], "errors": []}}'"""
    Engine("core", core=fake_core(tmp_path, script)).run_texts([definition()], CODE)
    pid = int((tmp_path / "child").read_text())
    _wait_for(lambda: has_ended(pid))


def test_a_core_that_makes_no_progress_is_stopped_before_its_time_is_up(tmp_path: Path) -> None:
    core = fake_core(tmp_path, "printf '.\\n.\\n'; sleep 300")
    began = time.monotonic()
    with pytest.raises(Interrupted, match="no progress for 1 s") as stopped:
        Engine("core", Limits(stall_s=1.0), core=core).run_texts([definition()], CODE)
    assert time.monotonic() - began < 10
    assert stopped.value.done == 2


def test_a_core_that_goes_on_is_not_stopped_for_being_slow(tmp_path: Path) -> None:
    slow = "for at in 1 2 3 4 5 6 7 8; do echo .; sleep 0.4; done; "
    core = fake_core(tmp_path, slow + """echo '{"version": "1.182.0", "results": [], "errors": []}'""")
    assert Engine("core", Limits(stall_s=2.0), core=core).run_texts([definition()], CODE).matches == ()


def test_why_the_engine_was_ended_can_be_sent_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(Interrupted("stopped", done=3)))
    assert (str(sent), sent.done) == ("stopped", 3)


def test_cpu_time_is_limited(tmp_path: Path) -> None:
    core = fake_core(tmp_path, "while :; do :; done")
    with pytest.raises(ToolFailed, match="status -24"):
        Engine("core", Limits(cpu_s=1), core=core).run_texts([definition()], CODE)


def test_memory_is_limited_in_the_engine_and_the_other_files_are_scanned() -> None:
    big = "\n".join(f"x{i} = f(y{i})" for i in range(4_000)) + "\neval(1)\n"
    run = Engine("core", Limits(memory_mb=16)).run_texts([definition()], [python(big), python("eval(2)\n")])
    assert [(error.kind, error.target) for error in run.errors] == [("Out of memory", 0)]
    assert [match.target for match in run.matches] == [1]


def test_address_space_is_limited_whatever_the_engine_does(tmp_path: Path) -> None:
    hog = fake_core(tmp_path, "exec python3 -c 'bytearray(3 << 30)'")
    with pytest.raises(ToolFailed, match="MemoryError"):
        Engine("core", Limits(memory_mb=100), core=hog).run_texts([definition()], CODE)


def test_an_endless_answer_is_cut(tmp_path: Path) -> None:
    core = fake_core(tmp_path, "head -c 600M /dev/zero; exit $?")
    with pytest.raises(ToolFailed, match="status"):
        Engine("core", core=core).run_texts([definition()], CODE)


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Engine("core").run_texts([definition()], CODE)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_backend_is_rejected() -> None:
    with pytest.raises(Rejected, match="core"):
        Engine("semgrep")


def test_the_engine_dies_with_the_process_that_runs_it(tmp_path: Path) -> None:
    core = fake_core(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 300")
    runs = "from pathlib import Path; from rsolv_ray.engine.semgrep import Engine, SourceText; import sys; "
    runs += "Engine('core', core=Path(sys.argv[1])).run_texts([{'id': 'x'}], [SourceText('a.py', 'python', '')])"
    runner = subprocess.Popen([sys.executable, "-c", runs, str(core)])
    _wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip() != "")
    engine = int((tmp_path / "pid").read_text())
    assert not has_ended(engine)
    runner.kill()
    runner.wait()
    _wait_for(lambda: has_ended(engine))


def _wait_for(happened: Callable[[], bool]) -> None:
    """Killed processes take the kernel a moment."""
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)
