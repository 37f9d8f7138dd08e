"""On which code must a rule prove itself?

On the fix itself: it fires at the changed places of the before side and is silent at those of the after side. On the
caller's own samples. On rewritings of the before side, and on safe look-alikes.
"""

from __future__ import annotations

from collections.abc import Sequence

from rsolv_ray.model.fix import CodeSample, FileChange, Fix
from rsolv_ray.model.languages import language_of
from rsolv_ray.model.rule import Case, CaseKind, CaseSource
from rsolv_ray.synthesis.catalogue.weaknesses import families_of, takes_texts
from rsolv_ray.synthesis.code.places import places
from rsolv_ray.synthesis.code.syntax import whole
from rsolv_ray.synthesis.variants import Variant, near_misses, variants

MOST_VARIANTS = 12
"""So many rewritings and so many look-alikes of one file are judged; of several files fewer, each candidate runs over all."""
_LEAST_VARIANTS = 4


def cases_for(fix: Fix) -> tuple[Case, ...]:
    """The cases of a fix: the fix's own first, then the caller's, then generated ones. Equal fixes give equal cases."""
    own = [case for change in fix.changes if change.before.strip() for case in _of_change(change)]
    fires = [_of_sample(sample, CaseKind.FIRES, fix) for sample in fix.context.fires]
    silent = [_of_sample(sample, CaseKind.SILENT, fix) for sample in fix.context.silent]
    made = [case for change in fix.changes if change.before.strip() for case in _generated(change, fix)]
    return (*own, *fires, *silent, *made)


def _of_change(change: FileChange) -> list[Case]:
    spots = places(change)
    return [
        Case(kind=CaseKind.FIRES, path=change.path, language=change.language, code=whole(change.before, change.language), lines=spots.before),
        Case(kind=CaseKind.SILENT, path=change.path, language=change.language, code=whole(change.after, change.language), lines=spots.after),
    ]  # fmt: skip


def _of_sample(sample: CodeSample, kind: CaseKind, fix: Fix) -> Case:
    language = language_of(sample.path) or fix.changes[0].language
    code = whole(sample.code, language)
    return Case(kind=kind, path=sample.path, language=language, code=code, source=CaseSource.CALLER)


def _generated(change: FileChange, fix: Fix) -> list[Case]:
    texts = takes_texts(families_of(change.language, fix.cwe))
    most = max(_LEAST_VARIANTS, MOST_VARIANTS // len(fix.changes))
    return [
        *_cases(change, CaseKind.FIRES, CaseSource.VARIANT, variants(change)[:most]),
        *_cases(change, CaseKind.SILENT, CaseSource.NEAR_MISS, near_misses(change, texts=texts)[:most]),
    ]


def _cases(change: FileChange, kind: CaseKind, source: CaseSource, made: Sequence[Variant]) -> list[Case]:
    return [
        Case(kind=kind, path=change.path, language=change.language, code=one.code, lines=one.lines, source=source)
        for one in made
    ]
