"""What does a fix teach? Paste one, and watch its cycle; `?cycle=` in the address shows any cycle of the org."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from pydantic import ValidationError

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.asking import fit
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import learn_views as views
from rsolv_ray.dashboard.pages.learn_examples import BY_PATH, EXAMPLES, Typed
from rsolv_ray.dashboard.pages.learn_views import Watched
from rsolv_ray.dashboard.words import way
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.errors import NotFound, Rejected
from rsolv_ray.model.fix import FileChange, Fix, canonical_cwe
from rsolv_ray.model.ids import CycleId, PatternId
from rsolv_ray.model.languages import LANGUAGES, language_of
from rsolv_ray.model.org import Org, Scope
from rsolv_ray.model.weakness import SHORT_NAMES

RECENT, PLACES = 6, 8
LOOKED_THROUGH = 50
"""Among so many of the newest cycles those are looked for that kept a similar pattern."""
LONGEST = 2_000_000
GO = "url => { if (url) window.location.assign(url) }"
_MODES = {"bash": "shell"}
"""What the editor calls a language, where its name is another than ours."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the page shows: the cycle that is asked for, or the newest ones. `missing`: the one asked for is not there."""

    org: Org
    watched: Watched | None = None
    recent: tuple[Cycle, ...] = ()
    missing: bool = False


async def look(house: House, org: Org, asked: Mapping[str, str]) -> Lessons:
    """The cycle that the address names, or the newest ones."""
    wanted = asked.get("cycle")
    if not wanted:
        return Lessons(org, recent=(await house.cycles(org.id, RECENT, None)).items)
    if not CycleId.pattern.fullmatch(wanted):
        return Lessons(org, missing=True)
    try:
        cycle = await house.cycle(org.id, CycleId(wanted))
    except NotFound:
        return Lessons(org, missing=True)
    return Lessons(org, watched=await _with_outcome(house, org, cycle))


async def _with_outcome(house: House, org: Org, cycle: Cycle) -> Watched:
    fix, alike = await asyncio.gather(house.fix(org.id, cycle.fix), _alike(house, org, cycle))
    if cycle.rule is None:
        return Watched(cycle, fix, alike=alike)
    rule, found, counts = await asyncio.gather(
        house.rule(org.id, cycle.rule.id, cycle.rule.version),
        house.findings(org.id, rule=cycle.rule.id, limit=PLACES),
        house.finding_counts(org.id, [cycle.rule.id]),
    )
    return Watched(cycle, fix, rule, found.items, counts[cycle.rule.id].total, alike)


async def _alike(house: House, org: Org, cycle: Cycle) -> dict[PatternId, Cycle]:
    """The cycles that kept the patterns which are similar to this one's."""
    wanted = {one.pattern for one in cycle.pattern.similar} if cycle.pattern else set[PatternId]()
    if not wanted:
        return {}
    newest = await house.cycles(org.id, LOOKED_THROUGH, None)
    return {one.pattern.id: one for one in newest.items if one.pattern and one.pattern.id in wanted}


def draw(view: View[Lessons], url: str) -> Sequence[str]:
    """The parts of the page, in the order of its outputs."""
    if view.seen is None:
        return ("", "")
    seen = view.seen
    if seen.missing:
        return (views.no_such_cycle(view.visitor), "")
    if seen.watched is None:
        return (views.intro(), views.recent(seen.recent, view.visitor))
    return (views.watched(seen.watched, view.visitor), views.in_a_pipeline(url, seen.org))


