"""How does a notebook come to a system? It attaches to one that runs, or starts a small one of its own.

A system of one's own is `rsolv serve` as a child process, with ports, folders and a Ray of its own, so that it disturbs
nothing that runs, and interrupting a cell does not interrupt it. It ends with the notebook's kernel, however that ends.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rsolv_ray.actors import ray_environment
from rsolv_ray.cli.own_service import OwnService
from rsolv_ray.model.errors import Conflict, Rejected, Unavailable
from rsolv_ray.notebook.board import Board
from rsolv_ray.notebook.system import System
from rsolv_ray.settings import Settings

WRITTEN_DOWN_S = 30.0


@dataclass(frozen=True)
class _Asked:
    """What was asked for; asked twice, it is the same system."""

    address: str | None
    data_dir: Path | None
    start: bool
    roots: tuple[Path, ...]


_opened: dict[_Asked, System] = {}


def open_system(
    address: str | None = None,
    *,
    data_dir: str | Path | None = None,
    start: bool = True,
    roots: Sequence[str | Path] = (),
) -> System:
    """Attach to a system that runs, or start a small one.

    `address` (host:port of a Ray cluster's head, or `auto`; else the setting `ray_address`): attach there. Otherwise to
    what `rsolv serve` runs from `data_dir` (else from the setting `data_dir`) on this machine. Where nothing runs there
    and `start` is true, a system is started: in `data_dir` where one is given, else in a temporary folder that goes when
    it is closed. It may read repositories below the working folder and `roots`; one that runs has roots of its own.

    Opening again what is open gives the same system, so a cell can be run twice.

    Raises:
        Unavailable: nothing runs there and nothing may be started, or it cannot be joined; the message says what to do.
        Conflict: another system is open in this process.
    """
    own = Settings.load()
    asked = _Asked(
        address or (own.ray_address if own.ray_address != "local" else None),
        Path(data_dir).expanduser().absolute() if data_dir is not None else None,
        start,
        tuple(Path(root).expanduser().absolute() for root in roots),
    )
    for known in [known for known, system in _opened.items() if not system.is_open]:
        del _opened[known]
    if asked not in _opened:
        if _opened:
            raise Conflict("another system is open in this notebook: close() it first")
        _opened[asked] = _open(asked, own)
        atexit.register(_opened[asked].close)
    return _opened[asked]


def _open(asked: _Asked, own: Settings) -> System:
    """The system that was asked for."""
    ray_environment.quieten()
    from rsolv_ray.actors.joining import running_from

    if asked.address is not None:
        if asked.data_dir is not None:
            raise Rejected("give an address or a data_dir, not both")
        return _at(asked.address, own.updated({"ray_address": asked.address}))
    data_dir = asked.data_dir or own.data_dir
    if running_from(data_dir):
        return _attached(data_dir, own, is_own=False, end=_nothing)
    if not asked.start:
        raise Unavailable(
            f"no system runs from {data_dir}: start one with `rsolv serve`, name the folder of one that runs "
            "(data_dir=...), give the address of a Ray cluster, or leave out start=False to have one started"
        )
    return _started(asked, own)


def _nothing() -> None:
    """What was attached to goes on running."""


def _at(address: str, settings: Settings) -> System:
    """The system on a cluster. Settings that both sides share are those of this process (docs/settings.md)."""
    from rsolv_ray.actors.joining import join

    token = settings.data_dir / ray_environment.TOKEN_FILE
    join(address, token if token.is_file() and not ray_environment.names_token() else None)
    return _joined(settings, url="", is_own=False, end=_nothing)


def _attached(data_dir: Path, own: Settings, *, is_own: bool, end: Callable[[], None]) -> System:
    """The system that runs from a data folder of this machine."""
    from rsolv_ray.actors.joining import join, running_from

    running = running_from(data_dir)
    if running is None:
        raise Unavailable(f"the system that ran from {data_dir} has ended")
    join(running.ray, Path(running.token_file) if running.token_file else None)
    return _joined(running.settings(own), url=running.url, is_own=is_own, end=end)


def _joined(settings: Settings, *, url: str, is_own: bool, end: Callable[[], None]) -> System:
    from rsolv_ray.actors.client import House
    from rsolv_ray.actors.directory import Directory
    from rsolv_ray.actors.joining import leave

    def leave_and_end() -> None:
        leave()
        end()

    return System(House(Directory(), settings), settings, url=url, is_own=is_own, end=leave_and_end)


def _started(asked: _Asked, own: Settings) -> System:
    """A system of one's own, as a child process."""
    folder = Path(tempfile.mkdtemp(prefix="rsolv-nb-"))
    service = OwnService(folder, data_dir=asked.data_dir, roots=(Path.cwd(), *asked.roots))
    service.__enter__()

    def end() -> None:
        service.__exit__()
        shutil.rmtree(folder, ignore_errors=True)

    try:
        _wait_for(service)
        return _attached(service.data_dir, own, is_own=True, end=end)
    except BaseException:
        end()
        raise


def _wait_for(service: OwnService) -> None:
    """Wait until it stands, and has written down how it is joined; meanwhile show its parts."""
    from rsolv_ray.actors.joining import running_from

    board, parts = Board(), dict[str, str]()

    def tell(part: str, state: str) -> None:
        parts[part] = state
        ready = sum(state == "ready" for state in parts.values())
        said = f"starting a system of this notebook's own: {ready} of {len(parts)} parts are ready"
        board.show(f"<p>{said}</p>", [said])

    service.wait_until_ready(tell)
    deadline = time.monotonic() + WRITTEN_DOWN_S
    while running_from(service.data_dir) is None:
        if time.monotonic() > deadline:
            raise Unavailable(f"the system stands but did not write down how to join it in {service.data_dir}")
        time.sleep(0.1)
