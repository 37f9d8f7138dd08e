"""Patches are put on a branch of a real repository, and the service is told what was done and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rsolv_ray.cli import applying
from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.events import ProposalApplied
from rsolv_ray.model.finding import Finding, Proposal, ProposalState, Triage, TriageLabel
from rsolv_ray.model.fix import FileChange, Fix, Origin
from rsolv_ray.model.ids import OrgName, ProposalId, RuleId
from rsolv_ray.model.org import Org
from tests.unit.cli.conftest import Served, rsolv
from tests.unit.store import samples

SOURCE = "".join(f"line {number}\n" for number in range(1, 31))
OTHER_RULE = RuleId("python-cwe-78-0123456789")
Offer = Callable[..., Proposal]


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def org(served: Served) -> Org:
    made = served.wait_for(served.house.create_org(OrgName("acme"), "Acme", by="tests"))
    served.wait_for(served.house._tell(made.id, "add_repository", samples.repository()))
    return made


@pytest.fixture
def offer(served: Served, org: Org) -> Offer:
    """Offers patches for findings of a scan, each of another line of its file."""
    fix = Fix(
        changes=(FileChange(path="app/db.py", before="run(a % b)", after="run(a, b)", language="python"),),
        title="Pass the name as a parameter",
        origin=Origin(commit="3f2a9c1", url="https://git.example.org/3f2a9c1"),
    )
    served.wait_for(served.house.receive_fix(org.id, fix))
    rules = [samples.rule(name).model_copy(update={"origin_fixes": (fix.id,)}) for name in (samples.RULE, OTHER_RULE)]
    served.wait_for(served.house._tell(org.id, "commit", Batch(rules=tuple(rules))))
    found: list[Finding] = []

    def offered(line: int, *, path: str = "a.py", rule: RuleId = samples.RULE, was: str | None = None) -> Proposal:
        finding = samples.finding(line, path=path, line=line, rule=rule)
        found.append(finding)
        scan = samples.scan(len(found), rules=(samples.RULE, OTHER_RULE))
        served.wait_for(served.house._tell(org.id, "start_scan", scan))
        result = samples.result(len(found), *found)
        served.wait_for(served.house._tell(org.id, "complete_scan", result))
        before = SOURCE if was is None else SOURCE.replace(f"line {line}\n", was)
        diff = unified_diff(path, before, SOURCE.replace(f"line {line}\n", f"LINE {line}\n"))
        made = Proposal(
            id=ProposalId.of(line, path, rule),
            finding=finding.id,
            rule=rule,
            rule_version=1,
            repository=samples.REPOSITORY,
            path=path,
            diff=diff,
            created_at=samples.NOW,
        )
        served.wait_for(served.house._tell(org.id, "commit", Batch(proposals=(made,))))
        return made

    return offered


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q")
    for name in ("a.py", "b.py"):
        (folder / name).write_text(SOURCE)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def branches(folder: Path) -> list[str]:
    return git(folder, "branch", "--format=%(refname:short)").split()


def applied(served: Served, org: Org) -> dict[str, str | None]:
    """What the service knows to be applied, and on which branch."""
    told = served.wait_for(served.house.events_after(org.id, 0, wait_s=0, types=frozenset({"ProposalApplied"})))
    return {one.event.proposal: one.event.branch for one in told if isinstance(one.event, ProposalApplied)}


def test_more_patches_than_are_applied_at_once_are_refused_with_what_to_do(
    org: Org, offer: Offer, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "MOST", 2)
    for line in (3, 10, 17):
        offer(line)
    refused = rsolv("proposals", "apply", "--all", "--to", str(shop))
    assert refused.exit_code == 2
    assert "3 patches are chosen, and at most 2 are applied at once: choose fewer" in " ".join(refused.stderr.split())
    assert (shop / "a.py").read_text() == SOURCE


def test_a_patch_becomes_a_branch_with_one_commit_and_the_service_hears_of_it(
    served: Served, org: Org, offer: Offer, shop: Path
) -> None:
    patch = offer(3)
    result = rsolv("proposals", "apply", patch.id, "--to", str(shop), "--branch")
    assert result.exit_code == 0, result.output
    name = f"rsolv/{samples.RULE}/{patch.id[4:16]}"
    assert branches(shop) == ["main", name]
    assert git(shop, "diff", "--stat", "main", name).startswith(" a.py | 2 +-")
    assert git(shop, "status", "--porcelain") == ""
    assert applied(served, org) == {patch.id: name}
    message = git(shop, "log", "-1", "--format=%B", name)
    assert message.startswith("Fix possible SQL injection in a.py\n\n")
    assert "- a.py, line 3\n" in message
    assert "- Pass the name as a parameter\n  commit 3f2a9c1\n  https://git.example.org/3f2a9c1\n" in message
    assert f"\nRsolv-Rule: {samples.RULE}@1\nRsolv-Finding: {patch.finding}\nRsolv-Proposal: {patch.id}\n" in message


def test_a_dry_run_shows_diff_message_and_name_and_does_what_it_shows_to_nothing(
    served: Served, org: Org, offer: Offer, shop: Path
) -> None:
    patch = offer(3)
    arguments = ["proposals", "apply", patch.id, "--to", str(shop), "--branch-name", "mended"]
    tried = rsolv(*arguments, "--dry-run")
    assert tried.exit_code == 0, tried.output
    for shown in (f"{patch.id} fits a.py", "the branch mended", "Fix possible SQL injection in a.py", "+LINE 3"):
        assert shown in tried.stdout
    assert branches(shop) == ["main"]
    assert applied(served, org) == {}
    told = json.loads(rsolv(*arguments, "--dry-run", "--json").stdout)
    assert (told["applied"], told["branch"], told["commit"]) == (False, "mended", None)
    assert rsolv(*arguments).exit_code == 0
    assert git(shop, "log", "-1", "--format=%B", "mended").strip() == told["message"].strip()
    assert told["base"] == git(shop, "rev-parse", "main").strip()


def test_several_patches_are_one_commit(served: Served, org: Org, offer: Offer, shop: Path) -> None:
    ids = [offer(3).id, offer(5).id, offer(3, path="b.py", rule=OTHER_RULE).id]
    result = rsolv("proposals", "apply", *ids, "--to", str(shop), "--branch", "--json")
    told = json.loads(result.stdout)
    assert git(shop, "rev-list", f"main..{told['branch']}").split() == [told["commit"]]
    assert told["branch"].startswith("rsolv/several-rules/")
    assert git(shop, "diff", "--name-only", "main", told["branch"]) == "a.py\nb.py\n"
    assert applied(served, org) == dict.fromkeys(ids, told["branch"])


def test_one_that_does_not_fit_stops_all_and_is_named(served: Served, org: Org, offer: Offer, shop: Path) -> None:
    fits, strange = offer(3), offer(9, was="something else\n")
    result = rsolv("proposals", "apply", fits.id, strange.id, "--to", str(shop), "--branch")
    assert result.exit_code == 1
    assert f"{strange.id} does not fit a.py: " in result.stdout
    assert f"{fits.id} fits a.py" in result.stdout
    assert "1 of 2 patches do not fit" in result.stderr
    assert branches(shop) == ["main"]
    assert applied(served, org) == {}


def test_one_that_does_not_fit_is_left_out_where_that_is_asked(
    served: Served, org: Org, offer: Offer, shop: Path
) -> None:
    fits, strange = offer(3), offer(9, was="something else\n")
    result = rsolv("proposals", "apply", fits.id, strange.id, "--to", str(shop), "--branch", "--skip-unfit", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [one["applied"] for one in told["proposals"]] == [True, False]
    assert strange.id not in told["message"]
    assert applied(served, org) == {fits.id: told["branch"]}


def test_in_the_work_tree_too_it_is_all_or_none(served: Served, org: Org, offer: Offer, shop: Path) -> None:
    fits, strange = offer(3), offer(9, was="something else\n")
    arguments = ["proposals", "apply", fits.id, strange.id, "--to", str(shop)]
    assert rsolv(*arguments).exit_code == 1
    assert (shop / "a.py").read_text() == SOURCE
    assert rsolv(*arguments, "--skip-unfit").exit_code == 0
    assert "LINE 3" in (shop / "a.py").read_text()
    assert applied(served, org) == {fits.id: None}


def test_none_that_fits_is_nothing_done_even_where_the_unfit_are_left_out(offer: Offer, shop: Path, org: Org) -> None:
    strange = offer(9, was="something else\n")
    result = rsolv("proposals", "apply", strange.id, "--to", str(shop), "--branch", "--skip-unfit")
    assert result.exit_code == 1
    assert branches(shop) == ["main"]


def test_what_is_offered_is_chosen_by_rule_finding_or_altogether(offer: Offer, shop: Path, org: Org) -> None:
    first, second, other = offer(3), offer(9), offer(3, path="b.py", rule=OTHER_RULE)

    def chosen(*filters: str) -> set[str]:
        tried = rsolv("proposals", "apply", *filters, "--to", str(shop), "--branch", "--dry-run", "--json")
        assert tried.exit_code == 0, tried.output
        return {one["proposal"] for one in json.loads(tried.stdout)["proposals"]}

    assert chosen("--all") == {first.id, second.id, other.id}
    assert chosen("--rule", OTHER_RULE) == {other.id}
    assert chosen("--finding", first.finding) == {first.id}
    assert chosen("--all", "--repo", "shop") == {first.id, second.id, other.id}


def test_what_a_person_has_ruled_out_or_was_fixed_meanwhile_is_not_chosen(
    served: Served, org: Org, offer: Offer, shop: Path
) -> None:
    wanted, wrong, mended = offer(3), offer(9), offer(15)
    triage = Triage(label=TriageLabel.FALSE_POSITIVE, by="Ada")
    served.wait_for(served.house.triage(org.id, wrong.finding, triage))
    kept = [samples.finding(line, path="a.py", line=line) for line in (3, 9)]
    served.wait_for(served.house._tell(org.id, "start_scan", samples.scan(99)))
    served.wait_for(served.house._tell(org.id, "complete_scan", samples.result(99, *kept)))
    assert served.wait_for(served.house.finding(org.id, mended.finding)).state == "fixed"
    tried = rsolv("proposals", "apply", "--all", "--to", str(shop), "--branch", "--dry-run", "--json")
    assert [one["proposal"] for one in json.loads(tried.stdout)["proposals"]] == [wanted.id]


def test_where_nothing_is_offered_nothing_is_done(org: Org, shop: Path) -> None:
    result = rsolv("proposals", "apply", "--all", "--to", str(shop), "--branch")
    assert (result.exit_code, result.stdout) == (0, "no such patch is offered\n")
    assert branches(shop) == ["main"]


def test_a_second_time_the_branch_is_refused_and_kept(served: Served, org: Org, offer: Offer, shop: Path) -> None:
    arguments = ["proposals", "apply", offer(3).id, "--to", str(shop), "--branch"]
    assert rsolv(*arguments).exit_code == 0
    before = git(shop, "rev-parse", "--all")
    again = rsolv(*arguments)
    assert again.exit_code == 1
    assert "already" in again.stderr
    assert "--branch-name" in again.stderr
    assert git(shop, "rev-parse", "--all") == before


def test_patches_for_several_repositories_are_not_mixed(served: Served, org: Org, offer: Offer, shop: Path) -> None:
    offer(3)
    other = samples.repository("blog", "/srv/blog")
    served.wait_for(served.house._tell(org.id, "add_repository", other))
    strange = Proposal(
        id=ProposalId.of("blog"), finding=Finding.id_of(other.id, "v1:" + "0" * 32, "a.py"), rule=samples.RULE,
        repository=other.id, path="a.py", diff=unified_diff("a.py", "a\n", "b\n"), created_at=samples.NOW,
    )  # fmt: skip
    served.wait_for(served.house._tell(org.id, "commit", Batch(proposals=(strange,))))
    result = rsolv("proposals", "apply", "--all", "--to", str(shop), "--branch")
    assert result.exit_code == 2
    assert "several repositories (blog, shop)" in result.stderr
    assert rsolv("proposals", "apply", "--all", "--repo", "shop", "--to", str(shop), "--branch").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which patches"),
        (["--all", "prp_0123456789abcdef01234567"], "which patches"),
        (["prp_0123456789abcdef01234567", "--base", "main"], "--branch"),
        (["prp_0123456789abcdef01234567", "--repo", "shop"], "--repo"),
    ],
)
def test_a_command_line_that_does_not_say_what_is_wanted_is_told(
    arguments: list[str], said: str, org: Org, shop: Path
) -> None:
    result = rsolv("proposals", "apply", *arguments, "--to", str(shop))
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("name", ["--force", "-d", "a..b"])
def test_a_name_that_git_might_take_for_something_else_is_refused(
    name: str, offer: Offer, shop: Path, served: Served, org: Org
) -> None:
    result = rsolv("proposals", "apply", offer(3).id, "--to", str(shop), f"--branch-name={name}")
    assert result.exit_code == 1
    assert "no name for a branch" in result.stderr
    assert branches(shop) == ["main"]
    assert applied(served, org) == {}


@pytest.mark.parametrize("proposal", ["../rules", "prp_nope", "prp_" + "0" * 24])
def test_a_proposal_that_there_is_not_is_not_found(proposal: str, org: Org, shop: Path) -> None:
    assert rsolv("proposals", "apply", proposal, "--to", str(shop), "--branch").exit_code == 5


def test_the_mailed_patch_of_the_service_is_the_same_commit(served: Served, org: Org, offer: Offer, shop: Path) -> None:
    import httpx

    patch = offer(3)
    assert rsolv("proposals", "apply", patch.id, "--to", str(shop), "--branch-name", "mended").exit_code == 0
    address = f"{served.url}/api/v1/orgs/acme/proposals/{patch.id}.patch"
    mail = httpx.get(address, headers={"Authorization": f"Bearer {served.admin_key}"}, trust_env=False)
    subprocess.run(["git", "am", "-q"], cwd=shop, input=mail.content, check=True)
    assert git(shop, "rev-parse", "main^{tree}") == git(shop, "rev-parse", "mended^{tree}")
    assert git(shop, "log", "-1", "--format=%B", "main") == git(shop, "log", "-1", "--format=%B", "mended")


def test_the_state_of_a_patch_on_a_branch_is_applied(served: Served, org: Org, offer: Offer, shop: Path) -> None:
    patch = offer(3)
    assert rsolv("proposals", "apply", patch.id, "--to", str(shop), "--branch").exit_code == 0
    assert served.wait_for(served.house.proposal(org.id, patch.id)).state is ProposalState.APPLIED
