"""Where do these rules fire in this code?

The engine is Semgrep's, run as a child process: its core, and its command-line tool where the core is missing, is of a
version that was not tried, or answers in a shape that is not known here. Neither touches the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import structlog

from rsolv_ray.engine.answer import Answer, UnknownShapeError
from rsolv_ray.engine.backends import UntriedError, by_cli, by_core, core_of_the_wheel, start_core
from rsolv_ray.engine.job import Job, extension, job_of, known, language_named
from rsolv_ray.engine.match import RULE_REFUSED, EngineError, EngineRun, Limits, Match, Run, SourceText, Target
from rsolv_ray.engine.presence import Presence
from rsolv_ray.engine.standby import Spare, Standby
from rsolv_ray.engine.syntax import SyntaxChecker
from rsolv_ray.model.errors import Rejected, ToolFailed
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.tools import Running

__all__ = ["Engine", "EngineError", "Limits", "Match", "Run", "SourceText", "Target"]

log = structlog.get_logger(__name__)

_BACKENDS = ("auto", "core", "cli")
_Told = tuple[tuple[Match, ...], tuple[EngineError, ...], str]


class Engine:
    """Runs rules over code, each time in a new process.

    Args:
        backend: `core`, `cli`, or `auto`: the core, and the command-line tool where the core cannot answer.
        limits: what a run may use unless it is told otherwise.
        core: the path of the `semgrep-core` binary, where it is not the one in the installed wheel.
        on_run: is told of every run of a program, on the thread that waits for it.
        ready: how many engines wait for the next runs, which saves each a tenth of a second; `close` ends them.
    """

    def __init__(
        self,
        backend: str = "auto",
        limits: Limits | None = None,
        *,
        core: Path | None = None,
        on_run: Callable[[EngineRun], None] = lambda _: None,
        ready: int = 0,
    ) -> None:
        if backend not in _BACKENDS:
            raise Rejected(f"unknown engine {backend!r}: one of {', '.join(_BACKENDS)}")
        self._backend = backend
        self.limits = limits or Limits()
        self._core = core or core_of_the_wheel()
        self._on_run = on_run
        self._untried = False
        self._standby = Standby(self._wait_in, ready if backend != "cli" else 0)

    def close(self) -> None:
        """End the engines that wait. It can be asked again after that, and starts an engine each time."""
        self._standby.close()

    def settle(self) -> None:
        """Wait until as many engines wait as are to."""
        self._standby.settle()

    @property
    def version(self) -> str:
        """The engine's name and version, as in `semgrep 1.182.0`: rules are judged anew when it changes."""
        return f"semgrep {version('semgrep')}"

    def run(self, rules: Sequence[JsonObject], targets: Sequence[Target], limits: Limits | None = None) -> Run:
        """Where the rules fire in files. What spoils no other is told in `errors`: a rule that the engine refuses, a
        file that is gone, is no plain file, or changes during the run.

        Raises:
            Rejected: a rule has no id, or a target's language is not known.
            ToolFailed: the engine crashed, or went over a limit of the whole run.
        """
        with self._place(limits) as (folder, spare):
            return self._run(rules, targets, limits or self.limits, folder, spare)

    def run_texts(self, rules: Sequence[JsonObject], texts: Sequence[SourceText], limits: Limits | None = None) -> Run:
        """Where the rules fire in texts; `Match.target` is the index of the text. Raises as `run` does."""
        with self._place(limits) as (folder, spare):
            written = [_write(folder, index, text) for index, text in enumerate(texts)]
            return self._run(rules, written, limits or self.limits, folder, spare)

    def refusals(self, rules: Sequence[JsonObject]) -> dict[str, str]:
        """Rule id -> why the engine's own syntax check refuses it. Offline. Raises as `run` does."""
        if self._backend == "core":
            with SyntaxChecker(self._core, memory_mb=self.limits.memory_mb) as checker:
                return checker.refusals(rules)
        return {
            error.rule: error.message
            for error in self.run(rules, ()).errors
            if error.rule is not None and error.kind == RULE_REFUSED
        }

    @contextmanager
    def _place(self, limits: Limits | None) -> Iterator[tuple[Path, Spare | None]]:
        """A folder to work in, with an engine that waits there, if one does with these limits."""
        is_usual = limits is None or _start_of(limits) == _start_of(self.limits)
        with self._standby.taken() if is_usual else nullcontext() as spare:
            if spare is not None:
                yield spare.folder, spare
                return
            with TemporaryDirectory(prefix="rsolv-engine-") as folder:
                yield Path(folder), None

    def _wait_in(self, folder: Path) -> Running:
        return start_core(self._core, folder, self.limits, cpu_s=None)

    def _run(
        self,
        rules: Sequence[JsonObject],
        targets: Sequence[Target],
        limits: Limits,
        folder: Path,
        spare: Spare | None,
    ) -> Run:
        if not rules:
            return Run(matches=(), errors=(), elapsed_s=0.0, engine=self.version)
        targets = [known(target) for target in targets]
        presence = Presence(targets)
        started = time.monotonic()
        job = job_of(rules, targets, presence.there, limits, folder, spare=spare)
        matches, errors, engine = self._answered(job, presence)
        kept = tuple(match for match in matches if presence.is_kept(match.target))
        return Run(kept, errors + presence.errors(), elapsed_s=time.monotonic() - started, engine=engine)

    def _answered(self, job: Job, presence: Presence) -> _Told:
        if self._backend != "cli" and not self._untried:
            try:
                return self._timed("semgrep-core", lambda: by_core(self._core, job, presence.read))
            except UnknownShapeError as error:
                if self._backend == "core":
                    raise ToolFailed(str(error)) from error
                self._untried = isinstance(error, UntriedError)
                log.warning("the command-line tool stands in for the core", reason=str(error))
        try:
            return self._timed("semgrep", lambda: by_cli(job, presence.read))
        except UnknownShapeError as error:
            raise ToolFailed(str(error)) from error

    def _timed(self, tool: str, ask: Callable[[], Answer]) -> _Told:
        result: Literal["done", "failed"] = "failed"
        began = time.monotonic()
        try:
            told = _read(ask(), tool)
            result = "done"
        finally:
            self._on_run(EngineRun(tool, result, time.monotonic() - began))
        return told


def _start_of(limits: Limits) -> tuple[float, ...]:
    """The limits that an engine is given when it starts."""
    return (limits.jobs, limits.rule_s, limits.memory_mb)


def _read(answer: Answer, tool: str) -> _Told:
    if answer.fatal is not None:
        raise ToolFailed(f"{tool} gave up: {answer.fatal}")
    return answer.matches(), answer.errors(), f"{tool} {answer.version}"


def _write(folder: Path, index: int, text: SourceText) -> Target:
    file = folder / f"text{index}{extension(language_named(text.language))}"
    file.write_bytes(text.code.encode("utf-8", "replace"))
    return Target(path=text.path, file=file, language=text.language)
