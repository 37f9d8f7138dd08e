"""How does one machine become a cluster, and how is it given back?

`start_ray` starts Ray on this machine, or joins the cluster at an address; token authentication is always on.
"""

from __future__ import annotations

from typing import Any

import ray

from rsolv_ray.actors.names import NAMESPACE
from rsolv_ray.actors.ray_environment import arm_token
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.settings import Settings

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
