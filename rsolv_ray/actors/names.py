"""What is a supervised process called?

By its id, `kind` or `kind/key`; its Ray actor bears the generation too, because Ray lets go of a name late.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "rsolv"
ROOT = "root"
BANK = "bank"
CONTROL = "control"
ORCHESTRATOR = "orchestrator"
VALIDATOR = "validator"
ANALYZER = "analyzer"
SCHEDULER = "scheduler"


def actor_name(child: str, generation: int) -> str:
    """The name of one incarnation, as in `bank/0#3`."""
    return f"{child}#{generation}"


def parse_actor_name(name: str) -> tuple[str, int] | None:
    """Id and generation of a supervised process's actor; None for any other actor."""
    child, mark, generation = name.rpartition("#")
    return (child, int(generation)) if mark and generation.isascii() and generation.isdigit() else None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a child is now."""

    id: str
    generation: int

    @property
    def name(self) -> str:
        """What its Ray actor is called."""
        return actor_name(self.id, self.generation)
