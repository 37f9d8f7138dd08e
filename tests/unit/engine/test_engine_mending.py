"""Which statements does a template learned from a fix mend, and does it leave the others alone?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pytest

from rsolv_ray.engine.patch import Withheld, patches
from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.rule import Rule
from tests.unit.engine.plain_scan import scan_files
from tests.unit.engine.samples import NOW, repository

ENGINE = Engine("core")
ONE = ('"SELECT a FROM t WHERE b = %s" % x', '"SELECT a FROM t WHERE b = %s", (x,)')
LISTED = (ONE[0], '"SELECT a FROM t WHERE b = %s", [x]')
TUPLE = ('"SELECT a FROM t WHERE b = %s AND c > %s" % (x, y)', '"SELECT a FROM t WHERE b = %s AND c > %s", (x, y)')
MAPPING = ('"SELECT a FROM t WHERE b = %(b)s" % values', '"SELECT a FROM t WHERE b = %(b)s", values')


def call(argument: str, head: str = "def f(cursor, x, y, values, row):\n", name: str = "cursor.execute") -> str:
    return f"{head}    {name}({argument})\n"


@lru_cache
def rules_of(fix: tuple[str, str], name: str = "cursor.execute") -> tuple[Rule, ...]:
    """What a fix of one call's arguments teaches."""
    change = FileChange(path="a.py", before=call(fix[0], name=name), after=call(fix[1], name=name))
    return learn(ENGINE, Fix(changes=(change,), cwe=("CWE-89",)), now=NOW).rules


def mended(root: Path, rules: Sequence[Rule], code: str) -> list[str | None]:
    """For each finding in some code: the line that its patch puts there, or None where none is offered."""
    (root / "a.py").write_text(code)
    findings = scan_files(ENGINE, rules, repository(root), root, ["a.py"]).findings
    answers = patches(ENGINE, rules, findings, {repository(root).id: root}, now=NOW)
    return [
        None
        if isinstance(one, Withheld)
        else "\n".join(line[1:].strip() for line in one.diff.split("\n") if line[:2] == "+ ")
        for one in answers
    ]


@pytest.mark.parametrize(
    ("fix", "built", "wanted"),
    [
        (ONE, '"DELETE FROM u WHERE id = %s" % row.id', '"DELETE FROM u WHERE id = %s", (row.id,)'),
        (ONE, "'SELECT a FROM t WHERE b=%s;' % (x)", "'SELECT a FROM t WHERE b=%s;', (x,)"),
        (ONE, '("SELECT a FROM t WHERE b = %s" % x)', '"SELECT a FROM t WHERE b = %s", (x,)'),
        (ONE, '"INSERT INTO t (b) VALUES (%s)" % row["b"]', '"INSERT INTO t (b) VALUES (%s)", (row["b"],)'),
        (ONE, "\"SELECT a FROM t WHERE c = 'd' AND b LIKE %s\" % x", "\"SELECT a FROM t WHERE c = 'd' AND b LIKE %s\", (x,)"),
        (LISTED, '"SELECT a FROM u WHERE b < %s" % y', '"SELECT a FROM u WHERE b < %s", [y]'),
        (TUPLE, '"SELECT a FROM t WHERE b BETWEEN %s AND %s" % (x, y)', '"SELECT a FROM t WHERE b BETWEEN %s AND %s", (x, y)'),
        (TUPLE, '"INSERT INTO t VALUES (%s, 1, %s)" % (x, row.y)', '"INSERT INTO t VALUES (%s, 1, %s)", (x, row.y)'),
        (TUPLE, '"SELECT a FROM t WHERE b = %s" % (x,)', '"SELECT a FROM t WHERE b = %s", (x,)'),
        (MAPPING, '"SELECT a FROM t WHERE c = %(c)s" % {"c": x}', '"SELECT a FROM t WHERE c = %(c)s", {"c": x}'),
    ],
)  # fmt: skip
def test_a_statement_of_the_form_that_the_fix_shows_is_mended_alike(
    tmp_path: Path, fix: tuple[str, str], built: str, wanted: str
) -> None:
    assert mended(tmp_path, rules_of(fix), call(built)) == [f"cursor.execute({wanted})"]


