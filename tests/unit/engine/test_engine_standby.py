"""Is a run the same whether its engine was started for it or waited for it?"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rsolv_ray.engine.match import Limits
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.engine.standby import Spare, Standby
from tests.unit.engine.samples import definition, python

CODE = [python("eval(1)\n"), python("print(1)\n")]


@pytest.fixture
def engine() -> Iterator[Engine]:
    ready = Engine("core", ready=1)
    yield ready
    ready.close()


def waiting(engine: Engine) -> Spare:
    return engine._standby._spares[0].result()


def test_an_engine_that_waited_finds_what_one_finds_that_was_started(engine: Engine) -> None:
    spare = waiting(engine)
    ran = engine.run_texts([definition()], CODE)
    plain = Engine("core").run_texts([definition()], CODE)
    assert (ran.matches, ran.errors) == (plain.matches, plain.errors)
    assert [match.target for match in ran.matches] == [0]
    assert not spare.running.is_alive


def test_of_an_engine_that_was_used_nothing_stays(engine: Engine) -> None:
    spare = waiting(engine)
    engine.run_texts([definition()], CODE)
    assert not spare.folder.exists()
    assert not psutil.pid_exists(spare.running.pid)


def test_another_waits_when_one_has_done_its_work(engine: Engine) -> None:
    first = waiting(engine).running.pid
    engine.run_texts([definition()], CODE)
    assert waiting(engine).running.pid != first
    assert waiting(engine).running.is_alive


def test_none_is_started_while_another_is_at_work() -> None:
    engine = Engine("core", ready=2)
    with engine._standby.taken() as one:
        with engine._standby.taken():
            pass
        assert not engine._standby._spares
        assert one is not None
    engine.settle()
    assert len(engine._standby._spares) == 2
    engine.close()


def test_one_that_was_killed_while_it_waited_is_passed_over(engine: Engine) -> None:
    spare = waiting(engine)
    os.killpg(spare.running.pid, signal.SIGKILL)
    psutil.Process(spare.running.pid).wait(5) if psutil.pid_exists(spare.running.pid) else None
    assert len(engine.run_texts([definition()], CODE).matches) == 1
    assert not spare.folder.exists()


def test_one_that_does_not_come_to_read_is_passed_over(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsolv_ray.engine.standby._TO_COME_S", 0.2)
    spare = waiting(engine)
    os.killpg(spare.running.pid, signal.SIGSTOP)
    (spare.folder / "certificates.pem").unlink()
    os.mkfifo(spare.folder / "certificates.pem")
    assert len(engine.run_texts([definition()], CODE).matches) == 1
    assert not psutil.pid_exists(spare.running.pid)


def test_other_limits_than_it_was_started_with_start_another(engine: Engine) -> None:
    spare = waiting(engine)
    engine.run_texts([definition()], CODE, Limits(memory_mb=512))
    assert spare.running.is_alive


def test_a_wall_limit_holds_for_one_that_waited_from_when_it_is_let_go(engine: Engine) -> None:
    waiting(engine)
    time.sleep(0.6)
    assert len(engine.run_texts([definition()], CODE, Limits(wall_s=0.5)).matches) == 1


def test_a_limit_on_processor_time_is_set_when_it_is_let_go(engine: Engine) -> None:
    spare = waiting(engine)
    assert psutil.Process(spare.running.pid).rlimit(psutil.RLIMIT_CPU)[0] == -1
    assert spare.begin(cpu_s=7.2)
    assert psutil.Process(spare.running.pid).rlimit(psutil.RLIMIT_CPU) == (8, 8)
    spare.end()


def test_closing_ends_those_that_wait(engine: Engine) -> None:
    spare = waiting(engine)
    engine.close()
    assert not psutil.pid_exists(spare.running.pid)
    assert not spare.folder.exists()
    assert len(engine.run_texts([definition()], CODE).matches) == 1


def test_an_engine_that_cannot_be_started_ahead_is_told_by_the_run_that_needs_it(tmp_path: Path) -> None:
    def none(folder: Path) -> None:
        raise OSError("no more processes")

    standby = Standby(none, 1)  # type: ignore[arg-type]
    with standby.taken() as spare:
        assert spare is None
    standby.close()
