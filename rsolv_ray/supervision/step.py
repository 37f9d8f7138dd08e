"""What does a supervisor do when something happens?

`step` is the whole of it: a tree, an event and the time go in; the tree as it then stands and the commands to carry out
come out. There is no clock, no process and no input or output here, so a log of events replays to the same end.

OTP's rules, with three differences that come from starts taking a second here instead of a microsecond: under one_for_one
several children restart at the same time; a death while a group restarts widens the group instead of waiting until it is
up; a child that ends while its siblings start for the first time is dealt with after, as in OTP, but meanwhile shows as ended.
Source: erlang/otp, lib/stdlib/src/supervisor.erl, restart/2 and terminate_children/2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from rsolv_ray.supervision.messages import (
    Command,
    Died,
    Event,
    Exit,
    ExitKind,
    GiveUp,
    Report,
    ReportKind,
    Start,
    Started,
    StartFailed,
    StartInterrupted,
    StartTree,
    Stop,
    StopTree,
    TryAgain,
    TryLater,
)
from rsolv_ray.supervision.nodes import Node, Phase, Tree
from rsolv_ray.supervision.restarts import counted, delay, exhausted
from rsolv_ray.supervision.spec import ChildSpec, Restart, Strategy, SupervisorSpec

_ASKED = Exit(ExitKind.SHUTDOWN)
_HEEDED = {
    Started: {Phase.STARTING},
    StartFailed: {Phase.STARTING},
    StartInterrupted: {Phase.STARTING},
    Died: {Phase.STARTING, Phase.RUNNING, Phase.STOPPING},
    TryAgain: {Phase.WAITING},
}


def step(tree: Tree, event: Event, now: float) -> tuple[Tree, tuple[Command, ...]]:
    """The tree after `event` at `now` (seconds of any clock that never goes back), and what is to be done.

    An event that comes late, twice, or for a generation that is no more changes nothing.
    """
    turn = _Turn(tree, now)
    turn.hear(event)
    return Tree(tree.plan, turn.nodes), tuple(turn.commands)


class _Turn:
    """One step being made: a private copy of the nodes, and the commands so far."""

    def __init__(self, tree: Tree, now: float) -> None:
        self.plan = tree.plan
        self.nodes = dict(tree.nodes)
        self.now = now
        self.commands: list[Command] = []

    def hear(self, event: Event) -> None:
        root = self.nodes[self.plan.root.id]
        match event:
            case StartTree():
                if root.phase is Phase.DOWN:
                    self._start(root.id)
            case StopTree():
                if root.phase is not Phase.DOWN:
                    self._stop(root.id)
            case _:
                node = self.nodes.get(event.id)
                if node and node.generation == event.generation and node.phase in _HEEDED[type(event)]:
                    self._hear_of(event)

    def _hear_of(self, event: Started | StartFailed | StartInterrupted | Died | TryAgain) -> None:
        match event:
            case Started():
                self._set(event.id, phase=Phase.RUNNING, process=event.process, attempts=0)
                self._advance(self.plan.parents[event.id])
            case StartFailed():
                self._gone(event.id, Exit(ExitKind.CRASH, event.reason))
            case StartInterrupted():
                self._start_anew(event.id)
            case Died():
                self._gone(event.id, event.reason)
            case TryAgain():
                self._set(event.id, phase=Phase.DOWN, due=True)
                self._advance(self.plan.parents[event.id])
            case _:
                assert_never(event)

    # What happens to one child

    def _start_anew(self, name: str) -> None:
        if self.nodes[name].doomed:
            self._rest(name)
        else:
            self._set(name, phase=Phase.DOWN, due=True)
        self._advance(self.plan.parents[name])

    def _gone(self, name: str, reason: Exit) -> None:
        """A child or supervisor has ended: by request, while starting, in its turn to be stopped, or out of the blue."""
        node, parent = self.nodes[name], self.plan.parents.get(name)
        self._set(name, process=None, last_exit=reason, doomed=False, leaving=None)
        if parent is None:
            self._root_gone(node, reason)
        elif node.phase is Phase.STOPPING:
            self._stopped(parent, node, reason)
        elif node.phase is Phase.STARTING:
            self._report(ReportKind.START_ERROR, parent, node, reason)
            self._start_failed(parent, node, reason)
        elif node.doomed:
            self._rest(name)
            self._advance(parent)
        elif self.nodes[parent.id].phase is Phase.STARTING:
            self._set(name, phase=Phase.ENDED)
        else:
            self._ended(parent, name, reason)

    def _root_gone(self, node: Node, reason: Exit) -> None:
        self._set(node.id, phase=Phase.DOWN)
        if node.phase is not Phase.STOPPING:
            self.commands.append(GiveUp(reason))

    def _stopped(self, parent: SupervisorSpec, node: Node, reason: Exit) -> None:
        if not self._as_expected(node.id, reason):
            self._report(ReportKind.SHUTDOWN_ERROR, parent, node, reason)
        self._rest(node.id)
        self._advance(parent)

    def _as_expected(self, name: str, reason: Exit) -> bool:
        spec = self.plan.specs[name]
        if isinstance(spec, ChildSpec) and spec.shutdown == "brutal":
            return reason.kind is ExitKind.KILLED
        return reason.kind is ExitKind.SHUTDOWN or (
            reason.kind is ExitKind.NORMAL and spec.restart is not Restart.PERMANENT
        )

    def _start_failed(self, parent: SupervisorSpec, node: Node, reason: Exit) -> None:
        supervisor = self.nodes[parent.id]
        if supervisor.leaving:
            self._rest(node.id)
            self._advance(parent)
        elif supervisor.phase is Phase.STARTING:
            self._rest(node.id)
            self._leave(
                parent, Exit(ExitKind.SHUTDOWN, f"failed_to_start_child {node.id}: {reason.detail or reason.kind}")
            )
        else:
            self._set(node.id, attempts=node.attempts + 1)
            self._restart(parent, node.id, failed=True)

    def _ended(self, parent: SupervisorSpec, name: str, reason: Exit) -> None:
        """A running child ended by itself: its restart type decides."""
        restart = self.plan.restart(name)
        if restart is Restart.PERMANENT or not reason.clean:
            self._report(ReportKind.CHILD_TERMINATED, parent, self.nodes[name], reason)
        if restart is Restart.PERMANENT or (restart is Restart.TRANSIENT and not reason.clean):
            self._restart(parent, name, failed=False)
        else:
            self._rest(name)
            self._advance(parent)

    def _rest(self, name: str) -> None:
        """It stays down, unless it is due; a temporary child is forgotten."""
        forgotten = self.plan.restart(name) is Restart.TEMPORARY
        self._set(name, phase=Phase.GONE if forgotten else Phase.DOWN, doomed=False)

    # What a supervisor decides

    def _restart(self, parent: SupervisorSpec, name: str, *, failed: bool) -> None:
        """Count one restart; then either begin it or give up."""
        window = counted(self.nodes[parent.id].restarts, now=self.now, period_s=parent.period_s)
        self._set(parent.id, restarts=window)
        if exhausted(window, parent):
            self._report(ReportKind.REACHED_MAX_RESTART_INTENSITY, parent, self.nodes[name], self.nodes[name].last_exit)
            self._rest(name)
            self._leave(parent, Exit(ExitKind.SHUTDOWN, ReportKind.REACHED_MAX_RESTART_INTENSITY))
            return
        for other in self._with(parent, name):
            self._begin_again(other)
        if failed:
            node = self.nodes[name]
            wait_s = delay(parent.back_off, child=name, attempts=node.attempts)
            self._set(name, phase=Phase.WAITING)
            self.commands.append(TryLater(name, node.generation, wait_s))
        else:
            self._set(name, phase=Phase.DOWN, due=True)
        self._advance(parent)

    def _with(self, parent: SupervisorSpec, name: str) -> tuple[str, ...]:
        """The siblings that are restarted with a child."""
        names = [child.id for child in parent.children]
        match parent.strategy:
            case Strategy.ONE_FOR_ONE:
                return ()
            case Strategy.REST_FOR_ONE:
                return tuple(names[names.index(name) + 1 :])
            case Strategy.ONE_FOR_ALL:
                return tuple(other for other in names if other != name)
            case _:
                assert_never(parent.strategy)

    def _begin_again(self, name: str) -> None:
        """Stop it if it is up; then start it, unless it is temporary."""
        self._doom(name)
        self._set(name, due=self.plan.restart(name) is not Restart.TEMPORARY)

    def _leave(self, parent: SupervisorSpec, why: Exit) -> None:
        """Bring all children down for good."""
        self._set(parent.id, leaving=self.nodes[parent.id].leaving or why)
        for child in parent.children:
            self._doom(child.id)
        self._advance(parent)

    def _doom(self, name: str) -> None:
        node = self.nodes[name]
        self._set(name, due=False, doomed=node.up)
        if node.phase in (Phase.WAITING, Phase.ENDED):
            self._rest(name)

    # What a supervisor's turn is

    def _advance(self, parent: SupervisorSpec) -> None:
        """Do whatever can be done now: stop the last one that has to go, one at a time; then start those that are due."""
        children = [self.nodes[child.id] for child in parent.children]
        if any(child.phase is Phase.STOPPING for child in children):
            return
        doomed = [child.id for child in children if child.doomed]
        leaving = self.nodes[parent.id].leaving
        if doomed:
            self._stop(doomed[-1])
        elif leaving:
            self._gone(parent.id, leaving)
        elif self.nodes[parent.id].phase in (Phase.STARTING, Phase.RUNNING):
            self._start_due(parent, children)

    def _start_due(self, parent: SupervisorSpec, children: list[Node]) -> None:
        due = [child.id for child in children if child.due]
        booting = self.nodes[parent.id].phase is Phase.STARTING
        in_order = booting or parent.strategy is not Strategy.ONE_FOR_ONE
        if in_order and any(child.phase in (Phase.STARTING, Phase.WAITING) for child in children):
            return
        for name in due[:1] if in_order else due:
            self._start(name)
        if booting and not due:
            self._is_up(parent)

    def _is_up(self, supervisor: SupervisorSpec) -> None:
        """All children have started for the first time; now those that have ended meanwhile are dealt with."""
        self._set(supervisor.id, phase=Phase.RUNNING, attempts=0)
        for child in supervisor.children:
            node = self.nodes[child.id]
            if node.phase is Phase.ENDED and node.last_exit:
                self._ended(supervisor, child.id, node.last_exit)
        parent = self.plan.parents.get(supervisor.id)
        if parent:
            self._advance(parent)

    def _start(self, name: str) -> None:
        spec, generation = self.plan.specs[name], self.nodes[name].generation + 1
        self._set(name, phase=Phase.STARTING, generation=generation, due=False)
        if isinstance(spec, ChildSpec):
            self.commands.append(Start(name, generation))
            return
        self._set(name, restarts=(), leaving=None)
        for child in spec.children:
            self._set(child.id, due=True)
        self._advance(spec)

    def _stop(self, name: str) -> None:
        spec, node = self.plan.specs[name], self.nodes[name]
        self._set(name, phase=Phase.STOPPING, doomed=False)
        if isinstance(spec, ChildSpec):
            self.commands.append(Stop(name, node.generation, spec.shutdown))
        else:
            self._leave(spec, _ASKED)

    # The nodes

    def _set(self, name: str, **changes: Any) -> None:
        self.nodes[name] = replace(self.nodes[name], **changes)

    def _report(self, kind: ReportKind, parent: SupervisorSpec, node: Node, reason: Exit | None) -> None:
        self.commands.append(Report(kind, parent.id, node.id, node.generation, reason or Exit(ExitKind.CRASH)))
