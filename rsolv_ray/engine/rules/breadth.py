"""Does a rule match everything?

A rule that is no more than `$X`, `...` or a regular expression that matches the empty text fires at every place of every
file: it fills the engine's answer and tells nobody anything. Such a part is meant to stand beside conditions; where one
stands alone it is told. A formula counts as everything only where no condition at all narrows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rsolv_ray.engine.rules.regex_danger import matches_nothing

# `$_GET` and its like are variables of PHP.
_ANYTHING = re.compile(r"\s*(?:\$(?!GLOBALS\b)[A-Z][A-Z0-9_]*|\$_|\$?\.\.\.[A-Z0-9_]*)\s*;?\s*")
_PLACES = ("pattern", "patterns", "pattern-either", "pattern-regex", "pattern-inside")


def is_everything(formula: Mapping[str, Any]) -> bool:
    """Does the formula under the positive operator of a rule, or of a part of a taint rule, hold everywhere?

    `formula` may have other keys, and need not be well formed.
    """
    return any(_holds_everywhere(name, formula[name]) for name in _PLACES if name in formula)


def _holds_everywhere(operator: str, operand: Any) -> bool:
    match operator, operand:
        case (("pattern" | "pattern-inside"), str()):
            return _ANYTHING.fullmatch(operand) is not None
        case "pattern-regex", str():
            return matches_nothing(operand)
        case "patterns", list():
            told = [each for each in operand if not (isinstance(each, dict) and each.keys() == {"focus-metavariable"})]
            return bool(told) and all(isinstance(each, dict) and is_everything(each) for each in told)
        case "pattern-either", list():
            return any(isinstance(each, dict) and is_everything(each) for each in operand)
        case "pattern-inside", dict():
            return is_everything(operand)
        case _:
            return False
