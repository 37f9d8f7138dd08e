"""What kind of edit is this?"""

from __future__ import annotations

import pytest

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.synthesis.code.edits import hunks
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.edit_kinds import EditKind, kinds_of
from rsolv_ray.synthesis.explanation import reading

EDITS = [
    ('c.execute("a %s" % x)', 'c.execute("a %s", (x,))', EditKind.STRING_BUILDING),
    ("page(name)", "page(escape(name))", EditKind.WRAPPER),
    ("open(name)", "if safe(name):\n    open(name)", EditKind.GUARD),
    ("get(u, verify=False)", "get(u, verify=True)", EditKind.FLAG),
    ("new('md5', x)", "new('sha256', x)", EditKind.CONSTANT),
    ("limit = 1024\nmake(limit)", "limit = 4096\nmake(limit)", EditKind.CONSTANT),
    ("load(x)", "load(x, Loader=Safe)", EditKind.ARGUMENT_ADDED),
    ("run(x, shell)", "run(x)", EditKind.ARGUMENT_REMOVED),
    ("run(x, y)", "run(x, z)", EditKind.ARGUMENT_CHANGED),
    ("yaml.load(x)", "yaml.safe_load(x)", EditKind.CALLEE),
    ("import pickle\nf()", "import json\nf()", EditKind.IMPORT),
    ("print(secret)\nf()", "f()", EditKind.REMOVED),
    ("f()", "close()\nf()", EditKind.ADDED),
]


def kinds(before: str, after: str) -> set[EditKind]:
    return {kind for hunk in hunks(parse(before, "python"), parse(after, "python")) for kind in kinds_of(hunk)}


@pytest.mark.parametrize(("before", "after", "kind"), EDITS, ids=[kind.name.lower() for *_, kind in EDITS])
def test_an_edit_is_of_the_kind_that_people_would_name(before: str, after: str, kind: EditKind) -> None:
    assert kind in kinds(before, after)


def test_what_is_of_no_kind_is_something_else() -> None:
    assert kinds("x = a\n", "x = b\n") == {EditKind.OTHER}


def test_a_reading_tells_where_each_edit_stands_and_what_steers_synthesis() -> None:
    change = FileChange(path="a.py", before="f()\ng(1)\n", after="f()\nh()\ng(1)\n")
    told = reading(Fix(changes=(change,), cwe=("CWE-89",)))
    assert [(edit.before_line, edit.after_line, edit.after) for edit in told.edits] == [(None, 2, "h()")]
    assert told.families == ("sql",)


def test_of_a_file_that_cannot_be_read_nothing_is_told() -> None:
    change = FileChange(path="a.py", before="x = 1\n" + "#" * 6000, after="x = 2\n")
    assert reading(Fix(changes=(change,))).edits == ()
