"""In which languages is a fix a change of settings, and how are those read and written?"""

from __future__ import annotations

from rsolv_ray.synthesis.code.entries import Layout
from rsolv_ray.synthesis.code.layouts import dockerfile, html, terraform, yaml

__all__ = ["LAYOUTS"]

LAYOUTS: dict[str, Layout] = {
    "dockerfile": dockerfile.LAYOUT,
    "html": html.LAYOUT,
    "terraform": terraform.LAYOUT,
    "yaml": yaml.LAYOUT,
}
