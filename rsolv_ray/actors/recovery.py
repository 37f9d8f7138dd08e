"""What does a root do after its own death?

It takes the lease and reads what it had written down. Children that live are adopted as they are; what it was in the
middle of is taken up again; what is gone is noticed at the first look and counts as a death. Where another root or another
tree was in charge before, nothing is adopted: what it left is ended, and only the generations are kept.
"""

from __future__ import annotations

import asyncio
from typing import assert_never

import structlog

from rsolv_ray.actors.children import Children
from rsolv_ray.actors.ledger import Ledger
from rsolv_ray.supervision.messages import StartInterrupted, Stop, TryAgain
from rsolv_ray.supervision.nodes import Node, Phase, Tree
from rsolv_ray.supervision.spec import SupervisorSpec

Unfinished = StartInterrupted | TryAgain | Stop

log = structlog.get_logger(__name__)


async def take_over(
    ledger: Ledger, children: Children, spec: SupervisorSpec, *, root: str
) -> tuple[Tree, tuple[Unfinished, ...]]:
    """The tree as it stands, and what is to be heard or carried out first. `root` names the actor that takes over."""
    lease = ledger.take_lease(root, spec)
    known = ledger.nodes()
    log.info("the supervisor takes over", lease=lease.generation, adopts=lease.same)
    if not lease.same:
        return await _clear_away(ledger, children, spec, known), ()
    tree = Tree.of(spec, known)
    unfinished = [await _resume(children, tree, node) for node in tree.workers()]
    return tree, tuple(one for one in unfinished if one)


async def _clear_away(ledger: Ledger, children: Children, spec: SupervisorSpec, known: tuple[Node, ...]) -> Tree:
    left = (node for node in known if node.phase in (Phase.STARTING, Phase.RUNNING, Phase.STOPPING))
    await asyncio.gather(*(children.end(node.id, node.generation, node.process) for node in left))
    fresh = [Node(node.id, generation=node.generation) for node in known]
    ledger.write(fresh)
    return Tree.of(spec, fresh)


async def _resume(children: Children, tree: Tree, node: Node) -> Unfinished | None:
    """Take up a child where the earlier process of this root left it."""
    match node.phase:
        case Phase.RUNNING:
            children.adopt(node.id, node.generation)
        case Phase.STARTING:
            await children.end(node.id, node.generation, None)
            return StartInterrupted(node.id, node.generation)
        case Phase.STOPPING:
            return Stop(node.id, node.generation, tree.plan.child(node.id).shutdown)
        case Phase.WAITING:
            return TryAgain(node.id, node.generation)
        case Phase.DOWN | Phase.GONE | Phase.ENDED:
            pass
        case _:
            assert_never(node.phase)
    return None
