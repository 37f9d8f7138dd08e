"""How is a tree tried out without Ray? Its processes are entries in a dictionary, and its clock is a number."""

from __future__ import annotations

from collections import Counter, deque

from rsolv_ray.supervision import step
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
    StartTree,
    Stop,
    StopTree,
    TryAgain,
    TryLater,
)
from rsolv_ray.supervision.nodes import Phase, Tree
from rsolv_ray.supervision.spec import ChildSpec, SupervisorSpec

CRASH = Exit(ExitKind.CRASH)
KILLED = Exit(ExitKind.KILLED)
NORMAL = Exit(ExitKind.NORMAL)
SHUTDOWN = Exit(ExitKind.SHUTDOWN)


def worker(name: str, **fields: object) -> ChildSpec:
    return ChildSpec.model_validate({"id": name, "start": {"class": "somewhere:Something"}, **fields})


def supervisor(name: str, *children: ChildSpec | SupervisorSpec, **fields: object) -> SupervisorSpec:
    return SupervisorSpec.model_validate({"id": name, "children": children, **fields})


class World:
    """A tree with its processes. `failing` says how many of a child's next starts fail; `deaf` children must be killed."""

    def __init__(self, spec: SupervisorSpec) -> None:
        self.tree = Tree.of(spec)
        self.now = 0.0
        self.alive: dict[str, int] = {}
        self.failing: Counter[str] = Counter()
        self.deaf: set[str] = set()
        self.pending: deque[Command] = deque()
        self.log: list[str] = []
        self.reports: list[Report] = []
        self.given_up: Exit | None = None

    def hear(self, event: Event) -> None:
        self.tree, commands = step(self.tree, event, self.now)
        for command in commands:
            match command:
                case Report():
                    self.reports.append(command)
                case GiveUp():
                    self.given_up = command.reason
                case _:
                    self.pending.append(command)

    def obey(self, command: Command) -> None:
        match command:
            case Start() if self.failing[command.id] > 0:
                self.failing[command.id] -= 1
                self.log.append(f"failed {command.id}")
                self.hear(StartFailed(command.id, command.generation, "no luck"))
            case Start():
                assert command.id not in self.alive
                self.alive[command.id] = command.generation
                self.log.append(f"start {command.id}")
                self.hear(Started(command.id, command.generation))
            case Stop():
                self.alive.pop(command.id, None)
                self.log.append(f"stop {command.id}")
                by_force = command.shutdown == "brutal" or command.id in self.deaf
                self.hear(Died(command.id, command.generation, KILLED if by_force else SHUTDOWN))
            case TryLater():
                self.now += command.delay_s
                self.hear(TryAgain(command.id, command.generation))
            case Report() | GiveUp():
                raise AssertionError("only what is to be carried out is pending")

    def settle(self, most: int = 100_000) -> World:
        """Carry out all commands, in order."""
        for _ in range(most):
            if not self.pending:
                return self
            self.obey(self.pending.popleft())
        raise AssertionError("the tree does not settle")

    def up(self) -> World:
        self.hear(StartTree())
        return self.settle()

    def down(self) -> World:
        self.hear(StopTree())
        return self.settle()

    def die(self, name: str, reason: Exit = CRASH) -> World:
        self.hear(Died(name, self.alive.pop(name), reason))
        return self

    def end(self, name: str, reason: Exit = CRASH) -> World:
        """A process ends, and everything that follows from it happens."""
        return self.die(name, reason).settle()

    def phase(self, name: str) -> Phase:
        return self.tree.nodes[name].phase

    def generation(self, name: str) -> int:
        return self.tree.nodes[name].generation

    def reported(self, kind: ReportKind) -> list[str]:
        return [report.child for report in self.reports if report.kind is kind]

    def since(self) -> list[str]:
        """The log since it was last asked for."""
        log, self.log = self.log, []
        return log
