"""Do the documents say what the code does, all of it and no more?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from rsolv_ray.api.page import scope_of
from rsolv_ray.api.problems import KINDS
from rsolv_ray.model.events import Event

DOCS = Path(__file__).parents[3] / "docs"
HTTP = (DOCS / "http.md").read_text()
ROUTE = re.compile(r"^\| `([A-Z]+)` \| `([^`]+)` \| (?:`(\w+)`)? ?\| ([0-9, ]+) \|", re.MULTILINE)


def routes(app) -> set[tuple[str, str, str]]:
    return {
        (method.upper(), path, scope_of(operation))
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    }


def test_the_routes_and_their_scopes_are_those_of_the_document(app):
    assert {found[:3] for found in ROUTE.findall(HTTP)} == routes(app)


def test_the_first_answer_of_each_route_is_the_one_that_is_declared(app):
    for method, path, _, answers in ROUTE.findall(HTTP):
        declared = app.openapi()["paths"][path][method.lower()]["responses"]
        assert answers.split(",")[0].strip() in declared, (method, path)


def test_every_route_has_an_example(app):
    examples = re.findall(r"curl [^\n]*?\$RSOLV_URL([^\"?]*)", HTTP)
    for _, path, _ in routes(app):
        shape = re.compile(re.sub(r"\\\{\w+\\\}", r"[^/]+", re.escape(path)))
        assert any(shape.fullmatch(example) for example in examples), path


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.slug)
def test_every_kind_of_problem_has_its_row(kind):
    assert f"| {kind.status} | `/problems/{kind.slug}` |" in HTTP


def test_every_event_has_its_row_with_all_its_fields_in_order():
    rows = dict(re.findall(r"^\| `(\w+)` \| .+? \| ([^|]+) \|$", (DOCS / "events.md").read_text(), re.MULTILINE))
    kinds = get_args(get_args(Event)[0])
    assert list(rows) == [kind.__name__ for kind in kinds]
    for kind in kinds:
        fields = [name for name in kind.model_fields if name != "type"]
        assert re.findall(r"`(\w+)`", rows[kind.__name__]) == fields, kind.__name__


def test_every_address_in_the_ci_document_is_a_route(app):
    paths = [re.compile(re.sub(r"\\\{\w+\\\}", r"[^/?\"]+", re.escape(path))) for _, path, _ in routes(app)]
    addresses = re.findall(r"\$RSOLV_URL([^\"?]*)", (DOCS / "ci.md").read_text())
    assert len(addresses) > 4
    for address in addresses:
        assert any(path.fullmatch(address) for path in paths), address


def test_every_reference_in_the_openapi_document_leads_somewhere(app):
    document = app.openapi()
    text = json.dumps(document)
    for name in set(re.findall(r'"#/components/schemas/(\w+)"', text)):
        assert name in document["components"]["schemas"]
    assert "HTTPValidationError" not in text
    assert "#/$defs/" not in text


def test_the_language_of_a_change_may_be_left_out_in_the_openapi_document_too(app):
    change = app.openapi()["components"]["schemas"]["FileChangeIn"]
    assert change["required"] == ["path", "before", "after"]
    assert "language" in change["properties"]


async def test_the_openapi_document_is_served_and_is_3_1(client):
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "Problem" in document["components"]["schemas"]


async def test_the_page_names_every_route_and_fetches_nothing(app, client):
    page = await client.get("/docs")
    for _, path, _ in routes(app):
        assert f"<code>{path}</code>" in page.text
    assert "://" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
