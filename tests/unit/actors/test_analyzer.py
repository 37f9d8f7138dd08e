"""The analyzer says how a fix stands among what its org has stored, and nothing else moves that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from rsolv_ray.actors import known_patterns
from rsolv_ray.actors.analyzer import Analyzer
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.events import Event, PatternForgotten, PatternStored, Recorded
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import OrgId, PatternId
from rsolv_ray.model.pattern import Analysed, Insight, Pattern

ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")
OTHER_ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3E")
BANK = "bank/0"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Shelf:
    """What a bank has stored, answered in process as `Directory` would."""

    def __init__(self) -> None:
        self.patterns: dict[OrgId, list[Pattern]] = {}
        self.events: dict[OrgId, list[Event]] = {}
        self.read = 0
        self.away = False
        self.unread = False

    def store(self, org: OrgId, fix: Fix, analysed: Analysed) -> None:
        if analysed.pattern not in self.patterns.setdefault(org, []):
            self.patterns[org].append(analysed.pattern)
            self.events.setdefault(org, []).append(PatternStored(cycle=fix.cycle, pattern=analysed.insight))

    def forget(self, org: OrgId, pattern: PatternId) -> None:
        self.patterns[org] = [one for one in self.patterns[org] if one.id != pattern]
        self.events[org].append(PatternForgotten(pattern=pattern, reason="a test"))

    async def call(self, id: str, method: str, *args: Any, timeout_s: float, retry: bool = False, **named: Any) -> Any:  # noqa: A002
        assert id == BANK
        if self.away:
            raise Unavailable
        answer: Callable[..., Any] = getattr(self, f"_{method}")
        return answer(*args, **named)

    def _ask(self, org: OrgId, question: str, *args: Any) -> Any:
        if question == "last_sequence":
            return len(self.events.get(org, []))
        assert question == "patterns"
        if self.unread:
            raise Unavailable
        self.read += 1
        return tuple(one for one in self.patterns.get(org, []) if one.encoder == args[0])

    def _events_after(self, org: OrgId, sequence: int, *, types: frozenset[str], limit: int) -> tuple[Recorded, ...]:
        events = enumerate(self.events.get(org, []), start=1)
        told = [Recorded(org=org, sequence=number, at=NOW, event=event) for number, event in events]
        return tuple(one for one in told if one.sequence > sequence and one.name in types)[:limit]


def sql_fix(number: int) -> Fix:
    """Fixes of one weakness in one spelling, told apart by a name."""
    head = f"def find_{number}(connection, name):\n    cursor = connection.cursor()\n"
    before = head + "    cursor.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)\n"
    after = head + '    cursor.execute("SELECT * FROM users WHERE name = %s", (name,))\n'
    return Fix.model_validate({"changes": [{"path": "app.py", "before": before, "after": after}], "cwe": ["CWE-89"]})


def yaml_fix() -> Fix:
    before, after = "settings = yaml.load(stream)\n", "settings = yaml.safe_load(stream)\n"
    return Fix.model_validate({"changes": [{"path": "settings.py", "before": before, "after": after}]})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


async def started(shelf: Shelf) -> Analyzer:
    analyzer = Analyzer(embedding_dim=256, caller=shelf)
    await analyzer.start(1)
    return analyzer


@pytest.fixture
async def analyzer(shelf: Shelf) -> Analyzer:
    return await started(shelf)


async def learn(analyzer: Analyzer, shelf: Shelf, fix: Fix, org: OrgId = ORG) -> Analysed:
    analysed = await analyzer.analyse(org, fix, BANK)
    shelf.store(org, fix, analysed)
    return analysed


async def test_the_first_fix_of_an_org_is_novel(analyzer: Analyzer, shelf: Shelf):
    assert (await learn(analyzer, shelf, sql_fix(0))).insight.insight is Insight.NOVEL


async def test_similar_fixes_emerge_and_then_recur(analyzer: Analyzer, shelf: Shelf):
    told = [(await learn(analyzer, shelf, sql_fix(number))).insight for number in range(6)]
    assert [one.count for one in told] == [0, 1, 2, 3, 4, 5]
    assert [one.insight.value for one in told] == ["novel"] + 3 * ["emerging"] + 2 * ["recurring"]


async def test_another_weakness_stays_novel(analyzer: Analyzer, shelf: Shelf):
    await learn(analyzer, shelf, sql_fix(0))
    assert (await learn(analyzer, shelf, yaml_fix())).insight.count == 0


async def test_the_same_fix_gives_the_same_pattern_and_is_not_its_own_neighbour(analyzer: Analyzer, shelf: Shelf):
    first = await learn(analyzer, shelf, sql_fix(0))
    again = await analyzer.analyse(ORG, sql_fix(0), BANK)
    assert again.pattern.id == first.pattern.id
    assert again.insight == first.insight


async def test_a_later_pattern_does_not_change_what_is_said_of_an_earlier_one(analyzer: Analyzer, shelf: Shelf):
    first = await learn(analyzer, shelf, sql_fix(0))
    await learn(analyzer, shelf, sql_fix(1))
    assert (await analyzer.analyse(ORG, sql_fix(0), BANK)).insight == first.insight


async def test_what_was_analysed_but_never_stored_does_not_count(analyzer: Analyzer, shelf: Shelf):
    await analyzer.analyse(ORG, sql_fix(0), BANK)
    assert (await analyzer.analyse(ORG, sql_fix(1), BANK)).insight.count == 0


async def test_a_new_analyzer_knows_what_the_old_one_stored(analyzer: Analyzer, shelf: Shelf):
    await learn(analyzer, shelf, sql_fix(0))
    successor = await started(shelf)
    assert (await successor.analyse(ORG, sql_fix(1), BANK)).insight.count == 1


async def test_patterns_that_another_analyzer_stored_are_seen(analyzer: Analyzer, shelf: Shelf):
    await analyzer.analyse(ORG, sql_fix(0), BANK)
    other = await started(shelf)
    await learn(other, shelf, sql_fix(1))
    assert (await analyzer.analyse(ORG, sql_fix(2), BANK)).insight.count == 1


async def test_its_own_patterns_are_not_read_back(analyzer: Analyzer, shelf: Shelf):
    for number in range(5):
        await learn(analyzer, shelf, sql_fix(number))
    assert shelf.read == 1


async def test_patterns_no_longer_kept_aside_are_read(
    analyzer: Analyzer, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(known_patterns, "KEPT_ASIDE", 1)
    first, second = [await analyzer.analyse(ORG, sql_fix(number), BANK) for number in range(2)]
    shelf.store(ORG, sql_fix(0), first)
    shelf.store(ORG, sql_fix(1), second)
    assert (await analyzer.analyse(ORG, sql_fix(2), BANK)).insight.count == 2


async def test_more_events_than_one_batch_are_all_followed(
    analyzer: Analyzer, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(known_patterns, "BATCH", 2)
    analysed = [await analyzer.analyse(ORG, sql_fix(number), BANK) for number in range(5)]
    for number, one in enumerate(analysed):
        shelf.store(ORG, sql_fix(number), one)
    assert (await analyzer.analyse(ORG, sql_fix(9), BANK)).insight.count == 5
    assert shelf.read == 1


async def test_a_forgotten_pattern_counts_no_more(analyzer: Analyzer, shelf: Shelf):
    first = await learn(analyzer, shelf, sql_fix(0))
    await learn(analyzer, shelf, sql_fix(1))
    shelf.forget(ORG, first.pattern.id)
    assert (await analyzer.analyse(ORG, sql_fix(2), BANK)).insight.count == 1


async def test_one_orgs_patterns_say_nothing_about_another(analyzer: Analyzer, shelf: Shelf):
    await learn(analyzer, shelf, sql_fix(0))
    assert (await learn(analyzer, shelf, sql_fix(1), OTHER_ORG)).insight.count == 0


async def test_a_bank_that_is_away_is_told_and_asked_again(analyzer: Analyzer, shelf: Shelf):
    await learn(analyzer, shelf, sql_fix(0))
    shelf.away = True
    with pytest.raises(Unavailable):
        await analyzer.analyse(ORG, sql_fix(1), BANK)
    shelf.away = False
    assert (await analyzer.analyse(ORG, sql_fix(1), BANK)).insight.count == 1


async def test_a_pattern_whose_reading_failed_is_not_lost(analyzer: Analyzer, shelf: Shelf):
    await analyzer.analyse(ORG, yaml_fix(), BANK)
    await learn(await started(shelf), shelf, sql_fix(0))
    shelf.unread = True
    with pytest.raises(Unavailable):
        await analyzer.analyse(ORG, sql_fix(1), BANK)
    shelf.unread = False
    assert (await analyzer.analyse(ORG, sql_fix(1), BANK)).insight.count == 1


async def test_a_log_restored_from_an_older_copy_is_read_anew(analyzer: Analyzer, shelf: Shelf):
    await learn(analyzer, shelf, sql_fix(0))
    await learn(analyzer, shelf, sql_fix(1))
    await analyzer.analyse(ORG, sql_fix(2), BANK)
    shelf.patterns[ORG].pop()
    shelf.events[ORG].pop()
    assert (await analyzer.analyse(ORG, sql_fix(2), BANK)).insight.count == 1


async def test_fixes_that_come_at_once_are_all_answered(analyzer: Analyzer, shelf: Shelf):
    await learn(analyzer, shelf, sql_fix(0))
    told = await asyncio.gather(*(analyzer.analyse(ORG, sql_fix(number), BANK) for number in range(1, 9)))
    assert [one.insight.count for one in told] == [1] * 8
