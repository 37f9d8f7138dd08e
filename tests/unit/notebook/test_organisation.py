"""What a cell may ask of a system and of an org: over the real bank and control, without processes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from rsolv_ray.model.errors import Conflict, NotFound, Rejected
from rsolv_ray.model.finding import Finding, ScanRecord
from rsolv_ray.notebook.organisation import Organisation
from rsolv_ray.notebook.system import System
from tests.unit.store import samples

BEFORE = 'def find(db, name):\n    db.execute("select * from t where n = %s" % name)\n'
AFTER = 'def find(db, name):\n    db.execute("select * from t where n = %s", (name,))\n'


@pytest.fixture
def acme(system: System) -> Organisation:
    return system.org("acme")


def test_an_org_of_ones_own_system_is_made_when_it_is_first_named(system: System) -> None:
    made = system.org("acme")
    assert system.org("acme").id == made.id
    assert list(system.orgs().index) == ["acme"]


def test_an_org_of_a_system_that_was_running_is_not_made_by_naming_it(system: System) -> None:
    system.is_own = False
    with pytest.raises(NotFound, match="there is no org 'acme': give create=True to make it"):
        system.org("acme")
    assert system.org("acme", create=True).name == "acme"


def test_a_name_that_no_org_can_have_is_refused(system: System) -> None:
    with pytest.raises(Rejected, match="'Not A Name' is no OrgName"):
        system.org("Not A Name")


def test_a_closed_system_says_how_to_open_one(system: System) -> None:
    system.close()
    system.close()
    assert not system.is_open
    with pytest.raises(Rejected, match=r"this system was closed: call open_system\(\) again"):
        system.org("acme")


def test_an_org_of_a_closed_system_says_how_to_open_one(system: System, acme: Organisation) -> None:
    system.close()
    with pytest.raises(Rejected, match=r"this system was closed: call open_system\(\) again"):
        acme.rules()


async def test_a_cell_may_ask_while_a_loop_runs_in_its_thread(system: System) -> None:
    assert asyncio.get_running_loop().is_running()
    assert system.org("acme").rules().empty


def test_a_fix_whose_cycle_has_not_ended_in_time_is_given_as_it_is(
    acme: Organisation, capsys: pytest.CaptureFixture[str]
) -> None:
    told = acme.learn(before=BEFORE, after=AFTER, path="app/db.py", cwe="cwe-89", wait_s=0)
    assert (told.outcome, told.rule, told.learned) == (None, None, False)
    assert told.noun.id in capsys.readouterr().out
    again = acme.learn(before=BEFORE, after=AFTER, path="app/db.py", cwe="CWE-89", wait_s=0, show=False)
    assert again.id == told.id
    assert capsys.readouterr().out == ""
    assert acme.cycle(told.id).id == told.id


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"after": BEFORE}, "'before' equals 'after': there is nothing to learn"),
        ({"cwe": "no weakness"}, "'no weakness' is no CWE: write it like 'CWE-89'"),
        ({"severity": "bad"}, "'bad' is none of low, medium, high, critical"),
        ({"path": "/etc/passwd.py"}, "is no path within a repository"),
        ({"silent": {"a.py": ""}}, "context.silent.0.code"),
    ],
)
def test_what_is_no_fix_is_refused_in_words(acme: Organisation, changed: dict[str, object], says: str) -> None:
    sent = {"before": BEFORE, "after": AFTER, "path": "app/db.py", "cwe": "CWE-89", "wait_s": 0.0} | changed
    with pytest.raises(Rejected) as refused:
        acme.learn(**sent)
    assert says in str(refused.value)
    assert acme.events().empty


def test_a_state_that_there_is_not_is_told_with_those_that_there_are(acme: Organisation) -> None:
    with pytest.raises(Rejected, match="'new' is none of open, fixed, triaged, reopened"):
        acme.findings("new")
    with pytest.raises(Rejected, match="'on' is none of draft, monitor, active, retired"):
        acme.rules("on")


def test_empty_lists_have_their_columns(acme: Organisation) -> None:
    assert {"state", "path", "line", "code", "rule"} <= set(acme.findings().columns)
    assert {"state", "precision", "recall"} <= set(acme.rules().columns)
    assert "diff" in acme.proposals().columns
    assert len(acme.patterns()) == 0


def test_a_folder_outside_the_roots_is_refused(acme: Organisation) -> None:
    with pytest.raises(Rejected):
        acme.add_repository("/etc")


def test_a_folder_is_registered_once_by_its_name(acme: Organisation, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    assert acme.add_repository(folder).id == acme.add_repository(str(folder)).id
    assert list(acme.repositories().index) == ["shop"]


def test_a_scan_without_a_rule_says_what_is_lacking(acme: Organisation, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    with pytest.raises(Conflict, match="the org has no monitor or active rule yet"):
        acme.scan(folder)


def test_a_scan_gives_all_that_it_saw_however_much_others_found_since(acme: Organisation) -> None:
    elsewhere = samples.repository("other", "/srv/other").id
    ours = [samples.finding(number) for number in range(3)]
    record = _completed(acme, 1, ours)
    _completed(acme, 2, [samples.finding(number, repository=elsewhere) for number in range(1001)])
    assert list(acme._scanned(record).findings["path"]) == [one.path for one in ours]


def _completed(acme: Organisation, number: int, found: list[Finding]) -> ScanRecord:
    """A scan that began and ended with these findings."""
    begun = samples.scan(number)
    result = samples.result(number, *found, covered=((samples.RULE, found[0].repository),))
    for verb, noun in (("start_scan", begun), ("complete_scan", result)):
        acme._run(acme._house._tell(acme.id, verb, noun))
    return acme._run(acme._house.scan(acme.id, begun.id))


def test_events_are_a_table_by_sequence(acme: Organisation) -> None:
    acme.learn(before=BEFORE, after=AFTER, path="app/db.py", wait_s=0, show=False)
    events = acme.events(types=["FixReceived"])
    assert list(events["event"]) == ["FixReceived"]
    assert acme.events(after=int(events.index[-1]), types=["FixReceived"]).empty


def test_what_is_no_id_is_refused(acme: Organisation) -> None:
    for asked in (acme.cycle, lambda it: acme.triage(it, "ignored"), acme.rule):
        with pytest.raises(Rejected, match="'Not an id!' is no "):
            asked("Not an id!")
