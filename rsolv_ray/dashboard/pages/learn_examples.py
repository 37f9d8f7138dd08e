"""What does a fix look like in the form, for somebody who has none at hand? One in each language that is asked for most."""

from __future__ import annotations

from typing import NamedTuple

BY_PATH = "by the path"
"""What the form says where the language is told by the name of the file."""


class Typed(NamedTuple):
    """What the form holds."""

    title: str
    path: str
    language: str
    cwe: str
    before: str
    after: str


_PYTHON = Typed(
    title="Pass the word as a parameter",
    path="shop/search.py",
    language=BY_PATH,
    cwe="CWE-89",
    before='''def search(db, word):
    """Products whose name contains a word."""
    cursor = db.cursor()
    cursor.execute("SELECT id, name FROM products WHERE name LIKE '%%%s%%'" % word)
    return cursor.fetchall()
''',
    after='''def search(db, word):
    """Products whose name contains a word."""
    cursor = db.cursor()
    cursor.execute("SELECT id, name FROM products WHERE name LIKE %s", (f"%{word}%",))
    return cursor.fetchall()
''',
)
_JAVASCRIPT = Typed(
    title="Pass the word as a parameter",
    path="shop/search.js",
    language=BY_PATH,
    cwe="CWE-89",
    before="""/** Products whose name contains a word. */
exports.search = async (db, word) => {
  const { rows } = await db.query(`SELECT id, name FROM products WHERE name LIKE '%${word}%'`);
  return rows;
};
""",
    after="""/** Products whose name contains a word. */
exports.search = async (db, word) => {
  const { rows } = await db.query("SELECT id, name FROM products WHERE name LIKE $1", [`%${word}%`]);
  return rows;
};
""",
)
EXAMPLES = {"Python": _PYTHON, "JavaScript": _JAVASCRIPT}
"""Fixes to begin with, by the names of their languages."""
