"""What do two patterns have in common?

The least general generalisation of two texts: where their words are equal they stay, and a pair of words that differ
becomes one metavariable wherever it occurs (Plotkin, "A note on inductive generalization", 1970). Here it is bounded: what
stands in the metavariable's place is one of the words seen, so that nothing is found which neither text finds, but for pairs that cross.
A name that the engine follows through imports (`hashlib.md5`) is never opened: a metavariable there would lose its aliases. The same words
of another metavariable are equal, where one stands for the other throughout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

OPENED = "$EITHER_"
"""What the metavariables made here begin with; a number follows."""

_TOKEN = re.compile(
    r"""(?P<many>\$\.\.\.[A-Z_][A-Z_0-9]*)|(?P<one>\$[A-Z_][A-Z_0-9]*(?!\w))|(?P<dots>\.\.\.)"""
    r"""|(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)"""
    r"""|(?P<number>\d[\w.]*)|(?P<name>\$?[^\W\d]\w*)|(?P<space>\s+)|(?P<sign>.)"""
)
_METAVARIABLE = re.compile(r"\$(?:\.\.\.)?[A-Z_][A-Z_0-9]*(?!\w)")
_MADE = re.compile(re.escape(OPENED) + r"\d+$")
_BOUND = re.compile(r"\^\(\?:((?:\\.|[^\\])*)\)\$", re.DOTALL)
_WORDS = frozenset({"text", "number", "name"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign of a pattern. `kind` is `name`, `text`, `number`, `one` or `many` (metavariables), `dots`, `space` or `sign`."""

    kind: str
    text: str

    @property
    def is_metavariable(self) -> bool:
        return self.kind in ("one", "many")


def tokens(pattern: str) -> tuple[Token, ...]:
    """The tokens of a pattern, layout included: joined they are the pattern again."""
    return tuple(Token(found.lastgroup or "sign", found[0]) for found in _TOKEN.finditer(pattern))


def metavariables(texts: Iterable[str]) -> frozenset[str]:
    """All that occur in some texts, within quotes too."""
    return frozenset(name for text in texts for name in _METAVARIABLE.findall(text))


def bound(words: Sequence[str]) -> str:
    """A regular expression of just these words."""
    return f"^(?:{'|'.join(map(re.escape, words))})$"


def words_of(regex: str) -> tuple[str, ...] | None:
    """The words of a regular expression that `bound` made; None for any other."""
    found = _BOUND.fullmatch(regex)
    if found is None:
        return None
    words = tuple(re.sub(r"\\(.)", r"\1", one, flags=re.DOTALL) for one in re.split(r"(?<!\\)\|", found[1]))
    return words if bound(words) == regex else None


def is_made_here(metavariable: str) -> bool:
    return _MADE.match(metavariable) is not None


@dataclass(frozen=True)
class Pairing:
    """What stands for what, in two rules that are read side by side. A value: what fails leaves no trace.

    Attributes:
        names: metavariable of the second rule -> the one of the first that it is.
        made: pair of words -> the metavariable in their place.
        bounds: metavariable made here -> the words that it stands for.
        taken: metavariables of both rules.
        differences: how many places of the two rules differ; with one, the generalisation finds what both find and no more.
    """

    taken: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict[str, str])
    made: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    bounds: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    differences: int = 0

    def same(self, first: str, second: str) -> Pairing | None:
        """With the second rule's metavariable standing for the first's; None where either stands for another."""
        if first.startswith("$...") is not second.startswith("$...") or is_made_here(first):
            return None
        if self.names.get(second, first) != first or (second not in self.names and first in self.names.values()):
            return None
        return replace(self, names={**self.names, second: first})

    def opened(self, first: str, second: str) -> tuple[Pairing, str]:
        """With a metavariable for a pair of words, the same for the same pair; `first` may be one that was made here before."""
        if is_made_here(first):
            words = self.bounds.get(first, ())
            known = second in words
            wider = replace(self, bounds={**self.bounds, first: words if known else (*words, second)})
            return wider.differing(0 if known else 1), first
        if (first, second) in self.made:
            return self, self.made[first, second]
        name = self._fresh(OPENED)
        wider = replace(
            self,
            taken=self.taken | {name},
            made={**self.made, (first, second): name},
            bounds={**self.bounds, name: (first, second)},
        )
        return wider.differing(1), name

    def differing(self, places: int = 1) -> Pairing:
        return replace(self, differences=self.differences + places)

    def told(self, text: str) -> tuple[Pairing, str]:
        """A text of the second rule in the first one's metavariables; those that stand for none yet keep their names if they can."""
        pairing = self
        for name in dict.fromkeys(_METAVARIABLE.findall(text)):
            if name not in pairing.names:
                free = name not in pairing.names.values()
                ours = name if free else pairing._fresh(f"{name}_")
                pairing = replace(pairing, names={**pairing.names, name: ours}, taken=pairing.taken | {ours})
        names = pairing.names
        return pairing, _METAVARIABLE.sub(lambda found: names[found[0]], text)

    def _fresh(self, start: str) -> str:
        return next(name for number in range(1, len(self.taken) + 2) if (name := f"{start}{number}") not in self.taken)


