"""How far is a scan that stands for itself? Folded from the org's log, since its patches come after its report."""

from __future__ import annotations

from rsolv_ray.actors.client import House
from rsolv_ray.model.cycle import StepStatus
from rsolv_ray.model.events import Recorded, work_of
from rsolv_ray.model.ids import OrgId, ScanId
from rsolv_ray.notebook import markup
from rsolv_ray.progress import ENDED, FOLDED, Progress, progress

BATCH = 500


class ScanWork:
    """One scan, whose first event comes after the sequence number `after`."""

    def __init__(self, house: House, org: OrgId, scan: ScanId, *, after: int) -> None:
        self._house, self._org, self._scan = house, org, scan
        self._seen = after
        self._history: list[Recorded] = []

    async def so_far(self) -> Progress:
        """Its steps, once it has begun."""
        while True:
            events = await self._house.events_after(self._org, self._seen, wait_s=0.0, types=FOLDED, limit=BATCH)
            self._history += [one for one in events if work_of(one.event) == self._scan]
            if events:
                self._seen = events[-1].sequence
            if len(events) < BATCH:
                return progress(self._history)


def scan_shown(so_far: Progress) -> tuple[str, list[str]]:
    """Its steps, as HTML and as lines."""
    steps = [(str(name), step) for name, step in so_far.steps.items() if step.status is not StepStatus.PENDING]
    lines = [f"{name} {step.status}: {step.description}" for name, step in steps]
    return markup.heading("Scan") + markup.of_steps(steps), lines


def scan_has_ended(so_far: Progress) -> bool:
    return all(step.status in ENDED for step in so_far.steps.values())
