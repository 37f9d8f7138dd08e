"""Does the process that checks the syntax of rules stay, and come back?"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rsolv_ray.engine.match import RULE_REFUSED
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.engine.syntax import SyntaxChecker
from rsolv_ray.model.errors import Rejected, ToolFailed
from tests.processes import ends_soon
from tests.unit.engine.samples import definition, fake_core

BAD = definition(id="bad", pattern="eval($X")


@pytest.fixture(scope="module")
def checker() -> Iterator[SyntaxChecker]:
    with SyntaxChecker() as started:
        yield started


def test_a_rule_that_the_engine_takes_is_not_refused(checker: SyntaxChecker) -> None:
    assert checker.refusals([definition()]) == {}


def test_each_bad_rule_is_told_and_hides_no_other(checker: SyntaxChecker) -> None:
    rules = [BAD, definition(), definition(id="worse", pattern_regex="(", pattern=None), {**BAD, "id": "third"}]
    told = checker.refusals(rules)
    assert list(told) == ["bad", "worse", "third"]
    assert "eval($X" in told["bad"]
    assert "missing closing parenthesis" in told["worse"]


def test_the_verdicts_are_those_of_a_run(checker: SyntaxChecker) -> None:
    rules = [
        BAD,
        definition(),
        definition(id="a", languages=["java"], pattern="f("),
        definition(id="b", languages=["python3"]),
    ]
    refused = {error.rule for error in Engine().run(rules, ()).errors if error.kind == RULE_REFUSED}
    assert checker.refusals(rules).keys() == refused == {"bad", "a"}


def test_the_process_stays(checker: SyntaxChecker) -> None:
    checker.refusals([BAD])
    first = checker.pid
    checker.refusals([BAD, definition()])
    assert checker.pid == first


def test_a_killed_process_is_replaced(checker: SyntaxChecker) -> None:
    checker.refusals([BAD])
    before = checker.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert list(checker.refusals([BAD])) == ["bad"]
    assert checker.pid != before


def test_a_rule_without_an_id_is_rejected(checker: SyntaxChecker) -> None:
    with pytest.raises(Rejected):
        checker.refusals([{"pattern": "x"}])


def test_several_threads_may_ask(checker: SyntaxChecker) -> None:
    told: list[dict[str, str]] = []
    threads = [
        threading.Thread(target=lambda: told.append(checker.refusals([BAD, definition()] * 5))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [list(each) for each in told] == [["bad"]] * 4


def test_closing_ends_the_process_and_removes_its_folder() -> None:
    checker = SyntaxChecker()
    checker.refusals([definition()])
    pid = checker.pid
    assert pid is not None
    folder = Path(f"/proc/{pid}/cwd").readlink()
    checker.close()
    assert not psutil.pid_exists(pid)
    assert not folder.exists()
    assert checker.refusals([BAD]).keys() == {"bad"}
    checker.close()


def test_an_engine_that_breaks_on_a_rule_refuses_that_rule(tmp_path: Path) -> None:
    core = fake_core(tmp_path, "read size; exit 3")
    with SyntaxChecker(core) as checker:
        assert checker.refusals([definition()]) == {
            "no-eval": "the engine breaks while reading it: fake-core ended with status 3 instead of answering"
        }


def test_an_engine_that_hangs_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    core = fake_core(tmp_path, f"sleep 60 & echo $! >{tmp_path}/child; wait")
    began = time.monotonic()
    with SyntaxChecker(core, rule_s=4.0) as checker:
        assert checker.refusals([definition()]) == {"no-eval": "the engine did not read it within 4 s"}
        assert checker.pid is None
    assert time.monotonic() - began < 20
    child = int((tmp_path / "child").read_text())
    assert ends_soon(child)


@pytest.mark.parametrize("answer", ["hello", "99999999999999999999999", "2\\nab", '4\\n"ab"', "-3"])
def test_an_unknown_answer_is_no_evidence(tmp_path: Path, answer: str) -> None:
    core = fake_core(tmp_path, f"printf -- '{answer}\\n'; sleep 5")
    with SyntaxChecker(core) as checker, pytest.raises(ToolFailed, match=r"form|JSON"):
        checker.refusals([definition()])


def test_an_engine_that_is_not_there_is_told(tmp_path: Path) -> None:
    with SyntaxChecker(tmp_path / "nothing") as checker, pytest.raises(ToolFailed, match="127"):
        checker.refusals([definition()])


def test_the_process_is_bounded_in_memory(tmp_path: Path) -> None:
    core = fake_core(tmp_path, f"ulimit -v >{tmp_path}/limit; exit 3")
    with SyntaxChecker(core, memory_mb=500) as checker:
        checker.refusals([definition()])
    assert int((tmp_path / "limit").read_text()) == (500 + 1152) * 1024


def test_the_process_ends_with_the_thread_that_started_it_and_is_replaced() -> None:
    with SyntaxChecker() as checker:
        thread = threading.Thread(target=lambda: checker.refusals([definition()]))
        thread.start()
        thread.join()
        assert list(checker.refusals([BAD])) == ["bad"]
