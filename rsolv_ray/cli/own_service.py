"""How does a command or a notebook get a service of its own? As a child process with its own data folder and ports.

It ends with this process. What it leaves behind is known by a random mark in its environment, which nothing else bears.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import httpx
import psutil

from rsolv_ray.cli.exits import TimedOut
from rsolv_ray.model.errors import Unavailable

READY_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 90.0
STRAGGLE_S = 5.0
POLL_S = 0.25
_LONGEST_RAY_FOLDER = 40
"""Ray's sockets lie some 65 characters below its folder, and the path of a socket has at most 107 (unix(7))."""
_MARK = "OWN_SERVICE_MARK"


class OwnService:
    """`rsolv serve` in `folder`, which may read repositories below `folder` and `roots`; it ends with this process."""

    def __init__(self, folder: Path, *, data_dir: Path | None = None, roots: Sequence[Path] = ()) -> None:
        self.data_dir = data_dir or folder / "data"
        self.log = folder / "serve.log"
        self._folder = folder
        port, dashboard_port = free_ports(2)
        self.url = f"http://127.0.0.1:{port}"
        self.ray_dashboard = f"http://127.0.0.1:{dashboard_port}"
        self._variables = {
            _MARK: secrets.token_hex(16),
            "RSOLV_DATA_DIR": str(self.data_dir),
            "RSOLV_PORT": str(port),
            "RSOLV_RAY_DASHBOARD_PORT": str(dashboard_port),
            "RSOLV_ALLOWED_ROOTS": os.pathsep.join(map(str, (folder, *roots))),
        }
        if data_dir is None:
            # An index of clean code takes longer to make than a service lives whose data goes with it.
            self._variables["RSOLV_CLEAN_CORPORA"] = ""
        if len(str(folder / "ray")) <= _LONGEST_RAY_FOLDER:
            self._variables["RSOLV_RAY_TEMP_DIR"] = str(folder / "ray")
            # Processes that are killed leave their temporary files. Not elsewhere: Ray would take it for its own folder.
            self._variables["TMPDIR"] = str(folder / "tmp")

    def __enter__(self) -> Self:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RSOLV_")}
        (self._folder / "tmp").mkdir(exist_ok=True)
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C at the terminal is for this process, which then stops the service in order.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rsolv_ray", "serve", "--with-parent"],
                cwd=self._folder,
                env={**inherited, **self._variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._end_stragglers()

    def wait_until_ready(self, tell: Callable[[str, str], None]) -> str:
        """Wait for the service; `tell(part, state)` hears of each change of a part. Returns the admin key.

        Raises:
            Unavailable: the service ended. TimedOut: it is not ready after 180 s.
        """
        deadline = time.monotonic() + READY_TIMEOUT_S
        known: dict[str, str] = {}
        key_file = self.data_dir / "admin.key"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Unavailable(f"the service ended with exit code {self._process.returncode}:\n{self._last_lines()}")
            ready, detail = self._readiness()
            for part in sorted(detail.keys() - {part for part, state in known.items() if state == detail.get(part)}):
                tell(part, detail[part])
            known = detail
            if ready and key_file.is_file() and (key := key_file.read_text(encoding="ascii").strip()):
                return key
            time.sleep(POLL_S)
        waiting = ", ".join(f"{part}: {state}" for part, state in known.items() if state != "ready")
        raise TimedOut(
            f"the service is not ready after {READY_TIMEOUT_S:.0f} s ({waiting or 'it does not answer'}):\n"
            f"{self._last_lines()}"
        )

    def wait(self) -> int:
        """Wait until the service ends; its exit code."""
        return self._process.wait()

    def _end_stragglers(self) -> None:
        """Ray's agents outlive it by some seconds, and are ended here if it takes them longer."""
        ours = self._variables[_MARK]
        left = [one for one in psutil.process_iter(["environ"]) if (one.info["environ"] or {}).get(_MARK) == ours]
        for one in psutil.wait_procs(left, STRAGGLE_S)[1]:
            one.kill()

    def _readiness(self) -> tuple[bool, dict[str, str]]:
        try:
            response = httpx.get(f"{self.url}/readyz", timeout=10.0, trust_env=False)
        except httpx.TransportError:
            return False, {}
        if not response.headers.get("content-type", "").startswith("application/json"):
            return False, {}
        said = response.json()
        return response.status_code == 200, dict(said.get("detail") or {})

    def _last_lines(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-15:])


def free_ports(count: int) -> list[int]:
    """So many different ports of the loopback interface that nothing listens on at this moment."""
    trials = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for trial in trials:
            trial.bind(("127.0.0.1", 0))
        return [trial.getsockname()[1] for trial in trials]
    finally:
        for trial in trials:
            trial.close()
