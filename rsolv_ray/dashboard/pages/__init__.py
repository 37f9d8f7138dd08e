"""The pages, each a module with `look`, `draw` and `build`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.pages import findings, learn, overview, rules
from rsolv_ray.dashboard.words import NAVIGATION


class Page(NamedTuple):
    """A page: its path below `/dashboard/`, its title, and how it is put together."""

    path: str
    title: str
    build: Callable[[Frame], None]


_BUILDERS = {"": overview.build, "rules": rules.build, "findings": findings.build, "learn": learn.build}
PAGES = tuple(Page(path, title, _BUILDERS[path]) for path, title in NAVIGATION.items())
