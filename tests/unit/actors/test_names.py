"""Is a process's actor name read back as it was made?"""

from __future__ import annotations

import pytest

from rsolv_ray.actors.names import Address, actor_name, parse_actor_name


@pytest.mark.parametrize(("child", "generation"), [("bank/0", 3), ("control", 12)])
def test_a_name_tells_id_and_generation(child: str, generation: int) -> None:
    assert parse_actor_name(actor_name(child, generation)) == (child, generation)
    assert Address(child, generation).name == f"{child}#{generation}"


@pytest.mark.parametrize("name", ["root", "SERVE_CONTROLLER_ACTOR", "a#", "#x", "a#-1", "a#²"])
def test_the_name_of_another_actor_is_none_of_ours(name: str) -> None:
    assert parse_actor_name(name) is None
