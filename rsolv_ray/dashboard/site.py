"""Which pages are there? One Gradio application, a route a page. Importing this imports Gradio: see `mount.py`."""

from __future__ import annotations

import warnings
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from gradio.block_function import BlockFunction
from gradio.state_holder import SessionState
from gradio.themes import Default

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.desk import Desk
from rsolv_ray.dashboard.downloads import add_downloads
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import Looks
from rsolv_ray.dashboard.pages import PAGES
from rsolv_ray.dashboard.sessions import COOKIE, Sessions
from rsolv_ray.dashboard.style import HEAD, STYLE
from rsolv_ray.settings import Settings

ACTIONS = 100
"""So many actions run beside the pages that are live."""


def build(house: House, sessions: Sessions, settings: Settings) -> FastAPI:
    """The dashboard as an application of its own."""

    async def who(request: Request) -> str | None:
        principal = await sessions.principal(request.cookies.get(COOKIE))
        return None if principal is None else principal.key

    desk = Desk(house, sessions, settings)
    app = FastAPI(openapi_url=None)
    add_downloads(app, desk)
    # Gradio warns that it turns off what is turned off here (6.31).
    warnings.filterwarnings("ignore", message="SSR mode is not supported with multi-page apps", category=UserWarning)
    return gr.mount_gradio_app(
        app,
        site(desk),
        "/",
        auth_dependency=who,
        theme=Default(
            primary_hue="indigo",
            neutral_hue="slate",
            font=("system-ui", "sans-serif"),
            font_mono=("ui-monospace", "monospace"),
        ),
        head=HEAD,
        css=STYLE,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        max_file_size=1,
    )


class _Blocks(gr.Blocks):
    """Gradio's, which would write to the log all that a malformed call sent: code and reasons of a tenant (6.31)."""

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        if len(inputs) < len(block_fn.inputs):
            raise gr.Error(f"{len(block_fn.inputs)} values are wanted, not {len(inputs)}.", print_exception=False)

    async def preprocess_data(
        self, block_fn: BlockFunction, inputs: list[Any], state: SessionState | None, explicit_call: bool = False
    ) -> list[Any]:
        try:
            return await super().preprocess_data(block_fn, inputs, state, explicit_call)
        except gr.Error:  # it names the value, and may come into the log with another error
            raise gr.Error("A field takes none of the values that were sent.", print_exception=False) from None


def site(desk: Desk) -> gr.Blocks:
    """All pages. The first is the home page."""
    looks = Looks(desk.house)
    blocks = _Blocks(title="rsolv", analytics_enabled=False)
    for number, page in enumerate(PAGES):
        with blocks if number == 0 else blocks.route(page.title, f"/{page.path}"):
            page.build(Frame(desk, looks, blocks, page.path))
    # Gradio runs no more events than this at a time, 40 by itself, and a page that is open is one that lasts. It is set
    # here, not as `max_threads`, for that would allow as many threads too; all our functions are coroutines.
    blocks._queue.max_thread_count = desk.settings.max_streams + ACTIONS  # noqa: SLF001 - nothing else sets it
    return blocks
