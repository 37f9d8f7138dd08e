"""What do tests with real actors share? One small Ray cluster, for the tests of a module: what follows them runs without Ray."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator

import pytest
import ray

from rsolv_ray.actors.names import NAMESPACE


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[None]:
    """A Ray cluster on this machine, in its own folder: paths of sockets may not be longer than 107 bytes."""
    folder = tempfile.mkdtemp(prefix="rsv-", dir="/tmp")
    ray.init(
        address="local",
        namespace=NAMESPACE,
        _temp_dir=folder,
        include_dashboard=False,
        num_cpus=2,
        log_to_driver=False,
    )
    yield
    ray.shutdown()
    shutil.rmtree(folder, ignore_errors=True)
