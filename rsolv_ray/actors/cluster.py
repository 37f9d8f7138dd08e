"""How does one machine become a cluster, and how is it given back?

`start_ray` starts Ray on this machine, or joins the cluster at an address; token authentication is always on.
"""

from __future__ import annotations

from typing import Any

import psutil
import ray
import structlog

from rsolv_ray.actors.names import NAMESPACE
from rsolv_ray.actors.ray_environment import arm_token
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.settings import Settings

OBJECT_STORE_BYTES = 200 * 2**20
AGENTS_LEAVE_S = 10.0

log = structlog.get_logger(__name__)


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


def stop_ray() -> None:
    """Give Ray back. Where it was started here, no process of it is left: its agents are waited for, then killed."""
    ours = [one for one in psutil.Process().children(recursive=True) if _is_of_ray(one)]
    ray.shutdown()
    for straggler in psutil.wait_procs(ours, AGENTS_LEAVE_S)[1]:
        log.warning("a process of Ray stays behind and is killed", pid=straggler.pid)
        straggler.kill()
        straggler.wait(AGENTS_LEAVE_S)


def _is_of_ray(process: psutil.Process) -> bool:
    try:
        return "ray" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


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
