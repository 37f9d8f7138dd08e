"""Which words does a source hold?

A word is a maximal run of `A-Z a-z 0-9 _`; every other byte parts words. Words over 64 characters are data rather than
names: they are not kept, and the document is known to hold one instead, so that a question that one of them could
answer is answered with yes.
Two letters beyond ASCII are also read as the `s` and `k` that they match where case is ignored: a source that holds one
has the words of both readings.
"""

from __future__ import annotations

import string
from array import array
from collections import defaultdict
from functools import reduce
from itertools import count

import numpy as np

from rsolv_ray.repos.token_index.postings import Numbers

LONGEST_WORD = 64
"""Longer words are not kept, in characters."""
LONG = b"-"
"""Stands among the words of a source that holds a word over `LONGEST_WORD`; it is no word itself."""
_WORD = frozenset((string.ascii_letters + string.digits + "_").encode())
_PARTED = bytes(byte if byte in _WORD else 0x20 for byte in range(256))
_READ_AS = (("\u017f".encode(), b"s"), ("\u212a".encode(), b"K"))
_BYTES_A_WORD = 240
_BYTES_A_PAIR = 56


def words_of(source: bytes) -> set[bytes]:
    """The distinct words of a source, of at most `LONGEST_WORD` characters, and `LONG` where it holds longer ones."""
    words = set(source.translate(_PARTED).split())
    if any(letter in source for letter, _ in _READ_AS):
        words.update(reduce(lambda text, pair: text.replace(*pair), _READ_AS, source).translate(_PARTED).split())
    long = [word for word in words if len(word) > LONGEST_WORD]
    if long:
        words.difference_update(long)
        words.add(LONG)
    return words


class WordTable:
    """Which words the documents hold that were added so far, in memory."""

    def __init__(self) -> None:
        self._numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
        self._pairs = array("I")
        self._counts = array("I")

    def add(self, words: set[bytes]) -> None:
        """The next document holds these words."""
        self._pairs.extend(map(self._numbers.__getitem__, words))
        self._counts.append(len(words))

    @property
    def memory(self) -> int:
        """Bytes that the table takes at most while it is sorted; an estimate from above, measured."""
        return len(self._numbers) * _BYTES_A_WORD + len(self._pairs) * _BYTES_A_PAIR

    def sorted(self) -> tuple[list[bytes], Numbers, Numbers]:
        """The words in order; and the pairs (number of the word, number of the document) in order."""
        words = sorted(self._numbers)
        rank = np.empty(len(words), dtype=np.uint32)
        rank[np.fromiter(map(self._numbers.__getitem__, words), np.uint32, len(words))] = np.arange(len(words))
        of = rank[np.frombuffer(self._pairs, np.uint32)]
        documents = np.repeat(np.arange(len(self._counts), dtype=np.uint32), np.frombuffer(self._counts, np.uint32))
        return words, *sorted_pairs(of, documents)


def sorted_pairs(words: Numbers, documents: Numbers) -> tuple[Numbers, Numbers]:
    """The pairs in ascending order."""
    pairs = words.astype(np.uint64) << np.uint64(32)
    pairs |= documents
    pairs.sort()
    return (pairs >> np.uint64(32)).astype(np.uint32), pairs.astype(np.uint32)
