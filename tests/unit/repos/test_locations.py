"""Which locations are accepted?"""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from rsolv_ray.model.errors import Rejected, Unavailable
from rsolv_ray.model.finding import RepositoryKind
from rsolv_ray.repos.locations import check_branch, check_location, only_public, public_addresses

HOSTS = ("github.com", "Git.Example.org")


def check(location: str, *roots: Path) -> tuple[RepositoryKind, str]:
    return check_location(location, allowed_roots=roots, allowed_hosts=HOSTS)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("https://github.com/acme/app.git", "https://github.com/acme/app.git"),
        ("https://GitHub.com:443/acme/app/", "https://github.com/acme/app"),
        ("https://git.example.org/~a/b_c-d.e", "https://git.example.org/~a/b_c-d.e"),
    ],
)
def test_https_on_an_allowed_host_is_accepted(given: str, canonical: str) -> None:
    assert check(given) == (RepositoryKind.GIT, canonical)


@pytest.mark.parametrize(
    "location",
    [
        "ext::sh -c id", "ext::https://github.com/a/b", "file:///etc", "file://github.com/etc", "ssh://git@github.com/a/b",
        "ssh://-oProxyCommand=id/a", "git@github.com:a/b", "-oProxyCommand=id:x", "--upload-pack=id:x", "-u", "",
        "http://github.com/a/b", "git://github.com/a/b", "ftp://github.com/a", "HTTPS://github.com/a/b",
        "https://user@github.com/a/b", "https://user:pass@github.com/a/b", "https://@github.com/a/b",
        "https://github.com@evil.org/a", "https://github.com\\@evil.org/a", "https://evil.org/github.com/a",
        "https://github.com.evil.org/a", "https://evilgithub.com/a", "https://api.github.com/a",
        "https://127.0.0.1/a", "https://[::1]/a", "https://0x7f.1/a", "https://2130706433/a", "https://127.1/a",
        "https://localhost/a", "https://github.com./a/b", "https://g\u0131thub.com/a", "https://\uff47ithub.com/a", "https://xn--gthub-n4a.com/a",
        "https://github.com:22/a", "https://github.com:99999/a", "https://github.com:x/a", "https://[github.com/a",
        "https://github.com", "https://github.com/", "https://github.com//a", "https://github.com/a/../b",
        "https://github.com/-a", "https://github.com/a b", "https://github.com/a%2e%2e", "https://github.com/a?b=c",
        "https://github.com/a#b", "https://github.com/a;b", "https://github.com/a\nb", "https://github.com/a\x00",
        " https://github.com/a", "https://github.com/a/b ", "https:github.com/a", "https:///a", "relative/path", "~/a",
        "https://github.com/a\u202eb", "https://github.com/.git",
    ],
)  # fmt: skip
def test_hostile_addresses_are_rejected(location: str) -> None:
    with pytest.raises(Rejected):
        check(location, Path("/tmp"))


def test_a_folder_under_an_allowed_root_is_accepted_by_its_real_name(tmp_path: Path) -> None:
    (tmp_path / "roots" / "app").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "roots")
    expected = (RepositoryKind.PATH, str(tmp_path / "roots" / "app"))
    assert check(f"{tmp_path}/roots/app/", tmp_path / "roots") == expected
    assert check(f"{tmp_path}/roots/../roots/app", tmp_path / "link") == expected


def test_an_allowed_root_itself_is_accepted(tmp_path: Path) -> None:
    assert check(str(tmp_path), tmp_path) == (RepositoryKind.PATH, str(tmp_path))


def test_escapes_and_what_is_no_folder_are_rejected_alike(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "rootless"
    root.mkdir()
    outside.mkdir()
    (root / "file").write_text("x")
    (root / "out").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    locations = [
        f"{root}/out",
        f"{root}/../rootless",
        str(outside),
        f"{root}/none",
        f"{root}/file",
        f"{root}/loop",
        "/",
    ]
    reasons = set()
    for location in locations:
        with pytest.raises(Rejected) as caught:
            check(location, root)
        reasons.add(str(caught.value))
    (reason,) = reasons
    assert "RSOLV_ALLOWED_ROOTS" in reason
    assert str(tmp_path) not in reason


def test_without_allowed_roots_no_path_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        check(str(tmp_path))
    with pytest.raises(Rejected):
        check(str(tmp_path), tmp_path / "none")


@pytest.mark.parametrize("branch", ["main", "release/1.2", "feature-x_1", "v1.0"])
def test_branch_names_are_accepted(branch: str) -> None:
    assert check_branch(branch) == branch


@pytest.mark.parametrize(
    "branch", ["-x", "--upload-pack=id", "", "a..b", "a b", "a~1", "a:b", "@{u}", "x.lock", "a/", "é", "a\n"]
)
def test_hostile_branch_names_are_rejected(branch: str) -> None:
    with pytest.raises(Rejected):
        check_branch(branch)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1",
        "ff02::1",
    ],
)  # fmt: skip
def test_a_host_with_an_address_that_is_not_public_is_rejected(address: str) -> None:
    with pytest.raises(Rejected, match="not public"):
        only_public("github.com", ["140.82.112.3", address])


def test_public_addresses_are_told_once() -> None:
    found = only_public("github.com", ["140.82.112.3", "140.82.112.3", "2606:50c0:8000::153"])
    assert found == ("140.82.112.3", "2606:50c0:8000::153")


def test_a_host_that_cannot_be_resolved_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(Unavailable):
        public_addresses("github.com")
