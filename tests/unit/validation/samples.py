"""A fix, a candidate and cases to judge by, without any engine."""

from datetime import UTC, datetime

from rsolv_ray.model.fix import Fix
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Candidate, Case, CaseKind, CaseSource, LineRange

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FIX = Fix.model_validate(
    {
        "changes": [
            {
                "path": "shop.py",
                "before": 'def f(db, name):\n    db.execute("find %s" % name)\n',
                "after": 'def f(db, name):\n    db.execute("find ?", (name,))\n',
            }
        ],
        "cwe": ["CWE-89"],
    }
)
CASES = (
    Case(kind=CaseKind.FIRES, path="shop.py", language="python", code="a\nb\nc\n", lines=(LineRange(first=2, last=2),)),
    Case(
        kind=CaseKind.SILENT, path="shop.py", language="python", code="a\nd\nc\n", lines=(LineRange(first=2, last=2),)
    ),
    Case(kind=CaseKind.FIRES, path="shop.py", language="python", code="b2\n", source=CaseSource.VARIANT),
    Case(kind=CaseKind.FIRES, path="shop.py", language="python", code="b3\n", source=CaseSource.VARIANT),
    Case(kind=CaseKind.SILENT, path="shop.py", language="python", code="d2\n", source=CaseSource.NEAR_MISS),
)


def candidate(pattern: str = "db.execute(...)", *, rank: int = 10, form: str = "call:replaced") -> Candidate:
    definition: JsonObject = {
        "id": "python-cwe-89-0123456789",
        "languages": ["python"],
        "severity": "ERROR",
        "message": "m",
        "metadata": {"cwe": ["CWE-89"], "category": "security", "confidence": "LOW"},
        "patterns": [{"pattern": pattern}],
    }
    return Candidate(definition=definition, form=form, rank=rank)
