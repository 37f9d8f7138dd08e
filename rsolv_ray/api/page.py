"""What can be asked of this service? A page for people, made from the OpenAPI document; it fetches nothing."""

from __future__ import annotations

from html import escape
from typing import Any

HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc}"
    "code{font-size:.95em}"
)


def render_page(document: dict[str, Any]) -> str:
    """An HTML table of every operation in an OpenAPI document, with the scope that its key needs."""
    info = document["info"]
    rows = "".join(
        _row(method, path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(info['title'])} {escape(info['version'])}</h1>"
        f'<p>{escape(info["description"])} The machine-readable form is <a href="openapi.json">openapi.json</a>.</p>'
        f"<table><tr><th>Method</th><th>Path</th><th>Scope</th><th>What it does</th></tr>{rows}</table></body></html>"
    )


def scope_of(operation: dict[str, Any]) -> str:
    """The scope that an operation's key needs; empty where it needs no key."""
    return " ".join(scope for entry in operation.get("security", ()) for scopes in entry.values() for scope in scopes)


def _row(method: str, path: str, operation: dict[str, Any]) -> str:
    said = operation.get("description") or operation.get("summary", "")
    cells = (f"<code>{method.upper()}</code>", f"<code>{escape(path)}</code>", scope_of(operation), escape(said))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
