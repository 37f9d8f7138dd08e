"""A scan by the service is waited for, however it ends."""

from __future__ import annotations

from datetime import UTC, datetime

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.cycle import Step
from rsolv_ray.model.events import CommandAbandoned
from rsolv_ray.model.finding import Repository, RepositoryKind
from rsolv_ray.model.ids import OrgName
from tests.unit.cli.conftest import Served, rsolv
from tests.unit.store.samples import rule


def test_a_scan_that_was_given_up_has_failed_and_says_so(served: Served, monkeypatch) -> None:
    org = served.wait_for(served.house.create_org(OrgName("acme"), "Acme", by="tests"))
    scanning = rule()
    served.wait_for(served.house._tell(org.id, "commit", Batch(rules=(scanning,))))
    shop = Repository(
        id=Repository.id_of("/srv/shop", None), name="shop", kind=RepositoryKind.PATH, location="/srv/shop",
        added_at=datetime.now(UTC),
    )  # fmt: skip
    served.wait_for(served.house._tell(org.id, "add_repository", shop))

    def abandoned(record):
        return CommandAbandoned(work=record.scan.id, step=Step.SCAN, reason="three attempts failed")

    real = served.house.start_scan

    async def given_up(*given, **named):
        record = await real(*given, **named)
        await served.house._tell(org.id, "commit", Batch(events=(abandoned(record),)))
        return record

    monkeypatch.setattr(served.house, "start_scan", given_up)
    result = rsolv("scan", "--wait", "5")
    assert result.exit_code == 3, result.output
    assert "failed" in result.stderr
    assert "three attempts failed" in result.stderr
