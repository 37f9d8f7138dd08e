"""What do all pages draw alike? Heads, tables, badges, moments, as HTML; whatever came from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlencode

from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.login import LOGOUT, PATH
from rsolv_ray.model.org import Org
from rsolv_ray.model.rule import RuleSummary

NAVIGATION = {"": "Overview", "rules": "Rules", "findings": "Findings", "learn": "Learn"}
"""The pages by their paths below `/dashboard/`, in the order of the navigation."""


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def head(visitor: Visitor, here: str, ways: Mapping[str, str]) -> Html:
    """Whose page this is, the other pages, the other orgs that may be looked at, and the ways out."""
    name = escape(visitor.org.title or visitor.org.name) if visitor.org else "no organisation"
    pages = "".join(
        f'<a href="{address(path, visitor)}"{" aria-current=page" if path == here else ""}>{title}</a>'
        for path, title in NAVIGATION.items()
    )
    out = "".join(f'<a href="{escape(to)}">{escape(words)}</a>' for words, to in ways.items())
    log_out = f'<form method="post" action="{LOGOUT}"><button>Log out</button></form>'
    return Html(
        f'<header><h1>{name}</h1>{_choice(visitor.org, visitor.orgs)}<nav class="out">{out}{log_out}</nav></header>'
        f'<nav class="pages" aria-label="Pages">{pages}</nav>'
    )


def way(path: str, visitor: Visitor, **asked: str) -> str:
    """Where a page is, for this visitor: an admin's choice of org stays with the address."""
    if visitor.is_admin and visitor.org:
        asked = {"org": visitor.org.name, **asked}
    return f"{PATH}/{path}" + (f"?{urlencode(asked)}" if asked else "")


def address(path: str, visitor: Visitor, **asked: str) -> str:
    """The same, fit for an attribute."""
    return escape(way(path, visitor, **asked))


def learned(rule: RuleSummary) -> Html:
    """What a new rule is for, in a line."""
    return Html(f"<code>{escape(rule.id)}</code> {escape(rule.message.splitlines()[0] if rule.message else '')}")


def _choice(org: Org | None, others: Sequence[Org]) -> str:
    if len(others) < 2:
        return ""
    options = "".join(f"<option{' selected' if one == org else ''}>{escape(one.name)}</option>" for one in others)
    return (
        f'<form><label>Organisation <select name="org" onchange="this.form.submit()">{options}</select></label></form>'
    )


def notice(words: str) -> Html:
    """One sentence that asks for attention; empty where there is none."""
    return Html(f'<p class="notice" role="status">{escape(words)}</p>' if words else "")


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str = "") -> Html:
    """A table of cells, each text or `Html`; `empty` is said where there are no rows."""
    heads = "".join(f"<th>{escape(one)}</th>" for one in headings)
    body = "".join("<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    inner = (
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>" if body else f"<p>{escape(empty)}</p>"
    )
    return Html(f'<section class="panel"><h2>{escape(title)}</h2><div class="wide">{inner}</div></section>')


def badge(word: str) -> Html:
    """A word in its own colour."""
    return Html(f'<span class="badge {escape(word.replace(" ", "-"))}">{escape(word)}</span>')


def moment(at: datetime) -> Html:
    """A moment in UTC, to the second."""
    return Html(f'<time datetime="{at.isoformat()}">{at:%d %b %H:%M:%S}</time>')


def begin(words: str, command: str) -> Html:
    """What to do where there is nothing yet."""
    return Html(f'<section class="panel"><h2>{escape(words)}</h2><pre><code>{escape(command)}</code></pre></section>')


def _safe(cell: str) -> str:
    return cell if isinstance(cell, Html) else escape(cell)
