"""What does an address ask for? Its parameters are typed by people and by strangers: each is checked, and told in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import TypeVar

from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import shown
from rsolv_ray.dashboard.words import Html, address, sentence
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.ids import Id

LONGEST = 200
LONGEST_REASON = 2000
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NO_CODE = re.compile("[\x00\ud800-\udfff]")
"""Code may hold control characters, as a form feed; what is no character cannot be kept, and NUL is of binary content."""

Named = TypeVar("Named", bound=Id)
Chosen = TypeVar("Chosen", bound=Enum)


@dataclass(frozen=True, slots=True)
class Astray:
    """The address leads nowhere in this org; why, in words."""

    why: str


def astray(seen: Astray, visitor: Visitor, path: str, what: str, back: str) -> Html:
    """What to do where the address shows none of the things (`what`) of the page at `path`: the way `back` to the list."""
    return words.panel(
        f"This address shows {what}",
        f'<p>{shown(sentence(seen.why))} <a href="{address(path, visitor)}">{escape(back)}</a></p>',
    )


def no_org(visitor: Visitor) -> Html:
    """What to do where there is no organisation at all."""
    return words.panel("There is no organisation yet", f'<p><a href="{address("", visitor)}">Begin</a></p>')


def form(path: str, visitor: Visitor, fields: Sequence[str], *, is_narrowed: bool) -> Html:
    """The fields that narrow the list at `path`; an admin's choice of org stays with the address."""
    chosen = visitor.org if visitor.is_admin else None
    org = f'<input type="hidden" name="org" value="{escape(chosen.name)}">' if chosen else ""
    clear = f'<a href="{address(path, visitor)}">Clear</a>' if is_narrowed else ""
    return Html(f'<form class="filters" role="search">{org}{"".join(fields)}<button>Filter</button>{clear}</form>')


def named(kind: type[Named], text: str, what: str) -> Named:
    """An id as it was sent.

    Raises:
        Rejected: it is none.
    """
    try:
        return kind(text)
    except ValueError as error:
        raise Rejected(f"{text[:80]!r} is the name of no {what}.") from error


def text_of(asked: Mapping[str, str], name: str) -> str | None:
    """What is asked for, or None where nothing is.

    Raises:
        Rejected: it is longer than `LONGEST` characters.
    """
    text = asked.get(name, "").strip()
    if len(text) > LONGEST:
        raise Rejected(f"What is asked for as '{name}' has {len(text):,} characters: at most {LONGEST} are taken.")
    return text or None


def one_of(kind: type[Chosen], asked: Mapping[str, str], name: str) -> Chosen | None:
    """One of the values of `kind`, or None where nothing is asked for.

    Raises:
        Rejected: it is none of them.
    """
    text = text_of(asked, name)
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError as error:
        known = ", ".join(str(one.value) for one in kind)
        raise Rejected(f"There is no {name} {text!r}: it is one of {known}.") from error


def reason_of(typed: object) -> str | None:
    """The reason that was typed, or None where none was.

    Raises:
        Rejected: it is longer than what is kept, or holds what is no text.
    """
    text = fit(typed.strip() if isinstance(typed, str) else "", "The reason")
    if len(text) > LONGEST_REASON:
        raise Rejected(f"The reason has {len(text):,} characters: at most {LONGEST_REASON:,} are kept. Shorten it.")
    return text or None


def fit(text: str, what: str, *, is_code: bool = False) -> str:
    """The text, whose name is `what` ("The reason").

    Raises:
        Rejected: it holds control characters (in code: NUL), or halves of characters.
    """
    odd = (_NO_CODE if is_code else _NO_TEXT).search(text)
    if odd:
        at = text.count("\n", 0, odd.start()) + 1
        raise Rejected(f"{what} holds U+{ord(odd[0]):04X} in line {at}, which is no text: take it out.")
    return text


def select(name: str, label: str, choices: Mapping[str, str], chosen: str) -> Html:
    """A field to choose from: values with what is shown for them."""
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{shown(title)}</option>'
        for value, title in choices.items()
    )
    return Html(f'<label>{label}<select name="{name}">{options}</select></label>')
