"""How does one machine become a cluster, and how is it given back?

`start_ray` starts Ray on this machine, or joins the cluster at an address. Token authentication is always on
(docs.ray.io, Token authentication): the token is made once and kept in a 0600 file of the data directory.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import ray

from rsolv_ray.actors.names import NAMESPACE
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.settings import Settings

TOKEN_FILE = "ray.token"  # noqa: S105 - the name of a file, no secret
OBJECT_STORE_BYTES = 200 * 2**20


def start_ray(settings: Settings) -> str:
    """Start or join Ray; returns the dashboard's address ("" where there is none).

    Raises:
        Unavailable: Ray does not start, or no cluster answers at the address; the message says why.
    """
    arm_token(settings.data_dir)
    local = settings.ray_address == "local"
    try:
        context = ray.init(
            address=settings.ray_address,
            namespace=NAMESPACE,
            log_to_driver=False,
            **(_local_options(settings) if local else {}),
        )
    except (ConnectionError, RuntimeError, OSError, ValueError) as error:
        raise Unavailable(f"Ray at {settings.ray_address!r} does not answer: {error}") from error
    url: str | None = context.dashboard_url
    return f"http://{url}" if url else ""


def arm_token(data_dir: Path) -> Path:
    """Switch on Ray's token authentication for this process and what it starts; returns the token's file.

    A token that the environment brings along is used as it is.
    """
    file = data_dir / TOKEN_FILE
    os.environ["RAY_AUTH_MODE"] = "token"
    if "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ:
        return Path(os.environ.get("RAY_AUTH_TOKEN_PATH", file))
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_hex(32))
    os.environ["RAY_AUTH_TOKEN_PATH"] = str(file)
    return file


def _local_options(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "include_dashboard": True,
        "dashboard_host": "127.0.0.1",
        "dashboard_port": settings.ray_dashboard_port,
        "object_store_memory": OBJECT_STORE_BYTES,
        "configure_logging": False,
    }
    if settings.ray_temp_dir is not None:
        options["_temp_dir"] = str(settings.ray_temp_dir)
    return options
