"""What can be set, what is it when nobody sets it, and is what was set possible?

One frozen value, read once: `RSOLV_*` variables win over `rsolv.toml`, which wins over the defaults. A name that is
not known is refused, with the nearest one that is. Nothing else reads the environment for settings.
Durations end in `_s` (seconds), sizes in `_bytes` or `_mb`. Every field has its row in docs/settings.md.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_type_hints
from urllib.parse import urlsplit

from rsolv_ray.model.errors import Rejected

EngineChoice = Literal["auto", "core", "cli"]
PREFIX = "RSOLV_"
NOT_SETTINGS = frozenset({"RSOLV_CONFIG", "RSOLV_URL", "RSOLV_API_KEY", "RSOLV_ORG", "RSOLV_TORCH_INDEX"})
"""Variables that are ours without being settings: the file itself, where the CLI finds a server, and the installation."""

INSTALLED = "installed"
"""Names, among folders of clean code, the Python code of this machine: its standard library and installed packages."""

_DEFAULT_FILE = Path("rsolv.toml")

T = TypeVar("T")
Read = Callable[[object, str], T]
"""Turns what was written (text, or a TOML value) into a checked value. The second argument names where it stands."""


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or any(character.isspace() for character in value.strip()):
        raise Rejected(f"{where} must be a word without spaces, not {value!r}")
    return value.strip()


def _whole(least: int, most: int) -> Read[int]:
    def read(value: object, where: str) -> int:
        digits = value.strip().removeprefix("-") if isinstance(value, str) else ""
        number = int(cast("str", value)) if digits.isdecimal() and digits.isascii() else value
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            raise Rejected(f"{where} must be a whole number from {least} to {most}, not {value!r}")
        return number

    return read


def _seconds(value: object, where: str) -> float:
    problem = Rejected(f"{where} must be a number of seconds above 0 and at most {_LONGEST_S:.0f}, not {value!r}")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise problem
    try:
        seconds = float(value)
    except ValueError:
        raise problem from None
    if not 0 < seconds <= _LONGEST_S:
        raise problem
    return seconds


def _path(value: object, where: str) -> Path:
    if isinstance(value, str | Path) and str(value).strip():
        return Path(value).expanduser().absolute()
    raise Rejected(f"{where} must be the path of a folder, not {value!r}")


def _path_or_none(value: object, where: str) -> Path | None:
    return None if value is None else _path(value, where)


def _items(value: object, where: str, separator: str) -> tuple[object, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(separator) if part.strip())
    if isinstance(value, list | tuple):
        return tuple(cast("list[object]", value))
    raise Rejected(f"{where} must be a list (in a variable: separated by {separator!r}), not {value!r}")


def _roots(value: object, where: str) -> tuple[Path, ...]:
    roots = _items(value, where, os.pathsep)
    for root in roots:
        if not isinstance(root, str | Path) or not Path(root).expanduser().is_absolute():
            raise Rejected(f"{where} must hold absolute paths alone, not {str(root)!r}: write the whole path")
    return tuple(_path(root, where) for root in roots)


def _clean_corpora(value: object, where: str) -> tuple[str, ...]:
    """Folders, and the word for what is installed; none at all is a choice, too."""
    named = _items(value, where, os.pathsep)
    return tuple(INSTALLED if one == INSTALLED else str(_roots([one], where)[0]) for one in named)


def _hosts(value: object, where: str) -> tuple[str, ...]:
    hosts = tuple(_text(host, where).lower() for host in _items(value, where, ","))
    for host in hosts:
        if not set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") or host.startswith("-"):
            raise Rejected(f"{where} must hold host names alone, as in 'github.com', not {host!r}")
    return hosts


def _models(value: object, where: str) -> tuple[str, ...]:
    """Language models with their vendors; none at all is the default."""
    named = _items(value, where, ",")
    for name in named:
        if not isinstance(name, str) or not _MODEL.fullmatch(name):
            raise Rejected(f"{where} must hold models as anthropic:MODEL or openai:MODEL, not {name!r}")
    return tuple(dict.fromkeys(str(name) for name in named))


def _url(value: object, where: str) -> str:
    """An address over https; over http on this machine, or for a host of the own network, whose name has no dots."""
    address = _text(value, where).rstrip("/")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    near = host in _LOOPBACK or (bool(host) and "." not in host and ":" not in host)
    fits = parts.scheme == "https" or (parts.scheme == "http" and near)
    if not host or not fits or parts.username or parts.query or parts.fragment or port == 0:
        raise Rejected(
            f"{where} must be an address like https://host/path, or http:// within the own network, not {address!r}"
        )
    return address


def _ray_address(value: object, where: str) -> str:
    address = _text(value, where)
    if address.startswith("ray://"):
        raise Rejected(f"{where}: Ray Client ({address!r}) is not supported; give host:port of the cluster's head")
    host, _, port = address.rpartition(":")
    if address not in ("local", "auto") and not (host and port.isdecimal()):
        raise Rejected(f"{where} must be 'local', 'auto' or host:port, not {address!r}")
    return address


def _engine(value: object, where: str) -> EngineChoice:
    if value not in get_args(EngineChoice):
        raise Rejected(f"{where} must be auto, core or cli, not {value!r}")
    return cast("EngineChoice", value)


def _cores() -> int:
    """The cores that this process may use; all of the machine's where the system does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_LONGEST_S = 7 * 86_400.0
