"""What runs, and who did what? The supervision tree and the audit trail, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rsolv_ray.api.auth import Admin
from rsolv_ray.api.paths import V1
from rsolv_ray.model.org import AuditEntry
from rsolv_ray.model.page import Page
from rsolv_ray.model.report import TreeNode

router = APIRouter(prefix=V1, tags=["operations"])


@router.get("/tree")
async def show_tree(caller: Admin) -> Page[TreeNode]:
    """The supervised processes as they are now."""
    return Page[TreeNode](items=tuple(await caller.house.tree()))


@router.get("/audit")
async def show_audit(
    caller: Admin,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[int, Query(ge=0, le=2**63 - 1, description="Entries after this sequence number")] = 0,
) -> Page[AuditEntry]:
    """The audit trail, oldest first."""
    entries = await caller.house.audit(cursor, limit)
    more = str(entries[-1].sequence) if len(entries) == limit else None
    return Page[AuditEntry](items=entries, next_cursor=more)
