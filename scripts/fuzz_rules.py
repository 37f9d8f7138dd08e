"""Does any text or rule break the reading of rules?

Rules are made, in shapes that are right and nearly right, and changed: as values, and as YAML or JSON text, character by
character. Each goes through read_rules, problems, checked_rules and dump_rules, and on to the engine's own reader. What
counts as a crash: an error that is not of the families of `model/errors.py`, a rule that is not read back as it was
written, a reader of the engine that breaks or hangs on a rule that was let through, and anything over a second.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

from rsolv_ray.engine.rules.configuration import checked_rules, dump_rules, read_rules
from rsolv_ray.engine.rules.problems import problems
from rsolv_ray.engine.syntax import SyntaxChecker
from rsolv_ray.model.errors import RsolvError
from rsolv_ray.model.languages import LANGUAGES

SLOWEST_S = 1.0

OPERATORS = (
    "pattern", "patterns", "pattern-either", "pattern-regex", "pattern-not", "pattern-inside", "pattern-not-inside",
    "pattern-not-regex", "focus-metavariable", "metavariable-regex", "metavariable-pattern", "metavariable-comparison",
    "metavariable-analysis", "metavariable-type", "metavariable-name",
)  # fmt: skip
TOP = (
    "id", "languages", "severity", "message", "mode", "metadata", "fix", "fix-regex", "options", "paths", "min-version",
    "pattern-sources", "pattern-sinks", "pattern-sanitizers", "pattern-propagators", "join", "taint", "match", *OPERATORS,
)  # fmt: skip
PATTERNS = (
    "f($X)", "$X", "...", "$X == $X", "eval(...)", "$F($...ARGS)", "def $F(...): ...", "class $C { ... }", "f($X", "",
    " ", "$", "$x", '"$URL"', "<... $X ...>", "${X}", 'foo("=~/(a+)+$/")', "if ($X) { ... }", "$X = $Y\n...\nf($X)",
    "import $M", "@app.route(...)\ndef $F(...): ...", "[" * 150, "(" * 3000, "a" * 11000, "-" * 500 + "x", "{}", "`$X`", "\\",
    "'", '"""', "/* ", "# x", "# ", "$X.$Y", "not $X", "x -> y", "lambda: $X", "<$T>$X</$T>", "FROM $I", "key: $V", 'resource "$A" "$B" {...}',
)  # fmt: skip
REGEXES = (
    "a+", "(a+)+b", "(a|a)*c", ".*.*.*.*x", "[[:alpha:]]+", "(?i)x(?-i)y", "\\Q.*\\E", "(?<X>a)", "(?P<X>a)", "(?x) a # b",
    "(?:", "[", "a{2,1}", "a{1,99999}", "\\p{L}+", "(?R)", "(?>a+)+", "(a)\\1*", "(?(1)a|b)", "^$", "", "(?=(a+)+b)", "\\x{110000}",
    "(" * 300, "a**", "[^]a]", "[a-\\d]", "\\c", "\\8", "(*SKIP)a", "(?#", "(?'n'a)", "\\g{-1}", "[\\Qa-z\\E]", "{,3}", "a{,3}",
)  # fmt: skip
ODD = (
    None, True, 0, -1, 1 << 63, 1 << 80, 1e308, 1e-300, float("nan"), float("inf"), "", " ", "\x00", "\ud800", "\u2028", "\u202e",
    "\x85", "\ufeff", "yes", "1_000", "0x1F", "0o17", "1:30", "2020-01-02", "<<", "=", "~", "null", "- a", "a: b", "#", "&a", "*a", "!x",
    "%YAML", "---", "...", "|", ">", "@", "`", "'", '"', "\t", "\n", "\r\n", "a\rb", " a", "a ", "a\n", "a\n\n", "\n a", "a\n \n",
    [], {}, [[]], {"": ""}, "🦉", "x" * 300,
)  # fmt: skip
TOKENS = (
    "&a ", "*a", "!x ", "!!python/object:os.system ", "<<: ", "\t", "\x00", "\ud800", "\x07", "---\n", "...\n", "? ", ": ", "- ", "|\n", ">-\n",
    "{", "}", "[", "]", "'", '"', "\\", "\\u0000", "\\ud800", "\\x", "#", "\n", "\r", "\u2028", "\ufeff", "%YAML 1.1\n", "NaN", "1e999", "9" * 5000,
)  # fmt: skip


