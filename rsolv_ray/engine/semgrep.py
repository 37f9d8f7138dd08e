"""Where do these rules fire in this code?

The engine is Semgrep's, run as a child process: `semgrep-core`, the binary inside the wheel, in 0.1 to 0.3 s, or the
command-line tool, in about 2 s, where the binary is missing or answers in a shape that is not known here.
Neither touches the network. Rules go out under numbers, so that their ids are neither rewritten nor confused, and their
languages under Semgrep's first names, since the core takes `python3` for another language than `python`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from rsolv_ray.engine.answer import Answer, UnknownShapeError
from rsolv_ray.engine.match import RULE_REFUSED, EngineError, EngineRun, Limits, Match, Run, SourceText, Target
from rsolv_ray.model.errors import Rejected, ToolFailed
from rsolv_ray.model.languages import canonical_language, extension_of
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.tools import CANNOT_START, Ended, run_limited

__all__ = ["Engine", "EngineError", "Limits", "Match", "Run", "SourceText", "Target"]

_BACKENDS = ("auto", "core", "cli")

# Above this the engine gives up on a file with "Too many matches".
_MATCHES_PER_FILE = 10_000
# Address space that is reserved and never touched: OCaml's minor heaps, thread stacks and the binary itself.
_UNTOUCHED_MB = 1024
_UNTOUCHED_PER_JOB_MB = 128


@dataclass(frozen=True, slots=True)
class _Job:
    """One run as it goes out: everything of it is in `folder`, but for the files to scan."""

    folder: Path
    rules: Mapping[str, str]
    targets: Sequence[Target]
    limits: Limits

    @property
    def rules_file(self) -> Path:
        return self.folder / "rules.json"


class Engine:
    """Runs rules over code, each time in a new process.

    Args:
        backend: `core`, `cli`, or `auto`: the core, and the command-line tool where the core cannot answer.
        limits: what a run may use unless it is told otherwise.
        core: the path of the `semgrep-core` binary, where it is not the one in the installed wheel.
        on_run: is told of every run of a program, on the thread that waits for it.
    """

    def __init__(
        self,
        backend: str = "auto",
        limits: Limits | None = None,
        *,
        core: Path | None = None,
        on_run: Callable[[EngineRun], None] = lambda _: None,
    ) -> None:
        if backend not in _BACKENDS:
            raise Rejected(f"unknown engine {backend!r}: one of {', '.join(_BACKENDS)}")
        self._backend = backend
        self.limits = limits or Limits()
        self._core = core or core_of_the_wheel()
        self._on_run = on_run

    @property
    def version(self) -> str:
        """The engine's name and version, as in `semgrep 1.182.0`: rules are judged anew when it changes."""
        return f"semgrep {version('semgrep')}"

    def run(self, rules: Sequence[JsonObject], targets: Sequence[Target], limits: Limits | None = None) -> Run:
        """Where the rules fire in files. A rule that the engine refuses is told in `errors` and spoils no other.

        Raises:
            Rejected: a rule has no id, or a target's language is not known.
            ToolFailed: the engine crashed, or went over a limit of the whole run.
        """
        with TemporaryDirectory(prefix="rsolv-engine-") as folder:
            return self._run(rules, targets, limits or self.limits, Path(folder))

    def run_texts(self, rules: Sequence[JsonObject], texts: Sequence[SourceText], limits: Limits | None = None) -> Run:
        """Where the rules fire in texts; `Match.target` is the index of the text. Raises as `run` does."""
        with TemporaryDirectory(prefix="rsolv-engine-") as folder:
            written = [_write(Path(folder), index, text) for index, text in enumerate(texts)]
            return self._run(rules, written, limits or self.limits, Path(folder))

    def refusals(self, rules: Sequence[JsonObject]) -> dict[str, str]:
        """Rule id -> why the engine's own syntax check refuses it. Offline. Raises as `run` does."""
        return {
            error.rule: error.message
            for error in self.run(rules, ()).errors
            if error.rule is not None and error.kind == RULE_REFUSED
        }

    def _run(self, rules: Sequence[JsonObject], targets: Sequence[Target], limits: Limits, folder: Path) -> Run:
        if not rules:
            return Run(matches=(), errors=(), elapsed_s=0.0, engine=self.version)
        names = {f"r{index}": _id_of(rule) for index, rule in enumerate(rules)}
        job = _Job(folder=folder, rules=names, targets=[_known(target) for target in targets], limits=limits)
        outgoing = [_outgoing(rule, name) for rule, name in zip(rules, names, strict=True)]
        job.rules_file.write_bytes(json.dumps({"rules": outgoing}, ensure_ascii=False).encode("utf-8", "replace"))
        started = time.monotonic()
        matches, errors, engine = self._answered(job)
        return Run(matches=matches, errors=errors, elapsed_s=time.monotonic() - started, engine=engine)

    def _answered(self, job: _Job) -> tuple[tuple[Match, ...], tuple[EngineError, ...], str]:
        if self._backend != "cli":
            try:
                return self._timed("semgrep-core", lambda: _by_core(self._core, job))
            except UnknownShapeError as error:
                if self._backend == "core":
                    raise ToolFailed(str(error)) from error
        try:
            return self._timed("semgrep", lambda: _by_cli(job))
        except UnknownShapeError as error:
            raise ToolFailed(str(error)) from error

    def _timed(self, tool: str, ask: Callable[[], Answer]) -> tuple[tuple[Match, ...], tuple[EngineError, ...], str]:
        result: Literal["done", "failed"] = "failed"
        began = time.monotonic()
        try:
            told = _read(ask(), tool)
            result = "done"
        finally:
            self._on_run(EngineRun(tool, result, time.monotonic() - began))
        return told


