"""One service at a time for one data directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rsolv_ray.actors.house_lock import hold
from rsolv_ray.model.errors import Unavailable


def test_a_second_service_is_refused_with_the_process_of_the_first(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(Unavailable, match=rf"process {os.getpid()}\) uses {tmp_path}: stop it"):
        hold(tmp_path)


def test_the_directory_is_free_again_when_the_first_has_let_go(tmp_path: Path) -> None:
    hold(tmp_path).close()
    hold(tmp_path).close()
