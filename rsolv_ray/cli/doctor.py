"""Is everything here that the service needs? Each check looks for itself, says what it saw, and what to do."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import typer

from rsolv_ray.cli.console import say, show_json
from rsolv_ray.cli.exits import Exit
from rsolv_ray.cli.options import AsJson
from rsolv_ray.model.errors import Rejected, ToolFailed, Unavailable

if TYPE_CHECKING:
    from rsolv_ray.settings import Settings

ENOUGH_DISK_BYTES = 2 * 2**30
LEAST_DISK_BYTES = 200 * 2**20
PYTHONS = ((3, 11), (3, 14))
_PROBE = "import os\nos.system(command)\n"
_RULE = {
    "id": "probe",
    "languages": ["python"],
    "severity": "INFO",
    "message": "a call that the probe holds",
    "pattern": "os.system(...)",
}


class Health(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is, what was seen, and what to do about it ("" where nothing)."""

    name: str
    health: Health
    seen: str
    advice: str = ""


def doctor(*, as_json: AsJson = False) -> None:
    """Check this machine: everything that `rsolv serve` needs. Exit 1: something is missing or broken."""
    checks = examine()
    if as_json:
        show_json([asdict(check) for check in checks])
    else:
        for check in checks:
            say(f"{check.health:<4}  {check.name:<14} {check.seen}")
            if check.advice:
                say(f"      {'':<14} -> {check.advice}")
    broken = any(check.health is Health.FAIL for check in checks)
    raise typer.Exit(Exit.FOUND_OR_REJECTED if broken else Exit.DONE)


def examine() -> list[Check]:
    """All checks. Those that need settings are left out when the settings themselves are wrong."""
    checks = [look() for look in (_python, _engine, _duckdb, _ray, _torch, _git)]
    from rsolv_ray.settings import Settings

    try:
        settings = Settings.load()
    except Rejected as error:
        return [*checks, Check("settings", Health.FAIL, str(error), "correct the variable or rsolv.toml")]
    of_settings: tuple[Callable[[Settings], Check], ...] = (_disk, _data_dir, _secrets, _port)
    return [*checks, Check("settings", Health.OK, "known and possible"), *(look(settings) for look in of_settings)]


def _python() -> Check:
    seen = ".".join(map(str, sys.version_info[:3]))
    least, below = PYTHONS
    if least <= sys.version_info[:2] < below:
        return Check("python", Health.OK, seen)
    return Check("python", Health.FAIL, seen, "use Python 3.11, 3.12 or 3.13")


def _engine() -> Check:
    from rsolv_ray.engine.semgrep import Engine, SourceText

    reinstall = "reinstall semgrep as constraints.txt has it: pip install -c constraints.txt semgrep"
    engine = Engine("core")
    try:
        run = engine.run_texts([_RULE], [SourceText("probe.py", "python", _PROBE)])
    except ToolFailed as error:
        return Check("semgrep-core", Health.FAIL, str(error), reinstall)
    if [match.span.start_line for match in run.matches] != [2]:
        return Check("semgrep-core", Health.FAIL, f"{engine.version} does not find what it has to", reinstall)
    return Check("semgrep-core", Health.OK, f"{run.engine}, one file in {run.elapsed_s:.2f} s")


def _duckdb() -> Check:
    import duckdb

    with duckdb.connect(":memory:") as connection:
        row = connection.execute("SELECT version()").fetchone()
    return Check("duckdb", Health.OK, f"{row[0] if row else ''} opens a database")


def _ray() -> Check:
    try:
        import ray
    except ImportError as error:
        return Check("ray", Health.FAIL, str(error), "pip install -c constraints.txt 'ray[default,serve]'")
    return Check("ray", Health.OK, str(ray.__version__))


def _torch() -> Check:
    try:
        import torch
    except ImportError as error:
        return Check("torch", Health.FAIL, str(error), "pip install -c constraints.txt torch")
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu (a GPU is not needed)"
    return Check("torch", Health.OK, f"{torch.__version__} on {device}")


def _git() -> Check:
    if shutil.which("git") is None:
        return Check("git", Health.FAIL, "not on the PATH", "install git")
    done = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False, timeout=20)
    return Check("git", Health.OK, done.stdout.strip().removeprefix("git version "))


def _disk(settings: Settings) -> Check:
    folder = _nearest(settings.data_dir)
    free = shutil.disk_usage(folder).free
    seen = f"{free / 2**30:.1f} GiB free at {folder}"
    if free < LEAST_DISK_BYTES:
        return Check("disk", Health.FAIL, seen, "free some space, or set RSOLV_DATA_DIR")
    if free < ENOUGH_DISK_BYTES:
        return Check("disk", Health.WARN, seen, "a busy org needs more: free some space")
    return Check("disk", Health.OK, seen)


def _data_dir(settings: Settings) -> Check:
    folder = settings.data_dir
    try:
        with TemporaryFile(dir=_nearest(folder)):
            pass
    except OSError as error:
        return Check(
            "data folder", Health.FAIL, f"{folder}: {error.strerror}", "make it writable, or set RSOLV_DATA_DIR"
        )
    if not folder.exists():
        return Check("data folder", Health.OK, f"{folder} will be made")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        return Check("data folder", Health.WARN, f"{folder} has mode {mode:o}", f"chmod 700 {folder}")
    return Check("data folder", Health.OK, str(folder))


def _secrets(settings: Settings) -> Check:
    kept = [settings.data_dir / name for name in ("admin.key", "ray.token")]
    there = [file for file in kept if file.exists()]
    open_ones = [file for file in there if stat.S_IMODE(file.stat().st_mode) & 0o077]
    if open_ones:
        names = " ".join(map(str, open_ones))
        return Check("secrets", Health.FAIL, f"others may read {names}", f"chmod 600 {names}, then make new keys")
    return Check("secrets", Health.OK, f"{len(there)} files, readable by you alone" if there else "none yet")


def _port(settings: Settings) -> Check:
    from rsolv_ray.cli.serve import refuse_taken_port

    place = f"{settings.host}:{settings.port}"
    try:
        refuse_taken_port(settings)
    except Unavailable as error:
        if _answers(settings.host, settings.port):
            return Check("port", Health.OK, f"{place} is served by rsolv already")
        return Check("port", Health.FAIL, str(error), "set RSOLV_PORT")
    return Check("port", Health.OK, f"{place} is free")


def _answers(host: str, port: int) -> bool:
    import httpx

    shown = f"[{host}]" if ":" in host else host
    try:
        response = httpx.get(f"http://{shown}:{port}/livez", timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return response.headers.get("content-type", "").startswith("application/json") and "status" in response.text


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(one for one in (folder, *folder.parents) if one.exists())
