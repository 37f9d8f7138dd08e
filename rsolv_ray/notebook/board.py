"""Where does a cell show what goes on? In one place that is drawn anew in a notebook; as new lines of text elsewhere."""

from __future__ import annotations

import sys
from typing import Any


class Board:
    """A place of output. `show` replaces what was shown before; where that cannot be, it prints the lines that are new."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._printed: set[str] = set()

    def show(self, html: str, lines: list[str]) -> None:
        if not in_notebook():
            self._print(lines)
            return
        from IPython.display import display

        bundle = {"text/html": html, "text/plain": "\n".join(lines)}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def _print(self, lines: list[str]) -> None:
        for line in lines:
            if line not in self._printed:
                sys.stdout.write(line + "\n")
        self._printed.update(lines)


def in_notebook() -> bool:
    """Is this the kernel of a notebook, which can draw an output anew?"""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")