_MODEL = re.compile(r"(?:anthropic|openai):[\w./:@+-]{1,120}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_Word = Annotated[str, _text]
_Port = Annotated[int, _whole(1, 65_535)]
_Seconds = Annotated[float, _seconds]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set; however it is built, every value has been checked.

    Raises:
        Rejected: a value is of the wrong kind or out of its range; the message names it and says what fits.
    """

    data_dir: Annotated[Path, _path] = field(default_factory=lambda: Path.home() / ".rsolv")
    host: _Word = "127.0.0.1"
    port: _Port = 8080
    ray_address: Annotated[str, _ray_address] = "local"
    ray_dashboard_port: _Port = 8265
    ray_temp_dir: Annotated[Path | None, _path_or_none] = None
    allowed_roots: Annotated[tuple[Path, ...], _roots] = ()
    allowed_git_hosts: Annotated[tuple[str, ...], _hosts] = (
        "github.com",
        "gitlab.com",
        "bitbucket.org",
        "codeberg.org",
    )
    validators: Annotated[int, _whole(1, 64)] = field(default_factory=lambda: min(_cores(), 4))
    step_timeout_s: _Seconds = 300.0
    cycle_timeout_s: _Seconds = 600.0
    command_attempts: Annotated[int, _whole(1, 20)] = 3
    task_max_children: Annotated[int, _whole(1, 4096)] = field(default_factory=lambda: 4 * _cores())
    bank_attached_orgs: Annotated[int, _whole(1, 10_000)] = 256
    checkpoint_every_commits: Annotated[int, _whole(1, 100_000)] = 256
    rule_timeout_s: _Seconds = 5.0
    scan_timeout_s: _Seconds = 600.0
    engine_memory_mb: Annotated[int, _whole(128, 1_048_576)] = 2048
    index_memory_mb: Annotated[int, _whole(16, 1_048_576)] = 256
    scan_cache_mb: Annotated[int, _whole(1, 1_048_576)] = 256
    engine: Annotated[EngineChoice, _engine] = "auto"
    max_body_bytes: Annotated[int, _whole(1024, 2**30)] = 8 * 2**20
    max_streams: Annotated[int, _whole(1, 10_000)] = 200
    rate_limit_per_minute: Annotated[int, _whole(1, 1_000_000)] = 600
    key_cache_s: _Seconds = 5.0
    shards: Annotated[int, _whole(1, 1024)] = 1
    rollup_every_s: _Seconds = 300.0
    embedding_dim: Annotated[int, _whole(16, 4096)] = 256
    clean_corpora: Annotated[tuple[str, ...], _clean_corpora] = (INSTALLED,)
    language_models: Annotated[tuple[str, ...], _models] = ()
    anthropic_url: Annotated[str, _url] = "https://api.anthropic.com"
    openai_url: Annotated[str, _url] = "https://api.openai.com/v1"
    model_tokens_per_day: Annotated[int, _whole(0, 1_000_000_000)] = 500_000
    model_timeout_s: _Seconds = 60.0
    model_rounds: Annotated[int, _whole(1, 10)] = 2

    def __post_init__(self) -> None:
        for name, read in _readers().items():
            object.__setattr__(self, name, read(getattr(self, name), name))

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
        """The settings of this process.

        `env` is the process's environment where none is given. `file` is what `RSOLV_CONFIG` names, else
        `rsolv.toml` in the working folder where there is one; a file that is named must exist.

        Raises:
            Rejected: an unknown name, an impossible value, or a file that is missing or no TOML.
        """
        env = os.environ if env is None else env
        named = file or (Path(env["RSOLV_CONFIG"]) if env.get("RSOLV_CONFIG") else None)
        if named is None and _DEFAULT_FILE.is_file():
            named = _DEFAULT_FILE
        values = {} if named is None else _checked(_read_file(named), lambda name: f"{name!r} in {named}")
        variables = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in env.items()
            if name.startswith(PREFIX) and name not in NOT_SETTINGS
        }
        values |= _checked(variables, lambda name: PREFIX + name.upper())
        return cls(**values)

    def updated(self, values: Mapping[str, object]) -> Settings:
        """These settings with some others by name.

        Raises:
            Rejected: an unknown name, or an impossible value.
        """
        return replace(self, **_checked(values, repr))


@cache
def _readers() -> dict[str, Read[Any]]:
    hints = get_type_hints(Settings, include_extras=True)
    return {one.name: hints[one.name].__metadata__[0] for one in fields(Settings)}


def _checked(written: Mapping[str, object], where: Callable[[str], str]) -> dict[str, Any]:
    known = _readers()
    for name in sorted(written.keys() - known.keys()):
        near = get_close_matches(name, known, n=1)
        hint = f", did you mean {near[0]!r}?" if near else "; docs/settings.md lists them all"
        raise Rejected(f"unknown setting {name!r}{hint}")
    return {name: known[name](value, where(name)) for name, value in written.items()}


def _read_file(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Rejected(f"there is no settings file {file}: correct RSOLV_CONFIG or create the file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Rejected(f"{file} is no TOML: {problem}") from problem
