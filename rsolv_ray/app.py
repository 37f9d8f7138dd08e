"""What runs, and in what order? The composition root: settings -> supervision tree -> Serve application."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from typing import Any, TextIO

import ray
import structlog
from fastapi import FastAPI
from pydantic import JsonValue
from ray import serve

from rsolv_ray.actors import ray_metrics
from rsolv_ray.actors.client import House
from rsolv_ray.actors.cluster import start_ray, stop_ray
from rsolv_ray.actors.control import ADMIN_KEY_FILE
from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.house_lock import hold
from rsolv_ray.actors.joining import strike_out, write_down
from rsolv_ray.actors.launch import halt, launch
from rsolv_ray.actors.names import ANALYZER, BANK, CONTROL, ORCHESTRATOR, ROOT, SCHEDULER, VALIDATOR
from rsolv_ray.model.errors import Rejected, RsolvError, Unavailable
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.scanning.clean import CLEAN
from rsolv_ray.settings import Settings
from rsolv_ray.supervision.spec import ChildSpec, StartSpec, Strategy, SupervisorSpec
from rsolv_ray.telemetry import configure_logging

APPLICATION = "rsolv"
REQUEST_TIMEOUT_S = 900.0
GPU_SHARE = 0.25
WATCH_S = 2.0
HALT_S = 60.0
STAND_UP_AGAIN_S = 10.0
MODEL_TOKENS_PER_FIX = 100_000
"""What one fix may cost of an org's tokens of the day, so that a few at once still get their share."""

log = structlog.get_logger(__name__)


def tree(settings: Settings, *, gpus: float = 0.0) -> SupervisorSpec:
    """The supervised processes, in start order. An orchestrator leans on its bank, so it restarts with it.

    `gpus` is how many the cluster has: the analyzer takes a quarter of one where there is one.
    """
    return SupervisorSpec(
        id="root",
        strategy=Strategy.ONE_FOR_ONE,
        intensity=5,
        period_s=30,
        children=(
            _child(CONTROL, "control:Control", data_dir=str(settings.data_dir)),
            *(_shard(number, settings) for number in range(settings.shards)),
            _validators(settings),
            _analyzer(settings, gpus),
            _child(SCHEDULER, "scheduler:Scheduler", shards=settings.shards, every_s=settings.rollup_every_s),
        ),
    )


def _shard(number: int, settings: Settings) -> SupervisorSpec:
    bank = _child(
        f"{BANK}/{number}",
        "bank:Bank",
        shard=number,
        shards=settings.shards,
        data_dir=str(settings.data_dir),
        attached=settings.bank_attached_orgs,
        checkpoint_every=settings.checkpoint_every_commits,
    )
    orchestrator = _child(
        f"{ORCHESTRATOR}/{number}",
        "orchestrator:Orchestrator",
        shard=number,
        validators=settings.validators,
        at_once=settings.task_max_children,
        attempts=settings.command_attempts,
        step_timeout_s=settings.step_timeout_s,
        cycle_timeout_s=settings.cycle_timeout_s,
        scanning={
            "data_dir": str(settings.data_dir),
            "engine": settings.engine,
            "at_most": settings.task_max_children,
            "rule_timeout_s": settings.rule_timeout_s,
            "scan_timeout_s": settings.scan_timeout_s,
            "memory_mb": settings.engine_memory_mb,
            "cache_mb": settings.scan_cache_mb,
            "index_memory_mb": settings.index_memory_mb,
            "allowed_roots": [str(root) for root in settings.allowed_roots],
            "allowed_git_hosts": list(settings.allowed_git_hosts),
        },
        spending={
            "per_day": settings.model_tokens_per_day if settings.language_models else 0,
            "per_fix": MODEL_TOKENS_PER_FIX,
        },
    )
    return SupervisorSpec(
        id=f"shard/{number}", strategy=Strategy.REST_FOR_ONE, intensity=10, period_s=60, children=(bank, orchestrator)
    )


def _validators(settings: Settings) -> SupervisorSpec:
    """A fix may kill its validator `command_attempts` times: the pool's budget is beyond what one fix can spend."""
    return SupervisorSpec(
        id="validators",
        strategy=Strategy.ONE_FOR_ONE,
        intensity=10 * settings.command_attempts,
        period_s=60,
        children=tuple(
            _child(
                f"{VALIDATOR}/{number}",
                "validator:Validator",
                engine=settings.engine,
                rule_timeout_s=settings.rule_timeout_s,
                memory_mb=settings.engine_memory_mb,
                patience_s=settings.step_timeout_s,
                clean_index=str(settings.data_dir / CLEAN),
                clean_corpora=list(settings.clean_corpora),
                index_memory_mb=settings.index_memory_mb if number == 0 else None,
                models={
                    "names": list(settings.language_models),
                    "anthropic_url": settings.anthropic_url,
                    "openai_url": settings.openai_url,
                    "rounds": settings.model_rounds,
                    "timeout_s": settings.model_timeout_s,
                },
            )
            for number in range(settings.validators)
        ),
    )


def _analyzer(settings: Settings, gpus: float) -> ChildSpec:
    options: JsonObject = {"num_gpus": GPU_SHARE} if gpus >= GPU_SHARE else {}
    return _child(ANALYZER, "analyzer:Analyzer", options, embedding_dim=settings.embedding_dim)


def _child(id: str, where: str, options: JsonObject | None = None, **args: JsonValue) -> ChildSpec:  # noqa: A002
    start = {"class": f"rsolv_ray.actors.{where}", "args": args, "options": options or {}}
    return ChildSpec(id=id, start=StartSpec.model_validate(start))


