"""What does the result cache remember, and what does it do where it cannot?"""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rsolv_ray.scanning.firings import Firing
from rsolv_ray.scanning.results import Learned, Recalled, ResultCache

PLACE = Firing((1, 1, 1, 8), "eval(x)", "eval of x", {"$X": "x"}, "eval ( x )", ("f",), ("other",))
HOUR_S = 3600


def key(number: int) -> bytes:
    return number.to_bytes(24, "little")


def learned(number: int = 0, *rules: bytes, fired: bytes | None = None, is_understood: bool = True) -> Learned:
    answers = {} if fired is None else {fired: (PLACE, PLACE)}
    return Learned(key(number), frozenset(rules), answers, is_understood)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "results.sqlite"


def test_what_was_recorded_is_recalled_by_another_process_user(file: Path) -> None:
    with ResultCache(file) as cache:
        cache.record([learned(7, b"a", b"b", fired=b"a")])
    with ResultCache(file) as cache:
        known = cache.recall([key(1), key(7)], [b"b", b"c", b"a"])
    assert known == Recalled([0, 0b101], {1: {2: (PLACE, PLACE)}}, frozenset())


def test_rules_that_were_run_later_are_added_to_those_before() -> None:
    cache = ResultCache(None)
    cache.record([learned(1, b"a", fired=b"a")])
    cache.record([learned(1, b"b", fired=b"b")])
    known = cache.recall([key(1)], [b"a", b"b"])
    assert (known.rules, known.fired) == ([0b11], {0: {0: (PLACE, PLACE), 1: (PLACE, PLACE)}})


def test_answers_of_rules_that_are_not_asked_for_are_not_told() -> None:
    cache = ResultCache(None)
    cache.record([learned(1, b"a", b"b", fired=b"a")])
    assert cache.recall([key(1)], [b"b"]) == Recalled([1], {}, frozenset())


def test_a_content_once_not_understood_stays_so() -> None:
    cache = ResultCache(None)
    cache.record([learned(1, b"a", is_understood=False)])
    cache.record([learned(1, b"b")])
    assert cache.recall([key(1)], [b"b"]).not_understood == {0}


def test_many_files_that_know_the_same_rules_share_one_set(file: Path) -> None:
    rules = [b"rule %d" % number for number in range(200)]
    with ResultCache(file) as cache:
        cache.record([learned(number, *rules) for number in range(1000)])
        assert cache.recall([key(999)], rules).rules == [(1 << 200) - 1]
    assert file.stat().st_size < 1000 * 200


def test_what_was_asked_for_least_recently_goes_first_where_it_is_full(file: Path) -> None:
    now = [HOUR_S * 100.0]
    with ResultCache(file, cap_mb=1, clock=lambda: now[0]) as cache:
        long = Firing((1, 1, 1, 1), os.urandom(4_000).hex(), "m", {}, "t", ())
        for number in range(400):
            if number % 50 == 49:
                now[0] += HOUR_S
                cache.touch([key(0)])
            cache.record([Learned(key(number), frozenset({b"a"}), {b"a": (long,)})])
        known = cache.recall([key(number) for number in range(400)], [b"a"])
    assert known.rules[0] == 1
    assert known.rules[399] == 1
    assert known.rules[1] == 0
    assert file.stat().st_size <= 1 << 20


def test_what_was_more_than_it_may_hold_is_given_back_to_the_disk(file: Path) -> None:
    with ResultCache(file, cap_mb=1) as cache:
        long = Firing((1, 1, 1, 1), os.urandom(4_000).hex(), "m", {}, "t", ())
        cache.record([Learned(key(number), frozenset({b"a"}), {b"a": (long,)}) for number in range(1_000)])
    assert file.stat().st_size <= 1 << 20


def test_two_processes_that_write_at_once_lose_nothing_and_do_not_complain(file: Path) -> None:
    def write(first: int) -> str | None:
        with ResultCache(file) as cache:
            for number in range(first, first + 40):
                cache.record([learned(number, b"a"), learned(1_000, b"%d" % number)])
            return cache.trouble

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(write, (0, 40, 80, 120))) == [None] * 4
    with ResultCache(file) as cache:
        assert cache.recall([key(number) for number in range(160)], [b"a"]).rules == [1] * 160
        assert cache.recall([key(1_000)], [b"%d" % number for number in range(160)]).rules == [(1 << 160) - 1]


