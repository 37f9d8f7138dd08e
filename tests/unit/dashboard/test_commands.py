"""Do the commands and routes exist that the pages tell people to use?"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import rsolv_ray.dashboard
from rsolv_ray.actors.client import House
from rsolv_ray.api.app import build
from rsolv_ray.cli.root import app
from rsolv_ray.settings import Settings

PLACES = {"{url}": "http://rsolv.test", "{org}": "acme", "{name}": "prp_0123456789abcdef01234567", "{{": "{", "}}": "}"}


def _texts() -> Iterator[str]:
    """Every text in the dashboard's code that is no docstring, with its places filled."""
    for file in sorted(Path(rsolv_ray.dashboard.__file__).parent.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        said = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
        joined = [one for one in ast.walk(tree) if isinstance(one, ast.JoinedStr)]
        said |= {id(part) for one in joined for part in one.values}
        yield from ("".join(_part(part) for part in one.values) for one in joined)
        for one in ast.walk(tree):
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in said:
                text = one.value.replace("\\\n", " ")
                for place, filled in PLACES.items():
                    text = text.replace(place, filled)
                yield text


def _part(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "acme"


TEXTS = list(_texts())
COMMANDS = [line for text in TEXTS for line in re.findall(r"^rsolv .+", text, re.MULTILINE)]
MENTIONED = [words for text in TEXTS for words in re.findall(r"<code>rsolv ([a-z ]+)</code>", text)]
REQUESTS = [line for text in TEXTS for line in re.findall(r"^curl .+", text, re.MULTILINE)]


def _named(words: list[str]) -> tuple[Any, list[str]]:
    """The command that these words name, and what is left of them."""
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_that_a_page_tells_is_one_that_the_shell_takes(line: str) -> None:
    command, words = _named(shlex.split(line, comments=True)[1:])
    command.make_context(command.name, words)


@pytest.mark.parametrize("words", MENTIONED)
def test_a_command_that_a_page_mentions_exists(words: str) -> None:
    assert _named(words.split())[0].callback


@pytest.mark.parametrize("line", REQUESTS)
def test_a_request_that_a_page_tells_goes_to_a_route_of_the_service(line: str, house_app: Any) -> None:
    path = re.findall(r"http://rsolv\.test(/[^\s\"?]*)", line)[0]
    method = "post" if "--json" in line else "get"
    known = [known for known, told in house_app.openapi()["paths"].items() if method in told]
    assert any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path) for one in known), path


def test_there_are_commands_and_requests_to_look_at() -> None:
    assert (len(COMMANDS) >= 6, len(REQUESTS) >= 4, len(MENTIONED) >= 2) == (True, True, True)


@pytest.fixture(scope="module")
def house_app() -> Any:
    return build(object.__new__(House), Settings())
