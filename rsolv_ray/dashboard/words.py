"""What do all pages draw alike? Heads, tables, badges, moments, as HTML; whatever came from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlencode

from rsolv_ray.dashboard.desk import MOST_ORGS, Visitor
from rsolv_ray.dashboard.login import HOME, LOGOUT, PATH, SESSION
from rsolv_ray.model.org import Org
from rsolv_ray.model.rule import RuleSummary

NAVIGATION = {"": "Overview", "rules": "Rules", "findings": "Findings", "learn": "Learn"}
"""The pages by their paths below `/dashboard/`, in the order of the navigation."""
MOST_TOLD = 3


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def head(visitor: Visitor, here: str, ways: Sequence[Html]) -> Html:
    """Whose page this is, the other pages, the other orgs that may be looked at, and the ways out."""
    org = visitor.org
    name = escape(org.title or org.name) if org else "no organisation"
    title = escape(" - ".join([NAVIGATION[here], org.name if org else "no organisation", "rsolv"]))
    pages = "".join(
        f'<a href="{address(path, visitor)}"{" aria-current=page" if path == here else ""}>{title}</a>'
        for path, title in NAVIGATION.items()
    )
    log_out = f'<form method="post" action="{LOGOUT}"><button>Log out</button></form>'
    choice = _choice(org, visitor.orgs)
    return Html(
        f'<header data-title="{title}" data-session="{SESSION}"><a class="brand" href="{address("", visitor)}">rsolv</a>'
        f"<h1{' class=out-of-sight' if choice else ''}>{name}</h1>{choice}"
        f'<nav class="pages" aria-label="Pages">{pages}</nav><nav class="out" aria-label="Elsewhere">{"".join(ways)}{log_out}</nav></header>'
    )


def link(words: str, to: str) -> Html:
    """A way elsewhere."""
    return Html(f'<a href="{escape(to)}">{escape(words)}</a>')


def way_to_ray(port: int, *, here: bool) -> Html:
    """Ray's dashboard listens on its own machine alone: a link leads there from `here`, elsewhere only words can."""
    address = f"127.0.0.1:{port}"
    if here:
        return link("Ray dashboard", f"http://{address}")
    title = f"It listens on the machine of the service alone: reach it by an SSH tunnel, ssh -L {port}:{address} HOST"
    return Html(f'<span title="{title}">Ray dashboard: {address} (by SSH tunnel)</span>')


def loading(here: str) -> Html:
    """The head before anything is known of who looks: as high as it will be."""
    pages = "".join(
        f'<a href="{PATH}/{path}"{" aria-current=page" if path == here else ""}>{title}</a>'
        for path, title in NAVIGATION.items()
    )
    return Html(
        f'<header aria-busy="true"><a class="brand" href="{HOME}">rsolv</a><i class="bone name"></i>'
        f'<nav class="pages" aria-label="Pages">{pages}</nav></header>'
    )


def way(path: str, visitor: Visitor, **asked: str) -> str:
    """Where a page is, for this visitor: an admin's choice of org stays with the address."""
    if visitor.is_admin and visitor.org:
        asked = {"org": visitor.org.name, **asked}
    return f"{PATH}/{path}" + (f"?{urlencode(asked)}" if asked else "")


def address(path: str, visitor: Visitor, **asked: str) -> str:
    """The same, fit for an attribute."""
    return escape(way(path, visitor, **asked))


def learned(rules: Sequence[RuleSummary], visitor: Visitor) -> Html:
    """That rules were learned: what each is for, in a line that leads to it; of many, the first and how many more."""
    lines = [_led_to(one, visitor) for one in rules[:MOST_TOLD]]
    if len(rules) > MOST_TOLD:
        lines.append(f"and {len(rules) - MOST_TOLD} more")
    title = "New security pattern learned" if len(rules) == 1 else f"{len(rules)} new security patterns learned"
    return Html("<br>".join([f"<b>{title}</b>", *lines]))


def _led_to(rule: RuleSummary, visitor: Visitor) -> str:
    message = rule.message.partition("\n")[0]
    return f'<a href="{address("rules", visitor, rule=rule.id)}">{escape(rule.id)}</a> {escape(message)}'


def _choice(org: Org | None, others: Sequence[Org]) -> str:
    """Where the visitor may choose: a list, or, where there are more orgs than are listed, a field to type a name in."""
    if not others or (len(others) == 1 and org):
        return ""
    listed = others if org is None or org in others else (org, *others)
    label = '<span class="out-of-sight">Organisation</span>'
    if len(others) >= MOST_ORGS:
        names = "".join(f'<option value="{escape(one.name)}">{escape(one.title)}</option>' for one in listed)
        return (
            f'<form><label>{label}<input name="org" list="orgs" value="{escape(org.name) if org else ""}" '
            f'autocomplete="off" onchange="this.form.submit()"></label><datalist id="orgs">{names}</datalist></form>'
        )
    options = "".join(
        f'<option value="{escape(one.name)}"{" selected" if one == org else ""}>{escape(one.title or one.name)}</option>'
        for one in listed
    )
    if org is None:
        options = f'<option value="" selected disabled hidden>Choose</option>{options}'
    return f'<form><label>{label}<select name="org" onchange="this.form.submit()">{options}</select></label></form>'


def notice(words: str) -> Html:
    """One sentence that asks for attention; empty where there is none."""
    return Html(f'<p class="notice" role="status">{escape(words)}</p>' if words else "")


def waiting() -> Html:
    """The place of `live` before the server has spoken."""
    return Html('<p class="live waiting"><span>Loading</span></p>')


def live(at: datetime) -> Html:
    """The page follows the log, and is as things were at `at`. Where the server falls silent, the script of the page says so."""
    return Html(f'<p class="live"><span>Live</span> <small>updated {moment(at)}</small></p>')


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
    """A moment in UTC; the script of the page tells it as a distance, and exactly where the pointer rests."""
    return Html(f'<time datetime="{at.isoformat()}">{at:%d %b %H:%M:%S} UTC</time>')


def duration(ms: int) -> str:
    """A span of time in its fitting unit."""
    if ms < 1000:
        return f"{ms} ms"
    return f"{ms / 1000:.1f} s" if ms < 60_000 else f"{ms // 60_000} min {ms % 60_000 // 1000} s"


def sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def counted(number: int, one: str, more: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def panel(title: str, inner: str, *, more: str = "", kind: str = "") -> Html:
    """A part of a page under its title; `more` is markup at the title's side, such as a way to the whole list."""
    side = f'<span class="more">{more}</span>' if more else ""
    return Html(f'<section class="panel {kind}"><h2>{escape(title)}{side}</h2>{inner}</section>')


def bones(lines: int, title: str = "") -> Html:
    """A panel that waits for what it will show, in about its height."""
    rows = '<i class="bone"></i>' * lines
    return Html(f'<section class="panel" aria-busy="true"><h2>{escape(title) or "&nbsp;"}</h2>{rows}</section>')


def register(visitor: Visitor) -> str:
    """How the visitor's org is given a repository, as a command."""
    org = visitor.org.name if visitor.org else "ORG"
    return f"rsolv repos add FOLDER_OR_URL --org {org}   # a folder below RSOLV_ALLOWED_ROOTS, or an https git URL"


def begin(words: str, command: str) -> Html:
    """What to do where there is nothing yet."""
    return Html(f'<section class="panel"><h2>{escape(words)}</h2><pre><code>{escape(command)}</code></pre></section>')


def _safe(cell: str) -> str:
    return cell if isinstance(cell, Html) else escape(cell)
