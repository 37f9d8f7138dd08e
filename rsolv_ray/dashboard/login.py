"""How does a person come in and go out? A key is swapped for a cookie, at a plain page that needs no script."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rsolv_ray.dashboard.sessions import COOKIE, LASTS_S, Sessions
from rsolv_ray.model.errors import NotAllowed, TooLarge, Unavailable

PATH = "/dashboard"
LOGIN, LOGOUT, HOME = f"{PATH}/login", f"{PATH}/logout", f"{PATH}/"
MOST_BYTES = 4096
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>rsolv: log in</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><style>
:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0}}
main{{width:min(26rem,90vw)}}h1{{font-size:1.5rem;margin:0}}p{{margin:.4rem 0 1rem}}label{{font-weight:600}}
input,button{{font:inherit;box-sizing:border-box;width:100%;padding:.6rem;border-radius:8px;border:1px solid #8889;margin:.3rem 0 .8rem}}
button{{background:#4f46e5;border:0;color:#fff;font-weight:600;cursor:pointer}}small{{opacity:.75}}
.wrong{{border-left:4px solid #dc2626;padding:.4rem .8rem;background:#dc262622}}
</style></head><body><main><h1>rsolv</h1><p>See what your organisation has learned.</p>{message}
<form method="post" action="{login}"><label for="key">API key</label>
<input id="key" name="key" type="password" required autofocus autocomplete="current-password" placeholder="rsk_...">
<button>Log in</button></form>
<small>Any key that may read. <code>rsolv orgs key</code> makes one; the first admin key is told by <code>rsolv serve</code>.</small>
</main></body></html>"""


def routes(sessions: Sessions, on_login: Callable[[], object]) -> APIRouter:
    """Log in and out. `on_login` is called when somebody with a good key has come in."""
    router = APIRouter(include_in_schema=False)

    @router.get(LOGIN)
    async def ask() -> HTMLResponse:
        return _page()

    @router.post(LOGIN)
    async def log_in(request: Request) -> Response:
        try:
            name = await sessions.open(await _key_in(request))
        except NotAllowed as refusal:
            return _page(str(refusal), 401)
        except Unavailable as error:
            return _page(f"The key cannot be checked right now ({error}). Try again in a moment.", 503)
        on_login()
        answer = RedirectResponse(HOME, 303)
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

    @router.post(LOGOUT)
    async def log_out(request: Request) -> Response:
        sessions.close(request.cookies.get(COOKIE))
        answer = RedirectResponse(LOGIN, 303)
        answer.delete_cookie(COOKIE, path=PATH)
        return answer

    return router


def _page(message: str = "", status: int = 200) -> HTMLResponse:
    told = f'<p class="wrong" role="alert">{escape(message)}</p>' if message else ""
    return HTMLResponse(_PAGE.format(message=told, login=LOGIN), status, headers=_HEADERS)


async def _key_in(request: Request) -> str:
    """The key of the form that was sent.

    Raises:
        TooLarge: no key is that long.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooLarge(f"the form is larger than {MOST_BYTES} bytes")
    return parse_qs(body.decode("latin-1")).get("key", [""])[0].strip()
