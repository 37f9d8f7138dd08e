"""What does the file of the result cache hold of a content, and is it what was written?

SQLite keeps no checksums of its pages. So a row a content has a sum over all that its answers hang on: the key of the
content, whether it was understood, the keys of the rules that were run, and the answers. It is made of what was meant and
checked against what is read, numbers resolved, so that it covers the tables and indices that lie between as well.
Source: Saltzer, Reed and Clark (1984), "End-to-end arguments in system design"; BLAKE2, RFC 7693.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b

from rsolv_ray.scanning.cache_file import Damaged
from rsolv_ray.scanning.firings import Firings, unpacked

__all__ = ["Kept", "Recalled", "RuleSet", "ask", "believed", "members_of", "recalled", "sum_of", "sum_of_rules"]

_SUM_BYTES = 16
_LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is known of the contents that were asked for, in their order.

    `rules` has bit n set where the nth rule's answer is known; `fired` is content -> rule -> answer, by their numbers,
    of those that fired; `not_understood` are the contents that could not be parsed whole.
    """

    rules: list[int]
    fired: dict[int, dict[int, Firings]] = field(default_factory=dict[int, dict[int, Firings]])
    not_understood: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules by their numbers in the database, and the sum of their keys."""

    members: frozenset[int]
    sum: bytes


class Kept:
    """The rules and rule sets in one state of the database.

    Raises:
        sqlite3.Error, Damaged: they cannot be read.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.rules: dict[int, bytes] = dict(db.execute("SELECT id, key FROM rules"))
        """Number -> key."""
        self._sets: dict[int, RuleSet] = {}

    def ruleset(self, number: int) -> RuleSet:
        """The rule set of this number.

        Raises:
            sqlite3.Error, Damaged: there is none that can be read.
        """
        if number not in self._sets:
            row = self._db.execute("SELECT members FROM rulesets WHERE id = ?", (number,)).fetchone()
            with believed():
                members = members_of(row[0])
                self._sets[number] = RuleSet(members, sum_of_rules(self.rules[rule] for rule in members))
        return self._sets[number]

    def check(self, key: bytes, row: tuple[int, bool, bytes], answers: Mapping[int, bytes]) -> RuleSet:
        """The rules whose answers are known of a content, by its row (number of the rule set, understood, sum) and its
        answers (number of the rule -> packed).

        Raises:
            sqlite3.Error, Damaged: they are not what was written.
        """
        number, is_understood, written = row
        rules = self.ruleset(number)
        with believed():
            by_key = {self.rules[rule]: body for rule, body in answers.items()}
            if sum_of(key, bool(is_understood), rules.sum, by_key) != written:
                raise Damaged("it is damaged: what it holds of a file is not what was written")
        return rules


@contextmanager
def believed() -> Iterator[None]:
    """For what is made of the bytes that a database holds: where it cannot be, they are damaged.

    Raises:
        Damaged: they are.
    """
    try:
        yield
    except (ValueError, TypeError, LookupError, OverflowError, zlib.error) as error:
        raise Damaged(f"it is damaged: {type(error).__name__}: {error}") from error


def members_of(blob: bytes) -> frozenset[int]:
    """The rules, by number, of a row of `rulesets`."""
    return frozenset(int.from_bytes(blob[at : at + 4], "little") for at in range(0, len(blob), 4))


def sum_of_rules(keys: Iterable[bytes]) -> bytes:
    """The sum of the rules with these keys."""
    return _sum(b"rsolv rules", sorted(keys))


def sum_of(key: bytes, is_understood: bool, rules: bytes, answers: Mapping[bytes, bytes]) -> bytes:
    """The sum of all that is known of the content `key`: `rules` is the sum of the rules that were run, `answers` is
    key -> packed answer of those that fired."""
    return _sum(
        b"rsolv answers", [key, b"%d" % is_understood, rules, *(b for row in sorted(answers.items()) for b in row)]
    )


def recalled(db: sqlite3.Connection, keys: Sequence[bytes], rules: Sequence[bytes]) -> Recalled:
    """What the database holds of `keys` for `rules`, checked; to be called within one transaction.

    Raises:
        sqlite3.Error, Damaged: it cannot be read, or is not what was written.
    """
    ask(db, keys)
    kept = Kept(db)
    order = {key: bit for bit, key in enumerate(rules)}
    bits = {number: order[key] for number, key in kept.rules.items() if key in order}
    bodies: dict[int, dict[int, bytes]] = {}
    for at, rule, body in db.execute(
        "SELECT n, rule, body FROM asked JOIN files USING (key) JOIN answers ON answers.file = files.id"
    ):
        bodies.setdefault(at, {})[rule] = body
    masks: dict[int, int] = {}
    result, not_understood = Recalled([0] * len(keys)), set[int]()
    for at, ruleset, is_understood, written in db.execute(
        "SELECT n, ruleset, understood, sum FROM asked JOIN files USING (key)"
    ):
        known = kept.check(keys[at], (ruleset, is_understood, written), bodies.get(at, {}))
        if ruleset not in masks:
            masks[ruleset] = sum(1 << bit for bit in {bits[rule] for rule in known.members if rule in bits})
        result.rules[at] = masks[ruleset]
        if not is_understood:
            not_understood.add(at)
        with believed():
            fired = {bits[rule]: unpacked(body) for rule, body in bodies.get(at, {}).items() if rule in bits}
        if fired:
            result.fired[at] = fired
    return Recalled(result.rules, result.fired, frozenset(not_understood))


def ask(db: sqlite3.Connection, keys: Sequence[bytes]) -> None:
    """Put these contents, numbered in order, into the table `asked`."""
    db.execute("DELETE FROM asked")
    db.executemany("INSERT INTO asked (n, key) VALUES (?, ?)", enumerate(keys))


def _sum(what: bytes, parts: Sequence[bytes]) -> bytes:
    """Each part with its length, so that no other parts give the same bytes."""
    whole = b"".join([len(part).to_bytes(_LENGTH_BYTES, "little") + part for part in parts])
    return blake2b(whole, digest_size=_SUM_BYTES, person=what).digest()
