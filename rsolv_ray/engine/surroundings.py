"""What does a program of the engine find around it? A home of its own, no way to the network, and a few certificates.

The core reads trusted certificates before anything else, though it is never online here: it refuses to start without any,
and takes its time over all that a system has.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

import certifi

CERTIFICATES = "certificates.pem"
"""Where, in its folder, a program of the engine looks for them."""
_BEGIN, _END = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"
_SOME = 3


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a program that works in `folder`."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LC_ALL": "C.UTF-8",
        "SSL_CERT_FILE": str(folder / CERTIFICATES),
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
    }


def certify(folder: Path) -> None:
    """Put some certificates there, in place of what stands there."""
    (folder / CERTIFICATES).unlink(missing_ok=True)
    (folder / CERTIFICATES).write_text(some_certificates(), encoding="ascii")


@cache
def some_certificates() -> str:
    """The first of those that come with `certifi`, in PEM."""
    texts = Path(certifi.where()).read_text(encoding="utf-8").split(_END)[:_SOME]
    return "".join(text[text.index(_BEGIN) :] + _END for text in texts)
