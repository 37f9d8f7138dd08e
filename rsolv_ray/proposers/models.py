"""Which language models may be asked, and how?

A model is named with its vendor: `anthropic:MODEL` for the Messages API, `openai:MODEL` for Chat Completions, which many other servers speak. Keys
come from the environment (`ANTHROPIC_API_KEY`, `OPENAI_API_KEY`), are never written anywhere, and go to the vendor's address alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Self

from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.rule import Proposer
from rsolv_ray.proposers.reply import Ask

KEYS = {Proposer.ANTHROPIC: "ANTHROPIC_API_KEY", Proposer.OPENAI: "OPENAI_API_KEY"}
ADDRESSES = {Proposer.ANTHROPIC: "https://api.anthropic.com", Proposer.OPENAI: "https://api.openai.com/v1"}


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model and whom to ask for it."""

    vendor: Proposer
    model: str

    @classmethod
    def read(cls, text: str) -> Self:
        """From `anthropic:MODEL` or `openai:MODEL`.

        Raises:
            Rejected: it is neither.
        """
        vendor, colon, model = text.strip().partition(":")
        if vendor not in KEYS or not colon or not model or not model.isprintable() or " " in model:
            raise Rejected(f"{text!r} names no language model: write anthropic:MODEL or openai:MODEL")
        return cls(Proposer(vendor), model)

    def __str__(self) -> str:
        return f"{self.vendor}:{self.model}"


@dataclass(frozen=True, slots=True)
class Models:
    """The models to ask, and where. `rounds`: how often each may try for one fix; `timeout_s` for one fix and model, all of them."""

    names: tuple[str, ...] = ()
    anthropic_url: str = ADDRESSES[Proposer.ANTHROPIC]
    openai_url: str = ADDRESSES[Proposer.OPENAI]
    rounds: int = 2
    timeout_s: float = 60.0

    def asks(self) -> Sequence[tuple[ModelName, Ask | str]]:
        """Each model with how to ask it, or why it cannot be asked."""
        return [(name, self._ask(name)) for name in map(ModelName.read, self.names)]

    def _ask(self, name: ModelName) -> Ask | str:
        if find_spec(name.vendor.value) is None:
            return f"the package {name.vendor} is missing: install rsolv-ray[llm]"
        url = self.anthropic_url if name.vendor is Proposer.ANTHROPIC else self.openai_url
        variable, is_own = KEYS[name.vendor], url != ADDRESSES[name.vendor]
        key = os.environ.get(variable) or ("none" if is_own else "")
        if not key:
            return f"there is no key: set {variable}"
        if name.vendor is Proposer.ANTHROPIC:
            from rsolv_ray.proposers.messages import messages_of

            return messages_of(name.model, url, key)
        from rsolv_ray.proposers.completions import completions_of

        return completions_of(name.model, url, key, is_vendors=not is_own)
