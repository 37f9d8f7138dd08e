"""How often did each rule fire in a scan so far?

One that fires more often than it may says nothing of any place: it is told once, it is run no further, and its places
beyond are left out. Files where it was left out count as unread, since silence there proves nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from rsolv_ray.engine.match import TOO_MANY_MATCHES
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.model.finding import Finding
from rsolv_ray.scanning.planning import PlanPart

__all__ = ["Tally"]


class Tally:
    """Counts the findings of one scan by rule, of which each may have `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: Counter[str] = Counter()
        self.loud: set[str] = set()
        """The rules (ids) that have fired too often."""
        self.silent: dict[str, None] = {}
        """The files on which a rule was left out."""

    def take(self, part: FileScan) -> FileScan:
        """What a part gave, without what is over the cap."""
        kept: list[Finding] = []
        cut: dict[str, None] = {}
        errors = list(part.errors)
        for finding in part.findings:
            rule = str(finding.rule)
            self._found[rule] += 1
            if self._found[rule] <= self._most:
                kept.append(finding)
                continue
            cut[finding.path] = None
            if rule not in self.loud:
                self.loud.add(rule)
                errors.append(f"{rule}: {TOO_MANY_MATCHES}: set aside: it fires more than {self._most} times")
        if not cut:
            return part
        unread = tuple(dict.fromkeys((*part.unread, *cut)))
        return replace(part, findings=tuple(kept), errors=tuple(errors), unread=unread)

    def left(self, part: PlanPart) -> PlanPart:
        """A part that is still to be run, without the rules that have fired too often."""
        rules = tuple(rule for rule in part.rules if rule not in self.loud)
        if len(rules) < len(part.rules):
            self.silent |= {file.path: None for file in part.files}
        return replace(part, rules=rules)
