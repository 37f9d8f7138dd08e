"""What is on the page? One Gradio page that follows the org's log. Importing this imports Gradio: see `mount.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from gradio.themes import Default

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard import views
from rsolv_ray.dashboard.live import Look, Looks, watch
from rsolv_ray.dashboard.login import LOGOUT
from rsolv_ray.dashboard.sessions import COOKIE, Sessions
from rsolv_ray.dashboard.style import STYLE
from rsolv_ray.settings import Settings

_AGAIN_S = 3.0
_PARTS = ("head", "notice", "counts", "cycles", "rules", "events")


def build(house: House, sessions: Sessions, settings: Settings) -> FastAPI:
    """The dashboard as an application of its own."""

    async def who(request: Request) -> str | None:
        principal = await sessions.principal(request.cookies.get(COOKIE))
        return None if principal is None else principal.key

    return gr.mount_gradio_app(
        FastAPI(openapi_url=None),
        _page(house, sessions, settings),
        "/",
        auth_dependency=who,
        theme=Default(font=("system-ui", "sans-serif"), font_mono=("ui-monospace", "monospace")),
        css=STYLE,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
    )


def _page(house: House, sessions: Sessions, settings: Settings) -> gr.Blocks:
    looks = Looks(house)

    async def show(request: gr.Request) -> AsyncIterator[list[Any]]:
        url = f"{request.url.scheme}://{request.headers['host']}"
        shown = dict.fromkeys(_PARTS, "")
        async for seen in watch(looks, sessions, request.cookies.get(COOKIE), request.query_params.get("org")):
            new = shown | (_drawn(seen, settings, url) if isinstance(seen, Look) else {"notice": views.notice(seen)})
            yield [gr.skip() if new[part] == shown[part] else new[part] for part in _PARTS]
            shown = new

    with gr.Blocks(title="rsolv", analytics_enabled=False) as blocks:
        parts = [gr.HTML(elem_id=f"rsolv-{part}") for part in _PARTS]
        # Whatever ended the watching, the next tick begins it anew; while it goes on, ticks are not sent.
        gr.on(
            [blocks.load, gr.Timer(_AGAIN_S).tick],
            show,
            outputs=parts,
            trigger_mode="once",
            show_progress="hidden",
            concurrency_limit=settings.max_streams,
            api_visibility="private",
        )
    return blocks


def _drawn(seen: Look, settings: Settings, url: str) -> dict[str, str]:
    links = {"API reference": "/docs"}
    if seen.is_admin and settings.ray_address == "local":
        links["Ray dashboard"] = f"http://127.0.0.1:{settings.ray_dashboard_port}"
    drawn: dict[str, str] = {"head": views.head(seen.org, seen.orgs, links, LOGOUT), "notice": views.notice("")}
    if seen.org is None or seen.metrics is None:
        return drawn | {"cycles": views.no_org(url)}
    return drawn | {
        "counts": views.counts(seen.metrics),
        "cycles": views.cycles(seen.cycles, seen.org, url),
        "rules": views.rules(seen.rules),
        "events": views.events(seen.events),
    }
