"""How does the demo tell what happens? Each step with the seconds since the beginning, then what came of each fix."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rsolv_ray.cli.console import console, say, show_code, show_hanging

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from rsolv_ray.cli.demo_outcome import Outcome
    from rsolv_ray.cli.example import BuiltExample, Place
    from rsolv_ray.model.fix import FileChange

RULE_LINES = 30
PATCHES_SHOWN = 1
WIDE = 100
"""From so many columns on, places are shown with their code, and the summary with the rules."""


class Report:
    """What people see of the demo. `quiet`: nothing."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self._began = time.monotonic()
        self._opened = 0
        self._waits_on: Console | None = None

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began

    def heading(self, line: str) -> None:
        if not self.quiet:
            from rich.rule import Rule

            say()
            console().print(Rule(f"[bold]{line}[/]", align="left", style="dim"))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Show on a terminal that, and for how long, something is waited for."""
        to = console()
        if self.quiet or not to.is_terminal:
            yield
            return
        from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

        self._waits_on = to
        with Progress(SpinnerColumn(), TimeElapsedColumn(), console=to, transient=True) as shown:
            shown.add_task("")
            yield
        self._waits_on = None

    def step(self, line: str, event: str = "") -> None:
        """Something that happened just now. `event`: the name that it bears in the event log."""
        if not self.quiet:
            from rich.text import Text

            parts = [(f"{self.elapsed_s:6.1f} s  ", "dim"), *([(f"{event:<16}  ", "cyan")] if event else []), line]
            told, to = Text.assemble(*parts), self._waits_on or console()
            if to.is_terminal:
                show_hanging(told, to, 10 + 18 * bool(event))
            else:
                to.print(told, soft_wrap=True)

    def event(self, name: str, line: str) -> None:
        """An event of the org. Findings come in a burst: they are counted, and shown with their code later."""
        if name == "FindingOpened":
            self._opened += 1
            return
        if self._opened:
            self.step(f"{self._opened} times, listed below", "FindingOpened")
            self._opened = 0
        self.step(line, name)

    def line(self, line: str = "") -> None:
        if not self.quiet:
            say(line)

    def change(self, change: FileChange) -> None:
        """The lines that a fix changes."""
        if not self.quiet:
            before, after = change.before.splitlines(), change.after.splitlines()
            lines = [f"{one[0]} {one[2:].strip()}" for one in difflib.ndiff(before, after) if one[0] in "-+"]
            say(f"{change.path}\n")
            show_code("\n".join(lines), "diff")
            say()

    def outcome(self, outcome: Outcome) -> None:
        """What was learned, found, spared and offered in an example."""
        if not self.quiet:
            _show_rule(outcome)
            _show_found(outcome)
            _show_spared(outcome)
            _show_patches(outcome)

    def summary(self, outcomes: Sequence[Outcome]) -> None:
        """One row for each example."""
        if not self.quiet:
            self.heading("In short")
            _show_summary(outcomes)


def _show_rule(outcome: Outcome) -> None:
    rule, quality = outcome.cycle["rule"], outcome.cycle["rule"]["quality"]
    weak, safe = quality["tp"] + quality["fn"], quality["tn"] + quality["fp"]
    _title("Learned", rule["id"], f"confidence {rule['confidence']}")
    say(
        f"proved on {weak + safe} cases: flags {quality['tp']} of {weak} that are weak, "
        f"{quality['fp']} of {safe} that are not\n"
    )
    lines = _what_it_matches(outcome.yaml)
    show_code("\n".join(lines[:RULE_LINES]), "yaml")
    if len(lines) > RULE_LINES:
        say(f"      ... and {len(lines) - RULE_LINES} lines more: rsolv rules show {rule['id']}, or --json")


def _what_it_matches(yaml: str) -> list[str]:
    """The lines of a rule without its message and metadata."""
    kept: list[str] = []
    told = False
    for line in yaml.splitlines():
        told = line.startswith(("    message:", "    metadata:")) or (told and line.startswith("      "))
        if not told:
            kept.append(line)
    return kept


def _show_found(outcome: Outcome) -> None:
    compared, expected = outcome.comparison, outcome.example.expected
    _title("Found", _found(outcome), "other instances")
    patched = dict.fromkeys(compared.patched, "patch")
    rows = [(one, one.note, patched.get(one, "")) for one in compared.found]
    _show_places(("place", "how it is written", ""), rows, outcome.example)
    for place in compared.missed:
        say(f"missed: {place}: {place.note}")
    for place in expected.beyond:
        if place not in compared.found:
            say(f"weak too, but beyond what the engine can see: {place}: {place.note}")


def _show_spared(outcome: Outcome) -> None:
    compared = outcome.comparison
    _title("Spared", _spared(outcome), "places that only look like it")
    _show_places(("place", "what it is"), [(one, one.note) for one in compared.spared], outcome.example)
    for place in compared.wrongly_flagged:
        say(f"wrongly flagged: {place}: {place.note}")


def _show_patches(outcome: Outcome) -> None:
    proposals = outcome.proposals
    _title("Offered", str(len(proposals)), "patches" if len(proposals) != 1 else "patch")
    for proposal in proposals[:PATCHES_SHOWN]:
        show_code(proposal["diff"], "diff")
    if len(proposals) > PATCHES_SHOWN:
        say(f"... and {len(proposals) - PATCHES_SHOWN} more: rsolv proposals list, or --json")
    if "\n    fix:" not in outcome.yaml:
        say("no patch can be derived for these: mend them by hand")
    elif len(outcome.findings) > len(proposals):
        say("a patch is offered only where a scan of the mended code has proved it: mend the others by hand")


def _show_summary(outcomes: Iterable[Outcome]) -> None:
    table = _table()
    is_wide = console().width >= WIDE
    for name in ("repository", "language", *(("rule",) if is_wide else ())):
        table.add_column(name, overflow="fold")
    for name in ("found", "spared", "patches", "seconds"):
        table.add_column(name, justify="right")
    for one in outcomes:
        table.add_row(
            one.example.name,
            one.example.language,
            *((one.cycle["rule"]["id"],) if is_wide else ()),
            _found(one),
            _spared(one),
            str(len(one.proposals)),
            f"{one.took_s:.1f}",
            style="" if not one.unexpected else "red",
        )
    console().print(table)


def _title(verb: str, what: str, more: str) -> None:
    from rich.text import Text

    say()
    console().print(Text.assemble((f"{verb} ", "bold"), (what, "bold green"), f" {more}"))


def _show_places(columns: Sequence[str], rows: Iterable[tuple[Place, *tuple[str, ...]]], example: BuiltExample) -> None:
    """Rows of a place and words, with the code that is there: cut, or left out, where the terminal is too narrow."""
    table, to = _table(), console()
    is_wide = to.width >= WIDE
    in_order = sorted(rows, key=lambda row: (row[0].path, row[0].line))
    for number, name in enumerate((*columns, *(("code",) if is_wide else ()))):
        # A place is of use only as a whole.
        least = max((len(str(place)) for place, *_ in in_order), default=0) if number == 0 else None
        table.add_column(name, no_wrap=True, min_width=least)
    for place, *words in in_order:
        code = _code_at(place, example)
        code.no_wrap, code.overflow = True, "ellipsis"
        table.add_row(str(place), *words, *((code,) if is_wide else ()))
    to.print(table)


def _code_at(place: Place, example: BuiltExample) -> Text:
    """The code of a place in colours: those that it has within its line, as it may begin amid a string."""
    from rich.syntax import Syntax

    line = (example.root / place.path).read_text(encoding="utf-8").splitlines()[place.line - 1]
    start = line.find(place.code)
    colours = Syntax("", example.language.lower(), theme="ansi_dark")
    length = len(place.code)
    if start < 0:  # The fix has mended this place: the whole line that is there now.
        start, length = 0, len(line)
    code = colours.highlight(line)[start : start + length]
    return code[len(code.plain) - len(code.plain.lstrip()) :]


def _table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")


def _found(outcome: Outcome) -> str:
    instances = len(outcome.example.expected.instances)
    return f"{instances - len(outcome.comparison.missed)} of {instances}"


def _spared(outcome: Outcome) -> str:
    spared = len(outcome.comparison.spared)
    return f"{spared} of {spared + len(outcome.comparison.wrongly_flagged)}"
