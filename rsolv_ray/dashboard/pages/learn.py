"""What does a fix teach? Paste one, and watch its cycle; `?cycle=` in the address shows any cycle of the org."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr
from pydantic import ValidationError

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import learn_views as views
from rsolv_ray.dashboard.words import way
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.errors import NotFound, Rejected
from rsolv_ray.model.finding import FindingRecord
from rsolv_ray.model.fix import FileChange, Fix, canonical_cwe
from rsolv_ray.model.ids import CycleId
from rsolv_ray.model.languages import LANGUAGES, language_of
from rsolv_ray.model.org import Org, Scope
from rsolv_ray.model.rule import Rule
from rsolv_ray.model.weakness import SHORT_NAMES

BY_PATH = "by the path"
RECENT, PLACES = 6, 8
LONGEST = 2_000_000
GO = "url => { if (url) window.location.assign(url) }"
EXAMPLE_PATH = "shop/search.py"
EXAMPLE_BEFORE = '''def search(db, word):
    """Products whose name contains a word."""
    cursor = db.cursor()
    cursor.execute("SELECT id, name FROM products WHERE name LIKE '%%%s%%'" % word)
    return cursor.fetchall()
'''
EXAMPLE_AFTER = '''def search(db, word):
    """Products whose name contains a word."""
    cursor = db.cursor()
    cursor.execute("SELECT id, name FROM products WHERE name LIKE %s", (f"%{word}%",))
    return cursor.fetchall()
'''


class Typed(NamedTuple):
    """What the form holds."""

    title: str
    path: str
    language: str
    cwe: str
    before: str
    after: str


EXAMPLE = Typed("Pass the word as a parameter", EXAMPLE_PATH, BY_PATH, "CWE-89", EXAMPLE_BEFORE, EXAMPLE_AFTER)


@dataclass(frozen=True, slots=True)
class Watched:
    """A cycle with what came of it; `findings` are some of those of its rule."""

    cycle: Cycle
    fix: Fix
    rule: Rule | None = None
    findings: tuple[FindingRecord, ...] = ()


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
    fix = await house.fix(org.id, cycle.fix)
    if cycle.rule is None:
        return Watched(cycle, fix)
    rule, found = await asyncio.gather(
        house.rule(org.id, cycle.rule.id, cycle.rule.version),
        house.findings(org.id, rule=cycle.rule.id, limit=PLACES),
    )
    return Watched(cycle, fix, rule, found.items)


def draw(view: View[Lessons], url: str) -> Sequence[str]:
    """The parts of the page, in the order of its outputs."""
    if view.seen is None:
        return ("", "")
    seen = view.seen
    if seen.missing:
        return (views.no_such_cycle(view.visitor), "")
    if seen.watched is None:
        return ("", views.recent(seen.recent, view.visitor))
    one = seen.watched
    return (views.watched(one.cycle, one.fix, one.rule, one.findings, view.visitor), views.in_a_pipeline(url, seen.org))


def fix_of(typed: Typed) -> Fix:
    """What was typed as a fix.

    Raises:
        Rejected: something is missing or wrong; the message says what to do.
    """
    if len(typed.before) + len(typed.after) > LONGEST:
        raise Rejected(f"Before and after together have more than {LONGEST:,} characters: paste the function alone.")
    path = typed.path.strip()
    language = language_of(path) if typed.language in ("", BY_PATH) else typed.language
    if language is None:
        raise Rejected(f"The language of {path[:80]!r} is not known by its name: choose one.")
    try:
        change = FileChange(path=path, before=typed.before, after=typed.after, language=language)
        cwe = (canonical_cwe(typed.cwe),) if typed.cwe.strip() else ()
        return Fix(changes=(change,), cwe=cwe, title=typed.title.strip() or None)
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

    async def show_example(_: Visitor, __: gr.EventData) -> Sequence[Any]:
        return EXAMPLE

    async def prefill(visitor: Visitor, asked: Mapping[str, str]) -> Sequence[Any]:
        seen = await look(house, visitor.org, asked) if visitor.org else None
        return _typed(seen.watched.fix) if seen and seen.watched else [gr.skip() for _ in EXAMPLE]

    frame.on(form.learn.click, learn, form.fields, [go])
    frame.on(form.example.click, show_example, (), form.fields)
    go.change(None, [go], js=GO)
    frame.greet(prefill, form.fields)
    frame.follow(look, draw, [watched, below])


@dataclass(frozen=True, slots=True)
class _Form:
    fields: tuple[Any, ...]
    learn: gr.Button
    example: gr.Button


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
            before = gr.Code(
                label="Before: the weak code",
                elem_id="rsolv-before",
                language="python",
                lines=12,
                max_lines=24,
                min_width=300,
            )
            after = gr.Code(
                label="After: the mended code",
                elem_id="rsolv-after",
                language="python",
                lines=12,
                max_lines=24,
                min_width=300,
            )
    with gr.Row():
        learn = gr.Button("Learn from this fix", variant="primary", scale=2, elem_id="rsolv-learn")
        example = gr.Button("Fill in an example", scale=1, elem_id="rsolv-example")
    return _Form((title, path, language, cwe, before, after), learn, example)


def _typed(fix: Fix) -> Typed:
    change = fix.changes[0]
    cwe = fix.cwe[0] if fix.cwe else ""
    return Typed(fix.title or "", change.path, change.language, cwe, change.before, change.after)
