"""Where does the SQL stand? In `sql/<noun>.sql`, each statement under its name and a line that says what it is for.

The form is Procrastinate's: `-- name --`, then `-- description`, then one statement. Values are bound by name
(`$org`), never formatted into the text.
"""

from __future__ import annotations

import re
from importlib.resources import files

_NAME = re.compile(r"^-- ([a-z0-9_]+) --$", re.MULTILINE)


def load(noun: str) -> dict[str, str]:
    """The statements of `sql/<noun>.sql` by name."""
    parts = _NAME.split((files("rsolv_ray.store") / "sql" / f"{noun}.sql").read_text("utf-8"))
    return dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))


def migrations(folder: str = "") -> tuple[tuple[int, str, str], ...]:
    """The numbered migrations of `migrations/<folder>`, in order: number, name, SQL."""
    root = files("rsolv_ray.store") / "migrations" / folder
    found = sorted((one.name, one.read_text("utf-8")) for one in root.iterdir() if one.name.endswith(".sql"))
    return tuple((int(name[:4]), name.removesuffix(".sql"), text) for name, text in found)