class Maker:
    """Makes rules, right and wrong, from one source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def rule(self) -> Any:
        pick = self.chance
        rule: dict[str, Any] = {
            "id": pick.choice(("a", "b.c", "a-b_1", f"r{pick.randrange(1000)}")),
            "languages": [pick.choice(sorted(LANGUAGES))],
            "severity": pick.choice(("ERROR", "INFO", "HIGH")),
            "message": "what $X why",
        }
        if pick.random() < 0.3:
            rule["mode"] = "taint"
            for part in (
                "pattern-sources",
                "pattern-sinks",
                *pick.sample(("pattern-sanitizers", "pattern-propagators"), 1),
            ):
                rule[part] = [self.part(part) for _ in range(pick.randint(1, 3))]
        else:
            operator = pick.choice(("pattern", "patterns", "patterns", "pattern-either", "pattern-regex"))
            rule[operator] = self.operand(operator, 3)
        while pick.random() < 0.3:
            rule[pick.choice(TOP)] = self.anything(2)
        return rule

    def part(self, name: str) -> Any:
        operator = self.chance.choice(("pattern", "patterns", "pattern-either"))
        part = {operator: self.operand(operator, 2)}
        if name == "pattern-propagators":
            part |= {"from": "$X", "to": "$Y"}
        if self.chance.random() < 0.3:
            part[self.chance.choice(("label", "requires", "exact", "by-side-effect", "at-exit"))] = self.anything(1)
        return part

    def operand(self, operator: str, depth: int) -> Any:
        pick = self.chance
        if pick.random() < 0.03:
            return self.anything(1)
        match operator:
            case "patterns" | "pattern-either":
                names = OPERATORS if operator == "patterns" else (*OPERATORS[:4], "pattern-inside")
                members = [pick.choice(names if depth else ("pattern",)) for _ in range(pick.randint(1, 4))]
                return [{name: self.operand(name, depth - 1)} for name in members]
            case "pattern-regex" | "pattern-not-regex":
                return self.regex()
            case "focus-metavariable":
                return pick.choice(("$X", ["$X", "$Y"], "$...ARGS", "X", []))
            case _ if operator.startswith("metavariable-"):
                return self.condition(operator, depth)
            case _:
                return pick.choice(PATTERNS)

    def condition(self, operator: str, depth: int) -> Any:
        pick = self.chance
        body: dict[str, Any] = {"metavariable": pick.choice(("$X", "$X", "$Y", "$1", "X"))}
        match operator:
            case "metavariable-regex":
                body["regex"] = self.regex()
            case "metavariable-pattern":
                inner = pick.choice(OPERATORS[:4])
                body[inner] = self.operand(inner, max(0, depth - 1))
            case "metavariable-comparison":
                body["comparison"] = pick.choice(("$X > 1", "$X", "re.match('(a+)+b', $X)", "$X >", "int($X) % 2 == 0"))
                body |= pick.choice(({}, {"base": 16}, {"base": 1 << 70}, {"strip": True}))
            case "metavariable-analysis":
                body["analyzer"] = pick.choice(("entropy", "redos", "x", {"kind": "entropy_v2", "mode": "lax"}))
            case _:
                body[pick.choice(("type", "types", "module", "kind"))] = self.anything(1)
        if pick.random() < 0.1:
            body[pick.choice(TOP)] = self.anything(1)
        return body

    def regex(self) -> str:
        pick = self.chance
        if pick.random() < 0.5:
            return pick.choice(REGEXES)
        pieces = (
            "a",
            "b",
            ".",
            "\\w",
            "\\s",
            "[ab]",
            "[^a]",
            "(",
            ")",
            "(?:",
            "|",
            "*",
            "+",
            "?",
            "{1,3}",
            "{2}",
            "$",
            "^",
            "\\b",
        )
        return "".join(pick.choice(pieces) for _ in range(pick.randint(1, 25)))

    def anything(self, depth: int) -> Any:
        pick = self.chance
        match pick.randrange(6) if depth else 0:
            case 1:
                return [self.anything(depth - 1) for _ in range(pick.randrange(4))]
            case 2:
                return {str(pick.choice(TOP)): self.anything(depth - 1) for _ in range(pick.randrange(4))}
            case 3:
                return pick.choice(PATTERNS)
            case 4:
                return self.regex()
            case _:
                return pick.choice(ODD)

    def changed_text(self, text: str) -> str:
        """The text with a few places changed."""
        pick = self.chance
        for _ in range(pick.randint(1, 6)):
            at, length = pick.randrange(len(text) + 1), pick.choice((0, 0, 1, 1, 5, 40))
            piece = pick.choice(
                (pick.choice(TOKENS), chr(pick.randrange(0x250)), text[at : at + pick.randrange(60)], "")
            )
            text = text[:at] + piece * pick.choice((1, 1, 1, 2, 50)) + text[at + length :]
        return text


class Fuzz:
    """Sends what is made through everything, and keeps what broke."""

    def __init__(self, seed: int, checker: SyntaxChecker) -> None:
        self.chance = random.Random(seed)
        self.maker = Maker(self.chance)
        self.checker = checker
        self.counts: Counter[str] = Counter()
        self.crashes: list[str] = []
        self.slowest = 0.0

    def once(self) -> None:
        rules = [self.maker.rule() for _ in range(self.chance.choice((1, 1, 1, 2, 5)))]
        for rule in rules:
            self.given(rule)
        body = {"rules": rules}
        text = self.guarded(repr(body)[:3000], lambda: self.written(body))
        if text is None:
            return
        for form in (text, self.maker.changed_text(text)):
            read = self.guarded(form, lambda form=form: read_rules(form))
            self.counts["texts"] += 1
            if read is not None:
                self.counts["texts read"] += 1
                self.guarded(form, lambda form=form: checked_rules(form))
                self.guarded(form, lambda read=read: self.round_trip(read))

    def written(self, body: Any) -> str:
        if self.chance.random() < 0.5:
            return json.dumps(body, ensure_ascii=self.chance.random() < 0.5)
        try:
            return dump_rules(body["rules"])
        except Exception:  # noqa: BLE001 - what cannot be written is not for a writer of read rules
            return json.dumps(body)

    def round_trip(self, rules: Any) -> None:
        if read_rules(dump_rules(rules)) != rules:
            raise AssertionError("read back otherwise than written")

    def given(self, rule: Any) -> None:
        """A rule as a value, as a body of a request brings it."""
        self.counts["rules"] += 1
        found = self.guarded(repr(rule)[:3000], lambda: problems(rule))
        if found == ():
            self.counts["rules well formed"] += 1
            refused = self.guarded(repr(rule)[:3000], lambda: self.checker.refusals([rule]))
            self.counts["rules that the engine takes"] += refused == {}
            if any(reason.startswith("the engine ") for reason in (refused or {}).values()):
                self.crashes.append(f"{refused}\n{rule!r:.3000}")

    def guarded(self, what: str, act: Callable[[], Any]) -> Any:
        began = time.monotonic()
        used = time.thread_time()
        try:
            return act()
        except RsolvError:
            return None
        except Exception:  # noqa: BLE001 - whatever it is, it is told
            self.crashes.append(f"{traceback.format_exc(limit=-3)}\n{what[:3000]}")
            return None
        finally:
            # The processor's time is what counts where other work is on the machine; a hang shows on the clock.
            took = max(time.thread_time() - used, (time.monotonic() - began) / 5)
            self.slowest = max(self.slowest, took)
            if took > SLOWEST_S:
                self.crashes.append(f"it took {took:.1f} s\n{what[:3000]}")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=1.0)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    until = time.monotonic() + options.minutes * 60
    with SyntaxChecker() as checker:
        fuzz = Fuzz(options.seed, checker)
        while time.monotonic() < until and len(fuzz.crashes) < 20:
            fuzz.once()
    for crash in fuzz.crashes:
        print(crash, end="\n\n")
    told = ", ".join(f"{count} {name}" for name, count in fuzz.counts.items())
    print(f"seed {options.seed}: {told}; slowest {fuzz.slowest:.2f} s; {len(fuzz.crashes)} crashes")
    return bool(fuzz.crashes)


if __name__ == "__main__":
    sys.exit(main())