def stand_up(settings: Settings) -> Any:
    """Start the tree, or find it standing; returns the root supervisor's handle when every process is ready."""
    return launch(tree(settings, gpus=ray.cluster_resources().get("GPU", 0.0)), data_dir=settings.data_dir)


async def _stand_up(settings: Settings) -> None:
    """See to it that the tree stands, however often that has to be tried; until then `/readyz` says that it does not."""
    while True:
        try:
            await asyncio.to_thread(stand_up, settings)
            await Directory().call(CONTROL, "first_admin", timeout_s=60.0, retry=True)
        except RsolvError as error:
            log.error("the tree does not stand and is tried again", reason=str(error))  # noqa: TRY400 - a line will do
            await asyncio.sleep(STAND_UP_AGAIN_S)
        else:
            return


def application(args: Mapping[str, Any] | None = None) -> serve.Application:
    """The Serve application: `import_path: rsolv_ray.app:application` in a Serve configuration file.

    `args` are settings by name; they go over what the environment says.
    """
    settings = Settings.load().updated(args or {})
    return gateway(settings).bind()


def gateway(settings: Settings) -> serve.Deployment:
    """The one ingress: API, health and dashboard. It keeps no state, and sees to it that the tree stands."""

    def build() -> FastAPI:
        from rsolv_ray.api.app import build as build_api
        from rsolv_ray.dashboard.mount import mount

        configure_logging("gateway")
        ray_metrics.arm("gateway")
        house = House(Directory(), settings)
        app = mount(build_api(house, settings), house, settings)
        inner = app.router.lifespan_context

        @asynccontextmanager
        async def with_tree(started: FastAPI) -> AsyncIterator[Any]:
            standing = asyncio.create_task(_stand_up(settings))
            async with inner(started) as state:
                yield state
            standing.cancel()

        app.router.lifespan_context = with_tree
        return app

    @serve.deployment(
        name="gateway",
        num_replicas=1,
        max_ongoing_requests=1000,
        max_queued_requests=2000,
        ray_actor_options={"num_cpus": 0},
        graceful_shutdown_timeout_s=5,
        health_check_period_s=10,
    )
    @serve.ingress(build)
    class Gateway:
        pass

    return Gateway


class Service:
    """The whole system on this machine, or as an application of a cluster: from settings to a port that answers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.url = f"http://{settings.host}:{settings.port}"
        self.dashboard_url = ""
        self._root: Any = None
        self._lock: TextIO | None = None

    def start(self) -> Path | None:
        """Start everything; returns the file of the first admin key where there was none before.

        Raises:
            Rejected: the address is not loopback, and no key exists yet.
            Unavailable: a part does not start; the message names it.
        """
        configure_logging("serve")
        self._lock = hold(self._settings.data_dir)
        key_file = self._settings.data_dir / ADMIN_KEY_FILE
        is_first = not key_file.exists()
        _refuse_an_open_house(self._settings)
        self.dashboard_url = start_ray(self._settings)
        with ThreadPoolExecutor(max_workers=1) as beside:
            standing = beside.submit(stand_up, self._settings)
            self._open_port()
            self._root = standing.result()
        asyncio.run(Directory().call(CONTROL, "first_admin", timeout_s=60.0, retry=True))
        write_down(self._settings, url=self.url)
        return key_file if is_first and key_file.exists() else None

    def wait(self, stop: Event) -> bool:
        """Until `stop` is set (True), or the tree is out of restarts (False)."""
        directory = Directory()
        while not stop.wait(WATCH_S):
            try:
                health = asyncio.run(directory.call(ROOT, "health", timeout_s=30.0, retry=True))
            except Unavailable as error:
                log.warning("the supervisor does not answer", reason=str(error))
            else:
                if health != "running":
                    return False
        return True

    def stop(self) -> None:
        """Stop taking requests, stop the tree in reverse order, and give Ray back. Does no harm to what never started."""
        if not ray.is_initialized():
            return
        strike_out(self._settings.data_dir)
        if self._settings.ray_address == "local":
            serve.shutdown()
        else:
            serve.delete(APPLICATION)
        if self._root is not None:
            self._halt_in_time()
        stop_ray()
        if self._lock is not None:
            self._lock.close()

    def _halt_in_time(self) -> None:
        """A root that cannot stop its tree goes down with Ray; on a cluster that is not ours it is left, and told."""
        stopping = threading.Thread(target=halt, args=(self._root,), daemon=True)
        stopping.start()
        stopping.join(HALT_S)
        if stopping.is_alive():
            log.error("the tree did not stop in time", after_s=HALT_S)

    def _open_port(self) -> None:
        http = {"host": self._settings.host, "port": self._settings.port, "request_timeout_s": REQUEST_TIMEOUT_S}
        quiet = {"log_level": "WARNING", "enable_access_log": False}
        serve.start(proxy_location="HeadOnly", http_options=http, logging_config=quiet)
        serve.run(gateway(self._settings).bind(), name=APPLICATION, route_prefix="/", logging_config=quiet)


def _refuse_an_open_house(settings: Settings) -> None:
    if not _is_loopback(settings.host) and not (settings.data_dir / "control.sqlite").exists():
        raise Rejected(
            f"refusing to listen on {settings.host}: no key exists yet. Start once on 127.0.0.1, "
            "which makes the first admin key, then bind elsewhere"
        )


def _is_loopback(host: str) -> bool:
    """By name or number; another name than localhost counts as open, whatever it resolves to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
