"""What goes into the engine, and what comes out?

Offsets and columns count characters of the text as decoded from UTF-8 (undecodable bytes count as U+FFFD each run that
Python makes of them), not bytes as Semgrep does: `text[match.start:match.end]` is the matched text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.finding import Span


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of the engine may use.

    `wall_s` and `cpu_s` are seconds for the whole run (`cpu_s` None: what `jobs` processors give in `wall_s`), `rule_s`
    for one rule on one file; `memory_mb` is MiB of the engine's heap; `jobs` is how many files are looked at side by side;
    `matches_per_rule` is how often one rule may fire over all files of a run in batches; `stall_s` is how long the core may
    go without being done with another file (None: as long as `wall_s`).
    """

    wall_s: float = 60.0
    cpu_s: float | None = None
    memory_mb: int = 2048
    rule_s: float = 5.0
    jobs: int = 1
    matches_per_rule: int = 10_000
    stall_s: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A file to scan. `path` is what it is called in the answer and for a rule's `paths:`; a file is named once."""

    path: str
    file: Path
    language: str


@dataclass(frozen=True, slots=True)
class SourceText:
    """Code to scan that is in no file. Several may have the same path."""

    path: str
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class TraceStep:
    """A place that a tainted value goes through in the file of the match: where it comes from, a variable, the sink."""

    role: Literal["source", "through", "sink"]
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a rule fires; of a taint rule, the sink. `target` is the index of the target or text.

    `metavariables` holds the source text bound to each name (`$X`), and is empty where the engine does not tell.
    `rendered_fix` is the rule's `fix` with its metavariables filled in, to stand in place of `text`. `trace` is the way
    of the tainted value, from its source to the sink, and empty where the engine tells none.
    """

    rule: str
    path: str
    target: int
    span: Span
    start: int
    end: int
    text: str
    message: str
    metavariables: dict[str, str] = field(default_factory=dict[str, str])
    rendered_fix: str | None = None
    trace: tuple[TraceStep, ...] = ()


class Interrupted(ToolFailed):
    """The engine ended, or was ended, before it had answered.

    It was done with the first `done` targets, or so; `slow`: it went on, but its time was up.
    """

    def __init__(self, message: str, *, done: int = 0, slow: bool = False) -> None:
        super().__init__(message)
        self.done, self.slow = done, slow


@dataclass(frozen=True, slots=True)
class EngineRun:
    """That a program of the engine ran: `semgrep-core` or `semgrep`; `failed` when it gave no answer that is evidence."""

    engine: str
    result: Literal["done", "failed"]
    elapsed_s: float


RULE_REFUSED = "Rule parse error"
TIMED_OUT = "Timeout"
PARTLY_PARSED = "PartialParsing"
TOO_MANY_MATCHES = "Too many matches"
NO_FILE = "No file"
CHANGED = "Changed"
OUT_OF_MEMORY = "Out of memory"
STACK_OVERFLOW = "Stack overflow"
BROKEN = "Engine broken"
"""A rule, a file or the two together end the engine before it has answered. This and the two about files are our words."""


@dataclass(frozen=True, slots=True)
class EngineError:
    """Something that the engine could not do. `kind` is the engine's own word, as in `RULE_REFUSED`.

    `rule`, `target` (an index), `path` and `lines` (first and last, from 1) name the guilty where the engine does.
    """

    kind: str
    message: str
    rule: str | None = None
    path: str | None = None
    target: int | None = None
    lines: tuple[int, int] | None = None

    @property
    def is_of_parsing(self) -> bool:
        """Was code not understood, wholly or in part? Silence on such code is no evidence."""
        return self.rule is None and self.kind in {PARTLY_PARSED, "Syntax error", "Lexical error", "Other syntax error"}


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of one run. `engine` names what ran, as in `semgrep-core 1.182.0`; `elapsed_s` is wall time."""

    matches: tuple[Match, ...]
    errors: tuple[EngineError, ...]
    elapsed_s: float
    engine: str
