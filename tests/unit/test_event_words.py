"""How is an event told in a line?"""

from __future__ import annotations

import pytest

from rsolv_ray.event_words import event_line


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ({"type": "ScanStarted", "scan": {"rules": ["a"], "repositories": ["x", "y"]}}, "1 rule over 2 repositories"),
        ({"type": "ScanStarted", "scan": {"rules": ["a", "b"], "repositories": ["x"]}}, "2 rules over 1 repository"),
        ({"type": "ScanCompleted", "report": {"findings": 1, "files": 1, "opened": 1}}, "1 finding in 1 file, 1 of them new"),
        ({"type": "RulesProposed", "candidates": [{}]}, "1 candidate"),
        ({"type": "FixesProposed", "proposals": ["a"], "withheld": 0}, "1 patch offered"),
        ({"type": "FixesProposed", "proposals": ["a", "b"], "withheld": 8}, "2 patches offered, 8 withheld: not proved"),
    ],
)  # fmt: skip
def test_a_count_agrees_with_its_noun(event: dict[str, object], line: str) -> None:
    assert event_line(event) == line
