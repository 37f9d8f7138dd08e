"""What does a service get done that answers nonsense, or a patch that is not what it says? Nothing, and that is told."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.cli.exits import Exit
from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.model.finding import Finding, Repository
from rsolv_ray.model.ids import ProposalId
from tests.unit.cli.conftest import rsolv

SOURCE = "run(a % b)\n"
REPOSITORY = Repository.id_of("/srv/shop", None)
NAME = ProposalId.of("first")
FINDING = Finding.id_of(REPOSITORY, "v1:" + "0" * 32, "a.py")
NOW = "2026-01-02T00:00:00Z"
STRANGE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a number": lambda record: 5,
    "a list": lambda record: [record],
    "nothing": lambda record: None,
    "no proposal": lambda record: {"explanation": record["explanation"]},
    "no explanation": lambda record: {**record, "explanation": None},
    "a diff that is a number": lambda record: with_proposal(record, diff=5),
    "a diff that holds half a character": lambda record: with_proposal(record, diff=record["proposal"]["diff"] + "\ud800"),
    "a path that is a number": lambda record: with_proposal(record, path=5),
    "an id that is none": lambda record: with_proposal(record, id="prp_../../x"),
    "another proposal": lambda record: with_proposal(record, id=ProposalId.of("second")),
    "an explanation of another": lambda record: {
        **record, "explanation": {**record["explanation"], "proposal": ProposalId.of("second")}
    },
}  # fmt: skip


def with_proposal(record: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**record, "proposal": {**record["proposal"], **fields}}


def good() -> dict[str, Any]:
    proposal = {
        "id": NAME,
        "finding": FINDING,
        "rule": "python-cwe-89-abc",
        "repository": REPOSITORY,
        "path": "a.py",
        "diff": unified_diff("a.py", SOURCE, "run(a, b)\n"),
        "created_at": NOW,
    }
    explanation = {"proposal": NAME, "finding": FINDING, "path": "a.py", "rule": "python-cwe-89-abc"}
    return {"proposal": proposal, "state": "offered", "changed_at": NOW, "explanation": explanation}


class Strange:
    """A service that answers `answer` to every GET and `reply` to every POST, and keeps where was posted."""

    def __init__(self) -> None:
        self.answer = self.reply = json.dumps(good()).encode()
        self.posted: list[str] = []

    def answers(self, value: Any) -> None:
        self.answer = json.dumps(value).encode()


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Strange]:
    service = Strange()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(service.answer)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            service.posted.append(self.path)
            self._send(service.reply)

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  The name is the base class's.
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("RSOLV_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("RSOLV_ORG", "acme")
    yield service
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.py").write_text(SOURCE)
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "one")):
        git(folder, *command)
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def is_untouched(shop: Path) -> bool:
    status, branches = git(shop, "status", "--porcelain", "--ignored"), git(shop, "branch", "--format=%(refname)")
    return (status, branches) == ("", "refs/heads/main\n")


def test_the_answer_that_the_strange_ones_are_made_of_is_applied(strange: Strange, shop: Path) -> None:
    assert rsolv("proposals", "apply", NAME, "--to", str(shop)).exit_code == 0
    assert (shop / "a.py").read_text() == "run(a, b)\n"
    assert len(strange.posted) == 1


@pytest.mark.parametrize("place", [(), ("--branch",)])
@pytest.mark.parametrize("kind", STRANGE)
def test_an_answer_that_is_not_understood_is_told_and_changes_nothing(
    strange: Strange, shop: Path, kind: str, place: tuple[str, ...]
) -> None:
    strange.answers(STRANGE[kind](good()))
    result = rsolv("proposals", "apply", NAME, "--to", str(shop), *place)
    assert result.exit_code == Exit.UNAVAILABLE
    assert "the service answered something that is not understood" in result.stderr
    assert is_untouched(shop)
    assert strange.posted == []


def test_an_answer_that_is_no_json_is_told(strange: Strange, shop: Path) -> None:
    strange.answer = b"<html>"
    result = rsolv("proposals", "apply", NAME, "--to", str(shop))
    assert result.exit_code == Exit.UNAVAILABLE
    assert "not understood (no JSON)" in result.stderr


def test_a_reply_that_is_no_json_does_not_hide_that_the_patch_is_applied(strange: Strange, shop: Path) -> None:
    strange.reply = b"<html>"
    result = rsolv("proposals", "apply", NAME, "--to", str(shop))
    assert result.exit_code == 0
    assert f"{NAME} is applied to" in result.stdout
    assert f"the service does not know that {NAME} is applied" in result.stderr


def test_fields_of_a_newer_service_are_ignored(strange: Strange, shop: Path) -> None:
    strange.answers({**with_proposal(good(), mood="new"), "weight": 1})
    assert rsolv("proposals", "apply", NAME, "--to", str(shop)).exit_code == 0


@pytest.mark.parametrize("place", [(), ("--branch",), ("--dry-run",), ("--skip-unfit",)])
def test_a_patch_of_another_file_than_it_says_is_refused_by_name(
    strange: Strange, shop: Path, place: tuple[str, ...]
) -> None:
    strange.answers(with_proposal(good(), diff=unified_diff("setup.py", "", "evil\n")))
    result = rsolv("proposals", "apply", NAME, "--to", str(shop), *place)
    assert result.exit_code == Exit.FOUND_OR_REJECTED
    assert NAME in result.stderr
    assert is_untouched(shop)
    assert strange.posted == []


@pytest.mark.parametrize("option", ["--branch-name", "--base"])
def test_an_option_that_is_empty_is_not_taken_as_left_out(strange: Strange, shop: Path, option: str) -> None:
    result = rsolv("proposals", "apply", NAME, "--to", str(shop), option, "")
    assert result.exit_code == Exit.USAGE
    assert f"{option} is empty" in result.stderr
    assert is_untouched(shop)


@pytest.mark.parametrize("command", ["show", "mark"])
def test_the_other_commands_tell_what_is_not_understood_too(strange: Strange, command: str) -> None:
    strange.answer = strange.reply = b"[5]"
    result = rsolv("proposals", command, NAME, *(("merged",) if command == "mark" else ()))
    assert result.exit_code == Exit.UNAVAILABLE
    assert "not understood" in result.stderr


def test_a_path_that_would_steer_the_terminal_is_spelled_out(strange: Strange) -> None:
    record = with_proposal(good(), path="\x1b[2Jx\n[ok] y")
    strange.answers({"items": [record], "next_cursor": None})
    result = rsolv("proposals", "list")
    assert result.exit_code == 0
    assert r"\x1b[2Jx\n[ok] y" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("page", [5, [], {}, {"items": 5, "next_cursor": None}, {"items": [], "next_cursor": 5}])
def test_a_list_of_another_shape_is_told(strange: Strange, page: object) -> None:
    strange.answers(page)
    result = rsolv("rules", "list", "--org", "acme")
    assert result.exit_code == Exit.UNAVAILABLE
    assert "not understood (orgs/acme/rules is no list)" in result.stderr
