"""`python -m rsolv_ray.cli` is `rsolv`."""

from __future__ import annotations

from rsolv_ray.cli import main

if __name__ == "__main__":
    main()
