"""How does a person come in and go out? A key is swapped for a cookie, at a plain page that needs no script."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rsolv_ray.dashboard.sessions import COOKIE, LASTS_S, Sessions
from rsolv_ray.dashboard.style import ICON, MARK
from rsolv_ray.model.errors import NotAllowed, TooLarge, Unavailable

PATH = "/dashboard"
LOGIN, LOGOUT, SESSION, HOME = f"{PATH}/login", f"{PATH}/logout", f"{PATH}/session", f"{PATH}/"
MOST_BYTES = 4096
_ELSEWHERE = "This form was sent from another site. Nothing was changed."
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


_AGAIN = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>rsolv</title><meta http-equiv="refresh" content="0;url={to}">
<style>:root{{color-scheme:light dark}}</style></head><body><noscript><a href="{to}">Go on</a></noscript></body></html>"""


def routes(sessions: Sessions, prepare: Callable[[], object]) -> APIRouter:
    """Log in and out. `prepare` is called when somebody is about to come in: typing a key takes longer than Gradio loads."""
    router, door = APIRouter(include_in_schema=False), _Door(sessions, prepare)
    router.add_api_route(LOGIN, door.ask, methods=["GET"], response_model=None)
    router.add_api_route(LOGIN, door.log_in, methods=["POST"])
    router.add_api_route(LOGOUT, door.log_out, methods=["POST"])
    router.add_api_route(SESSION, door.still_open, methods=["GET"])
    router.add_api_route("/favicon.ico", _icon, methods=["GET"])
    return router


class _Door:
    """What is answered to who comes and goes."""

    def __init__(self, sessions: Sessions, prepare: Callable[[], object]) -> None:
        self._sessions, self._prepare = sessions, prepare

    async def ask(self, request: Request) -> Response:
        """The form; or the way to what was wanted, for who is in already.

        A link on another site's page brings no cookie here (it is `SameSite=Strict`); a step within this site does.
        """
        self._prepare()
        to, cookie = request.query_params.get("next", ""), request.cookies.get(COOKIE)
        if _is_ours(to) and cookie is None and "again" not in request.query_params:
            again = f"{LOGIN}?{urlencode({'next': to, 'again': '1'})}"
            return HTMLResponse(_AGAIN.format(to=escape(again)), headers=_HEADERS)
        is_in = await self._is_in(cookie)
        if is_in and _is_ours(to):
            return RedirectResponse(to, 303)
        return _page("Your session is over: log in again." if cookie and not is_in else "", to=to)

    async def log_in(self, request: Request) -> Response:
        """Swap a key for a cookie."""
        if _comes_from_elsewhere(request):
            return _page(_ELSEWHERE, 403)
        sent = await _form_of(request)
        key, to = sent.get("key", [""])[0].strip(), sent.get("next", [""])[0]
        try:
            name = await self._sessions.open(key)
        except NotAllowed as refusal:
            return _page(str(refusal), 401, to=to)
        except Unavailable as error:
            return _page(f"The key cannot be checked right now ({error}). Try again in a moment.", 503, to=to)
        self._prepare()
        answer = RedirectResponse(to if _is_ours(to) else HOME, 303)
        is_https = request.url.scheme == "https"
        answer.set_cookie(COOKIE, name, max_age=LASTS_S, path=PATH, httponly=True, samesite="strict", secure=is_https)
        return answer

    async def log_out(self, request: Request) -> Response:
        """End the session."""
        if _comes_from_elsewhere(request):
            return _page(_ELSEWHERE, 403)
        self._sessions.close(request.cookies.get(COOKIE))
        answer = RedirectResponse(LOGIN, 303)
        answer.delete_cookie(COOKIE, path=PATH)
        return answer

    async def still_open(self, request: Request) -> Response:
        """Is the session over? 401, else 204."""
        is_in = await self._is_in(request.cookies.get(COOKIE))
        return Response(status_code=204 if is_in else 401, headers={"Cache-Control": "no-store"})

    async def _is_in(self, cookie: str | None) -> bool:
        return await self._sessions.principal(cookie) is not None


async def _icon() -> Response:
    """Browsers ask for it before Gradio's script has told them of another."""
    return Response(MARK, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


def way_in(wanted: str) -> str:
    """The login that leads to the page that was wanted: its path and query."""
    return f"{LOGIN}?{urlencode({'next': wanted})}" if _is_ours(wanted) else LOGIN


def _comes_from_elsewhere(request: Request) -> bool:
    """Was this form sent from another site? It may log nobody in or out: `SameSite` keeps cookies from it, but lets it set new ones.

    Browsers say where a form comes from (`Sec-Fetch-Site`, W3C Fetch Metadata) where they trust the connection, else they
    name its origin (RFC 6454). What is no browser says neither, and has no cookie that somebody else could use.
    """
    said, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if said:
        return said not in ("same-origin", "none")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


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
