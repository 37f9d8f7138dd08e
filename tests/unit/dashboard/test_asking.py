from __future__ import annotations

import pytest

from rsolv_ray.dashboard.asking import reason_of
from rsolv_ray.model.errors import Rejected


@pytest.mark.parametrize("odd", ["\x00", "\x1b", "\x7f", "\x9b", "\ud800"])
def test_a_reason_that_is_no_text_is_told_by_what_is_odd_and_where(odd: str) -> None:
    with pytest.raises(Rejected, match=rf"The reason holds U\+{ord(odd):04X} in line 2, which is no text: take it out"):
        reason_of(f"tested\nby {odd}hand")


def test_a_reason_may_have_several_lines_and_any_character() -> None:
    assert reason_of(" caf\u00e9\n\ttested \U0001f600 ") == "caf\u00e9\n\ttested \U0001f600"


@pytest.mark.parametrize("typed", ["", " \n", None, 3])
def test_nothing_typed_is_no_reason(typed: object) -> None:
    assert reason_of(typed) is None
