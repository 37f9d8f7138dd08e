"""How are measurements told? Beside their targets, and with the machine that they were taken on."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rsolv_ray.cli.console import say, show_table

if TYPE_CHECKING:
    from rsolv_ray.bench.figures import Target


def machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "platform": sys.platform,
    }


def targets_of(figures: dict[str, Any], targets: Sequence[Target]) -> list[dict[str, object]]:
    """The targets whose figure was measured, each with its value."""
    values = [(one, one.value(figures)) for one in targets]
    return [
        {
            "figure": one.figure, "meaning": one.meaning, "value": value, "below": one.below, "at_least": one.at_least,
            "bound": one.bound, "met": one.met(value),
        }
        for one, value in values
        if value is not None
    ]  # fmt: skip


def show(figures: dict[str, Any], *, without: Sequence[str] = ()) -> None:
    """Print the figures beside their targets, then all others but those named in `without`."""
    rows = [(one["meaning"], one["value"], one["bound"], "yes" if one["met"] else "NO") for one in figures["targets"]]
    show_table(("figure", "measured", "target", "met"), rows, empty="nothing was measured")
    others = (name for name in figures if name not in ("targets", *without))
    show_table(("figure", "values"), [(name, _in_line(figures[name])) for name in others], empty="")


def _in_line(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {_in_line(one)}" for name, one in value.items())
    return str(value)


def tell(line: str, *, quiet: bool) -> None:
    if not quiet:
        say(f"measuring: {line}")
