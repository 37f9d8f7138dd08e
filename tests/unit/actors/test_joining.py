"""How a running system is found by what it wrote down: none, a living one, one that was killed, one not understood."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsolv_ray.actors.joining import RUNNING_FILE, Running, join, running_from, strike_out
from rsolv_ray.model.errors import Rejected, Unavailable
from rsolv_ray.settings import Settings


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of something that listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def running_at(address: str) -> Running:
    return Running(
        ray=address,
        url="http://127.0.0.1:8080",
        token_file="/tmp/ray.token",
        shards=3,
        validators=2,
        allowed_roots=("/srv/code",),
        allowed_git_hosts=("git.example.org",),
    )


def written(folder: Path, text: str) -> Path:
    (folder / RUNNING_FILE).write_text(text)
    return folder


def test_nothing_runs_from_a_folder_that_says_nothing(tmp_path: Path) -> None:
    assert running_from(tmp_path) is None


def test_what_is_written_down_is_found_while_its_ray_listens(tmp_path: Path, listener: str) -> None:
    said = running_at(listener)
    assert running_from(written(tmp_path, said.model_dump_json())) == said


def test_a_system_that_was_killed_does_not_count_as_running(tmp_path: Path, listener: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = f"127.0.0.1:{gone.getsockname()[1]}"
    assert running_from(written(tmp_path, running_at(address).model_dump_json())) is None


def test_what_is_not_understood_is_told_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=rf"{RUNNING_FILE} is not understood: start `rsolv serve` anew"):
        running_from(written(tmp_path, '{"ray": 1}'))


def test_an_address_that_is_none_is_told_with_the_file_that_it_stands_in(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=rf"{RUNNING_FILE} is not understood"):
        running_from(written(tmp_path, running_at("localhost").model_dump_json()))


@pytest.mark.parametrize(
    "address", ["localhost", "localhost:", ":6379", "localhost:0", "localhost:70000", "h:\u0663", ""]
)
def test_what_is_no_address_is_refused_with_the_form_that_is_wanted(address: str) -> None:
    with pytest.raises(Rejected, match="is no address: give host:port of the cluster's head"):
        join(address, None)


def test_a_name_that_no_host_can_have_is_one_where_nothing_listens() -> None:
    with pytest.raises(Unavailable, match="no Ray listens at"):
        join(f"{'a' * 64}.example:6379", None)


def test_a_token_s_file_that_is_missing_is_told_by_its_name(tmp_path: Path, listener: str) -> None:
    with pytest.raises(Unavailable, match=r"the token's file \S+/ray\.token is missing"):
        join(listener, tmp_path / "ray.token")


def test_a_token_s_file_that_holds_nothing_is_told_by_its_name(
    tmp_path: Path, listener: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_TOKEN"):
        monkeypatch.setenv(name, "")
    empty = tmp_path / "ray.token"
    empty.touch()
    with pytest.raises(Unavailable, match=r"wants a token, and \S+/ray\.token holds none"):
        join(listener, empty)


def test_a_system_that_stops_is_struck_out(tmp_path: Path, listener: str) -> None:
    written(tmp_path, running_at(listener).model_dump_json())
    strike_out(tmp_path)
    assert running_from(tmp_path) is None
    strike_out(tmp_path)


def test_a_client_takes_over_the_settings_that_both_sides_share_and_keeps_its_own(tmp_path: Path) -> None:
    own = Settings(data_dir=tmp_path, shards=1, key_cache_s=7.0)
    ours = running_at("127.0.0.1:1").settings(own)
    assert (ours.shards, ours.validators, ours.allowed_roots) == (3, 2, (Path("/srv/code"),))
    assert ours.allowed_git_hosts == ("git.example.org",)
    assert (ours.data_dir, ours.key_cache_s) == (tmp_path, 7.0)


def test_an_address_where_nothing_listens_is_refused_at_once() -> None:
    with pytest.raises(Unavailable, match=r"no Ray listens at 127\.0\.0\.1:1: is the address right"):
        join("127.0.0.1:1", None)
