"""How is Semgrep asked?

`semgrep-core`, the binary inside the wheel, answers in 0.1 to 0.3 s; the command-line tool in about 2 s. Both are given
limits, a home of their own and no network.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rsolv_ray.engine.answer import Answer, UnknownShapeError, is_begun, targets_done
from rsolv_ray.engine.copies import write_copies
from rsolv_ray.engine.job import ANSWER, RULES, TARGETS, Job
from rsolv_ray.engine.match import Interrupted, Limits
from rsolv_ray.engine.surroundings import certify, surroundings
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.tools import CANNOT_START, Ended, Running, Stopped

TRIED = ("1.182.",)
"""The versions of the core whose command line and answer this is written for: neither is documented."""
_INSTALL = "install the version that constraints.txt has: pip install -c constraints.txt semgrep"

# Above this the engine gives up on a file with "Too many matches".
_MATCHES_PER_FILE = 10_000
# The answer is held in memory several times over while it is read; 64 MiB are some 50,000 matches.
_LARGEST_ANSWER_MB = 64
# Address space that is reserved and never touched: OCaml's minor heaps, thread stacks and the binary itself.
_UNTOUCHED_MB = 1024
_UNTOUCHED_PER_JOB_MB = 128
# The command-line tool's own way of starting the core takes more: with 8 jobs 5 GiB were too little, 15 are enough.
_UNTOUCHED_BY_CLI_MB = 3072
_UNTOUCHED_BY_CLI_PER_JOB_MB = 1536


class UntriedError(UnknownShapeError):
    """The core is of a version that was not tried."""


def core_of_the_wheel() -> Path:
    """Where `semgrep-core` is, or would be."""
    found = importlib.util.find_spec("semgrep")
    folders = found.submodule_search_locations if found else None
    return Path(next(iter(folders or []), "semgrep is not installed")) / "bin" / "semgrep-core"


def by_core(binary: Path, job: Job, read: Callable[[int], bytes | None]) -> Answer:
    """What the core answers. `read` gives the bytes of a target.

    Raises:
        UnknownShapeError: it cannot be started, or answers in another shape.
        UntriedError: it is of a version that was not tried.
        Interrupted: it ended, or was ended, before it had answered.
    """
    job.write_targets()
    ended = _checked(_core_at_work(binary, job), job, binary.name, stall_s=job.limits.stall_s)
    answer = _answer(ended, job, job.paths, read)
    if not answer.version.startswith(TRIED):
        raise UntriedError(
            f"semgrep-core is of version {answer.version}, and only {', '.join(TRIED)}* was tried: {_INSTALL}"
        )
    return answer


def by_cli(job: Job, read: Callable[[int], bytes | None]) -> Answer:
    """What the command-line tool answers. Raises as `by_core` does."""
    data = {index: content for index in job.there if (content := read(index)) is not None}
    paths = write_copies(job.folder, {index: (job.targets[index], content) for index, content in data.items()})
    (job.folder / "empty.txt").touch()
    limits = job.limits
    argv = [
        str(Path(sys.executable).parent / "semgrep"), "scan", "--json", "--quiet", "--metrics", "off",
        "--disable-version-check", "--disable-nosem", "--no-git-ignore", "--no-rewrite-rule-ids", "--oss-only",
        "--max-target-bytes", "0", "--timeout", str(max(1, round(limits.rule_s))),
        "--timeout-threshold", "0",
        "--max-memory", str(limits.memory_mb), "--jobs", str(limits.jobs),
        "--config", str(job.rules_file), "empty.txt", *paths,
    ]  # fmt: skip
    certify(job.folder)
    untouched_mb = _UNTOUCHED_BY_CLI_MB + _UNTOUCHED_BY_CLI_PER_JOB_MB * limits.jobs
    running = _started(argv, job.folder, limits, cpu_s=_cpu_s(limits), untouched_mb=untouched_mb)
    return _answer(_checked(running, job, Path(argv[0]).name), job, paths, data.__getitem__)


def start_core(binary: Path, folder: Path, limits: Limits, *, cpu_s: float | None) -> Running:
    """The core, at work in `folder` on the rules and targets there, once there is a certificate for it to read."""
    argv = [
        str(binary), "-rules", str(folder / RULES), "-targets", str(folder / TARGETS), "-json", "-fast",
        "-j", str(limits.jobs), "-timeout", f"{limits.rule_s:g}", "-max_memory", str(limits.memory_mb),
        "-max_match_per_file", str(_MATCHES_PER_FILE),
    ]  # fmt: skip
    untouched_mb = _UNTOUCHED_MB + _UNTOUCHED_PER_JOB_MB * limits.jobs
    return _started(argv, folder, limits, cpu_s=cpu_s, untouched_mb=untouched_mb)


def _core_at_work(binary: Path, job: Job) -> Running:
    """The engine that waits for this job, or else a new one."""
    cpu_s = _cpu_s(job.limits)
    if job.spare is not None and job.spare.begin(cpu_s=cpu_s):
        return job.spare.running
    certify(job.folder)
    return start_core(binary, job.folder, job.limits, cpu_s=cpu_s)


def _started(argv: Sequence[str], folder: Path, limits: Limits, *, cpu_s: float | None, untouched_mb: int) -> Running:
    return Running(
        argv,
        output=folder / ANSWER,
        cwd=folder,
        env=surroundings(folder),
        cpu_s=cpu_s,
        address_space_mb=limits.memory_mb + untouched_mb,
        largest_file_mb=_LARGEST_ANSWER_MB,
    )


def _cpu_s(limits: Limits) -> float:
    return limits.cpu_s or limits.wall_s * limits.jobs


def _checked(running: Running, job: Job, tool: str, *, stall_s: float | None = None) -> Ended:
    """The tool's end, where that can be evidence: its exit status is looked at before its output."""
    try:
        ended = running.ended(wall_s=job.limits.wall_s, stall_s=stall_s)
    except Stopped as stopped:
        done = _done(job, (job.folder / ANSWER).read_bytes())
        raise Interrupted(str(stopped), done=done, slow=not stopped.hung) from stopped
    if ended.code == CANNOT_START:
        raise UnknownShapeError(f"{tool} cannot be started: {ended.complaint.strip()[-500:]}; {_INSTALL}")
    if ended.code != 0 and not _is_whole(ended):
        reason = f"{tool} ended with status {ended.code}: {ended.complaint.strip()[-500:]}"
        raise Interrupted(reason, done=_done(job, ended.output))
    return ended


def _is_whole(ended: Ended) -> bool:
    """May an answer be trusted in spite of the exit status? One that was cut by a signal may not."""
    return ended.code > 0 and is_begun(ended.output)


def _done(job: Job, output: bytes) -> int:
    return targets_done(output) // (1 + len(job.any_file))


def _answer(ended: Ended, job: Job, paths: Mapping[str, int], read: Callable[[int], bytes | None]) -> Answer:
    answer = Answer(
        ended.output,
        rules=job.rules,
        targets=paths,
        shown=[target.path for target in job.targets],
        read=read,
    )
    if ended.code != 0 and answer.fatal is None and any(error.rule is None for error in answer.errors()):
        raise ToolFailed(f"the engine ended with status {ended.code}: {answer.errors()[0].message}")
    return answer
