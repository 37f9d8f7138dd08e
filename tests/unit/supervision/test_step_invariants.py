"""Does the pure core hold its laws whatever happens, in whatever order?

Random trees; commands answered late, out of order, well or badly; children that die; events told twice or of old generations.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rsolv_ray.supervision.messages import Command, Died, Event, Exit, ExitKind, Start, StartTree, Stop, StopTree
from rsolv_ray.supervision.nodes import Phase
from rsolv_ray.supervision.spec import ChildSpec, Restart, Spec, Strategy, SupervisorSpec, walk
from rsolv_ray.supervision.testing import World, supervisor, worker

RESTARTS = st.sampled_from(Restart)
EXITS = st.sampled_from(ExitKind).map(Exit)


@st.composite
def trees(draw: st.DrawFn) -> SupervisorSpec:
    names = iter("abcdefghijklmnopqrstuvwxyz")

    def grown(name: str, depth: int) -> SupervisorSpec:
        children: list[Spec] = []
        for _ in range(draw(st.integers(0, 4))):
            if depth < 2 and draw(st.integers(0, 3)) == 0:
                children.append(grown(f"sup-{next(names)}", depth + 1))
            else:
                shutdown = draw(st.sampled_from(["brutal", "infinity", 1.0]))
                children.append(worker(next(names), restart=draw(RESTARTS), shutdown=shutdown))
        flags = {
            "strategy": draw(st.sampled_from(Strategy)),
            "intensity": draw(st.integers(0, 4)),
            "period_s": draw(st.sampled_from([1.0, 5.0])),
            "restart": draw(RESTARTS),
        }
        return supervisor(name, *children, **flags)

    return grown("root", 0)


class Watched(World):
    """A world that checks each command against the laws before it is carried out."""

    def hear(self, event: Event) -> None:
        before = len(self.pending)
        super().hear(event)
        for command in list(self.pending)[before:]:
            self.check(command)

    def check(self, command: Command) -> None:
        if not isinstance(command, Start | Stop):
            return
        parent = self.tree.plan.parents[command.id]
        names = [child.id for child in parent.children]
        later = parent.children[names.index(command.id) + 1 :]
        restarts_alone = (
            isinstance(command, Start)
            and parent.strategy is Strategy.ONE_FOR_ONE
            and self.phase(parent.id) is not Phase.STARTING
        )
        if not restarts_alone:
            living = [spec.id for child in later for spec in walk(child) if self.lives(spec.id)]
            assert not living, f"{command} while later ones live: {living}"
        if isinstance(command, Start):
            assert command.id not in self.alive, f"{command.id} would live twice"

    def lives(self, name: str) -> bool:
        return name in self.alive or self.phase(name) in (Phase.STOPPING, Phase.STARTING)


class Supervision(RuleBasedStateMachine):
    @initialize(spec=trees())
    def plant(self, spec: SupervisorSpec) -> None:
        self.world = Watched(spec)
        self.told: list[Event] = []
        self.world.hear(StartTree())

    @precondition(lambda self: self.world.pending)
    @rule(which=st.integers(0, 20), fails=st.booleans())
    def obey(self, which: int, fails: bool) -> None:
        world = self.world
        world.pending.rotate(-(which % len(world.pending)))
        command = world.pending.popleft()
        if isinstance(command, Start):
            if self.phase_was_left(command):
                return
            world.failing[command.id] = int(fails)
        world.obey(command)

    def phase_was_left(self, command: Start) -> bool:
        """A start whose child is being stopped is cancelled by the shell."""
        node = self.world.tree.nodes[command.id]
        return node.generation != command.generation or node.phase is not Phase.STARTING

    @precondition(lambda self: self.world.alive)
    @rule(which=st.integers(0, 20), reason=EXITS)
    def die(self, which: int, reason: Exit) -> None:
        name = sorted(self.world.alive)[which % len(self.world.alive)]
        self.told.append(Died(name, self.world.alive[name], reason))
        self.world.die(name, reason)

    @precondition(lambda self: self.told)
    @rule(which=st.integers(0, 20))
    def tell_again(self, which: int) -> None:
        event = self.told[which % len(self.told)]
        before, pending = self.world.tree, list(self.world.pending)
        self.world.hear(event)
        assert self.world.tree == before
        assert list(self.world.pending) == pending

    @rule(seconds=st.floats(0.0, 10.0))
    def wait(self, seconds: float) -> None:
        self.world.now += seconds

    @precondition(lambda self: self.world.pending or self.world.alive)
    @rule()
    def settle(self) -> None:
        """With starts that succeed the tree comes to rest: all that must run runs, or it has given up."""
        self.come_to_rest()
        if self.world.phase("root") is Phase.RUNNING:
            for spec in walk(self.world.tree.plan.root):
                above = self.world.tree.plan.parents.get(spec.id)
                if spec.restart is Restart.PERMANENT and (above is None or self.world.phase(above.id) is Phase.RUNNING):
                    assert self.world.phase(spec.id) is Phase.RUNNING
        else:
            assert self.world.phase("root") is Phase.DOWN
            assert not self.world.alive

    def come_to_rest(self) -> None:
        self.world.failing.clear()
        self.drop_cancelled()
        while self.world.pending:
            self.world.obey(self.world.pending.popleft())
            self.drop_cancelled()

    def drop_cancelled(self) -> None:
        kept = [one for one in self.world.pending if not isinstance(one, Start) or not self.phase_was_left(one)]
        self.world.pending.clear()
        self.world.pending.extend(kept)

    @invariant()
    def what_lives_is_known_to_live(self) -> None:
        for name, generation in self.world.alive.items():
            node = self.world.tree.nodes[name]
            assert node.generation == generation
            assert node.phase in (Phase.RUNNING, Phase.STOPPING)

    @invariant()
    def nothing_lives_below_a_supervisor_that_is_down(self) -> None:
        for spec in self.world.tree.plan.specs.values():
            if isinstance(spec, SupervisorSpec) and self.world.phase(spec.id) in (Phase.DOWN, Phase.GONE):
                below = [one.id for one in walk(spec) if isinstance(one, ChildSpec)]
                assert not [name for name in below if self.world.lives(name)]

    @invariant()
    def no_supervisor_restarts_more_often_than_it_may(self) -> None:
        for spec in self.world.tree.plan.specs.values():
            node = self.world.tree.nodes[spec.id]
            if isinstance(spec, SupervisorSpec) and node.phase is Phase.RUNNING and not node.leaving:
                assert len(node.restarts) <= spec.intensity

    @invariant()
    def one_that_gave_up_has_nothing_left(self) -> None:
        if self.world.given_up:
            assert not self.world.alive

    def teardown(self) -> None:
        """Asked to stop, it stops, whatever was going on."""
        if hasattr(self, "world"):
            self.world.hear(StopTree())
            self.come_to_rest()
            assert not self.world.alive
            assert self.world.phase("root") is Phase.DOWN


TestSupervision = Supervision.TestCase
TestSupervision.settings = settings(max_examples=150, stateful_step_count=60)
