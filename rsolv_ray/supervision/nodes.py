"""How does a tree stand?

One node a child or supervisor, frozen; the shell writes changed nodes down before it acts, and reads them back after its
own death.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from rsolv_ray.supervision.messages import Exit, ProcessIdentity
from rsolv_ray.supervision.spec import ChildSpec, Restart, Spec, SupervisorSpec, walk


class Phase(StrEnum):
    """`down`: OTP's undefined; `gone`: forgotten, as temporary children are; `ended`: died while siblings still start for
    the first time, dealt with after; `waiting`: a restart failed and will be tried again (OTP's restarting)."""

    DOWN = "down"
    GONE = "gone"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Node:
    """One child or supervisor now.

    `due`: it is to be started in its turn. `doomed`: it is to be stopped in its turn. `attempts`: failed starts in a row.
    Of supervisors alone: `restarts`, newest first, and `leaving`, why it brings its children down for good.
    """

    id: str
    phase: Phase = Phase.DOWN
    generation: int = 0
    due: bool = False
    doomed: bool = False
    attempts: int = 0
    process: ProcessIdentity | None = None
    last_exit: Exit | None = None
    restarts: tuple[float, ...] = ()
    leaving: Exit | None = None

    @property
    def up(self) -> bool:
        return self.phase in (Phase.STARTING, Phase.RUNNING)


@dataclass(frozen=True)
class Plan:
    """A tree's spec with the ways through it. Holds nothing that changes."""

    root: SupervisorSpec

    @cached_property
    def specs(self) -> Mapping[str, Spec]:
        """Id -> spec, in start order."""
        return {spec.id: spec for spec in walk(self.root)}

    @cached_property
    def parents(self) -> Mapping[str, SupervisorSpec]:
        """Id -> its supervisor; the root has none."""
        supervisors = (spec for spec in self.specs.values() if isinstance(spec, SupervisorSpec))
        return {child.id: supervisor for supervisor in supervisors for child in supervisor.children}

    def child(self, name: str) -> ChildSpec:
        """The spec of a worker. KeyError if there is none of that name."""
        spec = self.specs[name]
        if not isinstance(spec, ChildSpec):
            raise KeyError(name)
        return spec

    def restart(self, name: str) -> Restart:
        return self.specs[name].restart


@dataclass(frozen=True)
class Tree:
    """A plan and how each of its nodes stands."""

    plan: Plan
    nodes: Mapping[str, Node] = field(repr=False)

    @classmethod
    def of(cls, spec: SupervisorSpec, known: Iterable[Node] = ()) -> Tree:
        """A tree that stands as `known` says; what is not known of is down."""
        plan = Plan(spec)
        recorded = {node.id: node for node in known}
        return cls(plan, {name: recorded.get(name, Node(name)) for name in plan.specs})

    @property
    def root(self) -> Node:
        return self.nodes[self.plan.root.id]

    def workers(self) -> tuple[Node, ...]:
        """The nodes that are processes, in start order."""
        return tuple(node for node in self.nodes.values() if isinstance(self.plan.specs[node.id], ChildSpec))

    def running(self) -> tuple[Node, ...]:
        """The processes that are ready, in start order."""
        return tuple(node for node in self.workers() if node.phase is Phase.RUNNING)
