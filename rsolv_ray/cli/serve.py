"""How is the service started, and how does it stop?"""

from __future__ import annotations

import os
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rsolv_ray.cli.console import say, show_json
from rsolv_ray.cli.options import AsJson
from rsolv_ray.model.errors import Unavailable

if TYPE_CHECKING:
    from rsolv_ray.settings import Settings

Config = Annotated[
    Path | None,
    typer.Option("--config", exists=True, dir_okay=False, help="The settings file; else ./rsolv.toml, if it is there."),
]

WithParent = Annotated[bool, typer.Option("--with-parent", help="Stop when the process that started it has ended.")]
PARENT_S = 1.0


def serve(*, config: Config = None, with_parent: WithParent = False, as_json: AsJson = False) -> None:
    """Run the service until Ctrl-C. What can be set: RSOLV_* variables and rsolv.toml (docs/settings.md).

    With --json: one object when it is ready, instead of text.
    """
    from rsolv_ray.settings import Settings

    settings = Settings.load(file=config)
    refuse_taken_port(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        threading.Thread(target=_stop_with, args=(os.getppid(), stop), daemon=True).start()
    _run(settings, stop, as_json=as_json)


def _stop_with(parent: int, stop: threading.Event) -> None:
    """Look every second whether the parent is there: it may end without a word, and on any system."""
    while not stop.wait(PARENT_S):
        if os.getppid() != parent:
            stop.set()


def refuse_taken_port(settings: Settings) -> None:
    """Say at once, not after half a minute, that the port is taken.

    Raises:
        Unavailable: something listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise Unavailable(
                f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}): "
                "end what uses it, or set RSOLV_PORT"
            ) from error


def _run(settings: Settings, stop: threading.Event, *, as_json: bool) -> None:
    from rsolv_ray.actors.ray_environment import prepare

    prepare(settings.data_dir)
    from rsolv_ray.app import Service

    service = Service(settings)
    if not as_json:
        say("starting: this takes 10 to 30 seconds")
    try:
        key_file = service.start()
        _announce(service.url, service.dashboard_url, settings, key_file, as_json=as_json)
        in_order = service.wait(stop)
    finally:
        # Once more Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if not as_json:
            say("stopping")
        service.stop()
    if not in_order:
        raise Unavailable("a part failed more often than it may be restarted: the log on stderr says which and why")


def _announce(url: str, dashboard_url: str, settings: Settings, key_file: Path | None, *, as_json: bool) -> None:
    kept = settings.data_dir / "admin.key"
    if as_json:
        show_json(
            {"url": url, "dashboard": f"{url}/dashboard", "ray_dashboard": dashboard_url, "admin_key_file": str(kept)}
        )
        return
    say(f"API            {url}/api/v1   (reference: {url}/docs)")
    say(f"dashboard      {url}/dashboard   (log in with a key)")
    say(f"Ray dashboard  {dashboard_url}   (token: {settings.data_dir / 'ray.token'})")
    if key_file is not None:
        say(f"admin key      {key_file.read_text(encoding='ascii').strip()}")
        say(f"               shown this once, and kept in {key_file}")
    else:
        say(f"admin key      the one made at the first start; on this machine in {kept}")
    say("Ctrl-C stops it")
