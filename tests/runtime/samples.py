"""A small weakness written for the tests: SQL built from strings, one instance fixed, others left, and look-alikes.

Of the two left, the first can be mended by the form that the fix shows; the second goes through a variable.
"""

from __future__ import annotations

from pathlib import Path

BEFORE = """
import psycopg2.extensions


def find_user(connection: psycopg2.extensions.connection, name: str):
    query = "SELECT id, name FROM users WHERE name = %s" % name
    cursor = connection.cursor()
    cursor.execute(query)
    return cursor.fetchone()
"""
AFTER = """
import psycopg2.extensions


def find_user(connection: psycopg2.extensions.connection, name: str):
    query = "SELECT id, name FROM users WHERE name = %s"
    cursor = connection.cursor()
    cursor.execute(query, (name,))
    return cursor.fetchone()
"""
OTHERS = """
import psycopg2.extensions


def orders_of(connection: psycopg2.extensions.connection, customer: str):
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM orders WHERE customer = %s" % customer)
    return cursor.fetchall()


def rename(connection: psycopg2.extensions.connection, old: str, new: str):
    statement = "UPDATE users SET name = %s WHERE name = %s" % (new, old)
    cursor = connection.cursor()
    cursor.execute(statement)


def count(connection: psycopg2.extensions.connection):
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM users")
    return cursor.fetchone()


def safe(connection: psycopg2.extensions.connection, name: str):
    cursor = connection.cursor()
    cursor.execute("SELECT id FROM users WHERE name = %s", (name,))
    return cursor.fetchone()
"""


def fix_json(
    number: int = 0, *, title: str = "Bind the name instead of pasting it", scan: bool = True
) -> dict[str, object]:
    """The body of `POST .../fixes`. Another `number` makes another fix of the same weakness."""
    mark = f"\n\nNUMBER = {number}\n"
    return {
        "changes": [{"path": "app/users.py", "before": BEFORE + mark, "after": AFTER + mark}],
        "cwe": ["CWE-89"],
        "title": title,
        "severity": "high",
        "scan": scan,
    }


def write_repository(root: Path) -> Path:
    """A folder with two instances of the weakness and two look-alikes."""
    (root / "app").mkdir(parents=True)
    (root / "app" / "users.py").write_text(AFTER)
    (root / "app" / "orders.py").write_text(OTHERS)
    return root
