"""What does a visitor hear of what was done, and of what was not?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from rsolv_ray.dashboard.desk import Asked, Desk
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import Looks, View
from rsolv_ray.dashboard.sessions import COOKIE, Sessions
from rsolv_ray.model.errors import Conflict
from tests.unit.dashboard.conftest import Home

Say = Callable[[Callable[..., Awaitable[str | Sequence[Any]]]], Awaitable[Any]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The toasts that are shown, each as its kind and its text."""
    shown: list[str] = []
    monkeypatch.setattr(gr, "Info", lambda text, **_: shown.append(f"info: {text}"))
    monkeypatch.setattr(gr, "Warning", lambda text, **_: shown.append(f"warning: {text}"))
    return shown


@pytest.fixture
async def say(home: Home) -> Say:
    """Presses a button with one field, on whose page an action stands; returns what becomes of the field."""
    sessions = Sessions(home.house)
    session = await sessions.open(home.admin.secret)
    request = SimpleNamespace(cookies={COOKIE: session}, query_params={"org": "acme"}, session_hash="page")

    async def press(act: Callable[..., Awaitable[str | Sequence[Any]]]) -> Any:
        with gr.Blocks() as blocks:
            frame = Frame(Desk(home.house, sessions, home.house._settings), Looks(home.house), blocks, "rules")
            button, field = gr.Button(), gr.Textbox()
            frame.on(button.click, act, [field], [field])
        (answer,) = (one.fn for one in blocks.fns.values() if one.fn)
        return await answer(request, gr.EventData(None, {}), "typed")

    return press


async def test_a_word_on_what_was_done_is_told_as_text_and_empties_the_field(say: Say, told: list[str]) -> None:
    async def act(*_: Any) -> str:
        return "<b> is active now."

    assert await say(act) == ""
    assert told == ["info: &lt;b&gt; is active now."]


async def test_what_was_not_done_says_so_in_its_own_text_and_leaves_the_field(say: Say, told: list[str]) -> None:
    async def act(*_: Any) -> str:
        raise Conflict("<b> is retired")

    assert await say(act) == gr.skip()
    assert told == ["warning: Not done: &lt;b&gt; is retired"]


async def test_values_are_given_to_the_fields_without_a_word(say: Say, told: list[str]) -> None:
    async def act(*_: Any) -> list[str]:
        return ["next"]

    assert await say(act) == "next"
    assert told == []


async def test_a_look_is_drawn_once_for_all_pages_of_a_visitor_and_anew_for_another(home: Home) -> None:
    sessions, drawn = Sessions(home.house), []
    desk = Desk(home.house, sessions, home.house._settings)
    own, other = [await desk.visitor(Asked(await sessions.open(key.secret), {})) for key in (home.reader, home.admin)]
    with gr.Blocks() as blocks:
        frame = Frame(desk, Looks(home.house), blocks, "rules")

    def draw(view: View[Any], _: str) -> list[str]:
        drawn.append(view.visitor)
        return ["drawn"]

    for view in (View(own, 1, seen := object()), View(own, 1, seen), View(other, 1, seen), View(other, 2, object())):
        frame._drawn(view, draw, "http://rsolv.test", [])
    assert drawn == [own, other, other]
