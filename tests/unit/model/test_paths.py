"""The path of a change lies within its repository."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from rsolv_ray.model.fix import FileChange


@pytest.mark.parametrize("path", ["/etc/cron.d/x.py", "../../x.py", "a/../../x.py", "a\nb.py", "a\x1b.py"])
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="no path within a repository"):
        FileChange.model_validate({"path": path, "before": "a", "after": "b"})


@pytest.mark.parametrize("path", ["a.py", "app/über uns.py", "..a/b..py", "a..b/c.py"])
def test_an_odd_but_honest_path_is_taken(path: str) -> None:
    assert FileChange.model_validate({"path": path, "before": "a", "after": "b"}).path == path
