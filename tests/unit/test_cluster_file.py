"""Would Ray's launcher take the cluster file, and does it keep the cluster shut?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ray.autoscaler._private.util import prepare_config, validate_config
from ruamel.yaml import YAML

FILE = Path(__file__).parents[2] / "cluster.yaml"


@pytest.fixture
def cluster() -> dict[str, Any]:
    return YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))


def test_the_launcher_takes_it(cluster: dict[str, Any]) -> None:
    validate_config(prepare_config(cluster))


def test_as_many_workers_are_asked_for_as_are_named(cluster: dict[str, Any]) -> None:
    named = len(cluster["provider"]["worker_ips"])
    assert (cluster["min_workers"], cluster["max_workers"]) == (named, named)


@pytest.mark.parametrize("commands", ["head_start_ray_commands", "worker_start_ray_commands"])
def test_no_node_starts_without_a_token_or_with_another_data_folder(cluster: dict[str, Any], commands: str) -> None:
    starts = [command for command in cluster[commands] if "ray start" in command]
    assert len(starts) == 1
    assert "RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH=~/.ray/auth_token RSOLV_DATA_DIR=/var/lib/rsolv " in starts[0]


def test_the_ray_dashboard_is_on_loopback(cluster: dict[str, Any]) -> None:
    assert any("--dashboard-host=127.0.0.1" in command for command in cluster["head_start_ray_commands"])
