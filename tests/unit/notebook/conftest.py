"""What do the tests of the notebook's parts share? A system over real files in this process, and axes that need no screen."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from rsolv_ray.notebook.loop import Loop
from rsolv_ray.notebook.system import System
from rsolv_ray.settings import Settings
from rsolv_ray.testing import in_process


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    mpl.use("agg")
    yield
    plt.close("all")


@pytest.fixture
def system(tmp_settings: Settings) -> Iterator[System]:
    """An own system with control, a bank and a validator; nothing drives cycles."""
    loop = Loop()
    parts = in_process(tmp_settings)
    house = loop.run(parts.__aenter__())
    made = System(house, tmp_settings, url="http://127.0.0.1:8080", is_own=True, end=lambda: None)
    yield made
    made.close()
    loop.run(parts.__aexit__(None, None, None))
    loop.close()
