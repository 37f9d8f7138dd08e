"""What does a client read when something goes wrong?

One table maps the families of errors to a status; no route catches. The form is RFC 9457 (problem details).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from rsolv_ray.model.errors import (
    Broken,
    Conflict,
    Fenced,
    NotAllowed,
    NotFound,
    Rejected,
    RsolvError,
    StorageFull,
    TooLarge,
    ToolFailed,
    Unavailable,
)
from rsolv_ray.model.noun import Noun

MEDIA_TYPE = "application/problem+json"
MOST_FLAWS = 20


class Unauthenticated(NotAllowed):
    """A valid API key is needed: send it as 'Authorization: Bearer rsk_...'."""


class Malformed(Rejected):
    """The body is no JSON."""


class NotAcceptable(Rejected):
    """The answer is not told in the form that 'Accept' asks for."""


class UnsupportedMedia(Rejected):
    """The body must be JSON: send it with 'Content-Type: application/json'."""


class Flaw(Noun):
    """One thing that is wrong: at a place of the body (a JSON pointer, RFC 6901), or in a named parameter."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class Flawed(Rejected):
    """Parts of the request are wrong: see 'errors'."""

    def __init__(self, message: str | None = None, *, flaws: tuple[Flaw, ...] = ()) -> None:
        super().__init__(message)
        self.flaws = flaws


class TooMany(Rejected):
    """Too many requests: wait before sending more."""

    def __init__(self, message: str | None = None, *, retry_after_s: int, headers: dict[str, str]) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": str(retry_after_s), **headers}


class Problem(Noun):
    """The body of every answer that is an error."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str = ""
    errors: tuple[Flaw, ...] = ()


class Kind(NamedTuple):
    """How a family of errors is told. `retry_after_s`: after so many seconds another try is worth while."""

    status: int
    slug: str
    title: str
    retry_after_s: int | None = None


BUG = Kind(500, "internal-error", "Something broke here")
KINDS: dict[type[RsolvError], Kind] = {
    Malformed: Kind(400, "malformed", "The body cannot be read"),
    Unauthenticated: Kind(401, "unauthenticated", "A valid key is needed"),
    NotAllowed: Kind(403, "not-allowed", "The key may not do this"),
    NotFound: Kind(404, "not-found", "There is no such thing"),
    NotAcceptable: Kind(406, "not-acceptable", "It is not told in that form"),
    Conflict: Kind(409, "conflict", "It does not fit the present state"),
    TooLarge: Kind(413, "too-large", "It is larger than what is accepted"),
    UnsupportedMedia: Kind(415, "unsupported-media", "The body is of the wrong type"),
    Rejected: Kind(422, "rejected", "The request is wrong"),
    TooMany: Kind(429, "too-many-requests", "Too many requests"),
    ToolFailed: Kind(502, "tool-failed", "A tool that we run failed"),
    StorageFull: Kind(503, "storage-full", "The disk is full", 60),
    Unavailable: Kind(503, "unavailable", "Not available right now", 5),
    Fenced: Kind(503, "fenced", "A newer process has taken over", 1),
    Broken: BUG,
    RsolvError: BUG,
}


def install(app: FastAPI) -> None:
    """Let every error that a route raises be told as a problem."""
    app.add_exception_handler(RsolvError, _tell_own)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    app.add_exception_handler(HTTPException, _tell_http)


def answer(error: RsolvError, scope: Scope) -> Response:
    """The response that tells `error` about the request of `scope`."""
    kind = next(KINDS[family] for family in type(error).__mro__ if family in KINDS)
    headers = dict(error.headers) if isinstance(error, TooMany) else {}
    if kind.retry_after_s is not None:
        headers["Retry-After"] = str(kind.retry_after_s)
    if kind.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="rsolv"'
    detail = BUG.title if kind is BUG else str(error)
    return _response(kind, detail, scope, headers, error.flaws if isinstance(error, Flawed) else ())


def answer_bug(scope: Scope) -> Response:
    """The response to a request that met a bug: nothing of it is told but the id under which it was logged."""
    return _response(BUG, "The fault is ours and was logged under this request id.", scope, {}, ())


def _response(kind: Kind, detail: str, scope: Scope, headers: dict[str, str], flaws: tuple[Flaw, ...]) -> Response:
    problem = Problem(
        type=f"/problems/{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=scope["path"],
        request_id=scope.get("state", {}).get("request_id", ""),
        errors=flaws[:MOST_FLAWS],
    )
    body = problem.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return JSONResponse(body, status_code=kind.status, headers=headers, media_type=MEDIA_TYPE)


async def _tell_own(request: Request, error: Exception) -> Response:
    assert isinstance(error, RsolvError)
    return answer(error, request.scope)


async def _tell_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(from_validation(error.errors()), request.scope)


async def _tell_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = Kind(error.status_code, "http", str(error.detail))
    detail = f"{request.method} {request.url.path}: {error.detail}"
    return _response(kind, detail, request.scope, dict(error.headers or {}), ())


def from_validation(errors: Any) -> Rejected:
    """What pydantic found wrong, as one of our errors: an id that cannot be names nothing, the rest is to be mended."""
    if any(error["loc"][:1] == ("path",) for error in errors):
        return NotFound()
    flaws = tuple(_flaw(error) for error in errors)
    first = flaws[0]
    where = first.pointer or first.parameter or ""
    more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
    return Flawed(f"{where + ': ' if where else ''}{first.detail}{more}", flaws=flaws)


def _flaw(error: Any) -> Flaw:
    source, *place = error["loc"]
    detail = error["msg"].removeprefix("Value error, ")
    if source == "body":
        return Flaw(pointer="".join(f"/{_escaped(part)}" for part in place), detail=detail)
    return Flaw(parameter=".".join(map(str, place)), detail=detail)


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
