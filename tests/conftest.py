"""What do all tests share? A repeatable search for counter-examples, settings of their own, a switch for slow ones.

Where several processes run the tests, those that need a cluster stay in one of them: there is one cluster at a time.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

from rsolv_ray.settings import Settings

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", default=False, help="run the slow tests too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all"):
        return
    skip = pytest.mark.skip(reason="slow: run with --all")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


class _OneCluster(LoadScopeScheduling):
    """Deals tests out one by one, and all that need a cluster to one process. Groups of xdist's own (`xdist_group`) are lost
    on the way in pytest 9.2, whose node ids are no plain texts."""

    def _split_scope(self, nodeid: str) -> str:
        return "cluster" if nodeid.startswith(("tests/acceptance/", "tests/runtime/")) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _OneCluster:
    return _OneCluster(config, log)


@pytest.fixture
def tmp_settings(tmp_path: Path) -> Settings:
    """Settings whose data and temporary folders are the test's own, with one validator."""
    return Settings(data_dir=tmp_path / "data", allowed_roots=(tmp_path,), validators=1)
