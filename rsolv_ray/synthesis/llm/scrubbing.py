"""What must not leave the house with some code? Secrets: keys, tokens, passwords.

Known forms of tokens, private keys, credentials in addresses, what is given to a name that speaks of a secret, and long texts of letters and digits
that nobody writes by hand. The code around them stays, so that what was wrong with it can still be seen.
"""

from __future__ import annotations

import re

MASK = "REDACTED"

_WHOLE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|sk-[\w-]{16,}|AIza[\w-]{30,})"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",
    re.DOTALL,
)
_IN_ADDRESS = re.compile(r"(?<=://)[^\s:/@'\"]+:[^\s/@'\"]+(?=@)")
_GIVEN = re.compile(
    r"""(?i)((?:pass(?:word|wd|phrase)?|secret|token|api_?key|private_?key|credential)\w*["']?\]?\s*(?::=|=>|[:=])\s*[bfru]{0,2})"""
    r"""(["'`])(?!\s*\2)((?:\\.|(?!\2)[^\\\n]){4,})\2"""
)
_DRAWN = re.compile(r"""(["'`])(?=[^"'`]*[0-9])(?=[^"'`]*[A-Za-z])[A-Za-z0-9+/=_-]{32,}\1""")


def scrubbed(code: str) -> str:
    """The code with every secret that is known by its form or its name put out of sight."""
    code = _WHOLE.sub(MASK, code)
    code = _IN_ADDRESS.sub(MASK, code)
    code = _GIVEN.sub(lambda found: f"{found[1]}{found[2]}{MASK}{found[2]}", code)
    return _DRAWN.sub(lambda found: f"{found[1]}{MASK}{found[1]}", code)
