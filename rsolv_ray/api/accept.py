"""In which form does the client want the answer? The `Accept` header (RFC 9110, section 12.5.1), for two forms or more."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from rsolv_ray.api.problems import NotAcceptable


def preferred(request: Request, offered: Sequence[str]) -> str:
    """The media type among `offered` that the client likes best, the first of those that it likes the same.

    Raises:
        NotAcceptable: it wants none of them.
    """
    likes = [_like(part) for part in request.headers.get("accept", "*/*").split(",")]

    def liking(media: str) -> float:
        exact = [quality for name, quality in likes if name == media]
        ranges = [quality for name, quality in likes if name in ("*/*", media.split("/", maxsplit=1)[0] + "/*")]
        return max(exact or ranges or [0.0])

    best = max(offered, key=liking)
    if liking(best) == 0:
        raise NotAcceptable(f"this is told as {' or '.join(offered)}: name one of them in 'Accept'")
    return best


def _like(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    return name, float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
