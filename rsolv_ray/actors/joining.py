"""How does another program of this machine join a running system? By what that system wrote down in its data folder.

A system that stands leaves there where its Ray is and what it was set to; a program of the same user reads that, bears
the same token, and is a driver of the same cluster. It has to run the same versions of Python and Ray: Ray insists.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

import ray
from pydantic import ValidationError
from ray.exceptions import AuthenticationError

from rsolv_ray.actors.names import NAMESPACE
from rsolv_ray.actors.ray_environment import arm_token, use_token
from rsolv_ray.model.errors import Conflict, Rejected, Unavailable
from rsolv_ray.model.noun import Noun
from rsolv_ray.settings import Settings

RUNNING_FILE = "running.json"
REACH_S = 3.0


class Running(Noun):
    """A system that runs: where its Ray and its port are, whose token is borne, and the settings that its clients share.

    `token_file` is None where the token is not in a file.
    """

    ray: str
    url: str
    token_file: str | None
    shards: int
    validators: int
    allowed_roots: tuple[str, ...]
    allowed_git_hosts: tuple[str, ...]

    def settings(self, own: Settings) -> Settings:
        """`own` settings, with what has to be the same on both sides."""
        shared = self.model_dump(include={"shards", "validators", "allowed_roots", "allowed_git_hosts"})
        return own.updated(shared)


def write_down(settings: Settings, *, url: str) -> None:
    """Leave in the data folder how this process's system is joined. To be called when it stands."""
    token_file = arm_token(settings.data_dir)
    running = Running(
        ray=ray.get_runtime_context().gcs_address,
        url=url,
        token_file=str(token_file) if token_file else None,
        shards=settings.shards,
        validators=settings.validators,
        allowed_roots=tuple(map(str, settings.allowed_roots)),
        allowed_git_hosts=settings.allowed_git_hosts,
    )
    unfinished = settings.data_dir / f"{RUNNING_FILE}.new"
    unfinished.write_text(running.model_dump_json(indent=2), encoding="utf-8")
    unfinished.replace(settings.data_dir / RUNNING_FILE)


def strike_out(data_dir: Path) -> None:
    """The system is about to stop."""
    (data_dir / RUNNING_FILE).unlink(missing_ok=True)


def running_from(data_dir: Path) -> Running | None:
    """The system that runs from this folder; None if none does, or it was killed and its Ray is gone.

    Raises:
        Unavailable: what is written down there is not understood, as after a change of versions.
    """
    file = data_dir / RUNNING_FILE
    if not file.is_file():
        return None
    try:
        found = Running.model_validate_json(file.read_bytes())
        place = _place(found.ray)
    except (ValidationError, Rejected) as error:
        raise Unavailable(f"{file} is not understood: start `rsolv serve` anew with this version") from error
    return found if _listens(place) else None


def join(address: str, token_file: Path | None) -> None:
    """Become a driver of the cluster whose head is at `address` (host:port, or `auto`).

    Raises:
        Rejected: this is no address. Conflict: this process is a driver already.
        Unavailable: nothing listens there, the token is missing or another one, or the versions differ; the message
            says which.
    """
    if ray.is_initialized():
        raise Conflict("this process is connected to Ray already: call ray.shutdown(), or restart the kernel")
    if address != "auto" and not _listens(_place(address)):
        raise Unavailable(f"no Ray listens at {address}: is the address right, and does the system run?")
    if token_file is not None and not token_file.is_file():
        raise Unavailable(f"the token's file {token_file} is missing: start `rsolv serve` anew, which writes it")
    use_token(token_file)
    try:
        ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, configure_logging=False)
    except AuthenticationError as error:
        named = token_file or os.environ.get("RAY_AUTH_TOKEN_PATH", "~/.ray/auth_token")
        raise Unavailable(f"Ray at {address} wants a token, and {named} holds none that fits") from error
    except ConnectionError as error:
        raise Unavailable(
            f"Ray at {address} refuses this process or does not answer: its token has to be in RAY_AUTH_TOKEN_PATH "
            "(`rsolv serve` keeps it in its data folder, in ray.token)"
        ) from error
    except (RuntimeError, OSError, ValueError) as error:
        raise Unavailable(f"Ray at {address} cannot be joined: {error}") from error


def leave() -> None:
    """Be a driver no more. What runs goes on running."""
    ray.shutdown()


def _place(address: str) -> tuple[str, int]:
    """Host and port of an address.

    Raises:
        Rejected: it is none.
    """
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and 0 < int(port) < 1 << 16):
        raise Rejected(
            f"{address!r} is no address: give host:port of the cluster's head, as in 127.0.0.1:6379, or auto"
        )
    return host.strip("[]"), int(port)


def _listens(place: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(place, timeout=REACH_S):
            return True
    except (OSError, UnicodeError):  # the latter for what no name of a host can be
        return False
