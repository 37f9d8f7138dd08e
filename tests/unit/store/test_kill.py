"""Is what was acknowledged there after a kill, whole, and nothing by halves?"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rsolv_ray.model.rule import RuleState
from rsolv_ray.store.bank import Vault
from tests.unit.store.samples import ORG

_COMMITS_FOREVER = """
import sys
from pathlib import Path
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.ids import CycleId, RuleId
from rsolv_ray.store.bank import Vault
from tests.unit.store.samples import BANK, NOW, ORG, WRITER, lesson, pattern, rule

vault = Vault(Path(sys.argv[1]), writer=BANK, attached=4, checkpoint_every=20)
number = int(sys.argv[2])
while True:
    batch = Batch(
        once=f"batch-{number}",
        events=tuple(lesson(f"{number}/{part}") for part in range(3)),
        rules=(rule(RuleId(f"rule-{number}")),),
        patterns=(pattern(number),),
        opens=(CycleId.of(number),),
    )
    vault.org(ORG).commit(batch, now=NOW, writer=WRITER)
    print(number, flush=True)
    number += 1
"""
ROUNDS = 4


def run_and_kill(root: Path, first: int, wait_s: float) -> int:
    """The number of the last batch that was acknowledged before the kill; `first - 1` for none."""
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMITS_FOREVER, str(root), str(first)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = [process.stdout.readline()]
    time.sleep(wait_s)
    os.kill(process.pid, signal.SIGKILL)
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return max(int(line) for line in said if line.endswith("\n"))


def check(vault: Vault, acknowledged: int) -> int:
    """The number of batches that are there, each whole, the acknowledged ones among them."""
    store = vault.org(ORG)
    lessons = [told.event.lesson for told in store.events_after(0, limit=10**6)]  # type: ignore[union-attr]
    batches = len(lessons) // 3
    assert batches >= acknowledged
    assert lessons == [f"{number}/{part}" for number in range(batches) for part in range(3)]
    assert [told.sequence for told in store.events_after(0, limit=10**6)] == list(range(1, len(lessons) + 1))
    assert {rule.id for rule in store.scanning_rules()} == {f"rule-{number}" for number in range(batches)}
    assert all(rule.state is RuleState.MONITOR for rule in store.scanning_rules())
    assert len(store.patterns("hashed-1")) == batches
    assert len(store.open_work()) == batches
    return batches


def test_an_acknowledged_batch_survives_a_kill_and_none_is_there_by_halves(
    open_vault: Callable[..., Vault], tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    there = 0
    for _ in range(ROUNDS):
        acknowledged = run_and_kill(tmp_path, there, chance.uniform(0.02, 0.4))
        vault = open_vault()
        there = check(vault, acknowledged + 1)
        vault.close()
    assert there >= ROUNDS


@pytest.mark.slow
def test_it_survives_many_kills(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    chance = random.Random(7)
    there = 0
    for _ in range(100):
        acknowledged = run_and_kill(tmp_path, there, chance.uniform(0.0, 0.3))
        vault = open_vault()
        there = check(vault, acknowledged + 1)
        vault.close()
    assert there >= 100
