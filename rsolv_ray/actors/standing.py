"""How is a tree told to people?"""

from __future__ import annotations

from rsolv_ray.model.report import TreeNode
from rsolv_ray.supervision.nodes import Phase, Tree
from rsolv_ray.supervision.restarts import restarts_left
from rsolv_ray.supervision.spec import ChildSpec, Spec, SupervisorSpec


def health(tree: Tree) -> str:
    """`running`, `starting`, `stopping`, `stopped`, `down` (never started), or `degraded`: it gave up."""
    root = tree.root
    if root.leaving and root.phase is not Phase.STOPPING:
        return "degraded"
    if root.phase is not Phase.DOWN:
        return str(root.phase)
    if root.last_exit is None:
        return "down"
    return "degraded" if root.last_exit.detail else "stopped"


def describe(tree: Tree, now: float, spec: Spec | None = None) -> TreeNode:
    """A tree, or the part of it below `spec`, as it stands at `now`, in the clock of its restarts."""
    spec = spec or tree.plan.root
    node = tree.nodes[spec.id]
    below: tuple[ChildSpec | SupervisorSpec, ...] = spec.children if isinstance(spec, SupervisorSpec) else ()
    return TreeNode(
        id=spec.id,
        kind=spec.strategy if isinstance(spec, SupervisorSpec) else spec.start.class_path.rpartition(":")[2],
        state=node.phase,
        restart=spec.restart,
        generation=node.generation,
        pid=node.process.pid if node.process else None,
        restarts_left=restarts_left(node.restarts, spec, now) if isinstance(spec, SupervisorSpec) else None,
        last_exit=str(node.last_exit) if node.last_exit else None,
        children=tuple(describe(tree, now, child).model_dump(mode="json") for child in below),
    )
