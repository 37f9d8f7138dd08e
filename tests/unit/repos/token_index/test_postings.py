"""Are lists of numbers read as they were written, and words found as they are defined?"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from rsolv_ray.repos.token_index.postings import decoded, encoded, lengths
from rsolv_ray.repos.token_index.words import LONG, LONGEST_WORD, WordTable, words_of

NUMBERS = st.integers(0, 300) | st.sampled_from(
    [127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_456, 2**32 - 2]
)
LISTS = st.lists(st.sets(NUMBERS, min_size=1, max_size=6).map(sorted), max_size=8)


@seed(4)
@given(lists=LISTS)
def test_lists_are_read_as_they_were_written(lists: list[list[int]]) -> None:
    of = np.array([place for place, numbers in enumerate(lists) for _ in numbers], dtype=np.uint32)
    flat = np.array([number for numbers in lists for number in numbers], dtype=np.uint32)
    octets, starts = encoded(of, flat)
    assert decoded(octets, starts[:-1]).tolist() == flat.tolist()
    assert lengths(octets, starts[:-1]).tolist() == [len(numbers) for numbers in lists]
    alone = [decoded(octets[begin:end], np.zeros(1, np.uint32)).tolist() for begin, end in pairwise(starts)]
    assert alone == lists


def test_neighbours_take_a_byte_each() -> None:
    octets, _ = encoded(np.zeros(100, np.uint32), np.arange(1000, 1100, dtype=np.uint32))
    assert len(octets) == 101


@seed(4)
@given(source=st.binary(max_size=80) | st.text("aZ_9 \n\t.-$\u00e9", max_size=300).map(str.encode))
def test_words_are_the_longest_runs_of_word_characters(source: bytes) -> None:
    runs = set(re.findall(rb"[A-Za-z0-9_]+", source))
    kept = {run for run in runs if len(run) <= LONGEST_WORD}
    assert words_of(source) == (kept if kept == runs else kept | {LONG})


@pytest.mark.parametrize(("source", "plain"), [("pa\u017f\u017fword", b"password"), ("to\u212aen", b"toKen")])
def test_letters_that_match_ascii_where_case_is_ignored_are_read_both_ways(source: str, plain: bytes) -> None:
    assert words_of(source.encode()) == {plain, *re.findall(rb"[a-z]+", source.encode())}


@seed(4)
@given(documents=st.lists(st.sets(st.binary(min_size=1, max_size=2), max_size=5), max_size=6))
def test_a_table_of_words_tells_in_order_who_holds_what(documents: list[set[bytes]]) -> None:
    table = WordTable()
    for words in documents:
        table.add(words)
    words, of, holders = table.sorted()
    assert words == sorted(set().union(*documents))
    told = [(words[word], document) for word, document in zip(of.tolist(), holders.tolist(), strict=True)]
    assert told == sorted((word, number) for number, held in enumerate(documents) for word in held)