def _read(answer: Answer, tool: str) -> tuple[tuple[Match, ...], tuple[EngineError, ...], str]:
    if answer.fatal is not None:
        raise ToolFailed(f"{tool} gave up: {answer.fatal}")
    return answer.matches(), answer.errors(), f"{tool} {answer.version}"


def _by_core(binary: Path, job: _Job) -> Answer:
    paths = [os.path.abspath(target.file) for target in job.targets]  # noqa: PTH100 - resolves no link
    targets = [
        ["CodeTarget", {"path": {"fpath": path, "ppath": _in_rules_eyes(target)}, "analyzer": target.language, "products": ["sast"]}]
        for path, target in zip(paths, job.targets, strict=True)
    ]  # fmt: skip
    targets_file = job.folder / "targets.json"
    targets_file.write_bytes(json.dumps(["Targets", targets], ensure_ascii=False).encode("utf-8", "surrogateescape"))
    limits = job.limits
    argv = [
        str(binary), "-rules", str(job.rules_file), "-targets", str(targets_file), "-json_nodots", "-fast",
        "-j", str(limits.jobs), "-timeout", f"{limits.rule_s:g}", "-max_memory", str(limits.memory_mb),
        "-max_match_per_file", str(_MATCHES_PER_FILE),
    ]  # fmt: skip
    return _answer(_ended(argv, job), job, paths, lambda index: _bytes_of(job.targets[index].file))


def _by_cli(job: _Job) -> Answer:
    """The command-line tool knows languages by file names and passes over some folders: it gets copies of its own."""
    data = [_bytes_of(target.file) for target in job.targets]
    paths = [f"copies/{index}{extension_of(target.language)}" for index, target in enumerate(job.targets)]
    (job.folder / "copies").mkdir()
    for path, content in zip([*paths, "copies/empty.txt"], [*data, b""], strict=True):
        (job.folder / path).write_bytes(content)
    limits = job.limits
    argv = [
        str(Path(sys.executable).parent / "semgrep"), "scan", "--json", "--quiet", "--metrics", "off",
        "--disable-version-check", "--disable-nosem", "--no-git-ignore", "--no-rewrite-rule-ids", "--oss-only",
        "--scan-unknown-extensions", "--max-target-bytes", "0", "--timeout", str(max(1, round(limits.rule_s))),
        "--timeout-threshold", "0", "--max-memory", str(limits.memory_mb), "--jobs", str(limits.jobs),
        "--config", str(job.rules_file), "copies/empty.txt", *paths,
    ]  # fmt: skip
    return _answer(_ended(argv, job), job, paths, lambda index: data[index])


def _ended(argv: Sequence[str], job: _Job) -> Ended:
    """The tool's end, where that can be evidence: its exit status is looked at before its output."""
    ended = run_limited(
        argv,
        output=job.folder / "answer.json",
        cwd=job.folder,
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(job.folder),
            "TMPDIR": str(job.folder),
            "LC_ALL": "C.UTF-8",
            "SEMGREP_SEND_METRICS": "off",
            "SEMGREP_ENABLE_VERSION_CHECK": "0",
        },
        wall_s=job.limits.wall_s,
        cpu_s=job.limits.cpu_s or job.limits.wall_s * job.limits.jobs,
        address_space_mb=job.limits.memory_mb + _UNTOUCHED_MB + _UNTOUCHED_PER_JOB_MB * job.limits.jobs,
    )
    tool = Path(argv[0]).name
    if ended.code == CANNOT_START:
        raise UnknownShapeError(f"{tool} cannot be started: {ended.complaint.strip()[-500:]}")
    if ended.code != 0 and not ended.output.lstrip().startswith(b"{"):
        raise ToolFailed(f"{tool} ended with status {ended.code}: {ended.complaint.strip()[-500:]}")
    return ended


def _answer(ended: Ended, job: _Job, paths: Sequence[str], read: Callable[[int], bytes]) -> Answer:
    answer = Answer(
        ended.output,
        rules=job.rules,
        targets={path: index for index, path in enumerate(paths)},
        shown=[target.path for target in job.targets],
        read=read,
    )
    if ended.code != 0 and answer.fatal is None and any(error.rule is None for error in answer.errors()):
        raise ToolFailed(f"the engine ended with status {ended.code}: {answer.errors()[0].message}")
    return answer


def core_of_the_wheel() -> Path:
    """Where the `semgrep-core` binary of the installed wheel is, or would be."""
    found = importlib.util.find_spec("semgrep")
    folders = found.submodule_search_locations if found else None
    return Path(next(iter(folders or []), "semgrep is not installed")) / "bin" / "semgrep-core"


def _write(folder: Path, index: int, text: SourceText) -> Target:
    file = folder / f"text{index}{extension_of(_language(text.language))}"
    file.write_bytes(text.code.encode("utf-8", "replace"))
    return Target(path=text.path, file=file, language=text.language)


def _bytes_of(file: Path) -> bytes:
    """The content of a target; one that vanished since it was listed is empty."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _in_rules_eyes(target: Target) -> str:
    return "/" + target.path.encode("utf-8", "replace").decode()


def _known(target: Target) -> Target:
    return replace(target, language=_language(target.language))


def _language(name: str) -> str:
    language = canonical_language(name)
    if language is None:
        raise Rejected(f"unsupported language {name[:40]!r}")
    return language


def _id_of(rule: JsonObject) -> str:
    name = rule.get("id")
    if not isinstance(name, str):
        raise Rejected("a rule needs an 'id'")
    return name


def _outgoing(rule: JsonObject, name: str) -> JsonObject:
    languages = rule.get("languages")
    if isinstance(languages, list):
        named = [canonical_language(str(language)) or language for language in languages]
        return {**rule, "id": name, "languages": named}
    return {**rule, "id": name}
