"""What do all pages have in common? A head with the ways to the others, a line for notices, and how they come alive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

import gradio as gr

from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.clicks import SEND_CLICKS
from rsolv_ray.dashboard.desk import Asked, Desk, Visitor
from rsolv_ray.dashboard.live import Look, Looks, View, watch
from rsolv_ray.dashboard.sessions import COOKIE
from rsolv_ray.model.errors import RsolvError

AGAIN_S = 3.0
CROWDED = "So many pages are open with this key: close some. This page goes on by itself."

Seen = TypeVar("Seen")
Draw = Callable[[View[Any], str], Sequence[Any]]
"""What the outputs become: a view, and the address (scheme and host) under which the visitor sees it."""


class Frame:
    """The head and the notice of one page, drawn where the frame is made: first thing on the page."""

    def __init__(self, desk: Desk, looks: Looks, blocks: gr.Blocks, path: str) -> None:
        self.desk, self._looks, self._blocks, self._path = desk, looks, blocks, path
        self._last: tuple[object, Visitor | None, str, Sequence[Any]] = (None, None, "", ())
        self._head = gr.HTML(words.loading(path), elem_id="rsolv-head", apply_default_css=False)
        self._notice = gr.HTML(words.waiting(), elem_id="rsolv-notice", apply_default_css=False)

    def drawing(self, name: str, *, clicks: bool = False, first: str = "") -> gr.HTML:
        """A place for drawn HTML; `first` is what is there until something is drawn.

        With `clicks`, elements with `data-do` trigger its `click` (see `clicks.py`).
        """
        clicking = SEND_CLICKS if clicks else None
        return gr.HTML(first, elem_id=f"rsolv-{name}", js_on_load=clicking, apply_default_css=False)

    def follow(
        self, look: Look[Seen], draw: Callable[[View[Seen], str], Sequence[Any]], outputs: Sequence[Any]
    ) -> None:
        """Draw what `look` sees onto `outputs`, now and whenever the org's log has grown. Unchanged outputs stay as they are."""
        parts = [self._head, self._notice, *outputs]

        async def show(request: gr.Request) -> AsyncIterator[list[Any]]:
            url = f"{request.url.scheme}://{request.headers['host']}"
            shown: list[Any] = [object()] * len(parts)
            asked = _asked(request)
            with self.desk.sessions.watching(asked.session) as may:
                if not may:
                    yield self._drawn(CROWDED, draw, url, [gr.skip() for _ in parts])
                    return
                async for view in watch(self.desk, self._looks, look, asked):
                    new = self._drawn(view, draw, url, shown)
                    yield [gr.skip() if one == old else one for one, old in zip(new, shown, strict=True)]
                    shown = new

        # Whatever ended the watching, the next tick begins it anew; while it goes on, ticks are not sent.
        gr.on(
            [self._blocks.load, gr.Timer(AGAIN_S).tick],
            show,
            outputs=parts,
            trigger_mode="once",
            show_progress="hidden",
            concurrency_id="live",
            concurrency_limit=self.desk.settings.max_streams,
            api_visibility="private",
        )

    def on(
        self,
        trigger: Any,
        act: Callable[..., Awaitable[str | Sequence[Any]]],
        inputs: Sequence[Any] = (),
        outputs: Sequence[Any] = (),
    ) -> None:
        """Let `act(visitor, event, *values of inputs)` answer a trigger: with the values of `outputs`, or with a word for
        the visitor on what was done, and then the fields among `outputs` are emptied. What it raises of our errors is
        told to the visitor as it is, and the fields stay."""

        async def answer(request: gr.Request, event: gr.EventData, *values: Any) -> Any:
            try:
                told = await act(await self.desk.visitor(_asked(request)), event, *values)
            except RsolvError as error:
                gr.Warning(f"Not done: {escape(str(error))}")  # its title would not be shown (Gradio 6.31)
                return _values([gr.skip() for _ in outputs], outputs)
            if isinstance(told, str):
                gr.Info(escape(told))
                told = ["" for _ in outputs]
            return _values(told, outputs)

        gr.on(
            [trigger],
            answer,
            inputs=list(inputs),
            outputs=list(outputs),
            show_progress="hidden",
            concurrency_limit=self.desk.settings.max_streams,
            api_visibility="private",
        )

    def greet(
        self, first: Callable[[Visitor, Mapping[str, str]], Awaitable[Sequence[Any]]], outputs: Sequence[Any]
    ) -> None:
        """Let `first(visitor, parameters of the address)` give the values of `outputs` once, when the page is opened."""

        async def answer(request: gr.Request) -> Any:
            asked = _asked(request)
            try:
                told = await first(await self.desk.visitor(asked), asked.params)
            except RsolvError:  # what is wrong is told by `follow`, in the page's notice
                told = [gr.skip() for _ in outputs]
            return _values(told, outputs)

        gr.on([self._blocks.load], answer, outputs=list(outputs), show_progress="hidden", api_visibility="private")

    def _drawn(self, view: View[Seen] | str, draw: Draw, url: str, shown: list[Any]) -> list[Any]:
        if isinstance(view, str):
            return [shown[0], words.notice(view), *shown[2:]]
        head = words.head(view.visitor, self._path, self._ways(view.visitor, url))
        if view.visitor.lost:
            return [head, words.notice(view.visitor.lost), *shown[2:]]
        if view.news:
            told = words.learned([one.rule for one in view.news], view.visitor)
            gr.Info(told, duration=8)  # its title would not be shown (Gradio 6.31)
        return [head, words.live(datetime.now(UTC)), *self._once(view, draw, url)]

    def _once(self, view: View[Seen], draw: Draw, url: str) -> Sequence[Any]:
        """What is drawn of one look for one visitor: pages that share the look share the drawing, too."""
        seen, visitor, at, drawn = self._last
        if seen is not view.seen or visitor != view.visitor or at != url:
            drawn = draw(view, url)
            self._last = (view.seen, view.visitor, url, drawn)
        return drawn

    def _ways(self, visitor: Visitor, url: str) -> list[words.Html]:
        ways = [words.link("API reference", "/docs")]
        settings = self.desk.settings
        if visitor.is_admin and settings.ray_address == "local":
            ways.append(words.way_to_ray(settings.ray_dashboard_port, here=_is_this_machine(url)))
        return ways


def _values(told: Any, outputs: Sequence[Any]) -> Any:
    """As Gradio wants them: nothing, one value, or a list of several."""
    if not outputs:
        return None
    return told[0] if len(outputs) == 1 else told


def _is_this_machine(url: str) -> bool:
    """Does the browser run where the service does, as far as the address tells?"""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def _asked(request: gr.Request) -> Asked:
    return Asked(request.cookies.get(COOKIE), dict(request.query_params), request.session_hash)
