"""How does a tree come up, and how is it taken down? Its root is made by name, or found; both wait until it is done."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import ray
import structlog
from ray.exceptions import ActorDiedError, RayTaskError

from rsolv_ray.actors import reaper
from rsolv_ray.actors.names import NAMESPACE
from rsolv_ray.actors.supervisor import PROBE_EVERY_S, Supervisor
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.supervision.messages import ProcessIdentity
from rsolv_ray.supervision.spec import SupervisorSpec

NAME_FREE_S = 0.05
NAME_FREE_WITHIN_S = 30.0
HEAD_NODE = "node:__internal_head__"
"""The resource that the head node alone has, whatever its id; Ray gives it."""

log = structlog.get_logger(__name__)


def launch(
    tree: SupervisorSpec, *, data_dir: Path, namespace: str = NAMESPACE, probe_every_s: float = PROBE_EVERY_S
) -> Any:
    """The root of a tree on the head node, with every child ready. One that runs already is taken as it is.

    A child that does not answer three probes in a row, `probe_every_s` seconds each, is killed.
    Raises Conflict if another tree runs under the name; Unavailable, with the reason, if a child cannot be started.
    """
    actor: Any = ray.remote(Supervisor)
    options = {
        "name": tree.id,
        "namespace": namespace,
        "get_if_exists": True,
        "lifetime": "detached",
        "max_restarts": -1,
        "num_cpus": 0,
        "resources": {HEAD_NODE: 0.001},
    }
    give_up_at = time.monotonic() + NAME_FREE_WITHIN_S
    while True:
        root = actor.options(**options).remote(
            tree, data_dir=str(data_dir), namespace=namespace, probe_every_s=probe_every_s
        )
        try:
            ray.get(root.start.options(max_task_retries=-1).remote(tree))
        except ActorDiedError as error:
            if time.monotonic() > give_up_at:
                raise Unavailable(f"the supervisor {tree.id} does not start: {error}") from error
            log.info("the name still belongs to a root that was ended", name=tree.id)
            time.sleep(NAME_FREE_S)
        except RayTaskError as error:
            raise error.cause from error
        else:
            return root


def halt(root: Any) -> None:
    """Stop a tree and its root. When this returns, no process of it is left."""
    ray.get(root.stop_tree.options(max_task_retries=-1).remote())
    process: ProcessIdentity = ray.get(root.identity.remote())
    ray.kill(root, no_restart=True)
    asyncio.run(reaper.end(process))
