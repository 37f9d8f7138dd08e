"""Where may a repository be?

In a folder under a root that the operator allowed, or at an https address on a host that the operator allowed. All else is
refused: other transports run programs (`ext::`, ssh options) or read any file (`file://`), addresses of this machine and its
network reach what is not meant to be reached, and user names or passwords do not belong in a stored address.
Source: git-remote-ext(1), CVE-2017-1000117 (option injection), OWASP's notes on server-side request forgery.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from rsolv_ray.model.errors import Rejected, Unavailable
from rsolv_ray.model.finding import RepositoryKind

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_PATH = re.compile(r"(?:/[A-Za-z0-9_~][A-Za-z0-9._~-]*)+")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}")
# Addresses that wrap another one: NAT64, 6to4, Teredo.
_WRAPPING = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def check_location(
    location: str, *, allowed_roots: Collection[Path], allowed_hosts: Collection[str]
) -> tuple[RepositoryKind, str]:
    """What kind of place this is, and its canonical name: a resolved path, or an https address.

    Raises:
        Rejected: it is neither a folder under an allowed root nor an https address on an allowed host.
    """
    if not location.isprintable() or location != location.strip():
        raise Rejected("the location holds control characters or blanks at its ends")
    if location.startswith("/"):
        return RepositoryKind.PATH, _folder(location, allowed_roots)
    if ":" in location:
        return RepositoryKind.GIT, _address(location, allowed_hosts)
    raise Rejected("a location is an absolute path or an https:// address")


def check_branch(branch: str) -> str:
    """A branch name that cannot be taken for an option or a range.

    Raises:
        Rejected: it is none.
    """
    if not _BRANCH.fullmatch(branch) or ".." in branch or branch.endswith((".lock", "/", ".")):
        raise Rejected(f"{branch[:60]!r} is no branch name")
    return branch


def public_addresses(host: str) -> tuple[str, ...]:
    """The addresses of a host, all of them public.

    Raises:
        Unavailable: the host's name cannot be resolved now.
        Rejected: it has an address that is not public.
    """
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unavailable(f"the host {host} cannot be resolved: {error}") from error
    return only_public(host, [str(entry[4][0]) for entry in found])


def only_public(host: str, addresses: Sequence[str]) -> tuple[str, ...]:
    """These addresses of a host, each once.

    Raises:
        Rejected: one of them is not public.
    """
    if not all(map(_is_public, addresses)):
        raise Rejected(f"the host {host} has an address that is not public")
    return tuple(dict.fromkeys(addresses))


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(str(address.ipv4_mapped))
        if any(address in network for network in _WRAPPING):
            return False
    return address.is_global and not address.is_multicast


def _folder(location: str, allowed_roots: Collection[Path]) -> str:
    # One answer for "not there" and "not allowed": which folders exist is not told.
    refusal = Rejected(
        "the path is no folder under an allowed root: RSOLV_ALLOWED_ROOTS names them where the service starts"
    )
    try:
        folder = Path(location).resolve(strict=True)
        roots = [root.resolve(strict=True) for root in allowed_roots if root.exists()]
    except (OSError, RuntimeError) as error:
        raise refusal from error
    if not folder.is_dir() or not any(folder.is_relative_to(root) for root in roots):
        raise refusal
    return str(folder)


def _address(location: str, allowed_hosts: Collection[str]) -> str:
    if not location.startswith("https://"):
        raise Rejected("only https:// addresses are accepted")
    try:
        parts = urlsplit(location)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise Rejected(f"the address is not well formed: {error}") from error
    if "@" in parts.netloc:
        raise Rejected("an address must not hold a user name or password")
    if port not in (None, 443) or parts.query or parts.fragment:
        raise Rejected("an address is https://host/path, without port, query or fragment")
    if not _HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():
        raise Rejected("the host is no plain domain name")
    if host not in {allowed.lower() for allowed in allowed_hosts}:
        raise Rejected(f"the host {host} is not among the allowed ones")
    path = parts.path.rstrip("/")
    if not _PATH.fullmatch(path):
        raise Rejected(
            "the path of the address holds something else than names of letters, digits, '.', '_', '~' and '-'"
        )
    return f"https://{host}{path}"