OTHERS = [
    "\"SELECT a FROM t WHERE b = '%s'\" % x",
    "'SELECT a FROM t WHERE b = \"%s\"' % x",
    "\"SELECT a FROM t WHERE b LIKE '%%%s%%'\" % x",
    '"SELECT a FROM t WHERE b = %d" % x',
    '"SELECT a FROM t WHERE b = %s AND c = %s" % x',
    '"SELECT a FROM t WHERE b = %(x)s" % x',
    '"SELECT a FROM t WHERE b = %s" % (x, y)',
    '"SELECT a FROM %s WHERE b = 1" % x',
    '"SELECT %s FROM t" % x',
    '"INSERT INTO t (%s) VALUES (1)" % x',
    '"SELECT a FROM t WHERE b IN (%s)" % x',
    '"SELECT a FROM t WHERE %s" % x',
    '"SELECT a FROM t ORDER BY %s" % x',
    '"SELECT a FROM t WHERE b = %s.id" % x',
    '"SELECT a FROM t WHERE b = `%s`" % x',
    '"SELECT a FROM t -- b = %s" % x',
    '"""SELECT a FROM t\n    WHERE b = %s""" % x',
    '"SELECT a FROM t "\n    "WHERE b = %s" % x',
    'b"SELECT a FROM t WHERE b = %s" % x',
    '"SELECT a FROM t WHERE b = %s" % quote(x)',
    '"SELECT a FROM t WHERE b = %s" % (x + y)',
    '"SELECT a FROM t WHERE b = %s" % x + " LIMIT 1"',
    '"SELECT a FROM t WHERE b = %s" % x, row',
    '"SELECT a FROM t WHERE b = {}".format(x)',
    'f"SELECT a FROM t WHERE b = {x}"',
    '"SELECT a FROM t WHERE b = " + x',
]


def test_a_statement_of_another_form_is_found_and_left_to_people(tmp_path: Path) -> None:
    answers = mended(tmp_path, rules_of(ONE), "".join(call(built) for built in OTHERS))
    assert dict(zip(OTHERS, answers, strict=True)) == dict.fromkeys(OTHERS)


@pytest.mark.parametrize(
    "code",
    [
        call(ONE[0], "import sqlite3\n\ndef f(cursor, x):\n"),
        call(ONE[0], "from duckdb import connect\n\ndef f(cursor, x):\n"),
        call(ONE[0], "def f(cursor, *x):\n"),
        call(ONE[0], "def f(cursor, a, b):\n    if b:\n        x = (a,)\n"),
        call(ONE[0], 'def f(cursor, x):\n    x = "\'" + x + "\'"\n'),
        call(ONE[0], "def f(cursor, x):\n    x = db.escape_string(x)\n"),
        call(ONE[0], "def f(cursor, y):\n    x = f\"'{y}'\"\n"),
        call(ONE[0], name="session.execute"),
        call(ONE[0], name="cursor.executescript"),
        f"def f(cursor, x):\n    sql = {ONE[0]}\n    cursor.execute(sql)\n",
    ],
)
def test_where_a_parameter_may_be_wrong_nothing_is_mended(tmp_path: Path, code: str) -> None:
    answers = mended(tmp_path, rules_of(ONE), code)
    assert answers
    assert set(answers) == {None}


@pytest.mark.parametrize(
    "fix",
    [
        ("\"SELECT a FROM t WHERE b = '%s'\" % x", '"SELECT a FROM t WHERE b = %s", (x,)'),
        ('f"SELECT a FROM t WHERE b = {x}"', '"SELECT a FROM t WHERE b = %s", (x,)'),
        ('"SELECT a FROM t WHERE b = {}".format(x)', '"SELECT a FROM t WHERE b = %s", (x,)'),
        (ONE[0], '"SELECT a FROM t WHERE b = ?", (x,)'),
        (ONE[0], '"SELECT a FROM t WHERE b = %s", (str(x),)'),
        (ONE[0], '"SELECT a FROM t WHERE b = %s", x'),
        (TUPLE[0], '"SELECT a FROM t WHERE b = %s AND c > %s", [x, y]'),
    ],
)
def test_a_fix_that_shows_no_such_form_gives_no_template(fix: tuple[str, str]) -> None:
    rules = rules_of(fix)
    assert rules
    assert [rule.fix for rule in rules] == [None] * len(rules)


def test_a_call_of_the_object_itself_has_no_template() -> None:
    assert {rule.fix for rule in rules_of(ONE, "self._execute")} == {None}


def test_a_value_moved_through_a_variable_shows_the_form_too() -> None:
    head = "def f(cursor, x):\n    sql = {}\n    cursor.execute({})\n"
    before, after = head.format(ONE[0], "sql"), head.format(ONE[0].removesuffix(" % x"), "sql, (x,)")
    fix = Fix(changes=(FileChange(path="a.py", before=before, after=after),), cwe=("CWE-89",))
    assert learn(ENGINE, fix, now=NOW).rules[0].fix == "$FORMAT, ($VALUE,)"


@pytest.mark.parametrize("backend", ["core", "cli"])
def test_a_place_is_found_once_and_as_a_rule_without_template_finds_it(tmp_path: Path, backend: str) -> None:
    code = "".join(call(built) for built in [ONE[0], TUPLE[0], *OTHERS])
    (tmp_path / "a.py").write_text(code)
    plain = rules_of((ONE[0], ONE[1].replace("%s", "?")))[0]
    mending = rules_of(ONE)[0]
    assert plain.form == mending.form
    places = [
        [one.span for one in scan_files(Engine(backend), [rule], repository(tmp_path), tmp_path, ["a.py"]).findings]
        for rule in (plain, mending)
    ]
    assert places[0] == places[1]
    assert len(places[0]) == len(OTHERS) + 2
