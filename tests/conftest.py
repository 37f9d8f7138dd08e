"""What do all tests share? A repeatable search for counter-examples, settings of their own, a switch for slow ones.

Where several processes run the tests, those that need a cluster stay in one of them: there is one cluster at a time.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rsolv_ray.settings import Settings

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", default=False, help="run the slow tests too")


_WITH_A_CLUSTER = ("acceptance", "runtime")
"""Told before xdist looks at the marks of the tests."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in _WITH_A_CLUSTER:
            item.add_marker(pytest.mark.xdist_group("cluster"))
    if config.getoption("--all"):
        return
    skip = pytest.mark.skip(reason="slow: run with --all")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def tmp_settings(tmp_path: Path) -> Settings:
    """Settings whose data and temporary folders are the test's own, with one validator."""
    return Settings(data_dir=tmp_path / "data", allowed_roots=(tmp_path,), validators=1)
