"""Where does an org's code lie? Its registered repositories: they are what a new rule is run over."""

from __future__ import annotations

from fastapi import APIRouter, Response

from rsolv_ray.api.auth import Reader, Steward, Visit
from rsolv_ray.api.paths import OF_ORG, address
from rsolv_ray.api.wire import RepositoryIn
from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.finding import Repository
from rsolv_ray.model.page import Page

router = APIRouter(prefix=OF_ORG + "/repositories", tags=["repositories"])


@router.post("", status_code=201)
async def add_repository(body: RepositoryIn, visit: Steward, response: Response) -> Repository:
    """Register a repository. The same location and branch again is the same repository."""
    repository = await visit.house.add_repository(visit.org.id, body.known_as, body.location, body.branch)
    response.headers["Location"] = address(visit.org, "repositories", repository.id)
    return repository


@router.get("")
async def list_repositories(visit: Reader) -> Page[Repository]:
    return Page[Repository](items=await visit.house.repositories(visit.org.id))


@router.get("/{repository}")
async def show_repository(repository: str, visit: Reader) -> Repository:
    """One repository, by its id or name."""
    return await named(visit, repository)


@router.delete("/{repository}", status_code=204)
async def remove_repository(repository: str, visit: Steward) -> None:
    """Scan a repository no more. What was found in it stays in the log."""
    known = await named(visit, repository)
    await visit.house.remove_repository(visit.org.id, known.id)


async def named(visit: Visit, reference: str) -> Repository:
    """The org's repository of that id or name.

    Raises:
        NotFound: there is none.
    """
    for repository in await visit.house.repositories(visit.org.id):
        if reference in (repository.id, repository.name):
            return repository
    raise NotFound(f"there is no repository {reference[:80]!r}")
