"""Is what the service answered what was asked for? Only as a noun is it acted on.

Fields that this version does not know are ignored: the service may be newer.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from rsolv_ray.cli.remote import Service, not_understood
from rsolv_ray.model.explanation import ExplainedProposal
from rsolv_ray.model.noun import Noun

Known = TypeVar("Known", bound=Noun)


def understood(kind: type[Known], answer: Any) -> Known:
    """A part of an answer as the noun that it should be.

    Raises:
        Unavailable: it is something else.
    """
    try:
        return kind.model_validate(answer, extra="ignore")
    except ValidationError as error:
        flaw = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, flaw["loc"])) or "all of it"
        raise not_understood(f"{where}: {flaw['msg']}") from error


def asked(service: Service, path: str, kind: type[Known]) -> Known:
    """What lies at an address of the service.

    Raises:
        Unavailable: the answer is something else than that. NotFound and the like: as `Service` does.
    """
    return understood(kind, service.get(path))


def asked_proposal(service: Service, org: str, name: str, address: str) -> ExplainedProposal:
    """The proposal of that name, with its explanation; `address` is how the name is written in an address."""
    record = asked(service, f"orgs/{org}/proposals/{address}", ExplainedProposal)
    if {record.proposal.id, record.explanation.proposal} != {name}:
        raise not_understood(f"another proposal than {ascii(name)[1:-1]}")
    return record
