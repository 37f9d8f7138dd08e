"""What can be typed at a shell? The command `rsolv`: one module for each group of commands."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run `rsolv` with the arguments of this process, and exit with its code."""
    from rsolv_ray.cli.root import app

    app(prog_name="rsolv")
