"""One real service for all acceptance tests: `rsolv serve` as a user starts it, on free ports and a new data directory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

START_S = 120.0
LOUD_LINE = "loudly_used(value)\n"
"""All the clean code that the service knows calls this one function, 40 times in 1,000 lines."""


@dataclass(frozen=True)
class Service:
    """A running service with an admin key, and the folder from which repositories may be registered."""

    url: str
    admin_key: str
    code: Path
    data: Path
    process: subprocess.Popen[str]
    log: Path

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key or self.admin_key}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=90)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    code, data, log = folder / "code", folder / "data", folder / "serve.log"
    code.mkdir()
    clean = folder / "clean"
    clean.mkdir()
    (clean / "loud.py").write_text(LOUD_LINE * 40 + "pass\n" * 960)
    port = free_port()
    temp = tempfile.mkdtemp(prefix="rsa-", dir="/tmp")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RSOLV_", "RAY_"))} | {
        "RSOLV_DATA_DIR": str(data),
        "RSOLV_PORT": str(port),
        "RSOLV_RAY_DASHBOARD_PORT": str(free_port()),
        "RSOLV_RAY_TEMP_DIR": temp,
        "RSOLV_ALLOWED_ROOTS": str(code),
        "RSOLV_CLEAN_CORPORA": str(clean),
    }
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "rsolv_ray", "serve"], env=env, stdout=out, stderr=out, text=True, cwd=folder,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process, log)
        yield Service(f"http://127.0.0.1:{port}", (data / "admin.key").read_text().strip(), code, data, process, log)
    finally:
        end(process)


def wait_until_ready(url: str, process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"serve ended with {process.returncode}:\n{log.read_text()[-4000:]}")
        try:
            if httpx.get(f"{url}/readyz", timeout=5).status_code == 200 and (log.parent / "data/admin.key").exists():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"serve was not ready within {START_S:g} s:\n{log.read_text()[-4000:]}")


def end(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Stop a service as Ctrl-C does; returns what is still alive of its processes afterwards."""
    if process.poll() is not None:
        return []
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return psutil.wait_procs(family, timeout=10)[1]


@pytest.fixture
def org(service: Service) -> Iterator[tuple[httpx.Client, str]]:
    """A new org and a client with a key of its own."""
    with service.client() as admin:
        name = f"org-{time.monotonic_ns()}"
        admin.post("/orgs", json={"name": name}).raise_for_status()
        issued = admin.post(f"/orgs/{name}/keys", json={"name": "ci", "scopes": ["read", "write", "manage"]})
        issued.raise_for_status()
    with service.client(issued.json()["secret"]) as client:
        yield client, name
