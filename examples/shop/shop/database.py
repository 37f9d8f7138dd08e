"""The shop's database.

In production the shop runs on PostgreSQL, whose driver takes `%s` as the place of a parameter. Here the same
statements run on SQLite, so that tests and development need no server.
"""

import sqlite3
from contextlib import contextmanager

SCHEMA = """
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL,
    price_cents INTEGER NOT NULL, stock INTEGER NOT NULL DEFAULT 0, warehouse TEXT NOT NULL DEFAULT 'north');
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, city TEXT NOT NULL, password TEXT NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    placed_at TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'placed', total_cents INTEGER NOT NULL);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id), product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL, price_cents INTEGER NOT NULL);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id), stars INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE coupons (code TEXT PRIMARY KEY, percent INTEGER NOT NULL, valid_until TEXT NOT NULL);
CREATE TABLE audit (id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL);
"""


class Cursor:
    """A cursor that takes `%s` as the place of a parameter."""

    def __init__(self, connection):
        self._cursor = connection.cursor()

    def execute(self, sql, parameters=()):
        self._cursor.execute(in_sqlite(sql, parameters), parameters)
        return self

    def executemany(self, sql, rows):
        rows = list(rows)
        if rows:
            self._cursor.executemany(in_sqlite(sql, rows[0]), rows)
        return self

    def fetchone(self):
        return self._cursor.fetchone()

    def fetchall(self):
        return self._cursor.fetchall()

    @property
    def lastrowid(self):
        return self._cursor.lastrowid

    @property
    def rowcount(self):
        return self._cursor.rowcount


def in_sqlite(sql, parameters):
    """The statement with SQLite's `?`; without parameters a `%` stands for itself, as in the driver."""
    if not parameters:
        return sql
    return sql.replace("%s", "?").replace("%%", "%")


class Database:
    """One connection with the schema in place."""

    def __init__(self, path=":memory:"):
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self):
        """A cursor whose work is kept whole or not at all."""
        with self._connection:
            yield Cursor(self._connection)

    def close(self):
        self._connection.close()
