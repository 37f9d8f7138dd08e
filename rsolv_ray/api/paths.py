"""Under which address does everything live?"""

from __future__ import annotations

from rsolv_ray.model.org import Org

V1 = "/api/v1"
OF_ORG = V1 + "/orgs/{org}"


def address(org: Org, *parts: str) -> str:
    """Where something of an org is found: `address(acme, "cycles", "cyc_...")`."""
    return "/".join((V1, "orgs", org.name, *parts))
