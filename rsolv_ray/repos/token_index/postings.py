"""How are lists of document numbers kept in few bytes?

Each list ascends. It is stored as its first number and the differences that follow, each in as many bytes as it needs:
seven bits a byte, the lowest first, the eighth bit set on all but the last. Whole tables of lists are coded at once.
Source: Manning, Raghavan, Schuetze, "Introduction to Information Retrieval" (2008), section 5.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint32]
Octets = NDArray[np.uint8]
_SEVEN = np.uint32(7)
_LAST = 128


def encoded(lists: Numbers, numbers: Numbers) -> tuple[Octets, Numbers]:
    """Code the pairs (list, number), which are sorted and distinct; the lists count up from 0 and none is empty.

    Returns the bytes, and where each list begins in them, with the end as one more.
    """
    is_first = np.ones(len(lists), dtype=bool)
    is_first[1:] = lists[1:] != lists[:-1]
    gaps = numbers.copy()
    gaps[1:] -= numbers[:-1]
    gaps[is_first] = numbers[is_first]
    widths = np.ones(len(gaps), dtype=np.uint8)
    for bits in (7, 14, 21, 28):
        widths += gaps >= np.uint32(1 << bits)
    ends = np.cumsum(widths, dtype=np.uint32)
    starts = ends - widths
    octets = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for place in range(int(widths.max(initial=0))):
        has = widths > place
        more = (widths[has] > place + 1).astype(np.uint8) * np.uint8(_LAST)
        octets[starts[has] + np.uint32(place)] = (gaps[has] & np.uint32(127)).astype(np.uint8) | more
        gaps[has] >>= _SEVEN
    return octets, np.append(starts[is_first], np.uint32(len(octets)))


def decoded(octets: Octets, starts: Numbers) -> Numbers:
    """The numbers of lists that lie one after the other in `octets`, the first at 0; `starts` tells where each begins."""
    gaps, firsts = _gaps(octets, starts)
    sums = np.cumsum(gaps, dtype=np.uint64)
    before = sums[firsts] - gaps[firsts]
    lengths = np.diff(np.append(firsts, len(gaps)))
    return (sums - np.repeat(before, lengths)).astype(np.uint32)


def lengths(octets: Octets, starts: Numbers) -> NDArray[np.int64]:
    """How many numbers each of these lists has."""
    firsts = _gaps(octets, starts)[1]
    return np.diff(np.append(firsts, int(np.count_nonzero(octets < _LAST))))


def _gaps(octets: Octets, starts: Numbers) -> tuple[Numbers, NDArray[np.int64]]:
    """The differences, and at which of them each list begins."""
    is_last = octets < _LAST
    if is_last.all():
        return octets.astype(np.uint32), starts.astype(np.int64)
    ends = np.flatnonzero(is_last)
    begins = np.append(0, ends[:-1] + 1)
    widths = ends - begins + 1
    gaps = (octets[begins] & np.uint8(127)).astype(np.uint32)
    for place in range(1, int(widths.max(initial=1))):
        has = widths > place
        gaps[has] |= (octets[begins[has] + place] & np.uint8(127)).astype(np.uint32) << np.uint32(7 * place)
    return gaps, np.searchsorted(begins, starts)
