"""`serve_config.yaml` deploys the whole system to a cluster that runs already: tree, first key, main job."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import yaml

from tests.acceptance.conftest import free_port
from tests.runtime.samples import fix_json

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0


@pytest.fixture
def cluster() -> Iterator[tuple[dict[str, str], str]]:
    """A cluster of one node with its own ports, folder and token: the environment to reach it, and its dashboard."""
    folder, dashboard = tempfile.mkdtemp(prefix="rsc-", dir="/tmp"), free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RSOLV_", "RAY_"))} | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_TMPDIR": folder,
    }
    start = ["start", "--head", f"--port={free_port()}", f"--dashboard-port={dashboard}", f"--temp-dir={folder}"]
    quiet = [f"--ray-client-server-port={free_port()}", "--num-cpus=2", "--disable-usage-stats"]
    ports = ["--min-worker-port=0", "--max-worker-port=0"]
    try:
        subprocess.run([beside("ray"), *start, *quiet, *ports], env=env, check=True, capture_output=True, timeout=60)
        yield env, f"http://127.0.0.1:{dashboard}"
    finally:
        ours = [
            one for one in psutil.process_iter(["environ"]) if (one.info["environ"] or {}).get("RAY_TMPDIR") == folder
        ]
        for one in ours:
            one.kill()
        psutil.wait_procs(ours, timeout=10)


def beside(program: str) -> str:
    return str(Path(sys.executable).parent / program)


@pytest.mark.slow
def test_a_running_cluster_gets_the_whole_system_by_serve_deploy(
    cluster: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    env, dashboard = cluster
    config = yaml.safe_load((ROOT / "serve_config.yaml").read_text())
    config["http_options"]["port"] = port = free_port()
    config["applications"][0]["args"]["data_dir"] = str(tmp_path / "data")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    deploy = [beside("serve"), "deploy", str(tmp_path / "config.yaml"), "-a", dashboard]
    subprocess.run(deploy, env=env | {"PYTHONPATH": str(ROOT)}, check=True, capture_output=True, timeout=60)
    key = first_key(tmp_path / "data" / "admin.key", f"http://127.0.0.1:{port}")
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=90
    ) as client:
        client.post("/orgs", json={"name": "acme"}).raise_for_status()
        cycle = client.post("/orgs/acme/fixes?wait=60", json=fix_json(scan=False)).raise_for_status().json()
    assert cycle["outcome"] == "learned"


def first_key(file: Path, url: str) -> str:
    """The first admin key, once everything stands."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", timeout=5).status_code == 200 and file.exists():
                return file.read_text().strip()
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"not ready within {PATIENCE_S:g} s")
