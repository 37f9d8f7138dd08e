"""What if a place takes texts that are put together and bare parts of requests alike?

The fix shows a text with a part of a request in it. The same part, handed to the same place as it is, is as bad, and so is any value put into a
text there: one rule tells both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.syntax import Tree
from rsolv_ray.synthesis.forms.origins import outside
from rsolv_ray.synthesis.forms.sinks import family_of, family_sinks, name_of
from rsolv_ray.synthesis.forms.taint import reached_uses, sources
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_FAMILIES = frozenset({"sql", "command", "ldap"})
"""Where a value that is put into a text is weak whatever it is."""


def drafts(before: Tree, edits: Sequence[Hunk], families: Sequence[Family], cleaners: Sequence[str]) -> Iterator[Draft]:
    """Taint rules from any value in a text, and from any part of a request, to the family. `cleaners` as in `taint`."""
    notation = NOTATIONS[before.language]
    for reach in reached_uses([unit for hunk in edits for unit in hunk.before]):
        name = name_of(reach.use, before)
        family = family_of(reach.use, name, families) if name is not None else None
        asked = outside(reach.use.value, before)
        if family is None or family.name not in _FAMILIES or asked is None:
            continue
        known = (f"{one}(...)" for one in sorted(family.sanitizers))
        clean: list[JsonObject] = [{"pattern": text} for text in dict.fromkeys([*cleaners, *known])]
        body: JsonObject = {
            "mode": "taint",
            "pattern-sources": [*sources(notation), asked],
            "pattern-sinks": [*family_sinks(family, notation)],
        }
        yield Draft({**body, "pattern-sanitizers": [*clean]} if clean else body, "taint:mixed", 9)
