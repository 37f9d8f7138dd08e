"""Is a key looked up once, is nobody's key flushed by strangers, and is a deletion finished that was broken off?"""

from __future__ import annotations

from pathlib import Path

import pytest

from rsolv_ray.actors.accounts import Accounts, LookedUp
from rsolv_ray.actors.names import BANK, CONTROL
from rsolv_ray.actors.reach import shard_of
from rsolv_ray.model.errors import NotFound, Unavailable
from rsolv_ray.model.ids import KeyId, OrgName
from rsolv_ray.model.org import Principal, Scope
from rsolv_ray.settings import Settings
from tests.unit.actors.conftest import Beside

PRINCIPAL = Principal(key=KeyId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D"), org=None, scopes=frozenset({Scope.ADMIN}))


@pytest.fixture
def accounts(caller: Beside, tmp_path: Path) -> Accounts:
    return Accounts(caller, Settings(data_dir=tmp_path))


def test_strangers_flush_no_key_that_works() -> None:
    keys = LookedUp(60.0, most=3)
    keys.put("mine", PRINCIPAL)
    for number in range(10):
        keys.put(f"guess {number}", None)
    assert keys.get("mine") == (True, PRINCIPAL)
    assert [keys.get(f"guess {number}")[0] for number in range(10)] == [False] * 7 + [True] * 3


def test_the_key_that_was_looked_up_longest_ago_goes_first() -> None:
    keys = LookedUp(60.0, most=2)
    for name in ("a", "b", "a", "c"):
        keys.put(name, PRINCIPAL)
    assert [keys.get(name)[0] for name in ("a", "b", "c")] == [True, False, True]


def test_a_key_that_was_refused_and_works_now_is_known_as_that() -> None:
    keys = LookedUp(60.0)
    keys.put("x", PRINCIPAL)
    keys.put("x", None)
    assert keys.get("x") == (True, None)
    keys.put("x", PRINCIPAL)
    assert keys.get("x") == (True, PRINCIPAL)


def test_an_answer_is_believed_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    keys = LookedUp(5.0)
    keys.put("x", PRINCIPAL)
    now = 104.9
    assert keys.get("x")[0]
    now = 105.0
    assert not keys.get("x")[0]


async def test_a_key_is_looked_up_once_whether_it_works_or_not(accounts: Accounts, caller: Beside) -> None:
    org = await accounts.create_org(OrgName("acme"), "Acme", by="root")
    issued = await accounts.issue_key(org.id, "ci", frozenset({Scope.READ}), expires_at=None, by="root")
    caller.calls.clear()
    for _ in range(3):
        assert await accounts.authenticate(issued.secret)
        assert await accounts.authenticate("nonsense") is None
    assert caller.calls == [f"{CONTROL}.ask"] * 2


async def test_an_org_is_made_though_its_bank_is_away(accounts: Accounts, caller: Beside) -> None:
    caller.away.add(f"{BANK}/0")
    org = await accounts.create_org(OrgName("acme"), "Acme", by="root")
    caller.away.clear()
    assert await caller.call(f"{BANK}/0", "ask", org.id, "last_sequence", timeout_s=5) == 0


async def test_a_deletion_that_was_broken_off_is_finished_when_it_is_sent_again(
    accounts: Accounts, caller: Beside, tmp_path: Path
) -> None:
    org = await accounts.create_org(OrgName("acme"), "Acme", by="root")
    caller.away.add(f"{BANK}/0")
    with pytest.raises(Unavailable):
        await accounts.delete_org(org.id, by="root")
    caller.away.clear()
    assert (tmp_path / "orgs" / org.id).exists()
    for _ in range(2):
        await accounts.delete_org(org.id, by="root")
    assert not (tmp_path / "orgs" / org.id).exists()
    with pytest.raises(NotFound):
        await accounts.org(org.id)


async def test_an_org_is_told_with_the_shard_that_it_lives_in(caller: Beside, tmp_path: Path) -> None:
    accounts = Accounts(caller, Settings(data_dir=tmp_path, shards=1))
    made = await accounts.create_org(OrgName("acme"), "", by="root")
    elsewhere = Accounts(caller, Settings(data_dir=tmp_path, shards=64))
    (listed,) = (await elsewhere.orgs(10, None)).items
    shown = await elsewhere.org("acme")
    assert made.shard == 0
    assert listed.shard == shown.shard == shard_of(made.id, 64)
