"""Which rules do language models offer for a fix?

Each model is asked, its rules are read and proved like any other, and what is wrong with them goes back to it, for a few rounds, within its time
and within the tokens that the org has left today. What goes wrong is told as a note: no model can fail a fix.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rsolv_ray.engine.rules.configuration import checked_rules
from rsolv_ray.model.errors import Rejected, ToolFailed
from rsolv_ray.model.events import Spent
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import Accepted, Candidate, Verdict
from rsolv_ray.proposers.models import ModelName, Models
from rsolv_ray.proposers.reply import MOST_ANSWER, Ask, Reply, Silence
from rsolv_ray.synthesis.llm import Question, again, candidate_of, offers, question, unfit

__all__ = ["Asked", "ask_models"]

MOST_TRIES = 3
"""A vendor that is busy is asked so many times."""

Prove = Callable[[Sequence[Candidate]], Sequence[Verdict]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: candidates, what went wrong in words, and what each model cost."""

    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()
    spent: tuple[Spent, ...] = ()


@dataclass
class _Purse:
    """The tokens that are left, and those that one model took."""

    left: int
    taken: int = 0
    requests: int = 0

    def covers(self, asked: Question) -> bool:
        return asked.tokens + MOST_ANSWER <= self.left

    def pay(self, tokens: int) -> None:
        self.requests += 1
        self.taken += tokens
        self.left -= tokens


@dataclass
class _Talk:
    """One model about one fix."""

    name: ModelName
    fix: Fix
    prove: Prove
    purse: _Purse
    until: float
    candidates: list[Candidate] = field(default_factory=list[Candidate])
    note: str | None = None

    def go_on(self, ask: Ask, rounds: int) -> None:
        """Ask until a rule passes, or nothing more can come of it."""
        asked = question(self.fix)
        for _ in range(rounds):
            reply = self._ask(ask, asked)
            if reply is None:
                return
            problems, found = self._read(reply.text)
            verdicts = self._proved(found)
            self.candidates += found
            if verdicts is None or any(isinstance(one, Accepted) for one in verdicts):
                self.note = self.note if verdicts is None else None
                return
            asked = again(asked, reply.text, problems, verdicts)
            self.note = None if found else "; ".join(problems)

    def _ask(self, ask: Ask, asked: Question) -> Reply | None:
        for _ in range(MOST_TRIES):
            if not self.purse.covers(asked):
                self.note = f"the tokens of the day do not last for a question of about {asked.tokens + MOST_ANSWER}"
                return None
            answer = ask(asked, self.until)
            self.purse.pay(answer.tokens or asked.tokens)
            if isinstance(answer, Reply):
                return answer
            self.note = answer.reason
            if not self._waited(answer):
                return None
        return None

    def _waited(self, silence: Silence) -> bool:
        """Wait as long as the vendor asks for, where there is the time."""
        if silence.wait_s is None:
            return False
        if time.monotonic() + silence.wait_s >= self.until:
            self.note = f"{silence.reason}; it asks to wait {silence.wait_s:g} s, which is too long"
            return False
        time.sleep(silence.wait_s)
        return True

    def _read(self, text: str) -> tuple[list[str], list[Candidate]]:
        offered = offers(text)
        if isinstance(offered, str):
            return [offered], []
        problems: list[str] = []
        found: list[Candidate] = []
        for one in offered:
            try:
                (definition,) = checked_rules(one.rule)
            except (Rejected, ValueError) as error:
                problems.append(f"a rule is refused: {error}"[:500])
                continue
            found.append(candidate_of(one, definition, self.fix, self.name.vendor, self.name.model))
        return problems, found

    def _proved(self, found: Sequence[Candidate]) -> Sequence[Verdict] | None:
        """The verdicts; None where the engine breaks on the rules, which costs the model its turn and nobody else anything."""
        if not found:
            return ()
        try:
            return self.prove(found)
        except ToolFailed as error:
            self.note = f"the engine breaks on its rules: {error}"[:500]
            return None


def ask_models(fix: Fix, models: Models, *, tokens: int, prove: Prove) -> Asked:
    """Candidates of all models for a fix.

    Args:
        tokens: how many may be spent, questions and answers together.
        prove: judges candidates as the cycle will; its reasons go back to the model.
    """
    if not models.names:
        return Asked()
    if (reason := unfit(fix)) is not None:
        return Asked(notes=(f"no language model was asked: {reason}",))
    purse, found, notes, spent = _Purse(tokens), list[Candidate](), list[str](), list[Spent]()
    for name, ask in models.asks():
        if isinstance(ask, str):
            notes.append(f"{name}: {ask}")
            continue
        own = _Purse(purse.left)
        talk = _Talk(name, fix, prove, own, time.monotonic() + models.timeout_s)
        talk.go_on(ask, models.rounds)
        purse.left = own.left
        found += talk.candidates
        notes += [f"{name}: {talk.note}"] if talk.note else []
        spent += [Spent(model=str(name), requests=own.requests, tokens=own.taken)] if own.requests else []
    distinct = {one.id: one for one in reversed(found)}
    return Asked(tuple(reversed(distinct.values())), tuple(notes), tuple(spent))
