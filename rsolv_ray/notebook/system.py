"""What does a notebook hold while it works with a system? The system's house, its orgs, and what has to be closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Self

import pandas as pd

from rsolv_ray.actors.client import House
from rsolv_ray.model.errors import NotFound, Rejected
from rsolv_ray.model.ids import OrgName
from rsolv_ray.notebook import markup, tables
from rsolv_ray.notebook.loop import Loop
from rsolv_ray.notebook.organisation import BY, Organisation
from rsolv_ray.settings import Settings

MOST_ORGS = 1000


class System:
    """A running system. `is_own`: it was started for this notebook, and ends when it is closed.

    `roots` are the folders that repositories may lie below; `url` is where the dashboard is, "" where that is not known.
    """

    def __init__(self, house: House, settings: Settings, *, url: str, is_own: bool, end: Callable[[], None]) -> None:
        self.house = house
        self.roots: tuple[Path, ...] = settings.allowed_roots
        self.url, self.is_own = url, is_own
        self._end = end
        self._loop = Loop()
        self._is_open = True

    def org(self, name: str, *, create: bool | None = None) -> Organisation:
        """An org by name or id. One that is not there is made if `create`, by default in a system of one's own alone.

        Raises:
            NotFound: there is none, and it is not to be made.
            Rejected: the system was closed, or no org can have this name.
        """
        try:
            return Organisation(self.house, self._loop, self._loop.run(self.house.org(name)))
        except NotFound as error:
            if not (self.is_own if create is None else create):
                raise NotFound(f"there is no org {name!r}: give create=True to make it") from error
        try:
            wanted = OrgName(name)
        except ValueError as error:
            raise Rejected(str(error)) from error
        return Organisation(self.house, self._loop, self._loop.run(self.house.create_org(wanted, "", by=BY)))

    def orgs(self) -> pd.DataFrame:
        """The orgs, at most 1000."""
        found = self._loop.run(self.house.orgs(MOST_ORGS, None)).items
        return tables.frame(
            ("org", "title", "id"), ((str(one.name), one.title, str(one.id)) for one in found), index="org"
        )

    def close(self) -> None:
        """End what was started for this notebook; leave alone what it attached to. May be called again."""
        if not self._is_open:
            return
        self._is_open = False
        self._loop.close()
        self._end()

    @property
    def is_open(self) -> bool:
        return self._is_open

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in self._said().items())

    def _repr_html_(self) -> str:
        return markup.fields(self._said())

    def _said(self) -> dict[str, object]:
        whose = (
            "started for this notebook; close() ends it" if self.is_own else "was running; close() leaves it running"
        )
        return {
            "system": whose if self._is_open else "closed",
            "dashboard": f"{self.url}/dashboard" if self.url else "not known here",
        }