def generalised(first: str, second: str, pairing: Pairing, *, may_open: bool = True) -> tuple[Pairing, str] | None:
    """One pattern for two, with what stands for what; None where they do not align.

    Args:
        may_open: whether new pairs of words may become metavariables, or only those that have become some already.
    """
    ours, theirs = tokens(first), tokens(second)
    if len(ours) != len(theirs):
        return None
    parts: list[str] = []
    for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        step = _one(one, other, pairing, may_open=may_open, is_free=_may_be_opened(at, ours))
        if step is None:
            return None
        pairing, text = step
        parts.append(text)
    return pairing, "".join(parts)


def _one(one: Token, other: Token, pairing: Pairing, *, may_open: bool, is_free: bool) -> tuple[Pairing, str] | None:
    if one.is_metavariable and other.is_metavariable:
        bound_so = pairing.same(one.text, other.text)
        return None if bound_so is None else (bound_so, one.text)
    if one == other:
        return _itself(one, pairing)
    pair = _pair(one, other)
    if pair is None or not (pair[0].startswith(OPENED) or is_free):
        return None
    if not may_open and pair not in pairing.made and pair[1] not in pairing.bounds.get(pair[0], ()):
        return None
    pairing, name = pairing.opened(*pair)
    return pairing, f"{other.text[0]}{name}{other.text[0]}" if other.kind == "text" else name


def _itself(one: Token, pairing: Pairing) -> tuple[Pairing, str] | None:
    """A token that is the same in both; a text may hold metavariables."""
    for name in _METAVARIABLE.findall(one.text) if one.kind == "text" else ():
        if not is_made_here(name):
            bound_so = pairing.same(name, name)
            if bound_so is None:
                return None
            pairing = bound_so
    return pairing, one.text


def _pair(one: Token, other: Token) -> tuple[str, str] | None:
    """Two words of one kind; of texts what is between the quotes, which must be plain."""
    if one.kind == "one" and is_made_here(one.text) and other.kind in ("name", "number"):
        return one.text, other.text
    if one.kind != other.kind or one.kind not in _WORDS:
        return None
    if one.kind != "text":
        return one.text, other.text
    inner = one.text[1:-1], other.text[1:-1]
    plain = all(text and "$" not in text and "..." not in text and "\\" not in text for text in inner)
    made_before = is_made_here(inner[0]) and "$" not in inner[1]
    return inner if one.text[0] == other.text[0] and (plain or made_before) else None


def _may_be_opened(at: int, ours: Sequence[Token]) -> bool:
    """Not a name that the engine follows through imports: one that is called or looked into, or has a plain name before its dots."""
    if ours[at].kind != "name":
        return True
    around = [token.text for token in ours if token.kind != "space"]
    here = sum(token.kind != "space" for token in ours[:at])
    after = around[here + 1] if here + 1 < len(around) else ""
    if here == 0 or around[here - 1] != ".":
        return after not in ("(", ".")
    root = here
    while root >= 2 and around[root - 1] == ".":
        root -= 2
    return root < here and (around[root].startswith("$") or around[root] in (")", "]"))
