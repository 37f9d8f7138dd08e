"""The batch form: one answer for each line, in order, whatever the lines are."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.cli.batch import MAX_LINE_BYTES, Unreadable, Worker, read_requests
from tests.unit.cli.conftest import rsolv

BEFORE = 'def find(cursor, name):\n    cursor.execute("SELECT id FROM users WHERE name = %s" % name)\n'
AFTER = 'def find(cursor, name):\n    cursor.execute("SELECT id FROM users WHERE name = %s", (name,))\n'
COMMAND = [sys.executable, "-m", "rsolv_ray", "synthesize", "--batch"]


def request(id_: Any, before: str = BEFORE, after: str = AFTER, **fields: Any) -> dict[str, Any]:
    fix = {"path": "app/db.py", "before": before, "after": after}
    return {"id": id_, "language": "python", "cwe": ["CWE-89"], "fixes": [fix], **fields}


def answers_to(*lines: str | dict[str, Any]) -> list[dict[str, Any]]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = subprocess.run(COMMAND, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    one = Worker(60)
    yield one
    one.close()


def test_every_line_has_its_answer_in_order() -> None:
    answers = answers_to(
        request("a"), "no json", request("b", after=BEFORE), "[]", request("c", language="java"), "", request("d")
    )
    assert [answer.get("id", answer.get("line")) for answer in answers] == ["a", 2, "b", 4, "c", 6, "d"]
    assert [bool(answer.get("rules")) for answer in answers] == [True, False, False, False, False, False, True]


def test_a_rule_that_is_emitted_is_whole() -> None:
    (answer,) = answers_to(request("a"))
    assert answer["reason"] is None
    assert answer["elapsed_s"] > 0
    for rule in answer["rules"]:
        assert {"id", "languages", "severity", "message", "metadata"} <= rule.keys()


def test_two_fixes_of_one_weakness_do_not_give_the_same_rule_twice() -> None:
    fix = request("a")["fixes"][0]
    (once,) = answers_to(request("a"))
    (twice,) = answers_to(request("a", fixes=[fix, {**fix, "path": "app/other.py"}]))
    assert len(twice["rules"]) == len(once["rules"])


def test_a_bad_fix_does_not_cost_the_good_one_beside_it() -> None:
    good = request("a")["fixes"][0]
    (answer,) = answers_to(request("a", fixes=[{"path": "x.py"}, 7, good]))
    assert answer["rules"]
    assert answer["reason"] is None


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"fixes": []}, "at least one fix"),
        ({"fixes": "x"}, "at least one fix"),
        ({"fixes": [None]}, "has to be an object"),
        ({"language": "klingon"}, "unsupported language"),
        ({"cwe": ["SQL"]}, "no CWE"),
        ({"fixes": [{"path": "x.py", "before": "a\x00", "after": "b"}]}, "binary"),
    ],
)
def test_a_bad_item_is_answered_with_its_reason(worker: Worker, wrong: dict[str, Any], reason: str) -> None:
    answer = worker.ask(request("a") | wrong)
    assert answer["id"] == "a"
    assert answer["rules"] == []
    assert reason in answer["reason"]


def test_the_nvd_names_for_no_weakness_are_no_weakness() -> None:
    (answer,) = answers_to(request("a", cwe=["NVD-CWE-noinfo"]))
    assert "no CWE" not in (answer["reason"] or "")


def test_an_answer_does_not_wait_for_the_next_line() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        for number in (1, 2):
            process.stdin.write(json.dumps(request(number)) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0
        watchdog.cancel()


def test_an_item_that_kills_its_process_costs_itself_alone() -> None:
    worker = Worker(60)
    try:
        assert worker.ask(request("a"))["rules"]
        assert worker._child is not None
        pid = worker._child[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
        killer.start()
        lost = worker.ask(request("b"))
        assert lost["rules"] == []
        assert "exit code -9" in lost["reason"]
        assert worker.ask(request("c"))["rules"]
    finally:
        worker.close()


def test_an_item_that_takes_too_long_is_given_up() -> None:
    worker = Worker(0.05)
    started = time.monotonic()
    answer = worker.ask(request("a"))
    assert answer == {"id": "a", "rules": [], "reason": "it took longer than 0.05 s"}
    assert time.monotonic() - started < 10
    assert worker._child is None


def test_a_line_without_end_is_not_kept_in_memory() -> None:
    lines = io.BytesIO(b'"' + b"x" * (2 * MAX_LINE_BYTES) + b'"\n{"id": 1}\n')
    first, second = read_requests(lines)
    assert isinstance(first, Unreadable)
    assert first.line == 1
    assert second == {"id": 1}


def test_a_line_that_nests_too_deep_is_no_json() -> None:
    (only,) = read_requests(io.BytesIO(b"[" * 200_000 + b"\n"))
    assert isinstance(only, Unreadable)


def test_standard_output_carries_answers_alone(tmp_path: Path) -> None:
    done = subprocess.run(COMMAND, input=b"\xff\xfe\n", capture_output=True, timeout=60, check=False, cwd=tmp_path)
    assert [json.loads(line)["line"] for line in done.stdout.splitlines()] == [1]
    assert list(tmp_path.iterdir()) == []


def test_batch_does_not_mix_with_a_fix_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(BEFORE)
    result = rsolv("synthesize", "--batch", "--before", str(tmp_path / "a.py"))
    assert result.exit_code == 2
    assert "leave out" in result.stderr
