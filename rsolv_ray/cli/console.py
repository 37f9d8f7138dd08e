"""How is something shown? JSON for programs, sober text for people; colours only where someone sees them.

What is shown may come from elsewhere: characters that would steer a terminal, or turn the order of others, are spelled out.
Source: ECMA-48 (control functions), Unicode Standard Annex 9 (bidirectional formatting characters).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDTH_OF_A_PIPE = 160
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls but tab and line feed, separators of lines, marks of direction, and halves of surrogate pairs."""


def console() -> Console:
    """The console on stdout. A pipe has no width of its own, so that it gets one that cuts little."""
    from rich.console import Console

    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=WIDTH_OF_A_PIPE)


def show_json(value: Any) -> None:
    """Print a value as one JSON document."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write(_STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def spelled_out(text: str) -> str:
    """Text with what would steer a terminal written as in a program: `\\x1b`, `\\u202e`. Tabs and line feeds stay."""
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str) -> str:
    """As `spelled_out`, and line feeds and tabs, too: a name that holds some cannot pass for lines of ours."""
    return spelled_out(text).replace("\n", "\\n").replace("\t", "\\t")


def say(line: str = "") -> None:
    """Print a line: what it holds is never read as markup, and never steers the terminal."""
    _write_line(spelled_out(line))


def _write_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows under their column names, or the line `empty` if there are none."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else spelled_out(str(cell))) for cell in row))
    if table.row_count:
        console().print(table)
    else:
        say(empty)


def show_code(text: str, language: str) -> None:
    """Print code: coloured on a terminal, as it stands elsewhere. `language` is a name that Pygments knows."""
    if not sys.stdout.isatty():
        _write_line(text.rstrip("\n"))
        return
    from rich.syntax import Syntax

    to = console()
    code = Syntax("", language, theme="ansi_dark").highlight(spelled_out(text.replace("\r\n", "\n").rstrip("\n")))
    code.rstrip()  # A newline that highlighting adds.
    for line in code.split("\n", allow_blank=True):
        show_hanging(line, to, 4)


def show_hanging(line: Text, to: Console, indent: int) -> None:
    """Print a line; where it is too wide, what follows of it stands `indent` cells to the right."""
    from rich.text import Text

    if line.cell_len <= to.width:
        to.print(line, soft_wrap=True)
        return
    line.expand_tabs()
    first = line.wrap(to, to.width)[0]
    left = line[len(first.plain) :]
    left = left[len(left.plain) - len(left.plain.lstrip()) :]
    for part in (first, *(Text(" " * indent) + one for one in left.wrap(to, to.width - indent))):
        to.print(part, soft_wrap=True)


def show_fields(fields: Mapping[str, object]) -> None:
    """Print `name  value` lines, the names in one column."""
    wide = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        say(f"{name:<{wide}}  {value}")
