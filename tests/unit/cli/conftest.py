"""What do the commands talk to in these tests? The real API over a real store, in a thread of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any, TypeVar

import pytest
import structlog
import uvicorn
from typer.testing import CliRunner, Result

from rsolv_ray.actors.client import House
from rsolv_ray.api.app import build
from rsolv_ray.cli.own_service import free_ports
from rsolv_ray.cli.root import app
from rsolv_ray.model.org import Scope
from rsolv_ray.settings import Settings

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Served:
    """A service at `url` with an admin's key. Cycles are accepted and recorded, but none is driven."""

    url: str
    admin_key: str
    house: House
    loop: asyncio.AbstractEventLoop

    def wait_for(self, asked: Coroutine[Any, Any, Answer]) -> Answer:
        """What the house behind the service answers."""
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result(timeout=20)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RSOLV_URL", "RSOLV_API_KEY", "RSOLV_ORG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RSOLV_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RSOLV_CLEAN_CORPORA", "")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A service of this test alone, to which the commands are pointed by their environment."""
    # The service's log must not come between what the commands say on the same standard output.
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=(tmp_path / "log").open("w")))
    (port,) = free_ports(1)
    settings = Settings(data_dir=tmp_path / "data", port=port, allowed_roots=(tmp_path,), validators=1)
    started: Queue[tuple[uvicorn.Server, Served]] = Queue()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(settings, started)), daemon=True)
    thread.start()
    server, service = started.get(timeout=20)
    monkeypatch.setenv("RSOLV_URL", service.url)
    monkeypatch.setenv("RSOLV_API_KEY", service.admin_key)
    yield service
    server.should_exit = True
    thread.join(timeout=20)
    structlog.reset_defaults()
    assert not thread.is_alive()


async def _serve(settings: Settings, started: Queue[tuple[uvicorn.Server, Served]]) -> None:
    from rsolv_ray.testing import in_process

    async with in_process(settings) as house:
        issued = await house.issue_key(None, "tests", frozenset({Scope.ADMIN}), expires_at=None, by="tests")
        config = uvicorn.Config(
            build(house, settings), port=settings.port, log_level="warning", timeout_graceful_shutdown=2
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{settings.port}"
        started.put((server, Served(url, issued.secret, house, asyncio.get_running_loop())))
        await serving


def rsolv(*arguments: str, **environment: Any) -> Result:
    """Run a command in this process, as the shell would."""
    return CliRunner().invoke(app, list(arguments), env=environment or None)
