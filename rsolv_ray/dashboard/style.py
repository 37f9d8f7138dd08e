"""What does the page look like, and what does it do by itself in the browser? Files beside this one, read once."""

from __future__ import annotations

from pathlib import Path

STYLE = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("style.css", "listing.css"))