@pytest.mark.parametrize(
    "content", [b"no database at all, long enough to be looked at" * 50, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_cache_is_put_aside_told_and_begun_anew(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with ResultCache(file) as cache:
        assert cache.trouble is not None
        assert "damaged" in cache.trouble
        cache.record([learned(1, b"a")])
        assert cache.recall([key(1)], [b"a"]).rules == [1]
    assert (file.parent / "results.sqlite.damaged").read_bytes() == content
    with ResultCache(file) as again:
        assert again.trouble is None
        assert again.recall([key(1)], [b"a"]).rules == [1]


def test_a_damaged_cache_that_others_have_open_is_left_to_them(file: Path) -> None:
    with ResultCache(file) as first:
        first.record([learned(1, b"a")])
        with sqlite3.connect(file) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
        with ResultCache(file) as second:
            second.record([learned(2, b"a")])
            assert second.trouble is not None
            assert "others have it open" in second.trouble
            assert second.recall([key(1)], [b"a"]).rules == [0]
        assert first.recall([key(1)], [b"a"]).rules == [1]


def test_damaged_pages_found_on_reading_cost_the_answers_and_no_scan(file: Path) -> None:
    with ResultCache(file) as cache:
        cache.record([learned(number, b"a", fired=b"a") for number in range(2_000)])
    data = bytearray(file.read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    file.write_bytes(data)
    with ResultCache(file) as cache:
        assert cache.recall([key(1)], [b"a"]).rules == [0]
        assert cache.trouble is not None
        cache.record([learned(1, b"a")])
        assert cache.recall([key(1)], [b"a"]).rules == [1]
    with ResultCache(file) as cache:
        assert cache.trouble is None


def test_an_answer_with_a_flipped_bit_is_not_believed(file: Path) -> None:
    with ResultCache(file) as cache:
        cache.record([learned(1, b"a", fired=b"a")])
    with sqlite3.connect(file) as db:
        (body,) = db.execute("SELECT body FROM answers").fetchone()
        db.execute("UPDATE answers SET body = ?", (body[:-6] + bytes([body[-6] ^ 1]) + body[-5:],))
    db.close()
    with ResultCache(file) as cache:
        assert cache.recall([key(1)], [b"a"]) == Recalled([0])
        assert cache.trouble is not None


def test_a_locked_cache_is_read_but_not_written_and_waited_for_once(file: Path) -> None:
    with ResultCache(file) as cache:
        cache.record([learned(1, b"a")])
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ResultCache(file, wait_s=0.05) as cache:
        cache.record([learned(2, b"a")])
        assert cache.trouble is not None
        assert "locked" in cache.trouble
        assert cache.recall([key(1), key(2)], [b"a"]).rules == [1, 0]
        other.execute("ROLLBACK")
        cache.record([learned(2, b"a")])
        assert cache.recall([key(2)], [b"a"]).rules == [0]
    other.close()


def test_a_cache_that_cannot_be_opened_is_told_and_knows_nothing(tmp_path: Path) -> None:
    with ResultCache(tmp_path) as cache:
        cache.record([learned(1, b"a")])
        assert cache.trouble is not None
        assert "cannot be opened" in cache.trouble
        assert cache.recall([key(1)], [b"a"]) == Recalled([0])


def test_a_full_disk_is_told_once_and_leaves_what_was_known(file: Path) -> None:
    with ResultCache(file) as cache:
        cache.record([learned(1, b"a", fired=b"a")])
    room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, room[1]))
    try:
        with ResultCache(file) as cache:
            cache.record([learned(number, b"a", fired=b"a") for number in range(2, 2_000)])
            assert cache.trouble is not None
            assert "cannot be written" in cache.trouble
            assert cache.recall([key(1), key(2)], [b"a"]).rules == [1, 0]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, room)
    with ResultCache(file) as cache:
        assert cache.recall([key(1)], [b"a"]).fired == {0: {0: (PLACE, PLACE)}}


_READER = """
import os, sys
from pathlib import Path
from rsolv_ray.scanning.results import Learned, ResultCache
if os.geteuid() == 0:
    os.setuid(65534)
key = (1).to_bytes(24, "little")
with ResultCache(Path(sys.argv[1])) as cache:
    known = cache.recall([key], [b"a"]).rules
    cache.record([Learned(key, frozenset({b"b"}), {})])
    print(known, cache.trouble)
"""


def test_a_cache_that_may_only_be_read_is_read(file: Path) -> None:
    with ResultCache(file) as cache:
        cache.record([learned(1, b"a", fired=b"a")])
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to the user that the reader becomes
        copy = Path(made) / file.name
        copy.write_bytes(file.read_bytes())
        copy.chmod(0o444)
        Path(made).chmod(0o555)
        done = subprocess.run([sys.executable, "-c", _READER, str(copy)], capture_output=True, text=True, check=False)
        Path(made).chmod(0o755)
    assert done.stdout.startswith("[1] the result cache cannot be written"), done.stdout + done.stderr


def test_a_killed_writer_leaves_a_cache_that_can_be_read(file: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from rsolv_ray.scanning import results as r\n"
        "cache = r.ResultCache(Path(sys.argv[1]))\n"
        "key = lambda n: n.to_bytes(24, 'little')\n"
        "cache.record([r.Learned(key(1), frozenset({b'a'}), {})])\n"
        "cache._make_room = lambda db: os.kill(os.getpid(), 9)\n"
        "cache.record([r.Learned(key(n), frozenset({b'b'}), {}) for n in range(5000)])\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(file)], check=False).returncode == -9
    with ResultCache(file) as cache:
        assert cache.recall([key(1), key(2)], [b"a", b"b"]).rules == [1, 0]
        assert cache.trouble is None
