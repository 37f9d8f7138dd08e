"""A fix's pattern is of its changed places, both sides."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import PatternId
from rsolv_ray.patterns.encoder import Encoder
from rsolv_ray.patterns.of_fix import changed_code, pattern_of

ENCODER = Encoder(device="cpu")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
FILLER = "".join(f"step_{number}()\n" for number in range(40))
BAD = 'cursor.execute("SELECT * FROM users WHERE id = %s" % user)\n'
GOOD = 'cursor.execute("SELECT * FROM users WHERE id = %s", (user,))\n'


def change(before: str, after: str, path: str = "app.py") -> FileChange:
    return FileChange.model_validate({"path": path, "before": before, "after": after})


def fix(*changes: FileChange) -> Fix:
    return Fix(changes=changes, cwe=("CWE-89",))


def test_the_same_fix_gives_the_same_pattern():
    one = pattern_of(fix(change(BAD, GOOD)), ENCODER, NOW)
    again = pattern_of(fix(change(BAD, GOOD)), ENCODER, NOW)
    assert one == again
    assert one.id == PatternId.of(one.fix, ENCODER.name)
    assert (one.cwe, one.language, one.encoder) == (("CWE-89",), "python", "hash-v1-256")


def test_both_sides_are_encoded():
    pattern = pattern_of(fix(change(BAD, GOOD)), ENCODER, NOW)
    assert len(pattern.vector) == len(pattern.fixed_vector) == 256
    assert pattern.vector != pattern.fixed_vector


def test_the_snippet_is_the_changed_place_with_little_around_it():
    snippet = pattern_of(fix(change(FILLER + BAD + FILLER, FILLER + GOOD + FILLER)), ENCODER, NOW).snippet
    assert BAD.strip() in snippet
    assert GOOD.strip() not in snippet
    assert snippet.splitlines() == [
        "step_37()", "step_38()", "step_39()", BAD.strip(), "step_0()", "step_1()", "step_2()"
    ]  # fmt: skip


def test_unchanged_code_elsewhere_does_not_move_the_vector():
    near = "a()\nb()\nc()\n"
    short = pattern_of(fix(change(near + BAD + near, near + GOOD + near)), ENCODER, NOW)
    long = pattern_of(fix(change(FILLER + near + BAD + near, FILLER + near + GOOD + near)), ENCODER, NOW)
    assert short.vector == long.vector
    assert short.id != long.id


def test_a_guard_that_was_only_added_leaves_the_place_before():
    _, before, after = changed_code(fix(change("a()\nrun(x)\n", "a()\nif not ok(x):\n    return\nrun(x)\n")))
    assert before == "a()\nrun(x)"
    assert "if not ok(x):" in after


def test_two_places_far_apart_are_both_kept():
    _, before, _ = changed_code(fix(change("one()\n" + FILLER + "two()\n", "uno()\n" + FILLER + "due()\n")))
    assert "one()" in before
    assert "two()" in before
    assert "step_20()" not in before


def test_the_language_is_that_of_most_of_the_change():
    many = change("a = 1\nb = 2\nc = 3\n", "a = 4\nb = 5\nc = 6\n", "app.py")
    few = change("x\n", "y\n", "page.js")
    language, before, _ = changed_code(fix(few, many))
    assert language == "python"
    assert "x" not in before.split()


def test_a_change_of_line_ends_alone_has_no_changed_code():
    pattern = pattern_of(fix(change("a()\r\n", "a()\n")), ENCODER, NOW)
    assert pattern.snippet == ""


def test_a_huge_rewrite_is_taken_whole_and_in_time():
    before = "".join(f"old_{number}(a)\nsame()\n" for number in range(40_000))
    after = "".join(f"new_{number}(b)\nsame()\n" for number in range(40_000))
    began = time.process_time()
    pattern = pattern_of(fix(change(before, after)), ENCODER, NOW)
    assert pattern.snippet.startswith("old_0(a)")
    assert len(pattern.snippet) <= 20_000
    assert time.process_time() - began < 3.0
