"""How does a person come in and go out? A key is swapped for a cookie, at a plain page that needs no script."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rsolv_ray.dashboard.sessions import COOKIE, LASTS_S, Sessions
from rsolv_ray.dashboard.style import ICON, MARK
from rsolv_ray.model.errors import NotAllowed, TooLarge, Unavailable

PATH = "/dashboard"
LOGIN, LOGOUT, SESSION, HOME = f"{PATH}/login", f"{PATH}/logout", f"{PATH}/session", f"{PATH}/"
MOST_BYTES = 4096
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Log in - rsolv</title>
<link rel="icon" href="{icon}"><meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root{{color-scheme:light dark;--line:#cbd5e1;--ground:#f8fafc;--paper:#fff;--quiet:#475569;--accent:#4f46e5}}
@media (prefers-color-scheme:dark){{:root{{--line:#334155;--ground:#0b1120;--paper:#111827;--quiet:#94a3b8;--accent:#6366f1}}}}
*{{box-sizing:border-box}}body{{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:100vh;margin:0;
padding:1rem;background:var(--ground)}}
main{{width:min(26rem,100%);background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:1.8rem}}
h1{{font-size:1.35rem;margin:0;display:flex;align-items:center;gap:.6rem}}h1 img{{width:1.8rem;height:1.8rem}}
p{{margin:.5rem 0 1.2rem;color:var(--quiet)}}label{{font-weight:600;font-size:.9rem}}
input,button{{font:inherit;width:100%;padding:.6rem .8rem;border-radius:8px;border:1px solid var(--line);margin:.35rem 0 1rem}}
input{{background:var(--ground);color:inherit}}button{{background:var(--accent);border:0;color:#fff;font-weight:600;cursor:pointer}}
:focus-visible{{outline:3px solid var(--accent);outline-offset:2px}}small{{color:var(--quiet)}}
code{{font:.9em ui-monospace,monospace}}.wrong{{border-left:4px solid #dc2626;padding:.5rem .8rem;background:#dc26261f;color:inherit}}
</style></head><body><main><h1><img src="{icon}" alt="">rsolv</h1><p>See what your organisation has learned.</p>{message}
<form method="post" action="{login}"><label for="key">API key</label>
<input id="key" name="key" type="password" required autofocus autocomplete="current-password" placeholder="rsk_...">
<input type="hidden" name="next" value="{next}"><button>Log in</button></form>
<small>Any key that may read. <code>rsolv orgs key</code> makes one; the first admin key is told by <code>rsolv serve</code>.</small>
</main></body></html>"""


def routes(sessions: Sessions, prepare: Callable[[], object]) -> APIRouter:
    """Log in and out. `prepare` is called when somebody is about to come in: typing a key takes longer than Gradio loads."""
    router = APIRouter(include_in_schema=False)

    @router.get(LOGIN)
    async def ask(request: Request) -> HTMLResponse:
        prepare()
        was_in = COOKIE in request.cookies
        return _page("Your session is over: log in again." if was_in else "", to=request.query_params.get("next", ""))

    @router.post(LOGIN)
    async def log_in(request: Request) -> Response:
        sent = await _form_of(request)
        key, to = sent.get("key", [""])[0].strip(), sent.get("next", [""])[0]
        try:
            name = await sessions.open(key)
        except NotAllowed as refusal:
            return _page(str(refusal), 401, to=to)
        except Unavailable as error:
            return _page(f"The key cannot be checked right now ({error}). Try again in a moment.", 503, to=to)
        prepare()
        answer = RedirectResponse(to if _is_ours(to) else HOME, 303)
        answer.set_cookie(
            COOKIE,
            name,
            max_age=LASTS_S,
            path=PATH,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    @router.get("/favicon.ico")  # browsers ask for it before Gradio's script has told them of another
    async def icon() -> Response:
        return Response(MARK, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})

    @router.get(SESSION)
    async def still_open(request: Request) -> Response:
        known = await sessions.principal(request.cookies.get(COOKIE))
        return Response(status_code=401 if known is None else 204, headers={"Cache-Control": "no-store"})

    @router.post(LOGOUT)
    async def log_out(request: Request) -> Response:
        sessions.close(request.cookies.get(COOKIE))
        answer = RedirectResponse(LOGIN, 303)
        answer.delete_cookie(COOKIE, path=PATH)
        return answer

    return router


def way_in(wanted: str) -> str:
    """The login that leads to the page that was wanted: its path and query."""
    return f"{LOGIN}?{urlencode({'next': wanted})}" if _is_ours(wanted) and wanted != HOME else LOGIN


def _is_ours(address: str) -> bool:
    """Is it a page of the dashboard? Whoever made a link must not lead elsewhere by it."""
    return address.startswith(HOME) and address.isascii() and address.isprintable() and "\\" not in address


def _page(message: str = "", status: int = 200, *, to: str = "") -> HTMLResponse:
    told = f'<p class="wrong" role="alert">{escape(message)}</p>' if message else ""
    page = _PAGE.format(message=told, login=LOGIN, icon=ICON, next=escape(to if _is_ours(to) else ""))
    return HTMLResponse(page, status, headers=_HEADERS)


async def _form_of(request: Request) -> dict[str, list[str]]:
    """The form that was sent.

    Raises:
        TooLarge: no key is that long.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooLarge(f"the form is larger than {MOST_BYTES} bytes")
    return parse_qs(body.decode("latin-1"))
