"""How is Semgrep asked?

`semgrep-core`, the binary inside the wheel, answers in 0.1 to 0.3 s; the command-line tool in about 2 s. Both are given
limits, a home of their own and no network.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rsolv_ray.engine.answer import Answer, UnknownShapeError, is_begun, targets_done
from rsolv_ray.engine.job import Job, extension
from rsolv_ray.engine.match import Interrupted
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.tools import CANNOT_START, Ended, Stopped, run_limited

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
    limits = job.limits
    argv = [
        str(binary), "-rules", str(job.rules_file), "-targets", str(job.targets_file), "-json", "-fast",
        "-j", str(limits.jobs), "-timeout", f"{limits.rule_s:g}", "-max_memory", str(limits.memory_mb),
        "-max_match_per_file", str(_MATCHES_PER_FILE),
    ]  # fmt: skip
    answer = _answer(_ended(argv, job, stall_s=limits.stall_s), job, job.paths, read)
    if not answer.version.startswith(TRIED):
        raise UntriedError(
            f"semgrep-core is of version {answer.version}, and only {', '.join(TRIED)}* was tried: {_INSTALL}"
        )
    return answer


def by_cli(job: Job, read: Callable[[int], bytes | None]) -> Answer:
    """What the command-line tool answers. It knows languages by file names and passes over some folders: it gets copies
    of its own. Raises as `by_core` does."""
    data = {index: content for index in job.there if (content := read(index)) is not None}
    paths = {f"copies/{index}{extension(job.targets[index].language)}": index for index in data}
    (job.folder / "copies").mkdir()
    for path, content in {"copies/empty.txt": b"", **{path: data[index] for path, index in paths.items()}}.items():
        (job.folder / path).write_bytes(content)
    limits = job.limits
    argv = [
        str(Path(sys.executable).parent / "semgrep"), "scan", "--json", "--quiet", "--metrics", "off",
        "--disable-version-check", "--disable-nosem", "--no-git-ignore", "--no-rewrite-rule-ids", "--oss-only",
        "--dataflow-traces", "--scan-unknown-extensions", "--max-target-bytes", "0",
        "--timeout", str(max(1, round(limits.rule_s))), "--timeout-threshold", "0",
        "--max-memory", str(limits.memory_mb), "--jobs", str(limits.jobs),
        "--config", str(job.rules_file), "copies/empty.txt", *paths,
    ]  # fmt: skip
    return _answer(_ended(argv, job), job, paths, data.__getitem__)


def _ended(argv: Sequence[str], job: Job, *, stall_s: float | None = None) -> Ended:
    """The tool's end, where that can be evidence: its exit status is looked at before its output."""
    output, tool = job.folder / "answer.json", Path(argv[0]).name
    try:
        ended = run_limited(
            argv,
            output=output,
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
            largest_file_mb=_LARGEST_ANSWER_MB,
            stall_s=stall_s,
        )
    except Stopped as stopped:
        raise Interrupted(str(stopped), done=_done(job, output.read_bytes()), slow=not stopped.hung) from stopped
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
