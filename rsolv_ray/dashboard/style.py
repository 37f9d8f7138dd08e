"""What does the page look like, and what does it do by itself in the browser? Files beside this one, read once."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

STYLE = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("style.css", "listing.css"))
MARK = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='#4f46e5'/>"
    "<path d='M9 17l5 5 9-12' fill='none' stroke='#fff' stroke-width='3.5' stroke-linecap='round' stroke-linejoin='round'/>"
    "</svg>"
)
ICON = "data:image/svg+xml," + quote(MARK)
"""The mark of rsolv, as SVG and as an address that holds it."""
HEAD = (
    f'<link rel="icon" href="{ICON}"><script>{Path(__file__).with_name("page.js").read_text(encoding="utf-8")}</script>'
)
"""What every page has in its head."""
