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
        ({"type": "RulesProposed", "candidates": [{}, {}], "notes": ["openai:a: it refused"]}, "2 candidates; openai:a: it refused"),
        ({"type": "RuleMerged", "rule": {"id": "old", "version": 3}, "parents": ["old", "new"]}, "old and new are one: old, version 3"),
        ({"type": "LessonLearned", "rule": "old", "version": 2, "lesson": "it spares x"}, "old, version 2: it spares x"),
        ({"type": "LessonLearned", "rule": "old", "version": None, "lesson": "no way"}, "old: no way"),
        ({"type": "FixesProposed", "proposals": ["a"], "withheld": 0}, "1 patch offered"),
        ({"type": "FixesProposed", "proposals": ["a", "b"], "withheld": 8}, "2 patches offered, 8 withheld: not proved"),
    ],
)  # fmt: skip
def test_an_event_is_told_in_a_line_whose_counts_agree_with_their_nouns(event: dict[str, object], line: str) -> None:
    assert event_line(event) == line
