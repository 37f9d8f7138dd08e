"""A patch is applied here, and the service is told what became of it."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.events import ProposalOutcome
from rsolv_ray.model.finding import Finding, Proposal, ProposalState, Repository
from rsolv_ray.model.ids import OrgName, ProposalId, RuleId
from rsolv_ray.model.org import IssuedKey, Org, Scope
from tests.unit.cli.conftest import Served, rsolv

DIFF = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-run(a % b)\n+run(a, b)\n"
REPOSITORY = Repository.id_of("/srv/shop", None)


@pytest.fixture
def org(served: Served) -> Org:
    return served.wait_for(served.house.create_org(OrgName("acme"), "Acme", by="tests"))


@pytest.fixture
def patch(served: Served, org: Org) -> Proposal:
    """A patch that is offered to acme."""
    made = Proposal(
        id=ProposalId.of("first"),
        finding=Finding.id_of(REPOSITORY, "v1:" + "0" * 32, "a.py"),
        rule=RuleId("python-cwe-89-abc"),
        repository=REPOSITORY,
        path="a.py",
        diff=DIFF,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
    served.wait_for(served.house._tell(org.id, "commit", Batch(proposals=(made,))))
    return made


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / "a.py").write_text("run(a % b)\n")
    return folder


def state(served: Served, org: Org, patch: Proposal) -> ProposalState:
    return served.wait_for(served.house.proposal(org.id, patch.id)).state


def test_a_patch_that_is_applied_here_is_applied_for_the_service(
    served: Served, org: Org, patch: Proposal, code: Path
) -> None:
    result = rsolv("proposals", "apply", patch.id, "--to", str(code), "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["proposals"] == [
        {"proposal": patch.id, "path": "a.py", "fits": True, "reason": None, "applied": True, "reported": True}
    ]
    assert (told["applied"], told["branch"], told["commit"]) == (True, None, None)
    assert (code / "a.py").read_text() == "run(a, b)\n"
    assert state(served, org, patch) is ProposalState.APPLIED
    events = served.wait_for(served.house.events_after(org.id, 0, wait_s=0))
    assert "ProposalApplied" in [one.name for one in events]


def test_a_patch_that_is_only_tried_stays_offered(served: Served, org: Org, patch: Proposal, code: Path) -> None:
    assert rsolv("proposals", "apply", patch.id, "--to", str(code), "--dry-run").exit_code == 0
    assert state(served, org, patch) is ProposalState.OFFERED


def test_a_patch_that_does_not_fit_stays_offered(served: Served, org: Org, patch: Proposal, code: Path) -> None:
    (code / "a.py").write_text("other\n")
    assert rsolv("proposals", "apply", patch.id, "--to", str(code)).exit_code == 1
    assert state(served, org, patch) is ProposalState.OFFERED


def test_a_key_that_may_only_read_applies_a_patch_and_is_told_that_the_service_does_not_know(
    served: Served, org: Org, patch: Proposal, code: Path
) -> None:
    made: IssuedKey = served.wait_for(
        served.house.issue_key(org.id, "ci", frozenset({Scope.READ}), expires_at=None, by="tests")
    )
    result = rsolv("proposals", "apply", patch.id, "--to", str(code), RSOLV_API_KEY=made.secret)
    assert result.exit_code == 0, result.output
    assert (code / "a.py").read_text() == "run(a, b)\n"
    assert "lacks the scope 'write'" in result.stderr
    assert state(served, org, patch) is ProposalState.OFFERED


def test_what_became_of_a_patch_is_marked_and_a_way_that_there_is_not_is_refused(
    served: Served, org: Org, patch: Proposal
) -> None:
    assert rsolv("proposals", "mark", patch.id, "merged").exit_code == 1
    assert rsolv("proposals", "mark", patch.id, "applied").exit_code == 0
    result = rsolv("proposals", "mark", patch.id, "merged", "--reason", "in release 3", "--json")
    assert json.loads(result.stdout)["state"] == "merged"
    (told,) = served.wait_for(served.house.events_after(org.id, 0, wait_s=0, types=frozenset({"ProposalOutcome"})))
    assert isinstance(told.event, ProposalOutcome)
    assert told.event.reason == "in release 3"


def test_the_key_of_an_org_need_not_name_it(served: Served, org: Org) -> None:
    served.wait_for(served.house.create_org(OrgName("other"), "Other", by="tests"))
    made: IssuedKey = served.wait_for(
        served.house.issue_key(org.id, "ci", frozenset({Scope.READ}), expires_at=None, by="tests")
    )
    result = rsolv("proposals", "list", RSOLV_API_KEY=made.secret)
    assert result.exit_code == 0, result.output
