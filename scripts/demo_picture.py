#!/usr/bin/env python3
"""What does the demo look like in a terminal? Runs it in one, and keeps the most telling lines as an SVG.

.venv/bin/python scripts/demo_picture.py            # writes docs/images/demo.svg
.venv/bin/python scripts/demo_picture.py CAPTURED   # from the output of `rsolv demo --once`, colours included
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).resolve().parents[1] / "docs/images/demo.svg"
COLUMNS, ROWS = 112, 50
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
SAID = (
    "A terminal: the demo sends one fix in JavaScript, the service learns a rule from it, finds the other places, "
    "spares those that only look like it, and sums up what came of a Python and a JavaScript repository."
)
KEPT = {"2 of 2": 99, "Learned": 2, "Found": 99, "Spared": 1, "Offered": 1, "In short": 5, "All as it should be": 1}
"""How many lines are kept of what begins so."""
LEFT_OUT = ("POST http", "202: cycle", "RuleRejected")


def main() -> None:
    output = Path(sys.argv[1]).read_text(encoding="utf-8") if len(sys.argv) > 1 else captured()
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in telling(output):
        console.print(Text.from_ansi(line), soft_wrap=False, no_wrap=True, overflow="ellipsis")
    PICTURE.write_text(picture(console), encoding="utf-8")
    print(f"{PICTURE}: {PICTURE.stat().st_size} bytes")


def captured() -> str:
    """The output of the demo in a terminal of its own, with colours. Raises CalledProcessError if the demo failed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    command = [sys.executable, "-m", "rsolv_ray", "demo", "--once"]
    demo = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    output = b"".join(chunks(ours))
    os.close(ours)
    if demo.wait():
        raise subprocess.CalledProcessError(demo.returncode, command, output.decode("utf-8", "replace"))
    return output.decode("utf-8")


def chunks(terminal: int) -> Iterator[bytes]:
    """What is written to a terminal until nobody holds it open: Linux then answers a read with EIO."""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            return
        if not chunk:
            return
        yield chunk


def telling(output: str) -> Iterator[str]:
    """The lines of the picture: the last fix with its events and findings, the titles of the rest, the summary."""
    yield "$ rsolv demo --once"
    yield "..."
    lines = output.replace("\r", "").splitlines()
    section, number = "", 0
    for line in lines[next(n for n, line in enumerate(lines) if bare(line).startswith("2 of 2")) :]:
        title = next((title for title in KEPT if bare(line).startswith(title)), None)
        section, number = (title, 0) if title else (section, number + 1)
        if number < KEPT[section] and bare(line) and not any(word in line for word in LEFT_OUT):
            if title not in {None, "Offered", "All as it should be"}:
                yield ""
            yield line


def bare(line: str) -> str:
    """A line without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", line).strip()


def picture(console: Console) -> str:
    """What a console printed, as an SVG that fetches nothing and says what it shows."""
    fonts = re.compile(r"@font-face \{\{.*?\n    \}\}\n", re.DOTALL)
    form = fonts.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code, monospace", FONTS)
    drawn = console.export_svg(title="rsolv demo", code_format=form, unique_id="demo")
    return re.sub(r"(<svg [^>]*>)", rf"\1\n    <title>rsolv demo</title>\n    <desc>{SAID}</desc>", drawn, count=1)


if __name__ == "__main__":
    main()
