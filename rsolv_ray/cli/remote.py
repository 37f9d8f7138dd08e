"""How is the service spoken to? Over HTTP, with a key; its problems become this program's errors.

The key is the variable `RSOLV_API_KEY`. Where it is not set and the service is on this machine, it is the admin key
that `rsolv serve` keeps in its data folder, readable by its owner alone.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from rsolv_ray.cli.exits import TimedOut, Usage
from rsolv_ray.model.errors import Conflict, NotAllowed, NotFound, Rejected, RsolvError, TooLarge, Unavailable

API = "/api/v1"
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 60.0
_OPTIONS: Mapping[str, str] = {
    **{name: f"--{name}" for name in ("state", "label", "severity", "rule", "limit", "wait", "types")},
    **{f"/{name}": f"--{name}" for name in ("reason", "branch", "cwe")},
    "repository": "--repo",
    "/scopes": "--scope",
    "/expires_at": "--expires-at",
    "/label": "LABEL",
    "/state": "STATE",
    "/location": "LOCATION",
}
"""How the command line calls a parameter, or a field of a body; what has several names in it is not among them."""
_FAMILIES: Mapping[int, type[RsolvError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    408: TimedOut,
    409: Conflict,
    413: TooLarge,
    429: Unavailable,
    504: TimedOut,
}


class Service:
    """A client of one service. Addresses are relative to `/api/v1`; answers are JSON values.

    Every method raises the family that fits the answer: NotAllowed, NotFound, Conflict, TooLarge, Rejected,
    Unavailable (nobody answers, or not now), TimedOut.
    """

    def __init__(self, url: str, key: str | None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            trust_env=not is_loopback(url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._value(self.ask("GET", path, query=query))

    def text(self, path: str, *, accept: str, **query: Any) -> str:
        """An answer that is no JSON, as text."""
        return self.ask("GET", path, query=query, headers={"Accept": accept}).text

    def post(self, path: str, body: Any = None, *, wait_s: float = 0.0, **query: Any) -> Any:
        return self._value(self.ask("POST", path, body=body, query=query, wait_s=wait_s))

    def delete(self, path: str) -> None:
        self.ask("DELETE", path)

    def pages(self, path: str, limit: int, **query: Any) -> Iterator[Any]:
        """The items of a list, page after page, at most `limit`."""
        cursor: str | None = None
        while limit > 0:
            items, cursor = self._page(path, limit=min(limit, 100), cursor=cursor, **query)
            yield from items[:limit]
            limit -= len(items)
            if cursor is None:
                return

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        wait_s: float = 0.0,
    ) -> httpx.Response:
        """The answer to one request, if it is no problem. `wait_s` is added to the time that it may take."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            response = self._http.request(
                method,
                path if path.startswith("/") else f"{API}/{path}",
                params=given,
                json=body,
                headers=headers,
                timeout=httpx.Timeout(ANSWER_TIMEOUT_S + wait_s, connect=CONNECT_TIMEOUT_S),
            )
        except httpx.ConnectError as error:
            raise Unavailable(
                f"no service answers at {self.url}: start one with `rsolv serve`, or set RSOLV_URL"
            ) from error
        except httpx.TimeoutException as error:
            raise TimedOut(f"{self.url} did not answer in time") from error
        except httpx.TransportError as error:
            raise Unavailable(f"the connection to {self.url} broke: {error}") from error
        raise_problem(response)
        return response

    def stream(self, path: str, *, query: Mapping[str, Any], headers: Mapping[str, str], silence_s: float) -> Any:
        """An open response, to be used in a `with`; it breaks after `silence_s` seconds without a byte."""
        given = {name: value for name, value in query.items() if value is not None}
        timeout = httpx.Timeout(silence_s, connect=CONNECT_TIMEOUT_S)
        return self._http.stream("GET", f"{API}/{path}", params=given, headers=dict(headers), timeout=timeout)

    def org(self, reference: str | None) -> str:
        """The org that is meant: the one given, or the only one that the key may see.

        Raises:
            Usage: none is given and there is not exactly one.
        """
        if reference:
            return quote(reference, safe="")
        orgs, _ = self._page("orgs", limit=2)
        if len(orgs) != 1:
            known = "there is none yet: `rsolv orgs create NAME`" if not orgs else "there are several"
            raise Usage(f"which org? Give --org or set RSOLV_ORG ({known})")
        return str(orgs[0]["id"])

    def _page(self, path: str, **query: Any) -> tuple[list[Any], str | None]:
        match self.get(path, **query):
            case {"items": list(items), "next_cursor": str() | None as cursor}:
                return items, cursor
            case _:
                raise not_understood(f"{path} is no list")

    def _value(self, response: httpx.Response) -> Any:
        try:
            return response.json() if response.content else None
        except ValueError as error:
            raise not_understood("no JSON") from error


def connect(url: str) -> Service:
    """A client of the service at `url`, with the key of this environment."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise Usage(f"{url!r} is no address of a service: it begins with http:// or https://")
    return Service(url, os.environ.get("RSOLV_API_KEY") or _kept_key(url))


def not_understood(why: str) -> Unavailable:
    """The error that says that the answer is not what was asked for."""
    return Unavailable(f"the service answered something that is not understood ({why})")


def raise_problem(response: httpx.Response) -> None:
    """Raise what a problem (RFC 9457) says; do nothing for an answer that is none."""
    if response.is_success:
        return
    response.read()
    status = response.status_code
    usual = Unavailable if status >= 500 else Rejected
    raise _FAMILIES.get(status, usual)(_said(response))


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine for sure: `localhost`, or a loopback address."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _said(response: httpx.Response) -> str:
    if response.status_code == 401 and "authorization" not in response.request.headers:
        return (
            "a key is needed: set RSOLV_API_KEY, or RSOLV_DATA_DIR to the folder in which a service here keeps its data"
        )
    kind = response.headers.get("content-type", "")
    if not kind.startswith(("application/problem+json", "application/json")):
        return f"{response.request.method} {response.request.url.path}: {response.status_code} {response.reason_phrase}"
    try:
        problem = response.json()
    except ValueError:
        return f"{response.status_code}, and what came with it is no JSON"
    if not isinstance(problem, dict):
        return f"{response.status_code} {response.reason_phrase}"
    return _of_option(problem) or str(problem.get("detail") or problem.get("title") or response.reason_phrase)


def _of_option(problem: Mapping[str, Any]) -> str | None:
    """What is wrong with the value of an option, in the command line's own words; None if it is something else."""
    flaw = next(iter(problem.get("errors") or ()), {})
    parameter, field = str(flaw.get("parameter", "")), str(flaw.get("pointer", ""))
    option = _OPTIONS.get(parameter.partition(".")[0] or "/".join(field.split("/")[:2]))
    if option is None:
        return None
    detail = str(flaw.get("detail", ""))
    wanted = detail.removeprefix("Input should be ")
    return f"{option}: {detail}" if wanted == detail else f"{option} should be {wanted}"


def _kept_key(url: str) -> str | None:
    if not is_loopback(url):
        return None
    from rsolv_ray.settings import Settings

    file = Settings.load().data_dir / "admin.key"
    return file.read_text(encoding="ascii").strip() if file.is_file() else None
