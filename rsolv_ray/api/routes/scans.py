"""Where do the org's rules fire? Scans, asked for and told."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from rsolv_ray.api import sarif
from rsolv_ray.api.auth import Author, Reader
from rsolv_ray.api.paging import Paging
from rsolv_ray.api.paths import OF_ORG, address
from rsolv_ray.api.wire import ScanIn
from rsolv_ray.model.finding import ScanRecord, ScanTrigger
from rsolv_ray.model.ids import ScanId
from rsolv_ray.model.page import Page

router = APIRouter(prefix=OF_ORG + "/scans", tags=["scans"])


@router.post("", status_code=202)
async def start_scan(body: ScanIn, visit: Author, response: Response) -> ScanRecord:
    """Scan with the org's monitor and active rules. The body may name some of its rules and repositories."""
    record = await visit.house.start_scan(
        visit.org.id, repositories=body.repositories, rules=body.rules, trigger=ScanTrigger.MANUAL
    )
    response.headers["Location"] = address(visit.org, "scans", record.scan.id)
    return record


@router.get("")
async def list_scans(visit: Reader, paging: Paging) -> Page[ScanRecord]:
    return await visit.house.scans(visit.org.id, *paging)


@router.get("/{scan}", response_model=ScanRecord, responses=sarif.ANSWERS)
async def show_scan(scan: ScanId, visit: Reader, request: Request) -> ScanRecord | Response:
    """One scan; with `Accept: application/sarif+json` what it found and is not fixed, as a SARIF log."""
    record = await visit.house.scan(visit.org.id, scan)
    return await sarif.scan_log(visit, record) if sarif.is_wanted(request) else record
