"""Does a result cache that was damaged ever tell what was not recorded?"""

from __future__ import annotations

import random
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsolv_ray.scanning.firings import Firing
from rsolv_ray.scanning.results import Learned, Recalled, ResultCache

RULES = [b"rule %02d of a few" % number for number in range(12)]
KEYS = [number.to_bytes(24, "little") for number in range(1, 61)]
OTHERS = [number.to_bytes(24, "little") for number in range(1_000, 1_010)]


def place(text: str) -> Firing:
    return Firing((1, 1, 1, 8), f"eval({text})", "eval of x", {"$X": text}, "eval ( x )", ("f",), ("other",))


def recorded() -> Iterator[Learned]:
    """Every file with its first rules, then some of them with others."""
    for at, key in enumerate(KEYS):
        rules = RULES[: 3 + at % 5]
        yield Learned(key, frozenset(rules), {rules[at % 3]: (place(f"{at}"),)}, at % 7 > 0)
    for at, key in enumerate(KEYS[::2]):
        yield Learned(key, frozenset(RULES[8:]), {RULES[8 + at % 4]: (place(f"late {at}"),) * 2})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "results.sqlite"
    with ResultCache(file) as cache:
        for one in recorded():
            cache.record([one])
    return file


def is_part_of(known: Recalled, right: Recalled) -> bool:
    """Whether all that is known is right: what is not known may be missing, file by file."""
    return all(
        not bits
        or (bits, known.fired.get(at), at in known.not_understood)
        == (right.rules[at], right.fired.get(at), at in right.not_understood)
        for at, bits in enumerate(known.rules)
    ) and {*known.fired, *known.not_understood} <= {at for at, bits in enumerate(known.rules) if bits}


DAMAGES = {
    "no answers": ("DELETE FROM answers", ()),
    "one answer gone": ("DELETE FROM answers WHERE file = (SELECT id FROM files WHERE key = ?)", (KEYS[3],)),
    "an answer of another": ("UPDATE answers SET body = (SELECT body FROM answers WHERE file = 9) WHERE file = 4", ()),
    "answers of another rule": ("UPDATE answers SET rule = rule + 100", ()),
    "no answer in the body": ("UPDATE answers SET body = ?", (zlib.compress(b'{"a":1}'),)),
    "text in the body": ("UPDATE answers SET body = CAST(X'FF' AS TEXT)", ()),
    "text for members": ("UPDATE rulesets SET members = 'zz' WHERE id = 1", ()),
    "a number for members": ("UPDATE rulesets SET members = 7 WHERE id = 1", ()),
    "more members": ("UPDATE rulesets SET members = members || X'08000000' WHERE id = 1", ()),
    "no rule sets": ("DELETE FROM rulesets", ()),
    "another rule set": ("UPDATE files SET ruleset = 2 WHERE ruleset = 1", ()),
    "rules changed about": ("UPDATE rules SET id = 100 - id", ()),
    "a rule renamed": ("UPDATE rules SET key = ? WHERE key = ?", (b"rule 99", RULES[0])),
    "all understood": ("UPDATE files SET understood = 1", ()),
    "a file that is another": ("UPDATE files SET key = ? WHERE key = ?", (OTHERS[0], KEYS[0])),
    "another sum": ("UPDATE files SET sum = X'00'", ()),
    "a table that is gone": ("DROP TABLE answers", ()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_was_not_recorded_is_not_told_but_is_told_of_once_and_put_aside(file: Path, damage: str) -> None:
    with sqlite3.connect(file) as db:
        db.execute(*DAMAGES[damage])
    db.close()
    with ResultCache(file) as cache:
        assert cache.recall(KEYS + OTHERS, RULES) == Recalled([0] * 70)
        assert cache.trouble is not None
        told = cache.trouble
        cache.record(list(recorded()))
        assert cache.recall(KEYS[:1], RULES[:1]).rules == [1]
        assert cache.trouble == told
    assert file.with_name("results.sqlite.damaged").exists()
    with ResultCache(file) as cache:
        assert cache.trouble is None


@pytest.mark.parametrize("damage", ["one answer gone", "all understood", "text for members", "no rule sets"])
def test_damage_is_not_written_on(file: Path, damage: str) -> None:
    with sqlite3.connect(file) as db:
        db.execute(*DAMAGES[damage])
    db.close()
    with ResultCache(file) as cache:
        cache.record([Learned(key, frozenset({b"new"}), {}) for key in KEYS])
        assert cache.trouble is not None
        assert cache.recall(KEYS, [*RULES, b"new"]) == Recalled([0] * len(KEYS))
    assert file.with_name("results.sqlite.damaged").exists()


def test_files_of_the_form_before_are_begun_anew(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 1")
    db.close()
    with ResultCache(file) as cache:
        assert "another form" in str(cache.trouble)
        assert cache.recall(KEYS, RULES) == Recalled([0] * len(KEYS))


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits_cost_answers_and_never_change_them(file: Path, seed: int) -> None:
    chance = random.Random(seed)
    sound = file.read_bytes()
    with ResultCache(None) as memory:
        memory.record(list(recorded()))
        right = memory.recall(KEYS + OTHERS, RULES)
        new = Learned(KEYS[0], frozenset(RULES), {RULES[0]: (place("0"),), RULES[8]: (place("late 0"),) * 2})
        memory.record([new])
        right_later = memory.recall(KEYS + OTHERS, RULES)
    for _ in range(120):
        data = bytearray(sound)
        for _ in range(chance.choice((1, 1, 2, 8))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
        with ResultCache(file, wait_s=0.01) as cache:
            assert is_part_of(cache.recall(KEYS + OTHERS, RULES), right)
            cache.touch(KEYS[:5])
            cache.record([new])
        with ResultCache(file, wait_s=0.01) as cache:
            known = cache.recall(KEYS + OTHERS, RULES)
        assert is_part_of(known, right_later) or is_part_of(known, only(new))


def only(new: Learned) -> Recalled:
    """What a cache knows that was begun anew before this was recorded."""
    with ResultCache(None) as memory:
        memory.record([new])
        return memory.recall(KEYS + OTHERS, RULES)
