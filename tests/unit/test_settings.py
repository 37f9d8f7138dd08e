"""Can settings be wrong without anybody noticing?"""

from __future__ import annotations

import os
import pickle
import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from rsolv_ray.model.errors import Rejected
from rsolv_ray.settings import NOT_SETTINGS, PREFIX, Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_variables_and_file_every_setting_has_its_default() -> None:
    assert Settings.load({}) == Settings()


def test_a_variable_sets() -> None:
    assert Settings.load({"RSOLV_PORT": " 9000 "}).port == 9000


def test_a_file_in_the_working_folder_sets(tmp_path: Path) -> None:
    (tmp_path / "rsolv.toml").write_text('port = 9000\nengine = "cli"\n')
    assert (Settings.load({}).port, Settings.load({}).engine) == (9000, "cli")


def test_a_file_named_by_a_variable_sets(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("step_timeout_s = 7\n")
    assert Settings.load({"RSOLV_CONFIG": str(tmp_path / "other.toml")}).step_timeout_s == 7.0


def test_a_file_given_by_hand_goes_before_the_one_in_the_variable(tmp_path: Path) -> None:
    (tmp_path / "given.toml").write_text("port = 1\n")
    assert Settings.load({"RSOLV_CONFIG": "/missing.toml"}, tmp_path / "given.toml").port == 1


def test_a_variable_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "rsolv.toml").write_text("port = 9000\n")
    assert Settings.load({"RSOLV_PORT": "9001"}).port == 9001


def test_the_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RSOLV_PORT", "9002")
    assert Settings.load().port == 9002


def test_an_unknown_variable_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(Rejected, match=r"unknown setting 'prot', did you mean 'port'\?"):
        Settings.load({"RSOLV_PROT": "1"})


def test_an_unknown_name_in_the_file_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "rsolv.toml").write_text("validatros = 2\n")
    with pytest.raises(Rejected, match=r"unknown setting 'validatros', did you mean 'validators'\?"):
        Settings.load({})


def test_an_unknown_name_near_to_none_points_to_the_list() -> None:
    with pytest.raises(Rejected, match=r"docs/settings\.md"):
        Settings.load({"RSOLV_ZZZZZZZZ": "1"})


@pytest.mark.parametrize("name", sorted(NOT_SETTINGS - {"RSOLV_CONFIG"}))
def test_variables_of_the_client_and_the_installation_are_no_settings(name: str) -> None:
    assert Settings.load({name: "anything"}) == Settings()


def test_variables_of_others_are_left_alone() -> None:
    assert Settings.load({"PORT": "1", "RAY_ADDRESS": "x"}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("RSOLV_PORT", "http", "whole number from 1 to 65535"),
        ("RSOLV_PORT", "65536", "whole number from 1 to 65535"),
        ("RSOLV_PORT", "0", "whole number from 1 to 65535"),
        ("RSOLV_PORT", "8080.5", "whole number from 1 to 65535"),
        ("RSOLV_PORT", "", "whole number from 1 to 65535"),
        ("RSOLV_VALIDATORS", "-1", "whole number from 1 to 64"),
        ("RSOLV_STEP_TIMEOUT_S", "soon", "number of seconds above 0"),
        ("RSOLV_STEP_TIMEOUT_S", "-3", "number of seconds above 0"),
        ("RSOLV_STEP_TIMEOUT_S", "nan", "number of seconds above 0"),
        ("RSOLV_STEP_TIMEOUT_S", "inf", "number of seconds above 0"),
        ("RSOLV_ALLOWED_ROOTS", "src", "absolute paths alone"),
        ("RSOLV_ALLOWED_ROOTS", f"/srv{os.pathsep}src", "absolute paths alone"),
        ("RSOLV_ALLOWED_GIT_HOSTS", "https://github.com", "host names alone"),
        ("RSOLV_ENGINE", "docker", "auto, core or cli"),
        ("RSOLV_RAY_ADDRESS", "somewhere", "'local', 'auto' or host:port"),
        ("RSOLV_HOST", "a b", "word without spaces"),
        ("RSOLV_DATA_DIR", " ", "path of a folder"),
        ("RSOLV_CLEAN_CORPORA", "instaled", "absolute paths alone"),
    ],
)
def test_an_impossible_value_is_refused_by_the_name_of_its_variable(variable: str, value: str, said: str) -> None:
    with pytest.raises(Rejected, match=rf"^{variable} must .*{re.escape(said)}"):
        Settings.load({variable: value})