def fix_of(typed: Typed) -> Fix:
    """What was typed as a fix.

    Raises:
        Rejected: something is missing or wrong; the message says what to do.
    """
    if len(typed.before) + len(typed.after) > LONGEST:
        raise Rejected(f"Before and after together have more than {LONGEST:,} characters: paste the function alone.")
    before, after = fit(typed.before, "Before", is_code=True), fit(typed.after, "After", is_code=True)
    path, title = fit(typed.path.strip(), "The path"), fit(typed.title.strip(), "The title")
    language = _language(path, fit(typed.language, "The language"))
    if language is None:
        raise Rejected(f"The language of {path[:80]!r} is not known by its name: choose one.")
    try:
        change = FileChange(path=path, before=before, after=after, language=language)
        cwe = (canonical_cwe(fit(typed.cwe, "The weakness")),) if typed.cwe.strip() else ()
        return Fix(changes=(change,), cwe=cwe, title=title or None)
    except ValidationError as error:
        raise Rejected("; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors())) from error
    except ValueError as error:
        raise Rejected(str(error)) from error


def build(frame: Frame) -> None:
    """Put the page together."""
    house = frame.desk.house
    watched, form = frame.drawing("watched"), _form()
    below = frame.drawing("lessons")
    go = gr.Textbox(visible="hidden")

    async def learn(visitor: Visitor, _: gr.EventData, *typed: str) -> Sequence[Any]:
        org = visitor.to(Scope.WRITE)
        receipt = await house.receive_fix(org.id, fix_of(Typed(*(one or "" for one in typed))))
        return [way("learn", visitor, cycle=receipt.cycle)]

    async def colour(_: Visitor, __: gr.EventData, path: str, language: str) -> Sequence[Any]:
        return [gr.update(language=mode_of(path or "", language or "")) for _ in form.editors]

    async def prefill(visitor: Visitor, asked: Mapping[str, str]) -> Sequence[Any]:
        seen = await look(house, visitor.org, asked) if visitor.org else None
        return filled(_typed(seen.watched.fix)) if seen and seen.watched else [gr.skip() for _ in form.fields]

    frame.on(form.learn.click, learn, form.fields, [go])
    for trigger in (form.path.blur, form.language.input):
        frame.on(trigger, colour, [form.path, form.language], form.editors)
    for button, example in zip(form.examples, EXAMPLES.values(), strict=True):
        frame.on(button.click, _filling(example), (), form.fields)
    go.change(None, [go], js=GO)
    frame.greet(prefill, form.fields)
    frame.follow(look, draw, [watched, below])


def mode_of(path: str, language: str) -> str | None:
    """What the editors call the language of the code, or None for one that they do not know."""
    known = _language(path, language)
    mode = _MODES.get(known, known) if known else None
    return mode if mode in gr.Code.languages else None


def filled(typed: Typed) -> Sequence[Any]:
    """What the fields become: the code in the colours of its language."""
    mode = mode_of(typed.path, typed.language)
    return [*typed[:4], *(gr.update(value=code, language=mode) for code in (typed.before, typed.after))]


def _language(path: str, chosen: str) -> str | None:
    return language_of(path.strip()) if chosen in ("", BY_PATH) else chosen


def _filling(example: Typed) -> Callable[[Visitor, gr.EventData], Awaitable[Sequence[Any]]]:
    async def fill(_: Visitor, __: gr.EventData) -> Sequence[Any]:
        return filled(example)

    return fill


@dataclass(frozen=True, slots=True)
class _Form:
    """The fields, in the order of `Typed`, and the buttons; of the examples one each."""

    fields: tuple[Any, ...]
    learn: gr.Button
    examples: tuple[gr.Button, ...]

    @property
    def path(self) -> gr.Textbox:
        return self.fields[1]

    @property
    def language(self) -> gr.Dropdown:
        return self.fields[2]

    @property
    def editors(self) -> tuple[gr.Code, ...]:
        return self.fields[4:]


def _form() -> _Form:
    weaknesses = [(f"{cwe}  {name}", cwe) for cwe, name in SHORT_NAMES.items()]
    with gr.Group(elem_id="rsolv-fix"):
        with gr.Row():
            title = gr.Textbox(
                label="What the fix does", placeholder="Pass the id as a parameter", max_length=500, scale=3
            )
            path = gr.Textbox(label="Path in its repository", placeholder="app/db.py", max_length=1000, scale=2)
        with gr.Row():
            cwe = gr.Dropdown(
                weaknesses,
                value=None,
                label="Weakness",
                allow_custom_value=True,
                scale=3,
                info="CWE number; may be left out",
            )
            language = gr.Dropdown([BY_PATH, *sorted(LANGUAGES)], value=BY_PATH, label="Language", scale=2)
        with gr.Row():
            before = _editor("Before: the weak code", "rsolv-before")
            after = _editor("After: the mended code", "rsolv-after")
    with gr.Row():
        learn = gr.Button("Learn from this fix", variant="primary", scale=2, elem_id="rsolv-learn")
        examples = tuple(
            gr.Button(f"Example in {name}", scale=1, elem_id=f"rsolv-example-{name.lower()}") for name in EXAMPLES
        )
    return _Form((title, path, language, cwe, before, after), learn, examples)


def _editor(label: str, name: str) -> gr.Code:
    return gr.Code(label=label, elem_id=name, lines=12, max_lines=24)


def _typed(fix: Fix) -> Typed:
    change = fix.changes[0]
    cwe = fix.cwe[0] if fix.cwe else ""
    return Typed(fix.title or "", change.path, change.language, cwe, change.before, change.after)
