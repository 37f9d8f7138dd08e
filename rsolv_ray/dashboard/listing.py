"""How is code shown, so that it can be read and cannot deceive?

Everything is escaped. Characters that show nothing or turn the order of the others around (control characters,
bidirectional ones, those of no width) are shown by their number instead. Lines are marked one by one. What is copied is
the text itself: those characters, every line break, no line numbers (see `clicks.js`).
Source of the danger: Boucher and Anderson, Trojan Source: Invisible Vulnerabilities, 2021 (CVE-2021-42574).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from rsolv_ray.dashboard.words import Html
from rsolv_ray.model.finding import Span

MOST_LINES = 1500
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_KEY = re.compile(r"^(\s*(?:- )*)([\w.-]+)(:)(?=\s|$)")
_KINDS = {"@": "hunk", "+": "more", "-": "less", "\\": "note"}
_HEADS = ("diff --git ", "--- ", "+++ ", "index ")


def shown(text: str) -> Html:
    """Text from outside, fit for a page, not for an attribute: what cannot be seen in it is shown by its number."""
    return Html(_ODD.sub(_by_number, escape(text)))


def first_line(text: str, longest: int = 160) -> str:
    """The first line that is not blank, without its indent, at most so many characters of it."""
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def code(text: str, *, first: int = 1, name: str = "", flagged: Span | None = None) -> Html:
    """Code with its line numbers, counted from `first`; the columns of `flagged` stand out. `name` lets it be copied."""
    drawn = (
        _line(_flagged(line, number, flagged), "flagged" if _touches(flagged, number) else "", number)
        for number, line in enumerate(_lines(text), first)
    )
    return _listing(drawn, name)


def diff(text: str, *, name: str = "") -> Html:
    """A unified diff, its lines coloured by what they do."""
    return _listing(_diff_lines(text), name)


def yaml(text: str, *, name: str = "") -> Html:
    """YAML with its keys told from their values."""
    lines = (_KEY.sub(r"\1<b>\2</b>\3", shown(line)) for line in _lines(text))
    return _listing((_line(line) for line in lines), name)


def copying(name: str, what: str, text: str) -> Html:
    """A button that copies the listing of that name; none where the listing shows but the beginning of `text`."""
    if sum(1 for _ in _lines(text)) > MOST_LINES:
        return Html("")
    return Html(f'<button type="button" data-copy="{escape(name)}">Copy {escape(what)}</button>')


def _listing(lines: Iterable[str], name: str) -> Html:
    drawn: list[str] = []
    for line in lines:
        if len(drawn) == MOST_LINES:
            drawn.append(_line("…\n", "note"))
            break
        drawn.append(line)
    named = f' id="{escape(name)}"' if name else ""
    return Html(f'<pre class="listing" tabindex="0"{named}><code>{"".join(drawn)}</code></pre>')


def _line(drawn: str, kind: str = "", number: int | None = None) -> str:
    at = f' data-n="{number}"' if number is not None else ""
    return f'<span class="line {kind}"{at}>{drawn}</span>'


def _lines(text: str) -> Iterator[str]:
    """Lines with their line feeds, which are content: what is copied, or read out, has lines. An empty text has one."""
    found = re.finditer(r"[^\n]*\n|[^\n]+", text)
    return (line[0] for line in found) if text else iter(("",))


def _diff_lines(text: str) -> Iterator[str]:
    in_hunk = False
    for line in _lines(text):
        in_hunk = line.startswith("@@") or (in_hunk and not line.startswith("diff --git "))
        is_head = not in_hunk and line.startswith(_HEADS)
        yield _line(shown(line), "head" if is_head else _KINDS.get(line[:1], ""))


def _touches(span: Span | None, number: int) -> bool:
    return span is not None and span.start_line <= number <= span.end_line


def _flagged(line: str, number: int, span: Span | None) -> str:
    if span is None or not _touches(span, number):
        return shown(line)
    length = len(line.removesuffix("\n"))
    start = span.start_column - 1 if number == span.start_line else len(line) - len(line.lstrip())
    end = span.end_column - 1 if number == span.end_line else length
    if not start < end <= length:
        return shown(line)
    return f"{shown(line[:start])}<mark>{shown(line[start:end])}</mark>{shown(line[end:])}"


def _by_number(found: re.Match[str]) -> str:
    number = f"{ord(found[0]):04X}"
    return f'<span class="odd" data-code="{number}" title="A character that does not show">U+{number}</span>'