@pytest.mark.parametrize(
    "line", ["port = true", "port = 80.5", 'port = "x"', "step_timeout_s = false", "allowed_roots = 3", "engine = 1"]
)
def test_an_impossible_value_in_the_file_is_refused_by_name_and_file(tmp_path: Path, line: str) -> None:
    (tmp_path / "rsolv.toml").write_text(line)
    with pytest.raises(Rejected, match=rf"^'{line.split(maxsplit=1)[0]}' in rsolv\.toml must "):
        Settings.load({})


def test_a_named_file_that_is_missing_is_refused() -> None:
    with pytest.raises(Rejected, match=r"no settings file /missing\.toml"):
        Settings.load({"RSOLV_CONFIG": "/missing.toml"})


@pytest.mark.parametrize("content", [b"port = \n", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rsolv.toml").write_bytes(content)
    with pytest.raises(Rejected, match=r"rsolv\.toml is no TOML"):
        Settings.load({})


def test_lists_are_separated_as_the_system_separates_paths() -> None:
    settings = Settings.load({"RSOLV_ALLOWED_ROOTS": os.pathsep.join(["/a", "~/b", ""])})
    assert settings.allowed_roots == (Path("/a"), Path.home() / "b")


def test_clean_code_is_named_by_folders_and_a_word_and_may_be_none() -> None:
    named = os.pathsep.join(("installed", "/srv/clean"))
    assert Settings.load({"RSOLV_CLEAN_CORPORA": named}).clean_corpora == ("installed", "/srv/clean")
    assert Settings.load({"RSOLV_CLEAN_CORPORA": ""}).clean_corpora == ()


def test_hosts_are_separated_by_commas_and_lowered() -> None:
    settings = Settings.load({"RSOLV_ALLOWED_GIT_HOSTS": "GitHub.com, git.example.org"})
    assert settings.allowed_git_hosts == ("github.com", "git.example.org")


def test_a_relative_data_folder_is_made_absolute(tmp_path: Path) -> None:
    assert Settings.load({"RSOLV_DATA_DIR": "here"}).data_dir == tmp_path / "here"


def test_settings_built_by_hand_are_checked_too() -> None:
    with pytest.raises(Rejected, match="port must be a whole number"):
        Settings(port=70_000)


def test_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_settings_travel_between_processes() -> None:
    settings = Settings(allowed_roots=(Path("/a"),))
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_there_are_at_least_one_and_at_most_four_validators_by_default() -> None:
    assert 1 <= Settings().validators <= 4


def test_the_documented_settings_are_the_settings() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, flags=re.MULTILINE)
    assert rows == [(known.name, PREFIX + known.name.upper()) for known in fields(Settings)]


def test_the_documented_defaults_are_the_defaults() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| `\w+` \| `([^`]*)` \|", page, flags=re.MULTILINE))
    fixed = {known.name: known.default for known in fields(Settings) if known.name in rows}
    shown = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in fixed.items()}
    assert rows == shown


def test_other_variables_of_ours_are_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert {name for name in NOT_SETTINGS if f"`{name}`" in page} == NOT_SETTINGS


def test_language_models_are_named_with_their_vendors() -> None:
    assert Settings().language_models == ()
    told = Settings.load({"RSOLV_LANGUAGE_MODELS": "anthropic:a-1, openai:org/b:latest, anthropic:a-1"})
    assert told.language_models == ("anthropic:a-1", "openai:org/b:latest")


@pytest.mark.parametrize("name", ["claude", "mistral:x", "openai:", "openai:a b"])
def test_what_names_no_language_model_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="language_models must hold models as anthropic:MODEL"):
        Settings(language_models=(name,))


@pytest.mark.parametrize(
    "address",
    ["https://gateway.example.org/v1", "http://127.0.0.1:8000/v1", "http://[::1]:8000", "http://vllm:8000/v1"],
)
def test_models_are_asked_over_https_or_within_the_own_network(address: str) -> None:
    assert Settings(openai_url=address).openai_url == address


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.org/v1", "ftp://x", "https://", "https://user:key@example.org", "https://example.org/?k=1", "example.org",
        "https://example.org:0", "https://example.org:x", "http://10.0.0.1",
    ],
)  # fmt: skip
def test_an_address_that_would_tell_the_key_is_refused(address: str) -> None:
    with pytest.raises(Rejected, match="anthropic_url must be an address"):
        Settings(anthropic_url=address)
