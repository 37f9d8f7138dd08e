"""What must the environment say before Ray is imported? It reads some of it then, and never again.

Who may talk to it: who bears the token, made once and kept in a 0600 file of the data directory (docs.ray.io, Token
authentication). And what it must not print: each death of a worker, as a kilobyte of advice; the supervisor logs those.
"""

from __future__ import annotations

import importlib
import os
import secrets
import sys
from pathlib import Path
from typing import Any

TOKEN_FILE = "ray.token"  # noqa: S105 - the name of a file, no secret


WORKER_DEATHS = "A worker died or was killed|graceful_shutdown failed"


def prepare(data_dir: Path) -> None:
    """To be called before anything imports Ray."""
    quieten()
    arm_token(data_dir)


def quieten() -> None:
    """Let Ray keep the deaths of workers to itself."""
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", WORKER_DEATHS)


def names_token() -> bool:
    """Does the environment name a token?"""
    return "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ


def arm_token(data_dir: Path) -> Path | None:
    """Switch on Ray's token authentication for this process and what it starts; returns the token's file.

    A token that the environment brings along is used as it is (None where it is no file). Where Ray was imported
    already, its own default holds for a cluster that it starts: token authentication is on (since 2.59).
    """
    if "ray" not in sys.modules:
        os.environ["RAY_AUTH_MODE"] = "token"
    if "RAY_AUTH_TOKEN_PATH" in os.environ:
        return Path(os.environ["RAY_AUTH_TOKEN_PATH"])
    if "RAY_AUTH_TOKEN" in os.environ:
        return None
    file = data_dir / TOKEN_FILE
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_hex(32))
    os.environ["RAY_AUTH_TOKEN_PATH"] = str(file)
    return file


def use_token(file: Path | None) -> None:
    """Bear the token of this file from now on; None: the one that the environment names, or Ray's own default file.

    Ray reads its mode and its token once, when it is imported: where that has happened, it is told to read them again.
    """
    os.environ["RAY_AUTH_MODE"] = "token"
    if file is not None:
        os.environ["RAY_AUTH_TOKEN_PATH"] = str(file)
        os.environ.pop("RAY_AUTH_TOKEN", None)
    if "ray" in sys.modules:
        core: Any = importlib.import_module("ray._raylet")
        core.Config.initialize("")
        core.AuthenticationTokenLoader.instance().reset_cache()
