"""When is the dashboard loaded? When somebody asks for the login: who uses the API alone does not pay for it.

Gradio takes 3 s and about 50 MiB to import (6.31, two cores), and who logs in wants to see something within two: it is
loaded while the key is typed. A stranger can make that happen too, but once in the life of the process, and no more than that.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast
from urllib.parse import parse_qs

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.types import Message, Receive, Scope, Send

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.bodies import bounded, first
from rsolv_ray.dashboard.login import LOGIN, PATH, routes, way_in
from rsolv_ray.dashboard.sessions import COOKIE, Sessions
from rsolv_ray.model.errors import TooLarge
from rsolv_ray.settings import Settings

_IN_PATH = re.compile(r"/gradio_api/(?:heartbeat|stream)/([^/]+)")


def mount(app: FastAPI, house: House, settings: Settings) -> FastAPI:
    """Add the dashboard and its login to `app`."""
    dashboard = Dashboard(house, settings)
    app.include_router(routes(dashboard.sessions, prepare=dashboard.load))
    app.mount(PATH, dashboard)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def with_dashboard(started: FastAPI) -> AsyncIterator[Any]:
        async with inner(started) as state, dashboard.running:
            yield state

    app.router.lifespan_context = with_dashboard
    return app


class Dashboard:
    """ASGI, for open sessions alone: it is made, in a thread, when it is first wanted, and stops with `running`."""

    def __init__(self, house: House, settings: Settings) -> None:
        self.sessions = Sessions(house)
        self.running = AsyncExitStack()
        self._house, self._settings = house, settings
        self._loading: asyncio.Task[FastAPI] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)
        session = request.cookies.get(COOKIE, "")
        if await self.sessions.principal(session) is None:
            is_page = "text/html" in request.headers.get("accept", "")
            refusal = (
                RedirectResponse(way_in(_wanted(scope)), 303)
                if is_page
                else PlainTextResponse(f"Log in at {LOGIN}\n", 401)
            )
            await refusal(scope, receive, send)
            return
        try:
            sent = await bounded(scope, receive, self._settings.max_body_bytes)
        except TooLarge as error:  # in the form in which Gradio's script looks for words
            await JSONResponse({"detail": str(error)}, 413)(scope, receive, send)
            return
        sent, pages = await _pages(scope, sent)
        # A stream is given to whoever names its page, by Gradio (6.31); its routes under /call/ are used by no page of ours.
        if "/gradio_api/call/" in scope["path"] or not all(self.sessions.holds(session, page) for page in pages):
            await PlainTextResponse("Not found\n", 404)(scope, sent, send)
            return
        app = await asyncio.shield(self.load())
        await app(scope, sent, _kept(send) if "/assets/" in scope["path"] else send)

    def load(self) -> asyncio.Task[FastAPI]:
        """Load it, unless that has begun. A load that failed is begun anew by the next who asks."""
        ended = self._loading is not None and self._loading.done()
        if self._loading is None or (ended and (self._loading.cancelled() or self._loading.exception())):
            self._loading = asyncio.create_task(self._load())
        return self._loading

    async def _load(self) -> FastAPI:
        app = await asyncio.to_thread(self._build)
        await self.running.enter_async_context(app.router.lifespan_context(app))
        return app

    def _build(self) -> FastAPI:
        os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")
        from rsolv_ray.dashboard.site import build

        return build(self._house, self.sessions, self._settings)


def _wanted(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return scope["path"] + (f"?{query}" if query else "")


async def _pages(scope: Scope, receive: Receive) -> tuple[Receive, list[str]]:
    """The pages that a request names, in its query, its path or its body, with a `receive` that still has the body."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    pages = [*query.get("session_hash", ()), *_IN_PATH.findall(scope["path"])]
    if scope["type"] != "http" or scope["method"] != "POST" or scope["path"].endswith("/upload"):
        return receive, pages
    message = await receive()
    try:
        sent = json.loads(message.get("body", b""))
    except (ValueError, RecursionError):  # no JSON: Gradio refuses it
        sent = None
    page = cast("dict[str, object]", sent).get("session_hash") if isinstance(sent, dict) else None
    return first(message, receive), [*pages, page] if isinstance(page, str) else pages


def _kept(send: Send) -> Send:
    """Let the browser keep what is sent: the names of Gradio's assets change with what they hold, but it does not say so."""

    async def send_kept(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            MutableHeaders(scope=message)["Cache-Control"] = "private, max-age=31536000, immutable"
        await send(message)

    return send_kept
