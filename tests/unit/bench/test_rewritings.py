"""Do rewritings say the same by another hand?"""

from __future__ import annotations

import ast

import pytest
from ast_grep_py import SgRoot

from rsolv_ray.bench.rewritings import REWRITINGS, rewritings

PYTHON = """import os


def find(db, name):
    cur = db.cursor()
    cur.execute("SELECT * FROM t WHERE n = %s" % name, timeout=3)
    return cur
"""
OTHERS = {
    "javascript": "function f(db, n) {\n  db.query(`select ${n}`, go);\n  return n;\n}\n",
    "java": 'class A {\n  void f(Db db, String n) {\n    db.query("select " + n);\n    log(n, db);\n  }\n}\n',
    "go": 'package p\n\nfunc f(db *DB, n string) {\n\tdb.Query("select " + n)\n\tlog.Print(n, db)\n}\n',
    "php": '<?php\nfunction f($db, $n) {\n  $db->query("select $n");\n  return $n;\n}\n',
    "ruby": 'def f(db, n)\n  db.query("select #{n}")\n  n\nend\n',
    "c": "int f(char *n) {\n  char b[9];\n  strcpy(b, n);\n  return puts(b);\n}\n",
}


def made(language: str = "python", code: str = PYTHON, line: int = 6) -> dict[str, str]:
    return {one.how: one.text for one in rewritings(code, language, frozenset({line}))}


def test_there_are_five_of_them() -> None:
    assert set(made()) == set(REWRITINGS)
    assert len(REWRITINGS) == 5


def test_each_is_python_that_does_as_much() -> None:
    for text in made().values():
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        assert sum(isinstance(call.func, ast.Attribute) and call.func.attr == "execute" for call in calls) == 1


def test_local_names_are_others_and_called_and_imported_ones_stay() -> None:
    text = made()["other names"]
    assert "def find(db_value, name_value)" in text
    assert "import os" in text
    assert ".execute(" in text
    assert "timeout=3" in text


def test_a_receiver_becomes_a_member_where_it_counts_alone() -> None:
    text = made()["another receiver"]
    assert "self.cur.execute(" in text
    assert "cur = db.cursor()" in text


def test_a_built_value_gets_a_name_on_the_line_before() -> None:
    assert (
        '    prepared = "SELECT * FROM t WHERE n = %s" % name\n    cur.execute(prepared,'
        in made()["a value in a variable"]
    )


@pytest.mark.parametrize("language", sorted(OTHERS))
def test_in_other_languages_too_they_parse(language: str) -> None:
    line = next(at for at, text in enumerate(OTHERS[language].splitlines(), 1) if "uery" in text or "strcpy" in text)
    texts = made(language, OTHERS[language], line)
    assert len(texts) >= 3
    grammar = "tsx" if language == "javascript" else language
    assert not any(SgRoot(text, grammar).root().find(kind="ERROR") for text in texts.values())


def test_of_a_language_that_is_not_known_there_are_none() -> None:
    assert rewritings("a: 1\n", "yaml", frozenset({1})) == ()


def test_what_would_not_parse_is_left_out() -> None:
    code = "x = f(a)\nprint x(\n"
    texts = [one.text for one in rewritings(code, "python", frozenset({1}))]
    flaws = len(SgRoot(code, "python").root().find_all(kind="ERROR"))
    assert all(len(SgRoot(text, "python").root().find_all(kind="ERROR")) <= flaws for text in texts)
