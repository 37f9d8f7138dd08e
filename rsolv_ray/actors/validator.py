"""Who derives rules and proves them? A `Validator`: one request at a time, Semgrep in a limited child process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog

from rsolv_ray.actors.clean_indexing import index_clean_code
from rsolv_ray.actors.counting import count_engine_run
from rsolv_ray.actors.sharing import answering
from rsolv_ray.engine.lessons import Taught, teach
from rsolv_ray.engine.merging import merge
from rsolv_ray.engine.patch import Withheld, patches
from rsolv_ray.engine.proof import DensitiesIn, nowhere, prove, validate
from rsolv_ray.engine.semgrep import Engine, Limits
from rsolv_ray.engine.syntax import SyntaxChecker
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.finding import Finding, Proposal
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.report import ValidationReport
from rsolv_ray.model.rule import Candidate, Case, Rule, Verdict
from rsolv_ray.proposers import Asked, Models, ask_models
from rsolv_ray.scanning.clean import CleanCode, clean_folders
from rsolv_ray.synthesis import Proposals, propose
from rsolv_ray.validation import cases_for

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


class Validator:
    """Synthesis, judging and patching. Stateless: every method may be sent again after a failure."""

    def __init__(
        self,
        *,
        engine: str,
        rule_timeout_s: float,
        memory_mb: int,
        patience_s: float,
        clean_index: str | None = None,
        clean_corpora: Sequence[str] = (),
        index_memory_mb: int | None = None,
        models: Mapping[str, Any] | None = None,
    ) -> None:
        """`models` says which language models are asked, and how (`proposers.Models`). `clean_index` is the folder of the indexes of `clean_corpora`; who has `index_memory_mb` keeps them up to date."""
        self._backend, self._patience_s = engine, patience_s
        self._clean_index = Path(clean_index) if clean_index else None
        self._clean_corpora, self._index_memory_mb = tuple(clean_corpora), index_memory_mb
        self._models = Models(**{**(models or {}), "names": tuple((models or {}).get("names", ()))})
        self._busy_since: float | None = None
        self._limits = Limits(rule_s=rule_timeout_s, memory_mb=memory_mb)
        self._syntax: SyntaxChecker | None = None
        self._slot = asyncio.Lock()
        self._densities: DensitiesIn = nowhere
        self._indexing: asyncio.Task[None] | None = None

    async def start(self, generation: int) -> None:  # noqa: ARG002 - writes nothing, so it needs no fence
        self._engine = await asyncio.to_thread(Engine, self._backend, self._limits, on_run=count_engine_run)
        if self._backend != "cli":
            self._syntax = SyntaxChecker(memory_mb=self._limits.memory_mb)
        if self._clean_index is not None:
            self._densities = CleanCode(self._clean_index, clean_folders(self._clean_corpora)).density
            if self._index_memory_mb and self._clean_corpora:
                work = index_clean_code(self._clean_index, self._clean_corpora, memory_mb=self._index_memory_mb)
                self._indexing = asyncio.create_task(work)

    async def stop(self) -> None:
        if self._indexing is not None:
            self._indexing.cancel()
        async with self._slot:
            if self._syntax is not None:
                await asyncio.to_thread(self._syntax.close)

    async def healthy(self) -> bool:
        """Not while one request has taken longer than anybody waits for it: a thread cannot be ended, a process can."""
        return self._busy_since is None or time.monotonic() - self._busy_since < self._patience_s

    async def synthesise(self, fix: Fix, tokens: int = 0) -> tuple[Proposals, Asked]:
        """Candidates, best first, those of language models among them, which may cost so many tokens."""
        return await self._alone("synthesise", lambda: self._proposed(fix, tokens))

    def _proposed(self, fix: Fix, tokens: int) -> tuple[Proposals, Asked]:
        proposals = propose(fix)
        if not self._models.names:
            return proposals, Asked()
        cases, now = cases_for(fix), datetime.now(UTC)
        asked = ask_models(
            fix, self._models, tokens=tokens, prove=lambda some: prove(self._engine, some, cases, fix=fix, now=now)
        )
        return proposals.with_more(asked.candidates), asked

    async def judge(self, fix: Fix, candidates: Sequence[Candidate], known: Sequence[Rule]) -> tuple[Verdict, ...]:
        now = datetime.now(UTC)
        return await self._alone(
            "judge",
            lambda: prove(
                self._engine, candidates, cases_for(fix), fix=fix, now=now, known=known, densities=self._densities
            ),
        )

    async def merge(self, newer: Rule, known: Sequence[Rule]) -> Rule | None:
        """The next version of a known rule that stands for a new one, too."""
        now = datetime.now(UTC)
        return await self._alone("merge", lambda: merge(self._engine, newer, known, now=now, densities=self._densities))

    async def teach(
        self, rule: Rule, wrong: Sequence[Finding], right: Sequence[Finding], roots: dict[str, str]
    ) -> Taught:
        """What a rule learns from places where it was wrong; `roots` maps a repository to its folder."""
        now = datetime.now(UTC)
        folders = {repository: Path(root) for repository, root in roots.items()}
        return await self._alone("teach", lambda: teach(self._engine, rule, wrong, right, folders, now=now))

    async def validate(self, definition: JsonObject, cases: Sequence[Case]) -> ValidationReport:
        return await self._alone(
            "validate",
            lambda: validate(self._engine, definition, cases, self._densities, refusals=self._refusals),
        )

    async def patch(
        self, rules: Sequence[Rule], findings: Sequence[Finding], roots: dict[str, str]
    ) -> tuple[Proposal | Withheld, ...]:
        """A proposal for each finding, or why none is offered; `roots` maps a repository to its folder."""
        now = datetime.now(UTC)
        folders = {repository: Path(root) for repository, root in roots.items()}
        return await self._alone("patch", lambda: patches(self._engine, rules, findings, folders, now=now))

    def _refusals(self, rules: Sequence[JsonObject]) -> Mapping[str, str]:
        """What the engine's reader says of rules: the one that stays, or where that fails the engine itself."""
        if self._syntax is not None:
            try:
                return self._syntax.refusals(rules)
            except ToolFailed as error:
                log.warning("the engine is started to check a rule, since its reader fails", reason=str(error))
        return self._engine.refusals(rules)

    async def _alone(self, question: str, act: Callable[[], Answer]) -> Answer:
        """One org's odd code must not end the process that learns for all: what goes wrong over it is told to who asked."""
        async with self._slot:
            self._busy_since = time.monotonic()
            try:
                with answering(question):
                    return await asyncio.to_thread(act)
            finally:
                self._busy_since = None
