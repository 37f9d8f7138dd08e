"""What the benchmark tells is what was there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.bench.cycles import OTHERS_RUNNING, accepted_busy, accepted_idle, judged, whole_cycles
from rsolv_ray.bench.figures import TARGETS, Spread, Target
from rsolv_ray.bench.memory import pss_mib
from rsolv_ray.bench.peer import semgrep_scan
from rsolv_ray.bench.streams import with_open_streams
from rsolv_ray.bench.subject import Subject
from rsolv_ray.model.errors import Rejected, ToolFailed
from rsolv_ray.model.fix import Fix


class Twin:
    """A service in this process: accepts after `accept_s`, ends a cycle at its `asked`-th asking."""

    def __init__(self, *, accept_s: float = 0.0, asked: int = 1, rule: bool = True) -> None:
        self.accept_s, self.asked, self.rule = accept_s, asked, rule
        self.fixes: list[dict[str, Any]] = []
        self.orgs: set[str] = set()
        self.repositories: list[str] = []
        self.open = 0
        self.most_open = 0
        self._left: dict[str, int] = {}

    def post(self, path: str, body: Any = None, *, wait_s: float = 0.0, **query: Any) -> Any:
        if path == "orgs":
            self.orgs.add(body["name"])
            return {}
        if path.endswith("/repositories"):
            self.repositories.append(body["location"])
            return {}
        time.sleep(self.accept_s)
        self.fixes.append(body)
        cycle = f"cycle-{len(self.fixes)}"
        self._left[cycle] = self.asked
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        return self._cycle(cycle, ended=bool(query))

    def get(self, path: str, **query: Any) -> Any:
        cycle = path.rpartition("/")[2]
        self._left[cycle] -= 1
        if not self._left[cycle]:
            self.open -= 1
        return self._cycle(cycle, ended=not self._left[cycle])

    def text(self, path: str, *, accept: str, **query: Any) -> str:
        raise NotImplementedError

    def delete(self, path: str) -> None:
        self.orgs.remove(path.removeprefix("orgs/"))

    def _cycle(self, cycle: str, *, ended: bool) -> dict[str, Any]:
        rule = {"id": "r"} if self.rule else None
        return {"id": cycle, "outcome": "learned" if ended else None, "rule": rule, "reason": "nothing to learn"}


def subject(client: Twin) -> Subject:
    change = {"path": "a.py", "before": "run(x)\n", "after": "run(clean(x))\n"}
    return Subject(client, Fix.model_validate({"changes": [change]}), Path("/srv/shop"))


def test_every_fix_that_is_sent_is_another_one():
    client = Twin()
    accepted_idle(subject(client), 5)
    ids = {Fix.model_validate(body).id for body in client.fixes}
    assert len(ids) == 5
    assert all(body["scan"] is False for body in client.fixes)


def test_an_idle_fix_is_sent_when_the_cycle_before_has_ended():
    client = Twin(asked=2)
    accepted_idle(subject(client), 3)
    assert client.most_open == 1


def test_the_time_to_accept_is_that_of_the_answer():
    spread = accepted_idle(subject(Twin(accept_s=0.02)), 3)
    assert 20 <= spread.p50 < 200


def test_a_busy_fix_counts_only_while_four_others_run():
    client = Twin(accept_s=0.01, asked=3)
    spread = accepted_busy(subject(client), 12)
    assert client.most_open == OTHERS_RUNNING + 1
    assert 1 <= spread.samples <= 12
    assert len(client.fixes) == 12 + OTHERS_RUNNING


def test_a_fix_without_a_rule_is_no_figure():
    assert judged(subject(Twin()), 2).samples == 2
    with pytest.raises(Rejected, match="nothing to learn"):
        judged(subject(Twin(rule=False)), 2)


def test_whole_cycles_scan_the_example_in_an_org_of_its_own_each():
    client = Twin()
    whole_cycles(subject(client), 2)
    assert client.repositories == ["/srv/shop", "/srv/shop"]
    assert len(client.orgs) == 2
    assert all(body["scan"] for body in client.fixes)


def test_its_orgs_are_deleted_even_after_a_failure():
    client = Twin(rule=False)
    measured = subject(client)
    with pytest.raises(Rejected), measured.orgs_deleted_at_the_end():
        judged(measured, 1)
    assert client.orgs == set()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_a_spread_tells_values_that_were_measured_in_order(values: list[float]):
    spread = Spread.of(values)
    assert {spread.p50, spread.p95, spread.most} <= set(values)
    assert spread.p50 <= spread.p95 <= spread.most
    assert sum(value <= spread.p95 for value in values) >= 0.95 * len(values)
    assert sum(value < spread.p95 for value in values) < 0.95 * len(values)


def test_nothing_measured_is_no_spread():
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


def test_a_target_reads_its_figure_and_knows_when_it_is_missing():
    target = Target("streams.livez_ms.p95", 10.0, "")
    assert target.value({"streams": {"livez_ms": {"p95": 7}}}) == 7.0
    assert target.value({"streams": {}}) is None
    assert len({one.figure for one in TARGETS}) == len(TARGETS)


def test_memory_counts_a_process_that_was_started_here(tmp_path: Path):
    with subprocess.Popen([sys.executable, "-c", "x = bytearray(50 << 20); print(flush=True); input()"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # fmt: skip
        assert child.stdout is not None
        child.stdout.readline()
        with_child, processes = pss_mib(tmp_path)
        child.kill()
    without, fewer = pss_mib(tmp_path)
    assert processes == fewer + 1
    assert with_child > without + 50


RULE = "rules: [{id: no-eval, languages: [python], severity: ERROR, message: no, pattern: eval(...)}]"


def test_the_peer_finds_what_the_rule_says(tmp_path: Path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("eval(x)\nint(x)\neval(y)\n")
    scan = semgrep_scan(RULE, tmp_path / "code", tmp_path)
    assert scan.findings == 2
    assert scan.seconds > 0


def test_a_peer_that_fails_is_no_figure(tmp_path: Path):
    with pytest.raises(ToolFailed):
        semgrep_scan("rules: 7", tmp_path, tmp_path)


async def test_streams_are_counted_by_what_they_answered_and_heard():
    """A server that has room for three streams and tells two of them of a fix."""
    news = asyncio.Event()
    opened = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            if b"/events" not in line:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                continue
            opened += 1
            if opened > 3:
                writer.write(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n")
                continue
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: begin\n\n")
            mine = opened
            await news.wait()
            writer.write(b"event: FixReceived\ndata: {}\n\n" if mine < 3 else b": nothing\n\n")
            break
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    loop = asyncio.get_running_loop()
    async with server:
        port = server.sockets[0].getsockname()[1]
        streams = await with_open_streams(
            f"http://127.0.0.1:{port}", "rsk_x", "acme", lambda: loop.call_soon_threadsafe(news.set), count=5, polls=4
        )
    assert (streams.asked, streams.opened, streams.told) == (5, 3, 2)
    assert streams.livez_ms.samples == 4
