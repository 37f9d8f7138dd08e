"""`python -m rsolv_ray` is `rsolv`."""

from rsolv_ray.cli import main

if __name__ == "__main__":
    main()
