"""Which orgs are there, who may do what in them, and who did what?

Kept apart from the orgs' own files: an org's file can be lost or moved without anybody gaining or losing a right.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ulid import ULID

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import Conflict, NotFound, Rejected
from rsolv_ray.model.ids import KeyId, OrgId, OrgName
from rsolv_ray.model.org import ApiKey, AuditEntry, IssuedKey, Org, Principal, Scope
from rsolv_ray.model.page import Page
from rsolv_ray.store import audit
from rsolv_ray.store.control_file import ControlFile
from rsolv_ray.store.cursor import checked, page_of, place_of
from rsolv_ray.store.queries import load
from rsolv_ray.store.secrets import digest_of, key_of, new_secret, read_pepper

_SQL = load("control")
_NO_DIGEST = bytes(32)


class ControlStore:
    """Orgs, keys and audit, in `path`, with the pepper beside it. Used from one thread."""

    def __init__(self, path: Path, *, writer: Writer) -> None:
        self._file = ControlFile(path, writer)
        has_keys = self._file.row("SELECT 1 FROM keys LIMIT 1") is not None
        self._pepper = read_pepper(path.with_name("pepper"), has_keys=has_keys)

    def close(self) -> None:
        self._file.close()

    # Orgs

    def create_org(self, name: OrgName, title: str, *, by: str, now: datetime) -> Org:
        """Make an org.

        Raises:
            Conflict: the name is taken.
        """
        org = Org(id=OrgId(str(ULID.from_datetime(now))), name=name, title=title, created_at=now)
        try:
            with self._file.change(now):
                self._file.run(_SQL["add_org"], id=org.id, name=name, title=title, created_at=_text(now))
                self._note(now, by, "org_created", org.id, org=org.id, detail=name)
        except sqlite3.IntegrityError as error:
            raise Conflict(f"there is an org {name!r} already: choose another name") from error
        return org

    def org(self, ref: str) -> Org:
        """The org of this id or name.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        row = self._file.row(_SQL["org"], ref=ref)
        if row is None:
            raise NotFound(f"there is no org {ref[:100]!r}")
        return _org(row)

    def orgs(self, limit: int = 50, cursor: str | None = None) -> Page[Org]:
        """Orgs, newest first."""
        before, _ = place_of(cursor)
        rows = self._file.rows(_SQL["orgs"], before=before, limit=checked(limit) + 1)
        return page_of(rows, limit, _org, place=lambda row: (row[5], row[0]))

    def all_org_ids(self) -> tuple[OrgId, ...]:
        """Every org that is not deleted, oldest first."""
        return tuple(OrgId(name) for (name,) in self._file.rows(_SQL["org_ids"]))

    def deleted_org_ids(self) -> tuple[OrgId, ...]:
        """Every org that was deleted, oldest first."""
        return tuple(OrgId(name) for (name,) in self._file.rows(_SQL["deleted_org_ids"]))

    def delete_org(self, org: OrgId, *, by: str, now: datetime) -> None:
        """Delete an org: its keys work no more, its name is free again. One that was deleted stays so.

        Raises:
            NotFound: there never was one.
        """
        if self._file.row(_SQL["has_org"], id=org) is None:
            raise NotFound(f"there is no org {org!r}")
        with self._file.change(now):
            if self._file.run(_SQL["delete_org"], id=org, deleted_at=_text(now)):
                self._note(now, by, "org_deleted", org, org=org)

    # Keys

    def issue_key(
        self,
        org: OrgId | None,
        name: str,
        scopes: frozenset[Scope],
        *,
        expires_at: datetime | None,
        by: str,
        now: datetime,
        keep: Callable[[str], None] | None = None,
    ) -> IssuedKey:
        """Issue a key; its secret is in the answer and nowhere else.

        `keep` is given the secret before the key is made durable; where that raises, there is no key.

        Raises:
            Rejected: `admin` is bound to no org and every other scope to one; or it would have expired already.
            NotFound: there is no such org.
        """
        if (org is None) != (Scope.ADMIN in scopes):
            raise Rejected("an admin key is bound to no org, and every other key to one")
        if expires_at is not None and expires_at <= now:
            raise Rejected("the key would have expired already: 'expires_at' lies in the past")
        if org is not None:
            self.org(org)
        key = ApiKey(
            id=KeyId(str(ULID.from_datetime(now))),
            org=org,
            name=name,
            scopes=scopes,
            created_at=now,
            expires_at=expires_at,
        )
        secret = new_secret(key.id)
        with self._file.change(now):
            self._add_key(key, digest_of(secret, self._pepper))
            self._note(now, by, "key_issued", key.id, org=org, detail=f"{name}: {', '.join(sorted(scopes))}")
            if keep is not None:
                keep(secret)
        return IssuedKey(key=key, secret=secret)

    def keys(self, org: OrgId | None) -> tuple[ApiKey, ...]:
        """The keys of an org, or those of none, oldest first, without their secrets."""
        return tuple(_key(row) for row in self._file.rows(_SQL["keys"], org=org))

    def revoke_key(self, key: KeyId, *, org: OrgId | None, by: str, now: datetime) -> None:
        """Let a key of an org, or of none, work no more. One that is revoked stays so.

        Raises:
            NotFound: it is not a key of that org.
        """
        if self._file.row(_SQL["has_key"], id=key, org=org) is None:
            raise NotFound(f"there is no key {key}")
        with self._file.change(now):
            if self._file.run(_SQL["revoke_key"], id=key, org=org, revoked_at=_text(now)):
                self._note(now, by, "key_revoked", key, org=org)

    def authenticate(self, secret: str, now: datetime) -> Principal | None:
        """Who holds this secret, or None: unknown, expired, revoked, or of a deleted org.

        An unknown key costs the same comparison as a known one.
        """
        key = key_of(secret)
        row = None if key is None else self._file.row(_SQL["key"], id=key)
        org, scopes, kept, expires_at, revoked_at, deleted_at = row or (None, "[]", _NO_DIGEST, None, None, None)
        is_right = hmac.compare_digest(kept, digest_of(secret, self._pepper))
        has_expired = expires_at is not None and expires_at <= _text(now)
        if key is None or row is None or not is_right or has_expired or revoked_at or deleted_at:
            return None
        return Principal(key=key, org=None if org is None else OrgId(org), scopes=_scopes(scopes))

    def has_admin(self) -> bool:
        """Is there an admin key that works now?"""
        return self._file.row(_SQL["has_admin"]) is not None

    # Audit

    def audit(self, after: int = 0, limit: int = 100) -> tuple[AuditEntry, ...]:
        """What was done after a sequence number, oldest first."""
        return tuple(_entry(row) for row in self._file.rows(_SQL["audit"], after=after, limit=checked(limit)))

    def verify_audit(self) -> int | None:
        """The sequence of the first row of the audit that was tampered with, or None for an intact one."""
        return audit.first_broken(self._file.rows(_SQL["audit_chain"]))

    def _add_key(self, key: ApiKey, digest: bytes) -> None:
        self._file.run(
            _SQL["add_key"],
            id=key.id,
            org=key.org,
            name=key.name,
            scopes=json.dumps(sorted(key.scopes)),
            digest=digest,
            created_at=_text(key.created_at),
            expires_at=_text(key.expires_at) if key.expires_at else None,
        )

    def _note(self, now: datetime, by: str, action: str, subject: str, *, org: OrgId | None, detail: str = "") -> None:
        sequence, previous = self._file.row(_SQL["last_audit"]) or (0, audit.START)
        row = (sequence + 1, _text(now), by, action, subject, org, detail)
        names = ("sequence", "said_at", "actor", "action", "subject", "org", "detail")
        values = dict(zip(names, row, strict=True))
        self._file.run(_SQL["add_audit"], **values, previous=previous, digest=audit.digest_of(previous, row))


def _text(moment: datetime) -> str:
    """A moment as it is stored: of one length, so that texts compare as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _scopes(said: str) -> frozenset[Scope]:
    return frozenset(Scope(one) for one in json.loads(said))


def _org(row: tuple[Any, ...]) -> Org:
    name, short, title, created_at, deleted_at = row[:5]
    return Org.model_validate(
        {"id": name, "name": short, "title": title, "created_at": created_at, "deleted_at": deleted_at}
    )


def _key(row: tuple[Any, ...]) -> ApiKey:
    name, org, title, scopes, created_at, expires_at, revoked_at = row
    return ApiKey.model_validate(
        {
            "id": name,
            "org": org,
            "name": title,
            "scopes": _scopes(scopes),
            "created_at": created_at,
            "expires_at": expires_at,
            "revoked_at": revoked_at,
        }
    )


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    sequence, said_at, actor, action, subject, org, detail = row
    return AuditEntry.model_validate(
        {
            "sequence": sequence,
            "at": said_at,
            "actor": actor,
            "action": action,
            "subject": subject,
            "org": org,
            "detail": detail,
        }
    )
