"""Which documents of one part of the index hold a word?

A segment is a file that is never changed: what is known of each document (hash of its content, lines, size), the words
in order as one text, and for each word the numbers of the documents that hold it. A word is found by halving; words that
contain a text by a search through the one text of all words.
Source: the immutable segments of Lucene; Cox, "Regular Expression Matching with a Trigram Index" (2012).
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from mmap import mmap

import numpy as np
from numpy.typing import NDArray

from rsolv_ray.repos.reading import HASH_BYTES
from rsolv_ray.repos.token_index.postings import Numbers, decoded, encoded, lengths
from rsolv_ray.repos.token_index.words import LONG, LONGEST_WORD, sorted_pairs

Documents = NDArray[np.void]
DOCUMENT = np.dtype([("key", f"V{HASH_BYTES}"), ("lines", "<u4"), ("size", "<u4")])
"""What is known of a document: hash of its content, lines, size in bytes."""
Mask = NDArray[np.bool_]
_HEADER = struct.Struct("<8s4Q")
_MAGIC = b"rsolvseg"
_GAP = b"\n"
_SHORT = 2
_AT_ONCE = 1 << 19
"""So many bytes of lists are decoded at once."""


class Segment:
    """A segment in memory as it is read. Documents are numbered from 0."""

    def __init__(self, data: mmap) -> None:
        _, documents, words, text, octets = _HEADER.unpack_from(data)
        at = _HEADER.size
        self._data = data
        self.documents: Documents = np.frombuffer(data, DOCUMENT, documents, at)
        at += documents * DOCUMENT.itemsize
        self._word_starts = np.frombuffer(data, np.uint32, words + 1, at)
        at += (words + 1) * 4
        self._list_starts = np.frombuffer(data, np.uint32, words + 1, at)
        at += (words + 1) * 4
        self._text_at, self._text_end = at, at + text
        self._octets = np.frombuffer(data, np.uint8, octets, at + text)

    @property
    def word_count(self) -> int:
        return len(self._word_starts) - 1

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self._data)

    def words(self) -> list[bytes]:
        """All words, in order."""
        return self._data[self._text_at + 1 : self._text_end - 1].split(_GAP) if self.word_count else []

    def pairs(self) -> tuple[Numbers, Numbers]:
        """All pairs (number of the word, number of the document), in order."""
        starts = self._list_starts[:-1]
        words = np.repeat(np.arange(self.word_count, dtype=np.uint32), lengths(self._octets, starts))
        return words, decoded(self._octets, starts)

    def that_hold(self, word: str) -> Mask:
        """The documents that hold this very word, or may hold it where it is too long to be known."""
        if len(word) > LONGEST_WORD:
            return self._long
        return self._holding_any(self._number_of(word.encode()))

    def that_hold_in_any_case(self, word: str) -> Mask:
        """The same, in any mixture of upper and lower case letters."""
        if len(word) > LONGEST_WORD:
            return self._long
        sought = _GAP + word.lower().encode() + _GAP
        return self._holding_any(self._numbers_at([place + 1 for place in _found(self._lowered, sought)]))

    def that_contain(self, text: str, *, ignore_case: bool) -> Mask:
        """The documents that hold a word which contains the text, or may hold one as they hold words too long to be known."""
        if len(text) > LONGEST_WORD:
            return self._long
        words, sought = (self._lowered, text.lower()) if ignore_case else (self._text, text)
        if len(sought) <= _SHORT:
            return self._holding_any(self._numbers_containing(words, sought.encode())) | self._long
        return self._holding_any(self._numbers_at(_found(words, sought.encode()))) | self._long

    @cached_property
    def _long(self) -> Mask:
        return self._holding_any(self._number_of(LONG))

    @cached_property
    def _text(self) -> bytes:
        return self._data[self._text_at : self._text_end]

    @cached_property
    def _lowered(self) -> bytes:
        return self._text.lower()

    def _word(self, number: int) -> bytes:
        start = self._text_at + int(self._word_starts[number])
        return self._data[start : self._text_at + int(self._word_starts[number + 1]) - 1]

    def _number_of(self, word: bytes) -> NDArray[np.int64]:
        """Of a word the number, and of none nothing."""
        number = bisect_left(range(self.word_count), word, key=self._word)
        is_there = number < self.word_count and self._word(number) == word
        return np.array([number] if is_there else [], dtype=np.int64)

    def _numbers_at(self, places: Sequence[int]) -> NDArray[np.int64]:
        """The numbers of the words at these places of the text."""
        numbers = np.searchsorted(self._word_starts, np.array(places, dtype=np.uint32), side="right") - 1
        return np.unique(numbers).astype(np.int64)

    def _numbers_containing(self, words: bytes, text: bytes) -> NDArray[np.int64]:
        """The same for a text so short that it may be in most words: all are looked at at once."""
        octets = np.frombuffer(words, np.uint8)
        is_there = np.zeros(len(octets), dtype=bool)
        is_there[: len(octets) - len(text) + 1] = True
        for place, octet in enumerate(text):
            is_there[: len(octets) - place] &= octets[place:] == octet
        return np.flatnonzero(np.logical_or.reduceat(is_there, self._word_starts[:-1]))

    def _holding_any(self, words: NDArray[np.int64]) -> Mask:
        """The documents that hold any of these words; those in most documents first, so as to end early."""
        mask = np.zeros(len(self.documents), dtype=bool)
        starts = self._list_starts[words].astype(np.int64)
        sizes = self._list_starts[words + 1] - starts
        order = np.argsort(-sizes, kind="stable")
        starts, sizes = starts[order], sizes[order]
        parts = np.flatnonzero(np.diff(np.cumsum(sizes) // _AT_ONCE, prepend=-1)) if len(words) else ()
        for begin, end in pairwise([*parts, len(words)]):
            mask[self._holders(starts[begin:end], sizes[begin:end])] = True
            if mask.all():
                break
        return mask

    def _holders(self, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Numbers:
        begins = np.cumsum(sizes) - sizes
        octets = self._octets[np.repeat(starts - begins, sizes) + np.arange(int(sizes.sum()))]
        return decoded(octets, begins.astype(np.uint32))


def _found(words: bytes, sought: bytes) -> list[int]:
    """Where a text occurs, at most once in each word."""
    places: list[int] = []
    at = words.find(sought)
    while at >= 0:
        places.append(at)
        at = words.find(sought, words.find(_GAP, at + 1))
    return places


def pieces(documents: Documents, words: Sequence[bytes], of: Numbers, holders: Numbers) -> list[bytes | memoryview]:
    """A segment's file. `words` ascend; of the pairs (`of`, `holders`), which ascend too, each word has at least one."""
    octets, list_starts = encoded(of, holders)
    sizes = np.fromiter(map(len, words), np.uint32, len(words))
    word_starts = np.concatenate([np.ones(1, np.uint32), np.cumsum(sizes + 1, dtype=np.uint32) + 1], dtype=np.uint32)
    text = _GAP + _GAP.join(words) + _GAP
    header = _HEADER.pack(_MAGIC, len(documents), len(words), len(text), len(octets))
    return [header, documents.tobytes(), word_starts.tobytes(), list_starts.tobytes(), text, octets.tobytes()]


def merged(segments: Sequence[Segment], alive: Sequence[Mask]) -> list[bytes | memoryview]:
    """The file of one segment with the documents of several that are `alive`, in their order."""
    base, parts = 0, []
    for segment, living in zip(segments, alive, strict=True):
        of, holders = segment.pairs()
        kept = living[holders]
        numbers = (np.cumsum(living, dtype=np.int64) - 1 + base).astype(np.uint32)
        parts.append((segment.words(), of[kept], numbers[holders[kept]]))
        base += int(living.sum())
    words = sorted({words[number] for words, of, _ in parts for number in np.unique(of).tolist()})
    rank = {word: number for number, word in enumerate(words)}
    pairs = [
        (np.fromiter((rank.get(word, 0) for word in words), np.uint32, len(words))[of], holders)
        for words, of, holders in parts
    ]
    documents = np.concatenate([segment.documents[living] for segment, living in zip(segments, alive, strict=True)])
    of, holders = sorted_pairs(np.concatenate([one for one, _ in pairs]), np.concatenate([one for _, one in pairs]))
    return pieces(documents, words, of, holders)
