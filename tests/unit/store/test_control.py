"""Are orgs, keys and audit what they were said to be?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import Conflict, Fenced, NotFound, Rejected, ToolFailed, Unavailable
from rsolv_ray.model.ids import KeyId, OrgId, OrgName
from rsolv_ray.model.org import IssuedKey, Org, Scope
from rsolv_ray.store import audit
from rsolv_ray.store.control import ControlStore
from tests.unit.store.samples import NOW, OTHER, after

CONTROL = Writer(kind="control", generation=2)
READ = frozenset({Scope.READ})
ADMIN = frozenset({Scope.ADMIN})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sqlite"


@pytest.fixture
def control(path: Path) -> Iterator[ControlStore]:
    store = ControlStore(path, writer=CONTROL)
    yield store
    store.close()


def acme(control: ControlStore, name: str = "acme") -> Org:
    return control.create_org(OrgName(name), name.title(), by="root", now=NOW)


def issue(control: ControlStore, org: OrgId | None, *, scopes: frozenset[Scope] = READ) -> IssuedKey:
    return control.issue_key(org, "ci", scopes, expires_at=NOW + timedelta(hours=1), by="root", now=NOW)


def test_an_org_is_found_by_id_and_by_name(control: ControlStore) -> None:
    org = acme(control)
    assert control.org("acme") == control.org(org.id) == org
    assert control.all_org_ids() == (org.id,)
    with pytest.raises(NotFound):
        control.org("other")


def test_a_name_is_one_orgs_until_that_is_deleted(control: ControlStore) -> None:
    first = acme(control)
    with pytest.raises(Conflict, match="acme"):
        acme(control)
    control.delete_org(first.id, by="root", now=after(1))
    assert acme(control).id != first.id
    with pytest.raises(NotFound):
        control.org(first.id)


def test_an_org_that_is_deleted_twice_was_deleted_once(control: ControlStore) -> None:
    org = acme(control)
    for second in range(2):
        control.delete_org(org.id, by="root", now=after(second))
    assert [entry.action for entry in control.audit()] == ["org_created", "org_deleted"]
    assert (control.all_org_ids(), control.deleted_org_ids()) == ((), (org.id,))


def test_an_org_that_never_was_is_not_deleted(control: ControlStore) -> None:
    with pytest.raises(NotFound):
        control.delete_org(OTHER, by="root", now=NOW)


def test_a_key_whose_secret_cannot_be_kept_is_not_issued(control: ControlStore) -> None:
    def refuses(_: str) -> None:
        raise Unavailable("no room")

    with pytest.raises(Unavailable):
        control.issue_key(None, "ci", ADMIN, expires_at=None, by="root", now=NOW, keep=refuses)
    assert (control.keys(None), control.audit()) == ((), ())


def test_orgs_are_paged_newest_first(control: ControlStore) -> None:
    made = [acme(control, f"org-{number}") for number in range(5)]
    first = control.orgs(limit=3)
    assert [*first.items, *control.orgs(limit=3, cursor=first.next_cursor).items] == made[::-1]


def test_a_secret_says_who_holds_it(control: ControlStore) -> None:
    org = acme(control)
    issued = issue(control, org.id, scopes=frozenset({Scope.READ, Scope.WRITE}))
    principal = control.authenticate(issued.secret, after(1))
    assert principal is not None
    assert principal.org == org.id
    assert principal.key == issued.key.id
    assert principal.scopes == {Scope.READ, Scope.WRITE}
    assert control.keys(org.id) == (issued.key,)


@pytest.mark.parametrize(
    "change", [lambda s: s[:-1] + ("A" if s[-1] != "A" else "B"), str.upper, lambda s: s + "A", lambda s: ""]
)
def test_a_secret_that_is_not_quite_right_is_nobodys(control: ControlStore, change) -> None:
    issued = issue(control, acme(control).id)
    assert control.authenticate(change(issued.secret), NOW) is None


def test_a_secret_under_anothers_key_id_is_nobodys(control: ControlStore) -> None:
    org = acme(control)
    one, other = issue(control, org.id), issue(control, org.id)
    assert control.authenticate(one.secret.replace(one.key.id, other.key.id), NOW) is None
    assert control.authenticate(one.secret.replace(one.key.id, OTHER), NOW) is None


def test_a_key_works_until_the_moment_it_expires(control: ControlStore) -> None:
    secret = issue(control, acme(control).id).secret
    assert control.authenticate(secret, NOW + timedelta(minutes=59, seconds=59)) is not None
    assert control.authenticate(secret, NOW + timedelta(hours=1)) is None


def test_a_revoked_key_is_nobodys(control: ControlStore) -> None:
    org = acme(control)
    issued = issue(control, org.id)
    for _ in range(2):
        control.revoke_key(issued.key.id, org=org.id, by="root", now=after(1))
    assert control.authenticate(issued.secret, after(2)) is None
    assert control.keys(org.id)[0].revoked_at == after(1)
    assert [entry.action for entry in control.audit()].count("key_revoked") == 1


def test_a_key_cannot_be_revoked_from_another_org(control: ControlStore) -> None:
    issued = issue(control, acme(control).id)
    for org in (acme(control, "other").id, None):
        with pytest.raises(NotFound):
            control.revoke_key(issued.key.id, org=org, by="x", now=NOW)
    with pytest.raises(NotFound):
        control.revoke_key(KeyId(OTHER), org=None, by="x", now=NOW)
    assert control.authenticate(issued.secret, NOW) is not None


def test_a_deleted_orgs_keys_are_nobodys(control: ControlStore) -> None:
    org = acme(control)
    secret = issue(control, org.id).secret
    control.delete_org(org.id, by="root", now=NOW)
    assert control.authenticate(secret, NOW) is None


def test_admin_keys_alone_are_bound_to_no_org(control: ControlStore) -> None:
    org = acme(control)
    for who, scopes in ((None, READ), (org.id, ADMIN)):
        with pytest.raises(Rejected, match="admin"):
            issue(control, who, scopes=scopes)
    with pytest.raises(NotFound):
        issue(control, OTHER)
    with pytest.raises(Rejected, match="past"):
        control.issue_key(org.id, "late", READ, expires_at=NOW, by="root", now=NOW)


def test_there_is_an_admin_while_a_key_of_one_works(control: ControlStore) -> None:
    assert not control.has_admin()
    issued = control.issue_key(None, "first", ADMIN, expires_at=None, by="serve", now=NOW)
    assert control.has_admin()
    control.revoke_key(issued.key.id, org=None, by="root", now=NOW)
    assert not control.has_admin()


def test_no_file_holds_a_secret(control: ControlStore, path: Path) -> None:
    secret = issue(control, acme(control).id).secret
    random_part = secret.split("_", 2)[2].encode()
    for file in path.parent.iterdir():
        assert random_part not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_everything_is_there_after_reopening(control: ControlStore, path: Path) -> None:
    org = acme(control)
    secret = issue(control, org.id).secret
    control.close()
    again = ControlStore(path, writer=CONTROL)
    assert again.org("acme") == org
    assert again.authenticate(secret, NOW) is not None
    again.close()


def test_without_its_pepper_the_database_is_not_opened(control: ControlStore, path: Path) -> None:
    issue(control, acme(control).id)
    pepper = path.with_name("pepper")
    pepper.write_text("short")
    with pytest.raises(ToolFailed, match="damaged"):
        ControlStore(path, writer=CONTROL)
    pepper.unlink()
    with pytest.raises(ToolFailed, match="is gone"):
        ControlStore(path, writer=CONTROL)


def test_the_audit_tells_who_did_what(control: ControlStore) -> None:
    org = acme(control)
    issued = issue(control, org.id)
    told = [(entry.sequence, entry.actor, entry.action, entry.subject, entry.org) for entry in control.audit()]
    assert told == [(1, "root", "org_created", org.id, org.id), (2, "root", "key_issued", issued.key.id, org.id)]
    assert [entry.sequence for entry in control.audit(after=1, limit=5)] == [2]
    assert control.verify_audit() is None


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET actor = 'nobody' WHERE sequence = 3",
        "DELETE FROM audit WHERE sequence = 3",
        "UPDATE audit SET org = NULL WHERE sequence = 3",
        "UPDATE audit SET digest = (SELECT digest FROM audit WHERE sequence = 4) WHERE sequence = 3",
    ],
)
def test_tampering_with_the_audit_is_found_at_its_row(control: ControlStore, path: Path, tampering: str) -> None:
    for number in range(5):
        acme(control, f"org-{number}")
    with sqlite3.connect(path) as thief:
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            thief.execute(tampering)
        thief.executescript("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_removed")
        thief.execute(tampering)
    thief.close()
    assert control.verify_audit() == 3


def test_a_row_that_was_rewritten_with_a_right_digest_breaks_the_next_one(control: ControlStore, path: Path) -> None:
    for number in range(5):
        acme(control, f"org-{number}")
    with sqlite3.connect(path) as thief:
        thief.execute("DROP TRIGGER audit_is_not_changed")
        *content, previous, _ = thief.execute("SELECT * FROM audit WHERE sequence = 3").fetchone()
        content[2] = "nobody"
        digest = audit.digest_of(previous, tuple(content))
        thief.execute("UPDATE audit SET actor = 'nobody', digest = ? WHERE sequence = 3", (digest,))
    thief.close()
    assert control.verify_audit() == 4


def test_an_older_generation_cannot_write(control: ControlStore, path: Path) -> None:
    acme(control)
    older = ControlStore(path, writer=Writer(kind="control", generation=1))
    with pytest.raises(Fenced, match="control of generation 1"):
        acme(older, "late")
    older.close()
    assert len(control.all_org_ids()) == 1
    assert len(control.audit()) == 1


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"\x01" * 9000])
def test_a_file_that_is_no_database_is_refused_with_what_to_do(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ToolFailed, match="backup"):
        ControlStore(path, writer=CONTROL)


def test_another_programs_and_a_newer_database_are_refused(control: ControlStore, path: Path, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "theirs.sqlite") as foreign:
        foreign.execute("CREATE TABLE theirs (x)")
    foreign.close()
    with pytest.raises(ToolFailed, match="another program's"):
        ControlStore(tmp_path / "theirs.sqlite", writer=CONTROL)
    control.close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 9999")
    newer.close()
    with pytest.raises(ToolFailed, match="newer"):
        ControlStore(path, writer=CONTROL)
