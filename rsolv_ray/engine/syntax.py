"""Would the engine take this rule?

Asked of the engine's own reader of rules, in a process that stays: a tenth of a second for the first rule, a fraction of a
millisecond for each that follows. Each rule is asked about alone, so that none hides another. A rule on which the
reader breaks, hangs or swells is refused like one that it does not take, and the next is asked of a new process.
Source: `semgrep-core -rpc`, call `CallValidate`, in semgrep_output_v1.atd of Semgrep 1.182; no network is touched.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from rsolv_ray.engine.backends import core_of_the_wheel
from rsolv_ray.engine.job import job_of
from rsolv_ray.engine.match import Limits
from rsolv_ray.engine.surroundings import certify, surroundings
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.tools import CANNOT_START, BrokenOff, Conversation, Stopped

# A process is exchanged after so many rules, so that what it may leak is bounded.
_RULES_PER_PROCESS = 20_000
_LONGEST_REASON = 2000
# Address space that is reserved and never touched: OCaml's minor heaps, thread stacks and the binary itself.
_UNTOUCHED_MB = 1152


class SyntaxChecker:
    """Keeps one process of the engine and asks it about rules; for several threads, one at a time.

    Args:
        core: the path of the `semgrep-core` binary, where it is not the one in the installed wheel.
        rule_s: seconds for one rule. `memory_mb`: MiB for the process.
    """

    def __init__(self, core: Path | None = None, *, rule_s: float = 5.0, memory_mb: int = 1024) -> None:
        self._core = core or core_of_the_wheel()
        self._rule_s = rule_s
        self._memory_mb = memory_mb
        self._folder = TemporaryDirectory(prefix="rsolv-syntax-")
        self._conversation: Conversation | None = None
        self._asked = 0
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process that answers, or None where there is none at present."""
        return self._conversation.pid if self._conversation else None

    def refusals(self, rules: Sequence[JsonObject]) -> dict[str, str]:
        """Rule id -> why the engine's reader refuses it; its own words where it has some.

        Raises:
            Rejected: a rule has no id.
            ToolFailed: the engine cannot be started, or answers in a form that is not known here.
        """
        with self._lock:
            told = {str(rule.get("id")): self._refusal(rule) for rule in rules}
        return {name: reason for name, reason in told.items() if reason is not None}

    def close(self) -> None:
        """End the process, and remove its folder. Asking again after that starts another process."""
        with self._lock:
            self._end()
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refusal(self, rule: JsonObject) -> str | None:
        folder = Path(self._folder.name)
        folder.mkdir(exist_ok=True)
        question = _question(job_of([rule], (), (), Limits(), folder).rules_file)
        why = ""
        for _ in range(2):  # it may have ended for a reason of its own, as when the thread that started it has ended
            try:
                return _reason(self._answer(question, folder))
            except Stopped:
                return f"the engine did not read it within {self._rule_s:g} s"
            except BrokenOff as error:
                if error.code == CANNOT_START:
                    raise
                why = str(error)
        return f"the engine breaks while reading it: {why}"

    def _answer(self, question: bytes, folder: Path) -> bytes:
        if self._conversation is None or self._asked >= _RULES_PER_PROCESS:
            self._end()
            self._conversation, self._asked = self._started(folder), 0
        self._asked += 1
        try:
            return self._conversation.ask(question, wall_s=self._rule_s)
        except ToolFailed:
            self._end()
            raise

    def _started(self, folder: Path) -> Conversation:
        certify(folder)
        return Conversation(
            [str(self._core), "-rpc"],
            cwd=folder,
            env=surroundings(folder),
            address_space_mb=self._memory_mb + _UNTOUCHED_MB,
        )

    def _end(self) -> None:
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None


def _question(rules_file: Path) -> bytes:
    return json.dumps({"call": ["CallValidate", str(rules_file)]}).encode()


def _reason(answer: bytes) -> str | None:
    """Why the rule is refused; None where it is taken. Raises ToolFailed where the answer is of an unknown form."""
    try:
        match json.loads(answer.decode("utf-8", "replace")):
            case {"function_return": ["RetValidate", "None"]}:
                return None
            case {"function_return": ["RetValidate", ["Some", {"message": str(message)}]]}:
                return _told(message)
            case {"function_return": ["RetError", str(message)]}:
                return f"the engine breaks while reading it: {_told(message)}"
            case _:
                pass
    except (ValueError, RecursionError) as error:
        raise ToolFailed(f"the engine did not answer in JSON: {answer[:200]!r}") from error
    raise ToolFailed(f"the engine's answer about a rule is of an unknown form: {answer[:200]!r}")


def _told(message: str) -> str:
    return message.strip()[:_LONGEST_REASON]
