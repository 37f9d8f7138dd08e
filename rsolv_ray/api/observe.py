"""What was asked, how long did it take, how did it end? A request id, a log line and metrics for each request.

Ray Serve gives each request an id where the client sent none, and tells it in the answer
(`ray/serve/_private/http_util.py`, `RequestIdMiddleware`), so one that is made here alone is told from here.
"""

from __future__ import annotations

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rsolv_ray.api.problems import answer_bug
from rsolv_ray.telemetry import METRICS

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_logger = structlog.get_logger(__name__)


class Observed:
    """ASGI middleware, the outermost: what nobody has caught ends here, as a problem that tells no details."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status, first_byte_s = 0, 0.0

        async def send_marked(message: Message) -> None:
            nonlocal status, first_byte_s
            if message["type"] == "http.response.start":
                status, first_byte_s = message["status"], perf_counter() - began
                _mark(MutableHeaders(scope=message), scope, request_id)
            await send(message)

        began = perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_marked)
            except Exception:
                _logger.exception("request.failed", method=_method(scope), route=_route(scope))
                if status:
                    raise
                await answer_bug(scope)(scope, receive, send_marked)
            finally:
                _record(scope, status, first_byte_s or perf_counter() - began)


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


def _mark(headers: MutableHeaders, scope: Scope, request_id: str) -> None:
    if "x-request-id" not in Headers(scope=scope):
        headers["X-Request-Id"] = request_id
    headers["X-Content-Type-Options"] = "nosniff"
    if scope["path"].startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")


def _record(scope: Scope, status: int, first_byte_s: float) -> None:
    route, method = _route(scope), _method(scope)
    METRICS["rsolv_http_requests_total"].labels(method=method, route=route, status=str(status)).inc()
    METRICS["rsolv_http_request_seconds"].labels(route=route).observe(first_byte_s)
    _logger.info("request", method=method, route=route, status=status, first_byte_ms=round(first_byte_s * 1000, 1))


def _route(scope: Scope) -> str:
    """The template of the route, so that labels stay few."""
    return getattr(scope.get("route"), "path", "unmatched")


def _method(scope: Scope) -> str:
    """The method, where it is a usual one, so that labels stay few: a client may send any word."""
    return scope["method"] if scope["method"] in _METHODS else "other"
