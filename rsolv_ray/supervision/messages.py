"""What can a supervisor hear, and what can it ask for?

Events go into `step`, commands come out of it. A generation numbers the incarnations of one child, from 1: what is said of
an older one changes nothing, so events may come late, twice, or out of order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rsolv_ray.supervision.spec import Shutdown


class ExitKind(StrEnum):
    """`normal`: done by itself; `shutdown`: as asked, or a supervisor that gave up; `killed`: by force; `crash`: the rest."""

    NORMAL = "normal"
    SHUTDOWN = "shutdown"
    KILLED = "killed"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Exit:
    """Why a process ended."""

    kind: ExitKind
    detail: str = ""

    @property
    def clean(self) -> bool:
        """Whether a transient child stays down after it."""
        return self.kind in (ExitKind.NORMAL, ExitKind.SHUTDOWN)

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else str(self.kind)


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process and no other: a pid is given again, but not with the same start. `started_at` in seconds since the epoch."""

    pid: int
    started_at: float
    node_id: str


@dataclass(frozen=True, slots=True)
class StartTree:
    """Bring everything up."""


@dataclass(frozen=True, slots=True)
class StopTree:
    """Bring everything down, in reverse order."""


@dataclass(frozen=True, slots=True)
class Started:
    """A child said that it is ready."""

    id: str
    generation: int
    process: ProcessIdentity | None = None


@dataclass(frozen=True, slots=True)
class StartFailed:
    """A start came to nothing, and no process is left of it."""

    id: str
    generation: int
    reason: str


@dataclass(frozen=True, slots=True)
class StartInterrupted:
    """The supervisor itself died while it started this child; no process is left of it. Not counted as a restart."""

    id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Died:
    """A process was seen gone, asked for or not."""

    id: str
    generation: int
    reason: Exit


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The wait after a failed start is over."""

    id: str
    generation: int


Event = StartTree | StopTree | Started | StartFailed | StartInterrupted | Died | TryAgain


@dataclass(frozen=True, slots=True)
class Start:
    """Start a child; answer with `Started` or `StartFailed`."""

    id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a child, whether or not it has become ready; answer with `Died` once its process is gone."""

    id: str
    generation: int
    shutdown: Shutdown


@dataclass(frozen=True, slots=True)
class TryLater:
    """Answer with `TryAgain` after so many seconds; other events are heard meanwhile."""

    id: str
    generation: int
    delay_s: float


class ReportKind(StrEnum):
    """OTP's report contexts, and its reason for giving up."""

    START_ERROR = "start_error"
    CHILD_TERMINATED = "child_terminated"
    SHUTDOWN_ERROR = "shutdown_error"
    REACHED_MAX_RESTART_INTENSITY = "reached_max_restart_intensity"


@dataclass(frozen=True, slots=True)
class Report:
    """Something that people should be able to read about afterwards."""

    kind: ReportKind
    supervisor: str
    child: str
    generation: int
    reason: Exit


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The root has ended without being asked: nothing runs any more, and nobody here can help."""

    reason: Exit


Command = Start | Stop | TryLater | Report | GiveUp
